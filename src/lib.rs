//! What is this product called, and what does it cost? One program that answers behind any web
//! server: as a CGI program, as a FastCGI responder, and from a shell.
//!
//! ```text
//! door -> Request -> Form -> Lookup -> Catalogue -> Reply -> door
//! ```

pub mod apps;
pub mod catalogue;
mod causes;
pub mod check;
pub mod debug_log;
pub mod form;
/// The ways in: CGI and FastCGI.
pub use cgi_responder as gateway;

pub mod lookup;
pub mod render;
pub mod settings;

use std::fmt::Arguments;
use std::io::{self, Write};

pub use causes::causes;

use gateway::lines::write_where_there_is_room;

/// Writes one line to stderr, which is the web server's error log, a journal or a terminal. Where it has no
/// room, since nobody reads it, the line is lost: no reply and no end waits for that.
pub fn complain(message: Arguments) {
    write_where_there_is_room(io::stderr().lock(), &line(message));
}

/// Writes a command's last words to stderr, and waits for its reader.
pub fn complain_at_last(message: Arguments) {
    let _ = io::stderr().write_all(line(message).as_bytes());
}

fn line(message: Arguments) -> String {
    format!("product-lookup: {}\n", causes::plain(&message.to_string()).replace('\n', " "))
}

/// So many products, as a sentence says it: `1 product`, `2,001 products`.
pub fn products(count: u64) -> String {
    counted(count, "product")
}

/// So many of what has an `s` behind more than one.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// A number with its thousands set apart: `2,001`.
pub fn thousands(number: u64) -> String {
    in_groups(&number.to_string(), ",")
}

/// Digits in groups of three, of which the last is whole.
pub fn in_groups(digits: &str, apart: &str) -> String {
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(apart)
}
