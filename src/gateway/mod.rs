//! The doors: a request comes in as CGI or FastCGI, and its reply goes out the same way.
//! Nothing here knows of products, SQL or HTML.

pub mod body;
pub mod cgi;
pub mod door;
pub mod fastcgi;
pub mod memory;
pub mod reply;
pub mod request;

use reply::Reply;
use request::{Params, Request};

/// What answers requests, whichever door they came in by.
pub trait Responder: Sync {
    /// The longest body, in bytes, that is read for a request with these parameters.
    fn max_body_bytes(&self, params: &Params) -> usize;

    /// Answers one request; it must not panic.
    fn respond(&self, request: &Request) -> Reply;

    /// Tells what it has counted, beside what its server has; SIGUSR2 asks for it.
    fn report(&self, _connections: &Connections) {}
}

/// The connections of a server.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many there are now.
    pub open: usize,
    /// How many there have been, with those.
    pub accepted: u64,
}
