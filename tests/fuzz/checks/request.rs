//! From request to reply, for GET and for each kind of body. An input is lines like `QUERY_STRING=id=A001`, up to an
//! empty one, and then the body; the kind's own CONTENT_TYPE holds unless a line says another.

use std::collections::BTreeMap;

use serde_json::Value;

use super::site::{Params, SITE, value};
use crate::answer::Answer;

/// The variables that the lines are, and the body.
fn read(input: &[u8]) -> (Params, &[u8]) {
    let (mut params, mut rest) = (Params::new(), input);
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.is_empty() {
            return (params, rest);
        }
        let name = line.iter().position(|&byte| byte == b'=').unwrap_or(end);
        params.push((line[..name].to_vec(), line.get(name + 1..).unwrap_or_default().to_vec()));
    }
    params.push((b"QUERY_STRING".to_vec(), rest.to_vec()));
    (params, b"")
}

/// The same variables, with another value for one.
pub fn with(params: &Params, name: &str, value: &[u8]) -> Params {
    let mut params = params.clone();
    params.retain(|param| param.0 != name.as_bytes());
    params.push((name.into(), value.to_vec()));
    params
}

fn same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, &one.fields), (other.status, &other.fields));
    assert!(one.body == other.body, "{} {}", one.body.escape_ascii(), other.body.escape_ascii());
}

pub fn get(input: &[u8]) {
    let (params, body) = read(input);
    SITE.with(|site| {
        let answer = site.ask(&params, body);
        same(&answer, &site.ask(&params, body));
        if !matches!(value(&params, "REQUEST_METHOD"), b"" | b"GET") {
            return;
        }
        let head = site.ask(&with(&params, "REQUEST_METHOD", b"HEAD"), body);
        assert_eq!((answer.status, &answer.fields, &head.body[..]), (head.status, &head.fields, &b""[..]));
        let Some(tag) = answer.field("ETag") else { return };
        let unmodified = site.ask(&with(&params, "HTTP_IF_NONE_MATCH", tag.as_bytes()), body);
        assert_eq!((unmodified.status, unmodified.field("ETag")), (304, Some(tag)));
        let other = site.ask(&with(&params, "HTTP_IF_NONE_MATCH", b"\"x\""), body);
        assert_eq!((other.status, other.field("ETag")), (200, Some(tag)));
    });
}

/// A POST that was answered.
struct Posted<'a> {
    /// What the lines say.
    lines: Params,
    body: &'a [u8],
    answer: Answer,
}

impl Posted<'_> {
    /// Do the lines say nothing of these?
    fn lack(&self, names: &[&str]) -> bool {
        self.lines.iter().all(|line| names.iter().all(|name| line.0 != name.as_bytes()))
    }

    /// What is no such body must be refused.
    fn refused_unless(&self, well_formed: bool) {
        let told = self.lack(&["REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_CONTENT_ENCODING"]);
        if told && !well_formed && self.answer.field("Content-Type") != Some("text/plain") {
            assert!(matches!(self.answer.status, 400 | 413), "{:?}", self.answer);
        }
    }
}

/// Asks by POST; the same must come out where the length of the body is told, and nothing where
/// it is told wrong.
fn post<'a>(input: &'a [u8], content_type: &str) -> Posted<'a> {
    let (lines, body) = read(input);
    let more =
        [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", content_type)].map(|(name, value)| (name.into(), value.into()));
    let params = [&lines[..], &more].concat();
    let answer = SITE.with(|site| site.ask(&params, body));
    if value(&params, "REQUEST_METHOD") == b"POST" && value(&params, "CONTENT_LENGTH").is_empty() {
        let tell = |length: usize| {
            SITE.with(|site| site.ask(&with(&params, "CONTENT_LENGTH", length.to_string().as_bytes()), body))
        };
        same(&answer, &tell(body.len()));
        let longer = tell(body.len() + 1);
        let sample = answer.field("Content-Type") == Some("text/plain");
        assert!(sample || matches!(longer.status, 400 | 413), "{longer:?}");
    }
    Posted { lines, body, answer }
}

/// A form by POST must be the same question as its body in a query.
pub fn urlencoded(input: &[u8]) {
    let posted = post(input, "application/x-www-form-urlencoded");
    let names = [
        "REQUEST_METHOD",
        "CONTENT_TYPE",
        "CONTENT_LENGTH",
        "MAX_BODY_BYTES",
        "HTTP_IF_NONE_MATCH",
        "QUERY_STRING",
        "HTTP_CONTENT_ENCODING",
    ];
    if posted.lack(&names) && posted.body.len() <= 1 << 20 {
        same(&posted.answer, &SITE.with(|site| site.ask(&with(&posted.lines, "QUERY_STRING", posted.body), b"")));
    }
}

/// A body has a closing boundary.
pub fn multipart(input: &[u8]) {
    let posted = post(input, "multipart/form-data; boundary=B");
    posted.refused_unless(posted.body.is_empty() || posted.body.windows(5).any(|window| window == b"--B--"));
}

/// A body is JSON, and an object.
pub fn json(input: &[u8]) {
    let posted = post(input, "application/json");
    let text = posted.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(posted.body);
    let object = serde_json::from_slice::<BTreeMap<String, Value>>(text);
    // The parser has a limit of depth; what nobody asks for has none.
    let deep = object.as_ref().is_err_and(|error| error.to_string().contains("recursion limit"));
    posted.refused_unless(text.is_empty() || deep || object.is_ok());
}
