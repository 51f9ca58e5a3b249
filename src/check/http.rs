//! One HTTP/1.1 exchange over TCP: in go a URL and a request, out comes the reply, or the hop at
//! which it failed. There is no TLS: what goes wrong behind Apache goes wrong without it too.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

use url::Url;

/// How long a connection, and each read, may take; mod_fcgid may sleep for seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of a reply that are read.
const REPLY_BYTES: u64 = 1 << 20;

/// A URL to ask.
#[derive(Clone, Debug)]
pub struct Target(pub(super) Url);

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        let url = Url::parse(text).map_err(|_| "not a full URL; write http://HOST/wsgi/myapp.py")?;
        match (url.scheme(), url.host_str()) {
            ("http", Some(_)) => Ok(Target(url)),
            _ => {
                Err("it has to begin with http://HOST; what is behind TLS can be asked on the server itself".to_owned())
            }
        }
    }
}

/// A reply.
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Where an exchange failed.
pub(super) enum Hop {
    Name(io::Error),
    Connection(SocketAddr, io::Error),
    Reply(io::Error),
}

impl Target {
    /// Sends a request with this query. A `body` makes it a POST; it comes with its type.
    pub(super) fn ask(&self, query: &str, body: Option<(&str, &str)>) -> Result<Reply, Hop> {
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port_or_known_default().unwrap_or(80);
        let addresses = (host.trim_matches(['[', ']']), port).to_socket_addrs().map_err(Hop::Name)?;
        let mut failed = Hop::Name(ErrorKind::NotFound.into());
        for address in addresses {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => return self.exchange(stream, query, body).map_err(Hop::Reply),
                Err(error) => failed = Hop::Connection(address, error),
            }
        }
        Err(failed)
    }

    fn exchange(&self, mut stream: TcpStream, query: &str, body: Option<(&str, &str)>) -> io::Result<Reply> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let path = self.0.path();
        let mut request = match (body, query) {
            (Some(_), _) => format!("POST {path} HTTP/1.1\r\n"),
            (None, query) => format!("GET {path}?{query} HTTP/1.1\r\n"),
        };
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        request += &format!("Host: {host}{port}\r\nAccept: application/json\r\nConnection: close\r\n");
        if let Some((content_type, body)) = body {
            request += &format!("Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        } else {
            request += "\r\n";
        }
        stream.write_all(request.as_bytes())?;
        read_reply(&mut BufReader::new(stream).take(REPLY_BYTES))
    }
}

fn read_reply(from: &mut impl BufRead) -> io::Result<Reply> {
    let malformed = || io::Error::new(ErrorKind::InvalidData, "what came is no HTTP reply");
    let line = |from: &mut dyn BufRead| -> io::Result<String> {
        let mut line = Vec::new();
        match from.read_until(b'\n', &mut line)? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection was closed without a reply")),
            _ => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
        }
    };
    let status = line(from)?;
    let status = status.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok()).ok_or_else(malformed)?;
    let mut headers = Vec::new();
    loop {
        let header = line(from)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(malformed)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut reply = Reply { status, headers, body: Vec::new() };
    if reply.header("Transfer-Encoding").eq_ignore_ascii_case("chunked") {
        loop {
            let size = line(from)?;
            let size = u64::from_str_radix(size.split(';').next().unwrap_or_default(), 16).map_err(|_| malformed())?;
            if size == 0 {
                return Ok(reply);
            }
            from.take(size).read_to_end(&mut reply.body)?;
            line(from)?;
        }
    }
    let length = reply.header("Content-Length").parse().unwrap_or(u64::MAX);
    from.take(length).read_to_end(&mut reply.body)?;
    Ok(reply)
}
