//! The doors: a request comes in as CGI or FastCGI, and its reply goes out the same way.
//! Nothing here knows of products, SQL or HTML.

pub mod body;
pub mod cgi;
pub mod door;
pub mod fastcgi;
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
}
