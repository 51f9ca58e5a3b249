//! The bytes of an accepted connection: reading and writing that does not wait for ever for the
//! peer, and a close that destroys nothing which was written.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use socket2::{Domain, Socket};

/// A connection whose peer may be silent, or deaf, for so long. The system is told of that only
/// where there is something to wait for: most connections have their request in them when they
/// are accepted, and end with its reply.
pub struct Stream<'a> {
    socket: &'a Socket,
    silence: Duration,
    limited: bool,
}

impl<'a> Stream<'a> {
    pub fn new(socket: &'a Socket, silence: Duration) -> Stream<'a> {
        Stream { socket, silence, limited: false }
    }

    fn limit(&mut self) -> io::Result<()> {
        self.socket.set_read_timeout(Some(self.silence))?;
        self.socket.set_write_timeout(Some(self.silence))?;
        self.limited = true;
        Ok(())
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.limited {
            match recv(self.socket, &mut *buffer, RecvFlags::DONTWAIT) {
                Err(Errno::AGAIN) => self.limit()?,
                read => return Ok(read?.0),
            }
        }
        self.socket.read(buffer)
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.limited {
            match send(self.socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Err(Errno::AGAIN) => self.limit()?,
                written => return Ok(written?),
            }
        }
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An accepted connection's records are sent as soon as they are written.
pub fn prepare(socket: &Socket, domain: Domain) -> io::Result<()> {
    match domain {
        Domain::UNIX => Ok(()),
        _ => socket.set_tcp_nodelay(true),
    }
}

/// Closes after an early reply: says that no more comes, and reads what the peer still sends,
/// for a bounded time. mod_proxy_fcgi turns a 413 that is cut by a reset into a 503.
pub fn linger(mut socket: &Socket, most: Duration) {
    let _ = socket.shutdown(Shutdown::Write);
    let until = Instant::now() + most;
    let mut unread = [0; 8192];
    // Less than a microsecond would be no limit at all.
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| left.as_micros() > 0) {
        let _ = socket.set_read_timeout(Some(left));
        match socket.read(&mut unread) {
            Ok(1..) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}
