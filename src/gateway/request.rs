//! A request as every door gives it: CGI variables by name, and the body or why there is none.

use super::body::BodyError;

/// CGI variables (RFC 3875, section 4.1) as bytes, in the order in which they came. One buffer
/// holds them all, since a request has some thirty and is asked for ten.
#[derive(Clone, Debug, Default)]
pub struct Params {
    bytes: Vec<u8>,
    pairs: Vec<Pair>,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    name: usize,
    value: usize,
    end: usize,
}

impl Params {
    /// No variables yet, and room for `bytes` of names and values.
    pub fn with_capacity(bytes: usize) -> Params {
        Params { bytes: Vec::with_capacity(bytes), pairs: Vec::with_capacity(32) }
    }

    /// Adds a variable.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        let value = start + name.len();
        self.pairs.push(Pair { name: start, value, end: self.bytes.len() });
    }

    /// The value of a variable; one that is empty counts as unset (RFC 3875, section 4.1).
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|pair| pair.0 == name.as_bytes()).map(|pair| pair.1).filter(|v| !v.is_empty())
    }

    /// The value of a variable that only ASCII makes sense for; other bytes become U+FFFD.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.value(name).unwrap_or_default()).into_owned()
    }

    /// All variables, empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|&Pair { name, value, end }| (&self.bytes[name..value], &self.bytes[value..end]))
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Params {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Params {
        let mut params = Params::default();
        for (name, value) in pairs {
            params.push(name.as_bytes(), value.as_bytes());
        }
        params
    }
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// The CGI variables.
    pub params: Params,
    /// The message body, or why it cannot be had.
    pub body: Result<Vec<u8>, BodyError>,
}

impl Request {
    /// `REQUEST_METHOD`; none means GET, so that a shell needs no more than a query.
    pub fn method(&self) -> &[u8] {
        self.params.value("REQUEST_METHOD").unwrap_or(b"GET")
    }

    /// `QUERY_STRING`, still encoded.
    pub fn query(&self) -> &[u8] {
        self.params.value("QUERY_STRING").unwrap_or_default()
    }
}
