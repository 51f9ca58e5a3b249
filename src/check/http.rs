//! One HTTP exchange over TCP, which tells at which hop it failed. By HTTP/1.0 the reply ends with the
//! connection. There is no TLS: what goes wrong behind Apache goes wrong without it too.

use std::io::{self, ErrorKind, Read, Write};
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
        let (path, host) = (self.0.path(), self.0.host_str().unwrap_or_default());
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        let (line, body) = match body {
            Some((content_type, body)) => {
                let length = body.len();
                let about = format!("Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}");
                (format!("POST {path}"), about)
            }
            None => (format!("GET {path}?{query}"), "\r\n".to_owned()),
        };
        write!(stream, "{line} HTTP/1.0\r\nHost: {host}{port}\r\nAccept: application/json\r\n{body}")?;
        let mut reply = Vec::new();
        stream.take(REPLY_BYTES).read_to_end(&mut reply)?;
        match reply.is_empty() {
            true => Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection was closed without a reply")),
            false => parsed(&reply).ok_or(io::Error::new(ErrorKind::InvalidData, "what came is not an HTTP reply")),
        }
    }
}

fn parsed(reply: &[u8]) -> Option<Reply> {
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&reply[..end]);
    let (status, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let status = status.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let headers = headers.lines().filter_map(|header| header.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Some(Reply { status, headers, body: reply[end + 4..].to_vec() })
}
