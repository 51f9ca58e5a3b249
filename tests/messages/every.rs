//! No message without a test: each text in the sources that people may read stands in a test, word by word.

use std::path::Path;

use super::literals::{Literals, files};

/// What is read elsewhere: its tables are held as wholes, by `manual.rs`, `readme.rs`, `browser/` and `observe.rs`.
const ELSEWHERE: &[&str] =
    &["src/help.rs", "src/manual.rs", "src/settings/table.rs", "src/render/html", "src/gateway/examples"];

/// Words at which a statement of SQL, or a part of one, begins.
const SQL: &[&str] = &[
    "AND", "ALTER", "ATTACH", "BEGIN", "COMMIT", "CREATE", "DELETE", "DROP", "FROM", "INSERT", "ORDER", "PRAGMA",
    "REPLACE", "SELECT", "SET", "UPDATE", "WHERE", "WITH",
];

/// Texts that are no messages.
const OTHERS: &[&str] = &[
    // What a web server or clap says, and commands.
    " cannot be accessed: ",
    "# In file: ",
    "(defined on line ",
    "-C/-c directive",
    "For more information",
    "PATH=$PATH:",
    "apt-get install -y ",
    "systemctl restart ",
    // Tables, HTML and headings.
    "<!",
    "Preis, VK, ",
    "handle, ean, ",
    "name, title, ",
    "price, regular price, ",
    "product (generation, ",
    "product_block (generation, ",
    "sku, variant sku, ",
    // Shown of a listener that nobody is told of.
    "an inherited socket",
];

/// Messages that no test can have the program say, by the reason.
const UNSAID: &[&str] = &[
    // For bugs, and for what a library alone could do wrong.
    "The body is not multipart/form-data.",
    "The names and values are longer than is read.",
    "a column is missing",
    "a product cannot be written as JSON",
    "a row comes before the header",
    "an array of objects, or an object that has one",
    "no document",
    "no message",
    "the built-in catalogue cannot be read",
    "there is no host",
    "{} is not a path",
    // For what the system refuses at a moment that no test can choose.
    "another import cannot be waited for: ",
    "cannot lock the directory ",
    "cannot start again with one arena of memory",
    "files in this directory cannot be locked",
    "it cannot be locked: ",
    "root cannot work as ",
    "the socket has no address",
    "the temporary database is damaged",
    "this program's own file cannot be found",
    "{} cannot be looked at",
    // For races that are lost many times over, and minutes of waiting.
    "all {} connections are busy",
    "another import has ended on another node meanwhile",
    "another import has not ended for ",
    "other imports into {} begin all the time",
    "the catalogue {} cannot be changed: others replace it all the time",
    "the table product_generation has no row",
    // For a machine that systemd has booted.
    "the running Apache sees ",
];

fn excuses() -> impl Iterator<Item = &'static &'static str> {
    OTHERS.iter().chain(UNSAID)
}

/// The fixed parts of a literal that have words in them; in `{...}` anything may stand.
fn parts(literal: &str) -> Vec<String> {
    let literal = literal.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let parts = literal.split('{').enumerate().map(|(place, part)| match place {
        0 => part,
        _ => part.split_once('}').map_or(part, |(_, part)| part),
    });
    let words = |part: &&str| {
        part.split(' ').zip(part.split(' ').skip(1)).any(|(one, other)| {
            one.trim_end_matches(',').ends_with(char::is_lowercase) && other.starts_with(char::is_lowercase)
        })
    };
    parts.filter(words).map(|part| part.trim().replace('\u{1}', "{").replace('\u{2}', "}")).collect()
}

#[test]
fn every_message_is_in_a_test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = include_str!("../check/causes").to_owned();
    for file in files(&here.join("tests"), "rs").iter().filter(|file| **file != here.join(file!())) {
        let literals = Literals::of(file);
        tests.extend(literals.own.into_iter().map(|(_, text)| text + "\n"));
        tests.extend(literals.of_tests.into_iter().map(|text| text + "\n"));
    }
    let mut said: Vec<(String, String)> = Vec::new();
    for file in files(&here.join("src"), "rs") {
        let name = file.strip_prefix(here).expect("below it").display().to_string();
        let literals = Literals::of(&file);
        tests.extend(literals.of_tests.into_iter().map(|text| text + "\n"));
        if !ELSEWHERE.iter().any(|elsewhere| name.starts_with(elsewhere)) {
            said.extend(literals.own.into_iter().map(|(line, text)| (format!("{name}:{line}"), text)));
        }
    }
    said.retain(|(_, text)| !SQL.contains(&text.split_whitespace().next().unwrap_or_default()));
    let stands = |part: &String| tests.contains(part);
    let missing = said.iter().filter(|(_, text)| !parts(text).iter().all(stands));
    let (excused, missing): (Vec<_>, Vec<_>) =
        missing.partition(|(_, text)| excuses().any(|known| text.starts_with(known)));
    let missing: Vec<String> = missing.iter().map(|(place, text)| format!("{place}: {text:?}")).collect();
    assert!(missing.is_empty(), "these are in no test:\n{}", missing.join("\n"));
    let idle: Vec<_> = excuses().filter(|known| !excused.iter().any(|(_, text)| text.starts_with(**known))).collect();
    assert!(idle.is_empty(), "these need no excuse: {idle:?}");
}
