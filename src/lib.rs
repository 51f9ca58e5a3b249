//! What is this product called, and what does it cost? One program that answers behind any web
//! server: as a CGI program, as a FastCGI responder, and from a shell.
//!
//! ```text
//! door -> Request -> Form -> Lookup -> Catalogue -> Reply -> door
//! ```

pub mod apps;
pub mod catalogue;
pub mod check;
pub mod debug_log;
pub mod form;
pub mod gateway;
pub mod lookup;
pub mod render;
pub mod settings;

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::{self, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Bytes that a pipe takes whole or not at all, and without a wait where it has any room (`PIPE_BUF` in pipe(7)).
const PIPE_BYTES: usize = 4096;

/// Writes one line to stderr, which is the web server's error log, a journal or a terminal. Where it has no
/// room, since nobody reads it, the line is lost: no reply and no end waits for that.
pub fn complain(message: Arguments) {
    // Up to the end, or another thread would take the room.
    let stderr = io::stderr().lock();
    let mut room = [PollFd::new(&stderr, PollFlags::OUT)];
    if matches!(poll(&mut room, Some(&Timespec::default())), Ok(1..)) {
        write_to_stderr(&as_a_pipe_takes_it(&line(message)));
    }
}

/// Writes a command's last words to stderr, and waits for its reader.
pub fn complain_at_last(message: Arguments) {
    write_to_stderr(&line(message));
}

fn line(message: Arguments) -> String {
    format!("product-lookup: {}\n", message.to_string().replace('\n', " "))
}

/// Unlike `eprintln!` it does not panic where nobody listens.
fn write_to_stderr(line: &str) {
    let _ = io::stderr().write_all(line.as_bytes());
}

/// A line so short that a pipe takes it whole.
fn as_a_pipe_takes_it(line: &str) -> Cow<'_, str> {
    match line.len() {
        ..=PIPE_BYTES => line.into(),
        _ => format!("{}...\n", &line[..line.floor_char_boundary(PIPE_BYTES - 4)]).into(),
    }
}
