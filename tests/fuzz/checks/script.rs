//! A stream that is scripted: it hands out bytes in the manner that a check wants, and keeps what is written.

use std::io::{self, Error, ErrorKind, Read, Write};

use product_lookup::gateway::Handler;
use product_lookup::gateway::fastcgi::{self, ConnectionError, End};

/// How bytes come and go.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Bytes that one read gives at most.
    pub read: usize,
    /// Bytes that one write takes at most.
    pub write: usize,
    /// Does a signal interrupt every other read?
    pub interrupted: bool,
    /// Does a reset come after the last byte, instead of an orderly end?
    pub reset: bool,
}

/// As much at a time as there is.
pub const AT_ONCE: Manner = Manner { read: usize::MAX, write: usize::MAX, interrupted: false, reset: false };

struct Script<'a> {
    input: &'a [u8],
    manner: Manner,
    interrupt: bool,
    output: Vec<u8>,
}

impl Read for &mut Script<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupt = self.manner.interrupted && !self.interrupt;
        if self.interrupt {
            return Err(ErrorKind::Interrupted.into());
        }
        if self.input.is_empty() && self.manner.reset {
            return Err(Error::from(ErrorKind::ConnectionReset));
        }
        let most = self.manner.read.min(buffer.len());
        self.input.read(&mut buffer[..most])
    }
}

impl Write for &mut Script<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.manner.write);
        self.output.extend(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Holds a conversation: the bytes that were answered, and how it ended.
pub fn converse(responder: &impl Handler, input: &[u8], manner: Manner) -> (Vec<u8>, Result<End, ConnectionError>) {
    let mut script = Script { input, manner, interrupt: false, output: Vec::new() };
    let end = fastcgi::converse(&mut script, responder);
    (script.output, end)
}
