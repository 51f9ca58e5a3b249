//! A request as every door gives it: CGI variables by name, and the body or why there is none.

use std::fmt;

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
        /// `MAX_BODY_BYTES`.
        limit: usize,
    },
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            BodyError::LengthMalformed => write!(f, "The Content-Length is not a number."),
            BodyError::Incomplete { announced, received } => {
                write!(f, "The body ended after {received} of the {announced} bytes that its Content-Length announces.")
            }
            BodyError::TooLong { limit } => write!(f, "The body is longer than the {limit} bytes that are read."),
        }
    }
}

/// A body while it comes in: never holds more than its limit, whatever was announced.
#[derive(Debug)]
pub struct BodyCollector {
    bytes: Vec<u8>,
    announced: Result<Option<u64>, BodyError>,
    limit: usize,
    received: u64,
}

impl BodyCollector {
    /// A body of a request with these parameters and of at most `limit` bytes.
    pub fn new(params: &Params, limit: usize) -> BodyCollector {
        let announced = match params.value("CONTENT_LENGTH") {
            None => Ok(None),
            // Only digits: `str::parse` would take a leading `+` too. 20 digits and more are
            // a number, and too long for any limit.
            Some(digits) if digits.iter().all(u8::is_ascii_digit) => {
                let text = std::str::from_utf8(digits).unwrap_or_default();
                Ok(Some(text.parse().unwrap_or(u64::MAX)))
            }
            Some(_) => Err(BodyError::LengthMalformed),
        };
        BodyCollector { bytes: Vec::new(), announced, limit, received: 0 }
    }

    /// How many more bytes are worth reading; what comes beyond them is of no use.
    pub fn wanted(&self) -> u64 {
        let limit = self.limit as u64;
        match self.announced {
            Err(_) => 0,
            Ok(Some(announced)) if announced > limit => 0,
            // RFC 3875, section 4.2: no more than CONTENT_LENGTH bytes are the body.
            Ok(Some(announced)) => announced.saturating_sub(self.received),
            // One byte over the limit tells a body that is too long.
            Ok(None) => limit.saturating_add(1).saturating_sub(self.received),
        }
    }

    /// How many bytes `CONTENT_LENGTH` announces, where it does.
    pub fn announced(&self) -> Option<u64> {
        self.announced.clone().unwrap_or(None)
    }

    /// Takes as much of a piece as is wanted.
    pub fn push(&mut self, piece: &[u8]) {
        let taken = (piece.len() as u64).min(self.wanted()) as usize;
        self.bytes.extend_from_slice(&piece[..taken]);
        self.received += taken as u64;
    }

    /// The body has ended.
    pub fn finish(self) -> Result<Vec<u8>, BodyError> {
        let limit = self.limit;
        let announced = self.announced?.unwrap_or(self.received);
        if announced > limit as u64 {
            Err(BodyError::TooLong { limit })
        } else if self.received < announced {
            Err(BodyError::Incomplete { announced, received: self.received })
        } else {
            Ok(self.bytes)
        }
    }
}
