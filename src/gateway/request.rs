//! A request as every door gives it: CGI variables by name, and the body or why there is none.

use std::borrow::Cow;

use bytes::Bytes;

use super::body::BodyError;

/// CGI variables (RFC 3875, section 4.1) as bytes, in the order in which they came. One buffer
/// holds them all, since a request has some thirty and is asked for ten.
#[derive(Clone, Debug, Default)]
pub struct Params {
    bytes: Vec<u8>,
    /// Where a name starts, where its value does, and where that ends.
    pairs: Vec<(usize, usize, usize)>,
}

impl Params {
    /// The variables that these bytes hold: of each where its name starts, where its value starts,
    /// which is where the name ends, and where the value ends.
    pub fn over(bytes: Vec<u8>, pairs: Vec<(usize, usize, usize)>) -> Params {
        Params { bytes, pairs }
    }

    /// Adds a variable.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        let value = start + name.len();
        self.pairs.push((start, value, self.bytes.len()));
    }

    /// The value of a variable; one that is empty counts as unset (RFC 3875, section 4.1).
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        let wanted = name.as_bytes();
        // Lengths first: most differ.
        let found = |&&(name, value, _): &&_| value - name == wanted.len() && &self.bytes[name..value] == wanted;
        let &(_, value, end) = self.pairs.iter().find(found)?;
        Some(&self.bytes[value..end]).filter(|value| !value.is_empty())
    }

    /// The value of a variable that only ASCII makes sense for; other bytes become U+FFFD.
    pub fn text(&self, name: &str) -> Cow<'_, str> {
        String::from_utf8_lossy(self.value(name).unwrap_or_default())
    }

    /// All variables, empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|&(name, value, end)| (&self.bytes[name..value], &self.bytes[value..end]))
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
    /// The message body, which may be shared but is never copied, or why it cannot be had.
    pub body: Result<Bytes, BodyError>,
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
