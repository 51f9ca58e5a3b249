//! The causes that `check` knows of, in the file beside this one, in a private installation.

use super::tree::NAMES;
use super::{Tree, broken, commands};
use crate::servers::process::{server_user, wait_for};

const CAUSES: &str = include_str!("causes");

/// A door's causes one after the other in one installation: each is mended before the next.
fn try_all(door: &str) {
    let tree = Tree::new(door);
    let (text, status) = tree.check("");
    assert_eq!((broken(&text).as_str(), status), ("", Some(0)), "{door}: {text}");
    let (_, causes) = CAUSES.split_once(&format!("\ndoor: {door}\n\n")).expect("causes for it");
    let causes = causes.split("\ndoor: ").next().unwrap_or_default();
    let wrong: Vec<String> = causes.trim_end().split("\n\n").flat_map(|cause| tried(&tree, cause)).collect();
    assert!(wrong.is_empty(), "{door}:\n{}", wrong.join("\n"));
}

/// Makes a cause and mends it: what went otherwise than it says?
fn tried(tree: &Tree, cause: &str) -> Vec<String> {
    let as_root = server_user().is_some();
    let (keys, told) = cause.split_once("\nfinds:\n").expect("what is said");
    let key = |name: &str| keys.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let name = key("name").expect("a name");
    match key("where") {
        Some("debian") => return Vec::new(),
        // The others would be able to break or to mend it by themselves.
        Some("root") if !as_root => return Vec::new(),
        _ => {}
    }
    let mut wrong = Vec::new();
    tree.done(key("break").expect("a shell line"));
    let (text, status) = tree.check("");
    // Other users serve themselves, and have other commands.
    let said = named(&broken(&text));
    if as_root && said.trim_end() != told.trim_end() || status != Some(1) {
        wrong.push(format!("{name}:\n{said}"));
    }
    for command in commands(&text).into_iter().chain(key("mend")) {
        tree.done(command);
    }
    // What a command has started in the background may not be there yet.
    if wait_for(|| (tree.check("").1 == Some(0)).then_some(())).is_none() {
        wrong.push(format!("{name} is not mended:\n{}", tree.check("").0));
    }
    tree.wait_until_it_answers();
    wrong
}

/// With the names of folders and files that the table has.
fn named(text: &str) -> String {
    // The one that looks is not the one that Apache starts.
    let text = text.replace("$ROOT/admin/product-lookup", "$BIN");
    NAMES
        .iter()
        .fold(text, |text, (name, path)| text.replace(path, name))
        .replace("$CONF", "$ETC/conf-available/product-lookup.conf")
}

#[test]
fn behind_mod_fcgid() {
    try_all("fcgid");
}

#[test]
fn behind_mod_cgid() {
    try_all("cgi");
}

#[test]
fn behind_mod_proxy_fcgi() {
    try_all("proxy_fcgi");
}
