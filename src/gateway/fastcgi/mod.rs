//! The FastCGI door (FastCGI specification 1.0).
//!
//! `record` is its bytes, `connection` the conversation on one connection, `streamed` that of a request which is read
//! and answered as it goes, `stream` the socket under it, `peer` who is connected, and `server` accepts.

mod connection;
mod incoming;
pub mod listen;
mod peer;
mod record;
pub(crate) mod server;
pub(crate) mod stream;
mod streamed;

pub use connection::{ConnectionError, End, converse};
pub use listen::{Address, Listener};
