//! What holds for any input: the same parameters give the same reply however they are sent and
//! however the bytes are cut; what an export writes an import takes back.

mod found;
mod tables;

use std::io::{self, Read, Write};
use std::sync::LazyLock;

use product_lookup::apps::{APPS, Apps};
use product_lookup::form::Form;
use product_lookup::gateway::Handler;
use product_lookup::gateway::fastcgi::converse;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::settings::Environment;
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;
use url::form_urlencoded;

use crate::answer::Answer;
use crate::fastcgi_client as fastcgi;

/// Apps on the table's catalogue, which log everything.
static APPS_AND_FOLDER: LazyLock<(Apps, TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    crate::cases::write_catalogue(&folder.path().join("products.db"));
    let develop = |name: &str| (name == "DEVELOP_MODE").then(|| "on".into());
    (Apps::new(APPS, Environment::new(develop, folder.path().to_owned())), folder)
});

/// Text with what is special in one of the encodings, and ids that are there.
fn text() -> impl Strategy<Value = String> {
    let special = proptest::sample::select(vec![
        "A001",
        "clock",
        "id",
        "name",
        "q",
        "format",
        "text",
        "html",
        "limit",
        "after",
        "&",
        "=",
        "+",
        "%",
        "%41",
        "\"",
        "'",
        "\\",
        "\r\n",
        "\n",
        "--",
        "--B",
        "; ",
        "\0",
        "\u{e9}",
        "\u{1f980}",
        "{",
        "]",
        " ",
        "\u{2028}",
    ]);
    prop_oneof![
        3 => proptest::sample::select(vec!["id", "name", "q", "format", "limit", "after", "x"]).prop_map(str::to_owned),
        3 => vec(special, 0..4).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

/// Names for parts of a multipart body: RFC 7578 has no way to write some characters in them.
fn field() -> impl Strategy<Value = (String, String)> {
    let name = text().prop_map(|name| name.replace(|c: char| c.is_control() || c == '\\' || c == '"', "_"));
    (name.prop_filter("a part has a name", |name| !name.is_empty()), text())
}

fn urlencoded(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn multipart(fields: &[(String, String)]) -> (String, Vec<u8>) {
    let boundary = "a-boundary-that-nobody-generates";
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    (format!("multipart/form-data; boundary={boundary}"), format!("{body}--{boundary}--\r\n").into_bytes())
}

fn json(fields: &[(String, String)]) -> Vec<u8> {
    let member = |(name, value): &(String, String)| format!("{}:{}", serde_json::json!(name), serde_json::json!(value));
    format!("{{{}}}", fields.iter().map(member).collect::<Vec<_>>().join(",")).into_bytes()
}

fn request(method: &str, query: &str, content_type: &str, body: Vec<u8>) -> Request {
    let params = [("REQUEST_METHOD", method), ("QUERY_STRING", query), ("CONTENT_TYPE", content_type)];
    Request { params: params.into_iter().collect(), body: Ok(body.into()) }
}

/// The reply as a document, which is read strictly.
fn document(request: &Request) -> Vec<u8> {
    let mut document = Vec::new();
    APPS_AND_FOLDER.0.handle(request).expect("a reply").write(request.method() == b"HEAD", &mut document);
    let answer = Answer::of_document(&document, request.method() == b"HEAD");
    assert!(answer.status < 500, "{answer:?}");
    untimed(document)
}

/// A document without the one line that differs between two equal requests.
fn untimed(mut document: Vec<u8>) -> Vec<u8> {
    let line = b"\r\nServer-Timing: ";
    let start = document.windows(line.len()).position(|window| window == line).expect("develop mode is on");
    let end = start + 2 + document[start + 2..].iter().position(|&byte| byte == b'\r').expect("its end");
    document.drain(start..end);
    document
}

/// A stream that gives its bytes in reads of these lengths, over and over.
struct Cut<'a> {
    input: &'a [u8],
    lengths: Box<dyn Iterator<Item = usize> + 'a>,
    output: Vec<u8>,
}

impl Read for &mut Cut<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.lengths.next().unwrap_or(1).min(buffer.len());
        self.input.read(&mut buffer[..most])
    }
}

impl Write for &mut Cut<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Any bytes, read piece by piece, are the names and values that the URL standard makes of the whole.
    #[test]
    fn a_query_is_what_the_url_standard_says(query in vec(proptest::sample::select(b"a=&+%4g1\0\xc3\xa9\xff".to_vec()), 0..40)) {
        let form = Form::of_query(&query).expect("a form");
        let mut expected: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(&query) {
            match expected.iter_mut().find(|(other, _)| *other == name) {
                Some((_, values)) => values.push(value.into_owned()),
                None => expected.push((name.into_owned(), vec![value.into_owned()])),
            }
        }
        let read = form.by_name().into_iter();
        let read: Vec<_> = read.map(|(name, values)| (name.to_owned(), values.into_iter().map(str::to_owned).collect())).collect();
        prop_assert_eq!(read, expected);
    }

    /// Query, urlencoded, multipart and JSON: the same names and values, and the same reply.
    #[test]
    fn parameters_survive_every_encoding(fields in vec(field(), 0..8)) {
        let query = urlencoded(&fields);
        let (multipart_type, multipart_body) = multipart(&fields);
        let posts = [
            request("POST", "", "application/x-www-form-urlencoded", query.clone().into_bytes()),
            request("POST", "", &multipart_type, multipart_body),
            request("POST", "", "application/json", json(&fields)),
        ];
        let form = Form::of_query(query.as_bytes()).expect("a form");
        for (name, _) in &fields {
            let sent: Vec<&str> = fields.iter().filter(|field| field.0 == *name).map(|field| field.1.as_str()).collect();
            prop_assert_eq!(form.values(name).collect::<Vec<_>>(), sent);
        }
        let reply = String::from_utf8_lossy(&document(&request("GET", &query, "", Vec::new()))).into_owned();
        for post in posts {
            prop_assert_eq!(&Form::of_body(&post.params, post.body.as_ref().expect("a body")).expect("a form"), &form);
            prop_assert_eq!(String::from_utf8_lossy(&document(&post)).into_owned(), reply.clone());
        }
    }

    /// Any query at all gets a whole document, and no line of the log is broken.
    #[test]
    fn any_query_gets_a_reply(query in prop_oneof![vec(any::<u8>(), 0..200), text().prop_map(String::into_bytes)], accept in text()) {
        let mut params = Params::default();
        params.push(b"QUERY_STRING", &query);
        params.push(b"HTTP_ACCEPT", accept.as_bytes());
        document(&Request { params, body: Ok(Default::default()) });
    }

    /// Records and reads of any length, and any padding, give the same reply.
    #[test]
    fn any_cut_gives_the_same_reply(
        fields in vec(field(), 0..4),
        record_bytes in 1_usize..300,
        padding in any::<u8>(),
        lengths in vec(1_usize..50, 1..6),
    ) {
        let body = urlencoded(&fields);
        let pairs: Vec<(Vec<u8>, Vec<u8>)> = [
            ("REQUEST_METHOD", "POST"),
            ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ].map(|(name, value)| (name.into(), value.into())).into();
        let answer = |input: &[u8], lengths: Box<dyn Iterator<Item = usize>>| {
            let mut stream = Cut { input, lengths, output: Vec::new() };
            let end = converse(&mut stream, &APPS_AND_FOLDER.0);
            assert!(end.is_ok(), "{end:?}");
            let mut output = stream.output.as_slice();
            let document = untimed(fastcgi::read_document(&mut output, 7));
            (document, output.to_vec())
        };
        let whole = fastcgi::request(7, false, &pairs, body.as_bytes(), fastcgi::WHOLE);
        let cut = fastcgi::request(7, false, &pairs, body.as_bytes(), fastcgi::Cut { record_bytes, padding });
        let expected = answer(&whole, Box::new(std::iter::repeat(usize::MAX)));
        prop_assert_eq!(answer(&cut, Box::new(lengths.into_iter().cycle())), expected);
    }
}

/// The log that all of the above wrote: each line has its date, and starts as one of ours does.
#[test]
fn log_lines_never_break() {
    for forged in ["a\nb", "\r\n2026-01-01 00:00:00 content_len: 1", "\u{85}\u{2028}\u{2029}\u{b}\u{c}", "\u{1b}[2J\0"]
    {
        document(&request("POST", "", "application/json", json(&[("id".to_owned(), forged.to_owned())])));
        document(&request("GET", &format!("id={forged}"), "", Vec::new()));
    }
    let log = std::fs::read_to_string(APPS_AND_FOLDER.1.path().join("log/debug.log")).expect("a log");
    let starts =
        ["content_len: ", "no of lines: ", "wsgi.input: b", "POST data: {", "QUERY_STRING: ", "qs: {", "error: 4"];
    for line in log.lines() {
        let (date, message) = line.split_at_checked(20).expect("a date and a message");
        chrono::NaiveDateTime::parse_from_str(date, "%Y-%m-%d %H:%M:%S ").expect("a date");
        assert!(starts.iter().any(|start| message.starts_with(start)), "{line}");
        assert!(!line.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')), "{line:?}");
    }
}
