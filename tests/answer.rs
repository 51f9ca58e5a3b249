//! What came back, and whether it is what a case expects.

use crate::cases::Case;

/// An answer, as a CGI document or an HTTP reply gives it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a CGI document (RFC 3875, section 6). It is strict: `Status` comes first, every line
    /// ends in CRLF, no field comes twice, and Content-Length is exact.
    pub fn of_document(document: &[u8], head: bool) -> Answer {
        let end = document.windows(4).position(|four| four == b"\r\n\r\n").expect("an empty line");
        let header = std::str::from_utf8(&document[..end]).expect("a header in UTF-8");
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in header.split("\r\n") {
            assert!(!line.contains(['\r', '\n']), "one kind of line end: {header:?}");
            let (name, value) = line.split_once(": ").expect("a header field");
            assert!(fields.iter().all(|field| field.0 != name), "{name} comes once: {header}");
            fields.push((name.to_owned(), value.to_owned()));
        }
        let (name, status) = fields.remove(0);
        assert_eq!(name, "Status");
        let (code, reason) = status.split_once(' ').expect("a status code and a reason");
        assert!(code.len() == 3 && !reason.is_empty(), "{status}");
        let answer = Answer { status: code.parse().expect("three digits"), fields, body: document[end + 4..].to_vec() };
        let length = answer.field("Content-Length").map(|length| length.parse::<usize>().expect("a number"));
        match answer.status {
            204 | 304 => assert_eq!((length, answer.body.len()), (None, 0)),
            _ if head => assert_eq!(answer.body, b""),
            _ => assert_eq!(length, Some(answer.body.len())),
        }
        answer
    }

    /// A header field's value.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.0.eq_ignore_ascii_case(name)).map(|field| field.1.as_str())
    }

    /// What differs from what a case expects, if anything.
    pub fn differences(&self, case: &Case) -> Option<String> {
        let mut found = Vec::new();
        if self.status != case.status {
            found.push(format!("status {} instead of {}", self.status, case.status));
        }
        for &(name, value) in &case.has {
            if self.field(name) != Some(value) {
                found.push(format!("{name} is {:?} instead of {value:?}", self.field(name)));
            }
        }
        for name in &case.lacks {
            if let Some(value) = self.field(name) {
                found.push(format!("{name} is {value:?}"));
            }
        }
        if self.body != case.expected {
            let [is, expected] = [&self.body, &case.expected].map(|body| String::from_utf8_lossy(body));
            found.push(format!("body:\n  {is}\ninstead of:\n  {expected}"));
        }
        (!found.is_empty()).then(|| format!("{}: {}", case.name, found.join("; ")))
    }
}

/// Fails with all the differences at once.
pub fn assert_none(door: &str, differences: Vec<String>) {
    assert!(differences.is_empty(), "{door}, {} cases differ:\n{}", differences.len(), differences.join("\n"));
}
