//! How a request is answered whose body is read as it comes, and whose reply goes as it is written.

use std::cell::RefCell;
use std::io::{self, ErrorKind};

use crate::failure::Failure;
use crate::handler::{Handler, fail, unless_it_panics};
use crate::reply::Reply;
use crate::request::{BodyError, Params};
use crate::streaming::{Body, Ends, HELD_BYTES, Streaming, Writer};

/// How an exchange's bytes come and go.
pub(crate) trait Wire {
    /// Bytes of the body; none at its end.
    fn read_body(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Sends a part of the reply's document.
    fn send(&mut self, document: &[u8]) -> io::Result<()>;
}

struct Exchange<'a> {
    wire: &'a mut dyn Wire,
    /// What is left of `CONTENT_LENGTH`, where it was sent.
    announced: Option<u64>,
    received: u64,
    ended: bool,
    begun: bool,
    /// Has some of the reply been sent?
    sent: bool,
    head: bool,
    held: Vec<u8>,
    /// Why the connection is of no more use.
    broken: bool,
}

impl Exchange<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let read = self.wire.read_body(buffer).inspect_err(|_| self.broken = true)?;
        // RFC 3875, section 4.2: no more than CONTENT_LENGTH bytes are the body.
        let counted = self.announced.map_or(read, |left| usize::try_from(left).unwrap_or(usize::MAX).min(read));
        self.announced = self.announced.map(|left| left - counted as u64);
        self.received += counted as u64;
        self.ended = read == 0;
        match self.announced {
            Some(left) if self.ended && left > 0 => {
                let (announced, received) = (self.received + left, self.received);
                Err(io::Error::new(ErrorKind::UnexpectedEof, BodyError::Incomplete { announced, received }))
            }
            _ if read > 0 && counted == 0 => self.read(buffer),
            _ => Ok(counted),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.held.len() + bytes.len() > HELD_BYTES {
            if self.announced == Some(0) {
                self.drain()?;
            }
            if !self.ended {
                let why = format!("more than {HELD_BYTES} bytes of the reply before the body's end: read that first");
                return Err(io::Error::other(why));
            }
            self.send_held()?;
        }
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    fn send_held(&mut self) -> io::Result<()> {
        self.wire.send(&self.held).inspect_err(|_| self.broken = true)?;
        self.sent |= !self.held.is_empty();
        self.held.clear();
        Ok(())
    }

    /// Web servers send the body to its end, whether it is wanted or not.
    fn drain(&mut self) -> io::Result<()> {
        let mut unread = [0; 8192];
        self.announced = None;
        while self.read(&mut unread)? > 0 {}
        Ok(())
    }
}

impl Ends for RefCell<Exchange<'_>> {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.borrow_mut().read(buffer)
    }

    fn begin(&self, reply: &Reply) -> io::Result<()> {
        let mut exchange = self.borrow_mut();
        if exchange.begun {
            return Err(io::Error::other("the reply has begun already"));
        }
        exchange.begun = true;
        let mut document = Vec::new();
        reply.write_streamed(exchange.head, &mut document);
        exchange.write(&document)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut exchange = self.borrow_mut();
        match (exchange.begun, exchange.head) {
            (false, _) => Err(io::Error::other("the reply has not begun")),
            (true, true) => Ok(()),
            (true, false) => exchange.write(bytes),
        }
    }

    fn flush(&self) -> io::Result<()> {
        let mut exchange = self.borrow_mut();
        if exchange.ended { exchange.send_held() } else { Ok(()) }
    }
}

/// Holds an exchange; where it ends in an error, the reply was cut, and its connection has to be.
pub(crate) fn hold(
    handler: &(impl Handler + ?Sized),
    streaming: &dyn Streaming,
    params: &Params,
    wire: &mut dyn Wire,
) -> io::Result<()> {
    let method = params.method();
    let head = method == b"HEAD";
    let length = params.content_length();
    let none = matches!(method, b"GET" | b"HEAD").then_some(0);
    let announced = length.clone().unwrap_or(Some(0)).or(none);
    let held = Vec::new();
    let exchange =
        Exchange { wire, announced, received: 0, ended: false, begun: false, sent: false, head, held, broken: false };
    let exchange = RefCell::new(exchange);
    let streamed = unless_it_panics(|| {
        length?;
        streaming.stream(params, &mut Body(&exchange), &mut Writer(&exchange))
    });
    let mut exchange = exchange.into_inner();
    let failure = match streamed {
        Ok(()) if exchange.begun => None,
        Ok(()) => Some(Failure::caused_by("the handler began no reply")),
        Err(failure) => Some(failure),
    };
    if exchange.broken {
        return Err(ErrorKind::ConnectionAborted.into());
    }
    if let Some(failure) = failure {
        let reply = fail(handler, failure);
        if exchange.sent {
            return Err(io::Error::other("the reply was cut"));
        }
        exchange.held.clear();
        reply.write(head, &mut exchange.held);
    }
    exchange.drain()?;
    exchange.send_held()
}
