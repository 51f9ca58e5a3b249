//! Takes an upload of any length, of which never more than a few kilobytes are in memory: its length and a checksum.

use std::io::Read;
use std::process::ExitCode;

use cgi_responder::{Body, Failure, Handler, Params, Reply, Request, Streaming, Writer};

struct Upload;

impl Handler for Upload {
    fn handle(&self, _: &Request) -> Result<Reply, Failure> {
        Err(Failure::new(405, "Send a file by POST or PUT.\n").with("Allow", "POST, PUT"))
    }

    fn streams(&self, params: &Params) -> Option<&dyn Streaming> {
        matches!(params.method(), b"POST" | b"PUT").then_some(&take)
    }
}

fn take(_: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
    let (mut bytes, mut sum, mut piece) = (0, 0_u64, [0; 16 << 10]);
    loop {
        match body.read(&mut piece)? {
            0 => break,
            read => {
                bytes += read;
                sum = piece[..read].iter().fold(sum, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            }
        }
    }
    Ok(reply.begin(&Reply::text(200, format!("{bytes} bytes, {sum:016x}\n")))?)
}

fn main() -> ExitCode {
    cgi_responder::run(Upload)
}
