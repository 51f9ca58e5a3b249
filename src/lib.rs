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
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Bytes that a pipe takes whole or not at all, and without a wait where it has any room (`PIPE_BUF` in pipe(7)).
const PIPE_BYTES: usize = 4096;

/// Writes one line to stderr, which is the web server's error log, a journal or a terminal. Where it has no
/// room, since nobody reads it, the line is lost: no reply and no end waits for that.
pub fn complain(message: Arguments) {
    write_where_there_is_room(io::stderr().lock(), &line(message));
}

/// Writes one line to a stream that nobody else in this process writes to meanwhile, or else nothing.
pub fn write_where_there_is_room(mut stream: impl Write + AsFd, line: &str) {
    let room = poll(&mut [PollFd::new(&stream, PollFlags::OUT)], Some(&Timespec::default()));
    if matches!(room, Ok(1..)) {
        // Unlike `eprintln!` it does not panic where nobody listens.
        let _ = stream.write_all(as_a_pipe_takes_it(line).as_bytes());
    }
}

/// Writes a command's last words to stderr, and waits for its reader.
pub fn complain_at_last(message: Arguments) {
    let _ = io::stderr().write_all(line(message).as_bytes());
}

fn line(message: Arguments) -> String {
    format!("product-lookup: {}\n", message.to_string().replace('\n', " "))
}

/// A line so short that a pipe takes it whole.
fn as_a_pipe_takes_it(line: &str) -> Cow<'_, str> {
    match line.len() {
        ..=PIPE_BYTES => line.into(),
        _ => format!("{}...\n", &line[..line.floor_char_boundary(PIPE_BYTES - 4)]).into(),
    }
}
