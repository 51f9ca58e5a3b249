//! Gives a reply of as many bytes as `bytes=N` in the query says, of which never more than 64 KiB are in memory.

use std::io::Write;
use std::process::ExitCode;

use cgi_responder::{Body, Failure, Handler, Params, Reply, Request, Streaming, Writer};

struct Download;

impl Handler for Download {
    fn handle(&self, _: &Request) -> Reply {
        unreachable!("each request is streamed")
    }

    fn streams(&self, _: &Params) -> Option<&dyn Streaming> {
        Some(self)
    }
}

impl Streaming for Download {
    fn stream(&self, params: &Params, _: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
        let query = params.text("QUERY_STRING");
        let bytes = query.strip_prefix("bytes=").and_then(|number| number.parse::<usize>().ok());
        let bytes = bytes.ok_or_else(|| Failure::new(400, "Say how many bytes, as ?bytes=N.\n"))?;
        let head = Reply::empty(200).with("Content-Type", "application/octet-stream");
        reply.begin(&head.with("Content-Length", bytes.to_string()))?;
        let piece = [b'x'; 16 << 10];
        let mut left = bytes;
        while left > 0 {
            let sent = left.min(piece.len());
            reply.write_all(&piece[..sent])?;
            left -= sent;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    cgi_responder::run(Download)
}
