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
/// The ways in: CGI and FastCGI.
pub use cgi_responder as gateway;

pub mod lookup;
pub mod render;
pub mod settings;

use std::fmt::Arguments;
use std::io::Write;

/// Writes one line to stderr, which is the web server's error log, a journal or a terminal.
/// Unlike `eprintln!` it does not panic where nobody listens.
pub fn complain(message: Arguments) {
    let line = format!("product-lookup: {}\n", message.to_string().replace('\n', " "));
    let _ = std::io::stderr().write_all(line.as_bytes());
}
