//! A reply, and the one place that writes it as a CGI document (RFC 3875, section 6), which is what
//! both doors hand to the web server.

use std::borrow::Cow;
use std::io::Write;

/// Header fields that there is room for from the start. What grows by and by leaves the allocator with
/// a piece of each size, in each thread.
const HEADERS: usize = 8;

/// The reason phrases of statuses (RFC 9110, section 15, and the registry of status codes).
const REASONS: [(u16, &str); 50] = [
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (451, "Unavailable For Legal Reasons"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (505, "HTTP Version Not Supported"),
    (507, "Insufficient Storage"),
    (511, "Network Authentication Required"),
];

/// A status, headers and a body.
///
/// ```
/// use cgi_responder::Reply;
///
/// let reply = Reply::empty(302).with("Location", "/elsewhere").with("Set-Cookie", "seen=1");
/// let mut document = Vec::new();
/// reply.write(false, &mut document);
/// assert_eq!(
///     document,
///     b"Status: 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\
///     X-Content-Type-Options: nosniff\r\n\r\n"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code (RFC 9110, section 15).
    pub status: u16,
    /// Header fields besides those that `write` adds.
    pub headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// The content, or nothing where the status has none.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply with content.
    pub fn new(status: u16, content_type: impl Into<Cow<'static, str>>, body: impl Into<Vec<u8>>) -> Reply {
        Reply { body: body.into(), ..Reply::empty(status) }.with("Content-Type", content_type)
    }

    /// A reply with text as its content.
    pub fn text(status: u16, text: impl Into<String>) -> Reply {
        Reply::new(status, "text/plain; charset=utf-8", text.into())
    }

    /// A reply without content.
    pub fn empty(status: u16) -> Reply {
        Reply { status, headers: Vec::with_capacity(HEADERS), body: Vec::new() }
    }

    /// Adds a header field. What cannot be in a name (RFC 9110, section 5.1) or is a control character in a value
    /// goes out as a hyphen or a space, so that no field starts another.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Reply {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The value of a header field, whatever the case of its name; the first where there are more.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
    }

    /// Appends the document. `Status` always comes, and first: `Location` without it is an empty
    /// 200 behind mod_proxy_fcgi. All lines end in CRLF, since Apache takes a mixture of line
    /// ends for the end of the header. HEAD gets the header of GET.
    pub fn write(&self, head: bool, out: &mut Vec<u8>) {
        self.write_status(out);
        self.write_fields(&["Status", "Content-Length", "X-Content-Type-Options"], out);
        if !matches!(self.status, 204 | 304) {
            // A vector takes all that is written to it.
            let _ = write!(out, "Content-Length: {}\r\n", self.length(head));
        }
        self.end_header(head, out);
    }

    /// Bytes of the content; of what HEAD left out, as many as the handler says.
    fn length(&self, head: bool) -> usize {
        let told = self.header("Content-Length").filter(|_| head && self.body.is_empty());
        told.and_then(|length| length.parse().ok()).unwrap_or(self.body.len())
    }

    /// The same for content of which this is the beginning.
    pub(crate) fn write_streamed(&self, head: bool, out: &mut Vec<u8>) {
        self.write_status(out);
        self.write_fields(&["Status", "X-Content-Type-Options"], out);
        self.end_header(head, out);
    }

    fn write_status(&self, out: &mut Vec<u8>) {
        let _ = write!(out, "Status: {} {}\r\n", self.status, reason(self.status));
    }

    /// All fields but those that come with each reply, and would come twice.
    fn write_fields(&self, but: &[&str], out: &mut Vec<u8>) {
        let comes = |name: &str| !but.iter().any(|but| name.eq_ignore_ascii_case(but));
        for (name, value) in self.headers.iter().filter(|(name, _)| comes(name)) {
            out.extend(name.bytes().map(|byte| if byte.is_ascii_graphic() && byte != b':' { byte } else { b'-' }));
            out.extend_from_slice(b": ");
            // No value can start a line of its own.
            out.extend(value.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
            out.extend_from_slice(b"\r\n");
        }
    }

    fn end_header(&self, head: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(b"X-Content-Type-Options: nosniff\r\n\r\n");
        if !head {
            out.extend_from_slice(&self.body);
        }
    }
}

/// The reason phrase of a status.
pub fn reason(status: u16) -> &'static str {
    REASONS.iter().find(|(known, _)| *known == status).map_or("Unknown", |(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reply: &Reply, head: bool) -> String {
        let mut document = Vec::new();
        reply.write(head, &mut document);
        String::from_utf8(document).expect("UTF-8")
    }

    #[test]
    fn no_field_starts_another() {
        let reply = Reply::text(200, "x").with("X-A\r\nX-B: 1", "one\r\nX-C: two\n\n").with("", "\0\x7f");
        let expected = "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nX-A--X-B--1: one  X-C: two  \r\n: \
            \x20\x20\r\nContent-Length: 1\r\nX-Content-Type-Options: nosniff\r\n\r\nx";
        assert_eq!(written(&reply, false), expected);
    }

    #[test]
    fn what_is_written_anyway_comes_once() {
        let reply = Reply::text(404, "gone").with("content-length", "99").with("Status", "200 OK");
        let expected = "Status: 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\
            X-Content-Type-Options: nosniff\r\n\r\n";
        assert_eq!(written(&reply, true), expected);
    }

    #[test]
    fn head_gets_the_length_that_get_has() {
        let reply = Reply::empty(200).with("Content-Length", "181");
        let expected = "Status: 200 OK\r\nContent-Length: 181\r\nX-Content-Type-Options: nosniff\r\n\r\n";
        assert_eq!(written(&reply, true), expected);
        assert_eq!(written(&reply, false), expected.replace("181", "0"));
    }

    #[test]
    fn statuses_without_content() {
        assert_eq!(
            written(&Reply::empty(204), false),
            "Status: 204 No Content\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        );
        assert_eq!(
            written(&Reply::empty(299), true),
            "Status: 299 Unknown\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        );
    }
}
