//! The app `status`, whose answers no example can hold: each is one that is described, and each of those comes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::ask::Ask;
use super::{Description, members};
use crate::servers::process::wait_for;
use crate::servers::{self, Connections, Door, Server, Site, Socket};

pub(super) const PATH: &str = "/wsgi/status";

/// A responder that is alone.
pub(super) fn start(on: bool, products_db: Option<PathBuf>) -> Server {
    let settings = if on { vec![("STATUS".to_owned(), "1".to_owned())] } else { Vec::new() };
    let door = Door::Proxy(Socket::Unix, Connections::Closed);
    servers::start(door, &Site { products_db, settings, ..Site::default() })
}

fn ask(query: &str) -> Ask {
    Ask { target: format!("{PATH}?{query}"), ..Ask::new("status", "GET") }
}

#[test]
fn each_answer() {
    let description = Description::read();
    let operation = description.operations().into_iter().find(|operation| operation.path == PATH).expect("status");
    let (on, off) = (start(true, None), start(false, None));
    let without = start(true, Some("/nowhere/products.db".into()));
    let mut seen = BTreeSet::new();
    let mut answered = |server: &Server, query: &str, accept: Option<&str>| {
        let answer = operation.check(&ask(query), &ask(query).send(server, accept), None);
        seen.insert(answer.clone());
        answer
    };
    // A machine that is busy may be late at first.
    let ready = || (ask("ready").send(&on, None).body == b"ready\n").then_some(());
    assert!(wait_for(ready).is_some());
    for (server, query, accept, status, media) in [
        (&on, "", None, "200", "application/json"),
        (&on, "format=text", None, "200", "text/plain"),
        (&on, "", Some("text/html"), "200", "text/html"),
        (&on, "format=csv", None, "200", "text/csv"),
        (&on, "format=openmetrics", None, "200", "application/openmetrics-text"),
        (&on, "", Some("application/openmetrics-text"), "200", "application/openmetrics-text"),
        (&on, "format=xml", None, "400", "application/problem+json"),
        (&on, "format=xml", Some("text/plain"), "400", "text/plain"),
        (&on, "format=xml", Some("text/html"), "400", "text/html"),
        (&off, "", None, "404", "application/problem+json"),
        (&off, "ready", Some("text/plain"), "404", "text/plain"),
        (&off, "format=html", None, "404", "text/html"),
        (&without, "ready", None, "503", "application/problem+json"),
        (&without, "ready", Some("text/plain"), "503", "text/plain"),
        (&without, "ready&format=html", None, "503", "text/html"),
    ] {
        let expected = (status.to_owned(), media.to_owned());
        assert_eq!(answered(server, query, accept), expected, "{query} {accept:?}");
    }
    assert_eq!(seen, operation.answers());
}

/// Each fact is one that is described, and those come that always do.
#[test]
fn each_fact() {
    let description = Description::read();
    let schema = &description.0["components"]["schemas"]["Status"];
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for server in [start(true, None), start(true, Some("/nowhere/products.db".into()))] {
        ask("").send(&server, None);
        let facts: Value = serde_json::from_slice(&ask("").send(&server, None).body).expect("JSON");
        let told: BTreeSet<&str> = members(&facts).map(|(name, _)| name).collect();
        assert!(told.is_superset(&required) && told.contains("requests_200"), "{facts}");
        let is_described = |name: &&str| name.starts_with("requests_") || schema["properties"][*name].is_object();
        assert!(told.iter().all(is_described), "{facts}");
    }
}
