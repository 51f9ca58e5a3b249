//! html/openapi.json against the program: the requests that it gives as examples get the answers that it gives to
//! them, and none that it does not describe.

mod ask;
mod status;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use product_lookup::render::{self, Failure, Format};
use serde_json::Value;

use crate::servers::http::HttpReply;
use crate::servers::{self, Door, Server, Site};
use ask::Ask;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/html/openapi.json");

/// Header fields that are the web server's, or that OpenAPI leaves to the media types.
const NOT_DESCRIBED: [&str; 6] =
    ["date", "server", "connection", "transfer-encoding", "content-type", "content-length"];

/// The description, with its `$ref`s followed on the way.
struct Description(Value);

impl Description {
    fn read() -> Description {
        Description(serde_json::from_slice(&std::fs::read(FILE).expect("the file")).expect("JSON"))
    }

    /// What a value stands for: itself, or what it refers to.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.0.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} is nowhere")),
            None => value,
        }
    }

    fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        for (path, item) in members(&self.0["paths"]) {
            for (method, operation) in members(item).filter(|(_, operation)| operation["operationId"].is_string()) {
                operations.push(Operation { description: self, path, method: method.to_uppercase(), operation });
            }
        }
        operations
    }
}

/// One method at one path.
struct Operation<'a> {
    description: &'a Description,
    path: &'a str,
    method: String,
    operation: &'a Value,
}

impl<'a> Operation<'a> {
    fn response(&self, status: &str) -> &'a Value {
        self.description.resolve(&self.operation["responses"][status])
    }

    /// Each status with each of its media types; an empty one where there is no content.
    fn answers(&self) -> BTreeSet<(String, String)> {
        let mut answers = BTreeSet::new();
        for (status, _) in members(&self.operation["responses"]) {
            match self.response(status)["content"].as_object() {
                Some(content) => answers.extend(content.keys().map(|media| (status.to_owned(), media.to_owned()))),
                None => answers.extend([(status.to_owned(), String::new())]),
            }
        }
        answers
    }

    /// The status and the media type that have an example of this name.
    fn answer_of(&self, example: &str) -> Option<(String, String)> {
        self.answers()
            .into_iter()
            .find(|(status, media)| !self.response(status)["content"][media.as_str()]["examples"][example].is_null())
    }

    /// Holds an answer against the description; gives its status and media type.
    fn check(&self, ask: &Ask, reply: &HttpReply, example: Option<&str>) -> (String, String) {
        let about = format!("{} {}: {} {reply:?}", self.method, self.path, ask.name);
        let status = reply.status.to_string();
        let response = self.response(&status);
        assert!(response.is_object(), "a status that is not described, {about}");
        for (name, header) in members(&response["headers"]) {
            let header = self.description.resolve(header);
            match reply.header(name) {
                Some(value) => assert!(header["schema"]["const"].as_str().is_none_or(|only| only == value), "{about}"),
                None => assert_ne!(header["required"], true, "no {name}, {about}"),
            }
        }
        for (name, _) in reply.headers.iter().filter(|(name, _)| !NOT_DESCRIBED.contains(&&*name.to_lowercase())) {
            assert!(response["headers"][name].is_object(), "{name} is not described, {about}");
        }
        if response["content"].is_null() {
            assert!(reply.body.is_empty(), "{about}");
            return (status, String::new());
        }
        let content_type = reply.header("Content-Type").expect("a Content-Type");
        let media = content_type.split(';').next().unwrap_or_default();
        let content = &response["content"][media];
        assert!(content.is_object(), "a media type that is not described, {about}");
        assert_eq!(media == "text/html", reply.header("Content-Security-Policy").is_some(), "{about}");
        if let Some(value) = example.map(|name| &content["examples"][name]["value"]).filter(|value| !value.is_null()) {
            let body = String::from_utf8(reply.body.clone()).expect("UTF-8");
            let body = if media.ends_with("json") { body.parse().expect("JSON") } else { Value::String(body) };
            assert_eq!(&body, value, "{about}");
        }
        (status, media.to_owned())
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn start(products_db: Option<PathBuf>) -> Server {
    servers::start(Door::Fcgid, &Site { products_db, ..Site::default() })
}

/// Every example is true, and every answer that is described is one that comes.
#[test]
fn examples() {
    let description = Description::read();
    let server = start(None);
    let without_catalogue = start(Some("/nowhere/products.db".into()));
    let mut examples = BTreeSet::new();
    for operation in description.operations().into_iter().filter(|operation| operation.path != status::PATH) {
        let mut seen = BTreeSet::new();
        for ask in ask::all(&operation) {
            let reply = ask.send(&server, None);
            let answer = operation.check(&ask, &reply, Some(&ask.name));
            match operation.answer_of(&ask.name) {
                Some(expected) => assert_eq!(answer, expected, "{} {}", operation.path, ask.name),
                None if ask.name.starts_with("unmodified") => assert_eq!(reply.status, 304),
                None => assert!(["HEAD", "OPTIONS"].contains(&&*operation.method), "{} has no answer", ask.name),
            }
            seen.insert(answer);
            if operation.method == "HEAD" {
                same_as_get(&ask, &server, &reply);
            }
            for accept in [None, Some("text/plain"), Some("text/html"), Some("text/csv")] {
                seen.insert(operation.check(&ask, &ask.send(&server, accept), None));
                seen.insert(operation.check(&ask, &ask.send(&without_catalogue, accept), Some("noCatalogue")));
            }
            examples.insert(ask.name);
        }
        let unseen: Vec<_> = operation.answers().difference(&seen).cloned().collect();
        assert!(
            unseen.iter().all(|(status, _)| status == "500"),
            "{} {}: {unseen:?}",
            operation.method,
            operation.path
        );
    }
    examples.extend(["otherMethod", "panic", "noCatalogue"].map(str::to_owned));
    for (name, response) in members(&description.0["components"]["responses"]) {
        for (_, content) in members(&response["content"]) {
            let unasked = members(&content["examples"]).find(|(example, _)| !examples.contains(*example));
            assert_eq!(unasked, None, "{name}");
        }
    }
}

fn same_as_get(ask: &Ask, server: &Server, head: &HttpReply) {
    let get = Ask { method: "GET".into(), ..ask.clone() }.send(server, None);
    let fields = |reply: &HttpReply| {
        // Apache leaves a Content-Length of 0 out; and a second may pass between the two.
        let counts = |(name, value): &&(String, String)| {
            name != "Date" && (name.as_str(), value.as_str()) != ("Content-Length", "0")
        };
        reply.headers.iter().filter(counts).cloned().collect::<Vec<_>>()
    };
    assert_eq!((head.status, fields(head)), (get.status, fields(&get)), "{}", ask.name);
}

/// The answer to a method that is no operation, which OpenAPI has no place for.
#[test]
fn other_methods() {
    let description = Description::read();
    let server = start(None);
    let mut paths = Vec::new();
    for (path, item) in members(&description.0["paths"]).filter(|(_, item)| item["x-other-methods"].is_object()) {
        let operation = serde_json::json!({"responses": {"405": item["x-other-methods"]}});
        for method in ["PUT", "DELETE", "PATCH", "QUERY"] {
            let operation = Operation { description: &description, path, method: method.into(), operation: &operation };
            let ask = Ask { target: path.replace("{product}", "A001"), ..Ask::new("otherMethod", method) };
            for accept in [None, Some("text/html")] {
                operation.check(&ask, &ask.send(&server, accept), Some("otherMethod"));
            }
        }
        paths.push(path);
    }
    assert_eq!(paths, ["/wsgi/myapp.py", "/wsgi/myapp.py/{product}"]);
}

/// What a bug gets, which none of the others can provoke.
#[test]
fn a_panic() {
    let description = Description::read();
    let reply = render::failure(&Failure::Panic("a bug".to_owned()), Format::Json, false, &render::Frame::default());
    let response = &description.0["components"]["responses"]["Failed"];
    let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(body, response["content"]["application/problem+json"]["examples"]["panic"]["value"]);
    let fields = reply.headers.iter().map(|(name, _)| name.as_ref()).chain(["X-Content-Type-Options"]);
    let described = members(&response["headers"]).map(|(name, _)| name).chain(["Content-Type"]);
    assert_eq!(fields.collect::<BTreeSet<_>>(), described.collect());
}

/// A program that `make test` has installed from PyPI, run where it may leave its files.
fn python(program: &str, arguments: &[&str]) {
    let program = format!("{}/target/python/bin/{program}", env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(&program).args(arguments).current_dir(&folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: `make test` installs what the tests need"));
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

#[test]
fn is_openapi() {
    python("openapi-spec-validator", &[FILE]);
    assert_eq!(Description::read().0["info"]["version"], env!("CARGO_PKG_VERSION"));
}

/// Some thousand requests, right and wrong ones, that are made up from the description.
#[test]
fn schemathesis() {
    let server = status::start(true, None);
    let url = format!("http://{}", server.addr);
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis.toml");
    let arguments = ["--checks", "all", "--max-examples", "50", "--seed", "2", "--generation-database", "none"];
    python(
        "schemathesis",
        &[&["--config-file", config, "run", FILE, "--no-color", "--url", &url], &arguments[..]].concat(),
    );
}
