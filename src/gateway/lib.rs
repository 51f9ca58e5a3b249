//! A handler behind any web server: Apache's mod_fcgid, mod_cgid, mod_cgi and mod_proxy_fcgi, nginx, lighttpd and a
//! shell, with one binary that finds out by itself how it was started.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     cgi_responder::run(|request: &cgi_responder::Request| {
//!         format!("Hello {}!\n", String::from_utf8_lossy(request.query()))
//!     })
//! }
//! ```
//!
//! - As a **CGI program** (RFC 3875; `GATEWAY_INTERFACE`, `REQUEST_METHOD` or `QUERY_STRING` is in the environment) it
//!   answers one request: environment and stdin in, a document on stdout out.
//! - As a **FastCGI responder** (descriptor 0 listens: mod_fcgid, spawn-fcgi, a systemd socket) it stays, and serves
//!   each connection on the thread that accepted it, until SIGTERM, SIGINT, SIGHUP or SIGUSR1. The end loses no
//!   request: see [`Limits::last_call`] and [`Limits::grace`].
//! - In a **unit test** it is asked by [`answer`], without a server.
//! - With **commands** of its own beside these, ask [`Start::of_process`], and serve on a socket of your own by
//!   [`serve`].
//!
//! A handler has the whole body at hand, up to [`Handler::max_body_bytes`]. There is no runtime and no `unsafe`; with
//! the feature `http` requests and responses are that crate's too, and with `tower` any `tower::Service` is a handler.

mod answer;
pub mod body;
mod cgi;
mod exchange;
mod failure;
pub mod fastcgi;
mod handler;
#[cfg(feature = "http")]
pub mod http;
pub mod limits;
pub mod lines;
pub mod memory;
pub mod reply;
pub mod request;
mod signals;
mod start;
mod streaming;
#[cfg(feature = "tower")]
pub mod tower;

pub use answer::answer;
pub use failure::{Failure, IntoReply};
pub use fastcgi::{Address, Listener};
pub use handler::{Connections, Handler};
#[doc(inline)]
pub use limits::Limits;
#[doc(inline)]
pub use reply::Reply;
#[doc(inline)]
pub use request::{BodyError, Params, Request};
pub use signals::Signals;
pub use start::{Start, answer_once, run, serve};
pub use streaming::{Body, HELD_BYTES, Streaming, Writer};

/// The README's examples compile, and run.
#[cfg(doctest)]
#[doc = include_str!("README.md")]
struct Readme;
