//! Where a request's body ends, however web servers say so.

use std::io::{Cursor, Read, Write};

use product_lookup::gateway::fastcgi::{self as gateway, End};
use product_lookup::gateway::reply::Reply;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::gateway::{Body, Failure, Handler, Streaming, Writer};

use super::{Script, converse, pairs, stdout};
use crate::fastcgi_client::{self as fastcgi, PARAMS, STDIN, WHOLE, record};

/// A body is as long as it was announced: with its last byte nothing more is waited for (HAProxy sends no STDIN
/// for an empty one), and an empty STDIN record before that is passed over (mod_fcgid behind HTTP/2).
#[test]
fn stdin_ends_where_it_was_announced_to() {
    let begun = |length| {
        let params = fastcgi::pair(b"CONTENT_LENGTH", length);
        [fastcgi::begin(1, false), record(PARAMS, 1, &params, 0), record(PARAMS, 1, b"", 0)].concat()
    };
    let stdin = |content: &[u8]| record(STDIN, 1, content, 3);
    let empty = stdout(1, "CONTENT_LENGTH=0\n").to_vec();
    let seven = stdout(1, "CONTENT_LENGTH=7\nid=A001").to_vec();
    let cut = "CONTENT_LENGTH=7\nThe body ended after 3 of the 7 bytes that its Content-Length announces.";
    for (length, records, expected, end) in [
        (&b"0"[..], vec![], &empty, End::Unread),
        (b"0", vec![stdin(b"")], &empty, End::Clean),
        (b"0", vec![stdin(b"more")], &empty, End::Unread),
        (b"7", vec![stdin(b"id="), stdin(b"A001")], &seven, End::Unread),
        (b"7", vec![stdin(b"id=A001"), stdin(b"")], &seven, End::Clean),
        (b"7", vec![stdin(b"id=A001more")], &seven, End::Unread),
        (b"7", vec![stdin(b""), stdin(b"id=A001"), stdin(b"")], &seven, End::Clean),
        (b"7", vec![stdin(b"id="), stdin(b"")], &stdout(1, cut).to_vec(), End::Clean),
        (b"-1", vec![stdin(b"id=A001"), stdin(b"")], &stdout(1, "CONTENT_LENGTH=-1\nid=A001").to_vec(), End::Clean),
    ] {
        let input = [begun(length), records.concat()].concat();
        assert_eq!(converse(&input), (expected.clone(), Ok(end)), "{}", input.escape_ascii());
    }
    // A body that was announced, not cut, has to come; one whose length is no number ends with its STDIN.
    assert!(converse(&[begun(b"7"), stdin(b"id=")].concat()).1.is_err());
    let malformed = stdout(1, "CONTENT_LENGTH=x\nThe Content-Length is not a number.").to_vec();
    assert!(converse(&begun(b"x")).1.is_err());
    assert_eq!(converse(&[begun(b"x"), stdin(b"")].concat()), (malformed, Ok(End::Clean)));
    // What comes late on a connection that is kept is nobody's.
    let kept = fastcgi::request(1, true, &pairs(&[("CONTENT_LENGTH", "3")]), b"bodymore", WHOLE);
    let next = fastcgi::request(1, true, &pairs(&[("CONTENT_LENGTH", "0")]), b"", WHOLE);
    let answers = [stdout(1, "CONTENT_LENGTH=3\nbod"), stdout(1, "CONTENT_LENGTH=0\n")].concat();
    assert_eq!(converse(&[kept, next].concat()), (answers, Ok(End::Clean)));
}

/// Answers with the body, piece by piece.
struct Streamed;

impl Handler for Streamed {
    fn handle(&self, _: &Request) -> Result<Reply, Failure> {
        Err(Failure::new(500, "it is streamed"))
    }

    fn streams(&self, _: &Params) -> Option<&dyn Streaming> {
        Some(&echo)
    }
}

fn echo(_: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
    let mut said = Vec::new();
    body.read_to_end(&mut said)?;
    reply.begin(&Reply::empty(200))?;
    Ok(reply.write_all(&said)?)
}

/// The same for a body that is read as it comes, whatever the length of a read.
#[test]
fn a_streamed_stdin_ends_there_too() {
    let stdin = |content: &[u8]| record(STDIN, 1, content, 3);
    let cut = "The body ended after 3 of the 7 bytes that its Content-Length announces.";
    for (length, records, expected) in [
        (&b"0"[..], vec![], ""),
        (b"0", vec![stdin(b"")], ""),
        (b"7", vec![stdin(b"id="), stdin(b"A001")], "id=A001"),
        (b"7", vec![stdin(b"id=A001more"), stdin(b"")], "id=A001"),
        (b"7", vec![stdin(b""), stdin(b"id=A001"), stdin(b"")], "id=A001"),
        (b"7", vec![stdin(b"id="), stdin(b"")], cut),
        (b"-1", vec![stdin(b"id=A001"), stdin(b"")], "id=A001"),
    ] {
        for most in [1, usize::MAX] {
            let params = [fastcgi::pair(b"REQUEST_METHOD", b"POST"), fastcgi::pair(b"CONTENT_LENGTH", length)].concat();
            let begun = [fastcgi::begin(1, false), record(PARAMS, 1, &params, 0), record(PARAMS, 1, b"", 0)].concat();
            let input = Cursor::new([begun, records.concat()].concat());
            let mut script = Script { input, most, output: Vec::new(), writes: 0 };
            gateway::converse(&mut script, &Streamed).expect("an end");
            let document = fastcgi::read_document(&mut script.output.as_slice(), 1);
            let document = String::from_utf8(document).expect("UTF-8");
            let (_, body) = document.split_once("\r\n\r\n").expect("a document");
            assert_eq!(body, expected, "{} {}", length.escape_ascii(), records.concat().escape_ascii());
        }
    }
}
