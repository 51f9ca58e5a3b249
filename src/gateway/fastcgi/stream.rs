//! The socket of an accepted connection: reading and writing that does not wait for ever for the peer, and a close
//! that destroys nothing which was written.

use std::io::{self, ErrorKind, Read};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket};

/// Records are sent as soon as they are written, and a peer that neither speaks nor listens for so long is dropped.
pub fn prepare(socket: &Socket, domain: Domain, silence: Duration) -> io::Result<()> {
    socket.set_read_timeout(Some(silence))?;
    socket.set_write_timeout(Some(silence))?;
    match domain {
        Domain::UNIX => Ok(()),
        _ => socket.set_tcp_nodelay(true),
    }
}

/// Closes after an early reply: says that no more comes, and reads what the peer still sends,
/// for a bounded time. mod_proxy_fcgi turns a 413 that is cut by a reset into a 503.
pub fn linger(socket: &Socket, most: Duration) {
    let _ = socket.shutdown(Shutdown::Write);
    read_to_the_end(socket, most);
}

/// Reads what the peer still sends, for a bounded time.
pub(crate) fn read_to_the_end(mut socket: &Socket, most: Duration) {
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
