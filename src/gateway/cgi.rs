//! The CGI door (RFC 3875): one request, of the environment and stdin, and its document on stdout.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

use socket2::SockRef;

use crate::body::BodyCollector;
use crate::exchange::{self, Wire};
use crate::fastcgi::stream::read_to_the_end;
use crate::handler::{self, Handler};
use crate::request::{Params, Request};

/// Answers the one request that this process was started for.
pub fn run(
    handler: &(impl Handler + ?Sized),
    environment: impl Iterator<Item = (OsString, OsString)>,
    mut stdin: impl Read + AsFd,
    mut stdout: impl Write,
) -> io::Result<()> {
    let mut params = Params::default();
    for (name, value) in environment {
        params.push(name.as_bytes(), value.as_bytes());
    }
    let limits = handler.limits();
    let _ = SockRef::from(&stdin).set_read_timeout(Some(limits.silence));
    let mut body = stdin.by_ref().take(body_bytes(&params));
    let written = match handler.streams(&params) {
        Some(streaming) => exchange::hold(handler, streaming, &params, &mut Pipes { stdin: &mut body, stdout }),
        None => {
            let longest = handler.max_body_bytes(&params);
            let mut collector = BodyCollector::new(&params, longest, limits.requests_bytes(longest));
            receive(&mut collector, &mut body);
            let request = Request { params, body: collector.finish() };
            let mut document = Vec::with_capacity(1024);
            handler::reply(handler, &request).write(request.method() == b"HEAD", &mut document);
            stdout.write_all(&document).and_then(|()| stdout.flush())
        }
    };
    // mod_cgid gives a socket, and a socket that is closed with something unread loses what was
    // written too. Pipes do not, and nothing more is read from them.
    if SockRef::from(body.get_ref()).r#type().is_ok() {
        let _ = io::copy(&mut body, &mut io::sink());
        read_to_the_end(&SockRef::from(&stdin), limits.linger);
    }
    match written {
        // The client has gone; there is nobody to tell.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Bytes of stdin that are the body at most. Without CONTENT_LENGTH there is none, since stdin may be a terminal, unless
/// it comes to the end of stdin because its length was not known.
fn body_bytes(params: &Params) -> u64 {
    let unknown = if params.is_chunked() { u64::MAX } else { 0 };
    params.content_length().ok().flatten().unwrap_or(unknown)
}

/// Reads what is wanted of the body, and no further.
fn receive(collector: &mut BodyCollector, mut stdin: impl Read) {
    let mut piece = [0; 8192];
    while collector.wanted() > 0 {
        match stdin.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => collector.push(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A connection that broke is a body that ended early.
            Err(_) => break,
        }
    }
}

/// Stdin, as far as it is the body, and stdout.
struct Pipes<In, Out> {
    stdin: In,
    stdout: Out,
}

impl<In: Read, Out: Write> Wire for Pipes<In, Out> {
    fn read_body(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stdin.read(buffer)
    }

    fn send(&mut self, document: &[u8]) -> io::Result<()> {
        self.stdout.write_all(document).and_then(|()| self.stdout.flush())
    }
}
