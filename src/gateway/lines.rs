//! Lines that nobody waits for: to stderr, or of a server that is ready.

use std::borrow::Cow;
use std::io::Write;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Bytes that a pipe takes whole or not at all, and without a wait where it has any room (`PIPE_BUF` in pipe(7)).
pub const PIPE_BYTES: usize = 4096;

/// Writes one line to a stream that nobody else in this process writes to meanwhile, or else nothing.
pub fn write_where_there_is_room(mut stream: impl Write + AsFd, line: &str) {
    let room = poll(&mut [PollFd::new(&stream, PollFlags::OUT)], Some(&Timespec::default()));
    if matches!(room, Ok(1..)) {
        // Unlike `eprintln!` it does not panic where nobody listens.
        let _ = stream.write_all(as_a_pipe_takes_it(line).as_bytes());
    }
}

/// A line so short that a pipe takes it whole.
pub fn as_a_pipe_takes_it(line: &str) -> Cow<'_, str> {
    match line.len() {
        ..=PIPE_BYTES => line.into(),
        _ => format!("{}...\n", &line[..line.floor_char_boundary(PIPE_BYTES - 4)]).into(),
    }
}
