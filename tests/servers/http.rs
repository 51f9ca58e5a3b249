//! A raw HTTP/1.1 client, which sends a request's very bytes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// How long a server may stay silent: longer than any of their restarts, shorter than a test run.
const SILENCE: Duration = Duration::from_secs(30);

/// A reply with its body put together again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpReply {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpReply {
    /// A header's first value, its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Sends bytes as they are and reads the reply to them.
pub(crate) fn send(to: SocketAddr, raw: &[u8]) -> HttpReply {
    try_send(to, raw).unwrap_or_else(|error| panic!("no reply from {to}: {error}"))
}

/// Sends a GET.
pub(crate) fn get(to: SocketAddr, target: &str) -> HttpReply {
    send(to, format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
}

/// Sends a POST.
pub(crate) fn post(to: SocketAddr, target: &str, content_type: &str, body: &[u8]) -> HttpReply {
    let length = body.len();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    send(to, &[head.as_bytes(), body].concat())
}

/// As [`send`], where a server may not be there yet.
pub(crate) fn try_send(to: SocketAddr, raw: &[u8]) -> io::Result<HttpReply> {
    let stream = connect(to)?;
    thread::scope(|scope| {
        // A server may answer a long request before it has read it, and read no further.
        scope.spawn(|| (&stream).write_all(raw));
        let reply = read_reply(BufReader::new(&stream), raw.starts_with(b"HEAD "));
        // Ends a write that nobody reads.
        let _ = stream.shutdown(Shutdown::Both);
        reply
    })
}

/// A client whose connection is kept for its next request, for as long as the server keeps it.
pub(crate) struct Client {
    to: SocketAddr,
    kept: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn new(to: SocketAddr) -> Client {
        Client { to, kept: None }
    }

    /// Sends a short request's bytes as they are and reads the reply to them.
    pub(crate) fn send(&mut self, raw: &[u8]) -> io::Result<HttpReply> {
        let mut connection = match self.kept.take() {
            Some(kept) => kept,
            None => BufReader::new(connect(self.to)?),
        };
        connection.get_mut().write_all(raw)?;
        let reply = read_reply(&mut connection, raw.starts_with(b"HEAD "))?;
        if reply.header("Connection").is_none_or(|connection| !connection.eq_ignore_ascii_case("close")) {
            self.kept = Some(connection);
        }
        Ok(reply)
    }
}

fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    Ok(stream)
}

fn read_reply(mut from: impl BufRead, to_head: bool) -> io::Result<HttpReply> {
    loop {
        let (status, reason) = read_status_line(&mut from)?;
        let headers = read_headers(&mut from)?;
        // 100 Continue and the like announce the reply that follows them.
        if status >= 200 {
            let mut reply = HttpReply { status, reason, headers, body: Vec::new() };
            if !to_head && !matches!(status, 204 | 304) {
                reply.body = read_body(&mut from, &reply)?;
            }
            return Ok(reply);
        }
    }
}

fn read_status_line(from: &mut impl BufRead) -> io::Result<(u16, String)> {
    let line = read_line(from)?;
    let (version, rest) = line.split_once(' ').ok_or_else(|| malformed(&line))?;
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    match status.parse() {
        Ok(status) if version.starts_with("HTTP/1.") => Ok((status, reason.to_owned())),
        _ => Err(malformed(&line)),
    }
}

fn read_headers(from: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(from)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed(&line))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// RFC 9112, section 6.3: chunked, else Content-Length, else up to the connection's end.
fn read_body(from: &mut impl BufRead, reply: &HttpReply) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if reply.header("Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            let line = read_line(from)?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(|_| malformed(&line))?;
            if size == 0 {
                read_headers(from)?;
                return Ok(body);
            }
            read_exactly(from, size, &mut body)?;
            read_line(from)?;
        }
    }
    match reply.header("Content-Length") {
        Some(length) => {
            let length = length.parse().map_err(|_| malformed(length))?;
            read_exactly(from, length, &mut body)?;
        }
        None => {
            from.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

fn read_exactly(from: &mut impl BufRead, count: u64, into: &mut Vec<u8>) -> io::Result<()> {
    match from.take(count).read_to_end(into)? as u64 {
        read if read == count => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    match line.strip_suffix(b"\r\n") {
        Some(line) => Ok(String::from_utf8_lossy(line).into_owned()),
        None if line.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        None => Err(malformed(&String::from_utf8_lossy(&line))),
    }
}

fn malformed(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP: {line:?}"))
}
