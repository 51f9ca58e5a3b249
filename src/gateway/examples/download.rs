//! Gives a reply of as many bytes as `bytes=N` in the query says, of which never more than 64 KiB are in memory.

use std::io::Write;
use std::process::ExitCode;

use cgi_responder::{Body, Failure, Handler, Params, Reply, Request, Streaming, Writer};

struct Download;

impl Handler for Download {
    fn handle(&self, _: &Request) -> Result<Reply, Failure> {
        Err(Failure::new(400, "Say how many bytes, as ?bytes=N.\n"))
    }

    fn streams(&self, params: &Params) -> Option<&dyn Streaming> {
        params.query().starts_with(b"bytes=").then_some(&give)
    }
}

fn give(params: &Params, _: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
    let query = params.text("QUERY_STRING");
    let bytes = query.trim_start_matches("bytes=").parse::<usize>();
    let mut left = bytes.map_err(|error| Failure::new(400, format!("The number of bytes: {error}.\n")))?;
    let head = Reply::empty(200).with("Content-Type", "application/octet-stream");
    reply.begin(&head.with("Content-Length", left.to_string()))?;
    let piece = [b'x'; 16 << 10];
    while left > 0 {
        let sent = left.min(piece.len());
        reply.write_all(&piece[..sent])?;
        left -= sent;
    }
    Ok(())
}

fn main() -> ExitCode {
    cgi_responder::run(Download)
}
