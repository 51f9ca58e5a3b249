//! A body that is read as it comes, and a reply that goes as it is written, neither of them in memory as a whole.

use std::io::{self, Read, Write};

use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::Params;

/// Bytes of a reply that are held until the body has ended, and that are sent at once from then on.
pub const HELD_BYTES: usize = 64 << 10;

/// What answers requests whose body, or reply, is too long for memory; see [`Handler::streams`](crate::Handler::streams).
/// A function is one.
///
/// ```
/// use std::io::Read;
///
/// use cgi_responder::{Body, Failure, Handler, Params, Reply, Request, Streaming, Writer, answer};
///
/// struct Lines;
///
/// impl Handler for Lines {
///     fn handle(&self, _: &Request) -> Result<Reply, Failure> {
///         Err(Failure::new(405, "Send a file.").with("Allow", "PUT"))
///     }
///
///     fn streams(&self, params: &Params) -> Option<&dyn Streaming> {
///         (params.method() == b"PUT").then_some(&count)
///     }
/// }
///
/// fn count(_: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
///     let (mut lines, mut piece) = (0, [0; 8192]);
///     loop {
///         match body.read(&mut piece)? {
///             0 => break,
///             read => lines += piece[..read].iter().filter(|&&byte| byte == b'\n').count(),
///         }
///     }
///     Ok(reply.begin(&Reply::text(200, format!("{lines} lines")))?)
/// }
///
/// // What a unit test of it looks like.
/// assert_eq!(answer(&Lines, &Request::new("PUT", "/lines", "a\nb\n"))?.body, b"2 lines");
/// assert_eq!(answer(&Lines, &Request::new("GET", "/lines", ""))?.status, 405);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Streaming: Sync {
    /// Reads the body, of which there may be no end, and writes the reply.
    ///
    /// Web servers send the whole body before they read a byte of the reply. So what is written before the body's
    /// end is held, up to [`HELD_BYTES`]; beyond that writing is an error, and the request gets a 500.
    ///
    /// # Errors
    /// Before the reply has begun, the failure is the reply. From then on the connection is closed, so that nobody
    /// takes what was sent for all of it.
    fn stream(&self, params: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure>;
}

impl<F: Fn(&Params, &mut Body, &mut Writer) -> Result<(), Failure> + Sync> Streaming for F {
    fn stream(&self, params: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
        self(params, body, reply)
    }
}

/// A request's body as it comes.
pub struct Body<'a>(pub(crate) &'a dyn Ends);

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// A reply as it goes: first what it begins with, then its content.
pub struct Writer<'a>(pub(crate) &'a dyn Ends);

impl Writer<'_> {
    /// Begins with a status and headers, and the first of the content. `Content-Length` is sent where it is one of
    /// them, and must be right then: some web servers count on it.
    ///
    /// # Errors
    /// It has begun already, or cannot be sent.
    pub fn begin(&mut self, reply: &Reply) -> io::Result<()> {
        self.0.begin(reply)
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = &bytes[..bytes.len().min(HELD_BYTES)];
        self.0.write(taken).map(|()| taken.len())
    }

    /// Sends what has been written, unless the body has not ended.
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What a body and a reply share, which a handler has both at once.
pub(crate) trait Ends {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;
    fn begin(&self, reply: &Reply) -> io::Result<()>;
    fn write(&self, bytes: &[u8]) -> io::Result<()>;
    fn flush(&self) -> io::Result<()>;
}
