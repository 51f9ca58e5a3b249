//! The table of apps: the README's own app, and one that panics.

use std::fs;

use product_lookup::apps::{App, Apps, Call, myapp, sample};
use product_lookup::gateway::Handler;
use product_lookup::gateway::reply::Reply;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::settings::Environment;

fn fails(_: &mut Call) -> Reply {
    panic!("what a bug says\nin two lines")
}

const TABLE: &[(&str, App)] =
    &[("fails", fails), ("greet", crate::greet::answer), ("myapp", myapp::answer), ("sample", sample::answer)];

fn ask(apps: &Apps, pairs: &[(&str, &str)]) -> (u16, String) {
    let params: Params = pairs.iter().copied().collect();
    let reply = apps.handle(&Request { params, body: Ok(Default::default()) }).expect("a reply");
    (reply.status, String::from_utf8(reply.body).expect("UTF-8"))
}

/// A panic costs its own request a 500, and the next one nothing.
#[test]
fn a_panic_is_a_500() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = Apps::new(TABLE, Environment::new(|_| None, folder.path().to_owned()));
    let failed = r#"{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"The program failed to answer; its debug log says why."}"#;
    for _ in 0..3 {
        assert_eq!(ask(&apps, &[("SCRIPT_NAME", "/wsgi/fails.py")]), (500, failed.to_owned()));
        assert_eq!(ask(&apps, &[("QUERY_STRING", "id=A001")]), (200, r#"{"name":"Clock","price":12}"#.to_owned()));
    }
    let log = fs::read_to_string(folder.path().join("log/debug.log")).expect("a log");
    let lines: Vec<&str> = log.lines().map(|line| &line[20..]).collect();
    assert_eq!(lines, [r"error: 500: panic: what a bug says\x0ain two lines"; 3]);
}

/// Where servers split a path, and which app it names. h2o puts all of it into PATH_INFO, nginx into SCRIPT_NAME.
#[test]
fn paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = Apps::new(TABLE, Environment::new(|_| None, folder.path().to_owned()));
    let hello = (200, "Hello World!".to_owned());
    let clock = (200, r#"{"name":"Clock","price":12}"#.to_owned());
    let problem = |status, title: &str, detail: &str| {
        let start = format!(r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"#);
        (status, format!(r#"{start}"{detail}"}}"#))
    };
    let no_sample = problem(404, "Not Found", r#"No product has the id \"sample\"."#);
    let no_sample_x = problem(404, "Not Found", r#"No product has the id \"sample.x\"."#);
    let nothing = "Add one of: id (a product's id), ids (several), name (its exact name), q (a search).";
    let nothing = problem(400, "Bad Request", nothing);
    for (script, info, expected) in [
        ("/wsgi/sample.py", "", &hello),
        ("/wsgi", "/sample.py", &hello),
        ("/wsgi/", "sample", &hello),
        ("/sample", "/myapp", &hello),
        ("/wsgi/sample.py/myapp/x", "", &hello),
        ("", "/wsgi/sample.py/myapp", &hello),
        ("/", "/wsgi/sample.py", &hello),
        ("/wsgi/other.cgi/sample", "", &no_sample),
        ("/wsgi/myapp.py/sample.x", "", &no_sample_x),
        ("/wsgi/samples/myapp.py/A001", "", &clock),
        ("/shop.d/A001", "", &nothing),
        ("/wsgi/myapp.", "py/A001", &clock),
        ("/sample.fcgi/other", "", &hello),
        ("/wsgi/product-lookup", "/sample/A001", &hello),
        ("/myapp", "/A001", &clock),
        ("/wsgi/myapp.py/A001", "", &clock),
        ("/wsgi", "/myapp.py/A001", &clock),
        ("/wsgi/other.fcgi", "/A001", &clock),
        ("", "/A001", &clock),
        ("", "", &clock),
    ] {
        // An id in the query would win over the one in the path.
        let in_path = ["A001", "sample"].iter().any(|id| [script, info].iter().any(|path| path.contains(id)));
        let query = if in_path { "" } else { "id=A001" };
        let answer = ask(&apps, &[("SCRIPT_NAME", script), ("PATH_INFO", info), ("QUERY_STRING", query)]);
        assert_eq!(&answer, expected, "{script} + {info}");
    }
}

/// An app of one's own (README).
#[test]
fn greet() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = Apps::new(TABLE, Environment::new(|_| None, folder.path().to_owned()));
    let hello = ask(&apps, &[("SCRIPT_NAME", "/wsgi/greet.py"), ("QUERY_STRING", "name=Ada+L.")]);
    assert_eq!(hello, (200, "Hello Ada L.!".to_owned()));
    assert_eq!(ask(&apps, &[("SCRIPT_NAME", "/greet")]), (200, "Hello you!".to_owned()));
}

/// What a client sends is never a setting.
#[test]
fn settings_do_not_come_from_clients() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = Apps::new(TABLE, Environment::new(|_| None, folder.path().to_owned()));
    let clock = (200, r#"{"name":"Clock","price":12}"#.to_owned());
    let answer = ask(&apps, &[("QUERY_STRING", "id=A001&PRODUCTS_DB=/nowhere/x"), ("HTTP_PRODUCTS_DB", "/nowhere/x")]);
    assert_eq!(answer, clock);
    assert_eq!(ask(&apps, &[("QUERY_STRING", "id=A001"), ("PRODUCTS_DB", "")]), clock, "empty is unset");
    assert_eq!(ask(&apps, &[("QUERY_STRING", "id=A001"), ("PRODUCTS_DB", "/nowhere/x")]).0, 503);
}
