//! A reply, and the one place that writes it: a CGI document (RFC 3875, section 6), which is what
//! both doors hand to the web server.

use std::borrow::Cow;
use std::io::Write;

/// Header fields that there is room for from the start. What grows by and by leaves the allocator with
/// a piece of each size, in each thread.
const HEADERS: usize = 8;

/// A status, headers and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code (RFC 9110, section 15).
    pub status: u16,
    /// Header fields besides those that `write` adds.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The content, or nothing where the status has none.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply with content.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Reply {
        Reply { body: body.into(), ..Reply::empty(status) }.with("Content-Type", content_type)
    }

    /// A reply whose status allows no content: 204 or 304.
    pub fn empty(status: u16) -> Reply {
        Reply { status, headers: Vec::with_capacity(HEADERS), body: Vec::new() }
    }

    /// Adds a header field.
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    /// Appends the document. `Status` always comes, and first: `Location` without it is an empty
    /// 200 behind mod_proxy_fcgi. All lines end in CRLF, since Apache takes a mixture of line
    /// ends for the end of the header. HEAD gets the header of GET.
    pub fn write(&self, head: bool, out: &mut Vec<u8>) {
        // A vector takes all that is written to it.
        let _ = write!(out, "Status: {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            // No value can start a line of its own.
            out.extend(value.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
            out.extend_from_slice(b"\r\n");
        }
        if !matches!(self.status, 204 | 304) {
            let _ = write!(out, "Content-Length: {}\r\n", self.body.len());
        }
        out.extend_from_slice(b"X-Content-Type-Options: nosniff\r\n\r\n");
        if !head {
            out.extend_from_slice(&self.body);
        }
    }
}

/// The reason phrase (RFC 9110, section 15) of a status that this program sends.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}
