//! The least that a responder can cost: it looks at records only to see where a request ends, and
//! writes one reply to whatever is asked. A thread for each connection. `canned PATH`

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

const BEGIN_REQUEST: u8 = 1;
const END_REQUEST: u8 = 3;
const STDIN: u8 = 5;
const STDOUT: u8 = 6;

fn main() {
    let path = std::env::args_os().nth(1).expect("a path");
    let listener = UnixListener::bind(path).expect("a socket");
    for connection in listener.incoming() {
        let connection = connection.expect("a connection");
        thread::spawn(|| serve(connection));
    }
}

/// Answers each request with one write, until the peer closes or does not want the connection kept.
fn serve(mut connection: UnixStream) {
    let document = include_bytes!("../../reply.txt");
    let mut reply = record(STDOUT, document.len() as u16).to_vec();
    reply.extend_from_slice(document);
    reply.extend_from_slice(&record(STDOUT, 0));
    reply.extend_from_slice(&record(END_REQUEST, 8));
    reply.extend_from_slice(&[0; 8]);

    let (mut buffer, mut filled, mut keep) = ([0; 80_000], 0, false);
    loop {
        match connection.read(&mut buffer[filled..]) {
            Ok(0) | Err(_) => return,
            Ok(count) => filled += count,
        }
        let mut at = 0;
        while let Some(&[_, kind, _, _, high, low, padding, _]) = buffer[at..filled].first_chunk() {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let end = at + 8 + length + usize::from(padding);
            if end > filled {
                break;
            }
            match kind {
                BEGIN_REQUEST => keep = buffer[at + 10] & 1 == 1,
                STDIN if length == 0 => {
                    if connection.write_all(&reply).is_err() || !keep {
                        return;
                    }
                }
                _ => {}
            }
            at = end;
        }
        buffer.copy_within(at..filled, 0);
        filled -= at;
    }
}

fn record(kind: u8, length: u16) -> [u8; 8] {
    let [high, low] = length.to_be_bytes();
    [1, kind, 0, 1, high, low, 0, 0]
}
