//! A request as every door gives it: CGI variables by name, and the body or why there is none.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

/// CGI variables (RFC 3875, section 4.1) as bytes, in the order in which they came. One buffer
/// holds them all, since a request has some thirty and is asked for ten.
#[derive(Clone, Debug, Default)]
pub struct Params {
    bytes: Vec<u8>,
    pairs: Vec<Pair>,
}

/// Where a name starts, where its value does, and where that ends. A peer decides how many there are, of
/// two bytes each, so they are short.
#[derive(Clone, Debug)]
struct Pair {
    name: u32,
    value: u32,
    end: u32,
}

/// Bytes that each variable takes besides its name and value.
pub(super) const PAIR_BYTES: usize = size_of::<Pair>();

impl Params {
    /// No variables yet, over bytes that hold them.
    pub(super) fn over(bytes: Vec<u8>) -> Params {
        Params { bytes, pairs: Vec::with_capacity(32) }
    }

    /// All the bytes that variables are in.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many variables there are.
    pub(super) fn count(&self) -> usize {
        self.pairs.len()
    }

    /// The next variable in the bytes: where its name starts, where its value starts, which is where the name
    /// ends, and where the value ends. Bytes have a limit that 32 bits are enough for.
    pub(super) fn add(&mut self, name: usize, value: usize, end: usize) {
        self.pairs.push(Pair { name: name as u32, value: value as u32, end: end as u32 });
    }

    /// Adds a variable.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        self.add(start, start + name.len(), self.bytes.len());
    }

    fn name_of(&self, pair: &Pair) -> &[u8] {
        &self.bytes[pair.name as usize..pair.value as usize]
    }

    fn value_of(&self, pair: &Pair) -> &[u8] {
        &self.bytes[pair.value as usize..pair.end as usize]
    }

    /// The value of a variable, the last where it came twice, as other responders take it; one that is
    /// empty counts as unset (RFC 3875, section 4.1).
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        let pair = self.pairs.iter().rev().find(|pair| self.name_of(pair) == name.as_bytes())?;
        Some(self.value_of(pair)).filter(|value| !value.is_empty())
    }

    /// What `CONTENT_LENGTH` announces, where it does. Caddy sends `-1` for a length that it does not know.
    ///
    /// # Errors
    /// It is no decimal number.
    pub fn content_length(&self) -> Result<Option<u64>, BodyError> {
        match self.value("CONTENT_LENGTH") {
            None | Some(b"-1") => Ok(None),
            // Only digits: `str::parse` would take a leading `+` too. 20 digits and more are
            // a number, and too long for any limit.
            Some(digits) if digits.iter().all(u8::is_ascii_digit) => {
                let text = std::str::from_utf8(digits).unwrap_or_default();
                Ok(Some(text.parse().unwrap_or(u64::MAX)))
            }
            Some(_) => Err(BodyError::LengthMalformed),
        }
    }

    /// Has the body come without its length, as mod_cgid and mod_cgi hand on one that was chunked?
    pub(super) fn is_chunked(&self) -> bool {
        let coding = self.value("HTTP_TRANSFER_ENCODING").unwrap_or_default();
        coding.trim_ascii_end().to_ascii_lowercase().ends_with(b"chunked") && self.content_length() == Ok(None)
    }

    /// The value of a variable that only ASCII makes sense for; other bytes become U+FFFD.
    pub fn text(&self, name: &str) -> Cow<'_, str> {
        String::from_utf8_lossy(self.value(name).unwrap_or_default())
    }

    /// `REQUEST_METHOD`; none means GET, so that a shell needs no more than a query.
    pub fn method(&self) -> &[u8] {
        self.value("REQUEST_METHOD").unwrap_or(b"GET")
    }

    /// The path that was asked for: `SCRIPT_NAME` and `PATH_INFO`, which servers split differently.
    pub fn path(&self) -> String {
        [self.text("SCRIPT_NAME"), self.text("PATH_INFO")].concat()
    }

    /// `QUERY_STRING`, still encoded.
    pub fn query(&self) -> &[u8] {
        self.value("QUERY_STRING").unwrap_or_default()
    }

    /// All variables, empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|pair| (self.name_of(pair), self.value_of(pair)))
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

/// Why there is no body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// `CONTENT_LENGTH` is no decimal number.
    LengthMalformed,
    /// The body ended before its `CONTENT_LENGTH`.
    Incomplete {
        /// Bytes that were announced.
        announced: u64,
        /// Bytes that came.
        received: u64,
    },
    /// More than `limit` bytes were announced or came; no more than that was kept.
    TooLong {
        /// What the handler takes at most.
        limit: usize,
    },
    /// So much of other bodies is being read that there is no memory for this one.
    NoMemory,
}

impl BodyError {
    /// The status that says so.
    pub fn status(&self) -> u16 {
        match self {
            BodyError::LengthMalformed | BodyError::Incomplete { .. } => 400,
            BodyError::TooLong { .. } => 413,
            BodyError::NoMemory => 503,
        }
    }
}

impl std::error::Error for BodyError {}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            BodyError::LengthMalformed => write!(f, "The Content-Length is not a number."),
            BodyError::Incomplete { announced, received } => {
                write!(f, "The body ended after {received} of the {announced} bytes that its Content-Length announces.")
            }
            BodyError::TooLong { limit } => write!(f, "The body is longer than the {limit} bytes that are read."),
            BodyError::NoMemory => write!(f, "There is no memory for the body at the moment; try again later."),
        }
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
    /// A request as a web server hands it on, for the unit tests of a handler: with `SCRIPT_NAME` and `QUERY_STRING`,
    /// the two sides of the `?`, and where it has a body with `CONTENT_LENGTH`.
    ///
    /// ```
    /// use cgi_responder::Request;
    ///
    /// let request = Request::new("POST", "/book?page=2", "name=ann").with("REMOTE_USER", "ann");
    /// assert_eq!((request.path().as_str(), request.query()), ("/book", &b"page=2"[..]));
    /// assert_eq!(request.body.as_deref(), Ok(&b"name=ann"[..]));
    /// ```
    pub fn new(method: &str, path_and_query: &str, body: impl Into<Bytes>) -> Request {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let body = body.into();
        let length = body.len();
        let params = [("REQUEST_METHOD", method), ("SCRIPT_NAME", path), ("QUERY_STRING", query)];
        let request = Request { params: params.into_iter().collect(), body: Ok(body) };
        if length > 0 { request.with("CONTENT_LENGTH", &length.to_string()) } else { request }
    }

    /// The same with another variable, for example `CONTENT_TYPE`, `HTTP_COOKIE` or `REMOTE_USER`.
    pub fn with(mut self, name: &str, value: &str) -> Request {
        self.params.push(name.as_bytes(), value.as_bytes());
        self
    }

    /// The body, for a `?` where there is none.
    ///
    /// # Errors
    /// Why there is none; as a [`Failure`](crate::Failure) it has the status that says so.
    pub fn body(&self) -> Result<&Bytes, BodyError> {
        self.body.as_ref().map_err(BodyError::clone)
    }

    /// [`Params::method`]
    pub fn method(&self) -> &[u8] {
        self.params.method()
    }

    /// [`Params::path`]
    pub fn path(&self) -> String {
        self.params.path()
    }

    /// [`Params::query`]
    pub fn query(&self) -> &[u8] {
        self.params.query()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_counts_and_an_empty_one_is_unset() {
        let params = Params::from_iter([("A", "1"), ("B", "2"), ("A", "3"), ("B", "")]);
        assert_eq!((params.value("A"), params.value("B"), params.value("C")), (Some(&b"3"[..]), None, None));
        assert_eq!(params.iter().count(), 4);
    }
}
