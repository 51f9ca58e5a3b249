//! The requests that html/openapi.json describes: an operation's examples, and what is wrong with one.

use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{Operation, members};
use crate::servers::Server;
use crate::servers::http::{self, HttpReply};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=B";

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// The example's name, which its answer has too.
    pub name: String,
    pub method: String,
    pub target: String,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Ask {
    pub(super) fn new(name: &str, method: &str) -> Ask {
        Ask { name: name.into(), method: method.into(), target: String::new(), fields: Vec::new(), body: Vec::new() }
    }

    pub(super) fn send(&self, server: &Server, accept: Option<&str>) -> HttpReply {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: localhost\r\n", self.method, self.target);
        let accept = accept.map(|accept| ("Accept".to_owned(), accept.to_owned()));
        for (name, value) in self.fields.iter().chain(&accept) {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", self.body.len());
        http::send(server.addr, &[head.as_bytes(), &self.body].concat())
    }
}

/// Every request that an operation has an example of or an answer to.
pub(super) fn all(operation: &Operation) -> Vec<Ask> {
    let wrong = match operation.method.as_str() {
        _ if operation.path == "/wsgi/sample.py" => return vec![plain(operation, "hello", "")],
        "OPTIONS" => return vec![plain(operation, "methods", "")],
        "POST" => wrong_bodies(operation),
        _ => wrong_queries(operation),
    };
    [examples(operation), wrong].concat()
}

fn plain(operation: &Operation, name: &str, query: &str) -> Ask {
    let target = operation.path.replace("{product}", "A001") + query;
    Ask { target, ..Ask::new(name, &operation.method) }
}

/// What no example of a request shows, since tools send those for right ones.
fn wrong_queries(operation: &Operation) -> Vec<Ask> {
    let wrong = [
        ("nothingAsked", ""),
        ("badLimit", "?q=clo&limit=0"),
        ("badAfter", "?q=clo&after=A001"),
        ("badFormat", "?format=xml"),
    ];
    // With an id in the path something is asked.
    let first = usize::from(operation.path.ends_with("{product}"));
    wrong[first..].iter().map(|(name, query)| plain(operation, name, query)).collect()
}

/// The same for bodies.
fn wrong_bodies(operation: &Operation) -> Vec<Ask> {
    let part = "--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n";
    let too_long = "x".repeat(1_048_577);
    let wrong = [
        ("brokenJson", "application/json", r#"{"id":"A001""#),
        ("noBoundary", "multipart/form-data", part),
        ("noClosingBoundary", MULTIPART, part),
        ("tooLong", FORM, &too_long),
        ("anotherType", "application/xml", "<id>A001</id>"),
    ];
    let ask = |&(name, media, body): &(&str, &str, &str)| {
        let fields = vec![("Content-Type".to_owned(), media.to_owned())];
        Ask { fields, body: body.into(), ..plain(operation, name, "") }
    };
    wrong.iter().map(ask).collect()
}

/// The examples of an operation's parameters and bodies: those of one name are one request.
fn examples(operation: &Operation) -> Vec<Ask> {
    let parameters: Vec<&Value> = operation.operation["parameters"].as_array().into_iter().flatten().collect();
    let parameters: Vec<&Value> = parameters.iter().map(|parameter| operation.description.resolve(parameter)).collect();
    let bodies: Vec<(&str, &Value)> = members(&operation.operation["requestBody"]["content"]).collect();
    let mut names: Vec<&str> = Vec::new();
    if bodies.is_empty() {
        let all = parameters.iter().flat_map(|parameter| members(&parameter["examples"])).map(|(name, _)| name);
        all.for_each(|name| {
            if !names.contains(&name) {
                names.push(name)
            }
        });
    }
    let mut asks: Vec<Ask> = names.iter().map(|name| with_parameters(operation, &parameters, name)).collect();
    for (media, body) in bodies {
        for (name, example) in members(&body["examples"]) {
            let (content_type, body) = encode(media, &example["value"]);
            let mut ask = Ask { body, ..with_parameters(operation, &parameters, name) };
            ask.fields.push(("Content-Type".to_owned(), content_type.to_owned()));
            asks.push(ask);
        }
    }
    asks
}

fn with_parameters(operation: &Operation, parameters: &[&Value], name: &str) -> Ask {
    let mut ask = plain(operation, name, "");
    let mut query = Serializer::new(String::new());
    for parameter in parameters {
        let value = &parameter["examples"][name]["value"];
        let own = parameter["name"].as_str().expect("a name");
        match parameter["in"].as_str() {
            _ if value.is_null() => {}
            Some("path") => ask.target = operation.path.replace(&format!("{{{own}}}"), &text(value)),
            Some("header") => ask.fields.push((own.to_owned(), text(value))),
            _ if value.is_object() => {
                query.extend_pairs(members(value).map(|(name, value)| (name, text(value))));
            }
            _ => {
                query.append_pair(own, &text(value));
            }
        }
    }
    ask.target += &format!("?{}", query.finish());
    ask
}

fn encode(media: &str, value: &Value) -> (&'static str, Vec<u8>) {
    match media {
        "application/json" => ("application/json", value.to_string().into()),
        FORM => {
            let pairs = members(value).map(|(name, value)| (name, text(value)));
            (FORM, Serializer::new(String::new()).extend_pairs(pairs).finish().into())
        }
        _ => {
            let part = |(name, value)| {
                format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n", text(value))
            };
            (MULTIPART, (members(value).map(part).collect::<String>() + "--B--\r\n").into())
        }
    }
}

/// A value as it is written in a query or a form.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
