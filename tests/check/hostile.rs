//! What comes from outside does nothing to the terminal that shows it: a server's words, Apache's,
//! those of files, and the environment's.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use serde_json::Value;

use super::Tree;
use super::answers::server;
use crate::program::{Site, run};

/// Sets a terminal's title and clears it (7 bits and 8 bits), turns the direction of what follows
/// (three ways), and ends a line as some see it.
const EVIL: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}2J\u{202e}\u{2066}\u{61c}\u{2028}.";
const SHOWN: &str = r"\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}2J\u{202e}\u{2066}\u{61c}\u{2028}.";

fn assert_harmless(text: &str) {
    let acts = |c: &char| {
        (c.is_control() && *c != '\n')
            || ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'].contains(c)
            || ('\u{202a}'..='\u{202e}').contains(c)
            || ('\u{2066}'..='\u{2069}').contains(c)
    };
    assert_eq!(text.chars().find(acts), None, "{text:?}");
}

/// What `check` prints, as text and as JSON.
fn check(arguments: &[&str], variables: &[(&OsStr, &OsStr)]) -> [String; 2] {
    let site = Site::with_catalogue();
    [&[][..], &["--json"]].map(|json| {
        let mut command = site.command();
        command.env("PATH", "/usr/bin:/bin").env("APACHE_CONFDIR", "/none").arg("check").args(arguments).args(json);
        let output = run(command.envs(variables.iter().copied()), b"");
        String::from_utf8(output.stdout).expect("UTF-8")
    })
}

#[test]
fn a_server() {
    let json = serde_json::json!({ "detail": EVIL }).to_string();
    let program = format!("X-Content-Type-Options: nosniff\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    for (reply, told) in [
        (format!("HTTP/1.1 404 No\r\nServer: {EVIL}\r\n\r\n").into_bytes(), format!("{SHOWN} answered 404 by itself")),
        (format!("HTTP/1.1 302 Go\r\nLocation: {EVIL}\r\n\r\n").into_bytes(), format!("redirects to {SHOWN}, ")),
        (format!("HTTP/1.1 503 No\r\n{program}").into_bytes(), format!("cannot read its catalogue: {SHOWN}\n")),
        (format!("HTTP/1.1 400 No\r\n{program}").into_bytes(), format!("the program answers 400: {SHOWN}\n")),
        (format!("HTTP/1.1 500 No\r\n{program}").into_bytes(), format!("the program fails with 500: {SHOWN}\n")),
        (
            b"HTTP/1.1 404 No\r\nServer: \x1b[2J\x9b\xff\r\n\r\n".to_vec(),
            "\\u{1b}[2J\u{fffd}\u{fffd} answered".to_owned(),
        ),
        (b"\x1b]0;title\x07\x9b\xff\n\x1b[2J".to_vec(), "gave no reply: what came is not an HTTP reply\n".to_owned()),
    ] {
        let [text, json] = check(&["--url", &format!("http://{}/", server(reply))], &[]);
        assert_harmless(&text);
        assert_harmless(&json);
        assert!(text.contains(&told), "{told}: {text}");
        let report: Value = serde_json::from_str(&json).expect("JSON");
        for finding in report["findings"].as_array().expect("findings") {
            assert_harmless(finding["found"].as_str().expect("a sentence"));
        }
    }
}

/// A long reply is not shown to its end.
#[test]
fn a_long_reply() {
    let server = server(format!("HTTP/1.1 404 No\r\nServer: {}\r\n\r\n", "s".repeat(100_000)).into_bytes());
    let [text, _] = check(&["--url", &format!("http://{server}/")], &[]);
    assert!(text.contains(&format!("{}...\n", "s".repeat(4000))) && text.len() < 6000, "{text}");
}

#[test]
fn the_environment() {
    let evil = |before: &str, after: &str| format!("{before}{EVIL}{after}");
    let (database, log, mode) = (evil("/none/", ".db"), evil("/none/", "/debug.log"), evil("", ""));
    let (name, folder) = (evil("DEVELOP", "MODE"), evil("/none/", ""));
    let mut variables = [
        ("PRODUCTS_DB", &database),
        ("DEBUG_LOG", &log),
        ("DEVELOP_MODE", &mode),
        ("APACHE_CONFDIR", &folder),
        (name.as_str(), &mode),
    ]
    .map(|(name, value)| (OsStr::new(name), OsStr::new(value)));
    let [text, json] = check(&[], &variables);
    assert_harmless(&text);
    assert_harmless(&json);
    assert!(text.contains(&format!("sets PRODUCTS_DB to /none/{SHOWN}.db, and there is no such file")), "{text}");
    assert!(text.contains(&format!("no Apache configuration found below /none/{SHOWN}, ")), "{text}");
    // What was printed would be another path.
    assert!(!text.contains("PRODUCTS_DB="), "{text}");
    variables[0].1 = OsStr::from_bytes(b"/none/\x9b\xff\n.db");
    let [text, _] = check(&[], &variables);
    assert_harmless(&text);
    assert!(!text.contains("PRODUCTS_DB="), "{text}");
}

/// Apache repeats what it does not know, and its error log is another's words.
#[test]
fn apache() {
    let tree = Tree::new("cgi");
    let conf = "apache2/conf-available/product-lookup.conf";
    tree.done(&format!("cp {conf} original && printf 'Evil\\033]0;title\\007\\233 \\342\\200\\256\\n' >> {conf}"));
    let (text, _) = tree.check("");
    assert_harmless(&text);
    assert!(text.contains(r"that line is: Evil\u{1b}]0;title\u{7}"), "{text}");
    tree.done(&format!("cp original {conf} && chmod a-x bin/product-lookup"));
    tree.check(&format!("--url http://{}/wsgi/myapp.py", tree.addr));
    tree.done("printf 'x [x:error] \\033]0;title\\007\\342\\200\\256\\n' >> error.log");
    let output = tree.shell(&format!("product-lookup check --url http://{}/wsgi/myapp.py", tree.addr));
    assert_harmless(&String::from_utf8(output.stdout).expect("UTF-8"));
}
