//! The FastCGI door (FastCGI specification 1.0): `record` is its bytes, `connection` the
//! conversation on one connection, `stream` the bytes under it, `peer` who is connected, `server` accepts.

pub mod connection;
mod incoming;
pub mod listen;
pub mod peer;
pub mod record;
pub mod server;
mod stream;
mod streamed;
