//! The FastCGI conversation, on a scripted stream: bytes in, literal records out.

mod stdin;

use std::io::{self, Read, Write};

use product_lookup::gateway::fastcgi::{self as gateway, ConnectionError, End};
use product_lookup::gateway::reply::Reply;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::gateway::{Failure, Handler};

use crate::fastcgi_client::{self as fastcgi, ABORT_REQUEST, BEGIN_REQUEST, Cut, PARAMS, Record, STDIN, WHOLE, record};

/// Answers with what it was asked, or with as many bytes as `SIZE` says.
struct Echo;

impl Handler for Echo {
    fn max_body_bytes(&self, _: &Params) -> usize {
        1000
    }

    fn handle(&self, request: &Request) -> Result<Reply, Failure> {
        if let Some(size) = request.params.value("SIZE") {
            let size = std::str::from_utf8(size).expect("a number").parse().expect("a number");
            return Ok(Reply::new(200, "text/plain", vec![b'x'; size]));
        }
        let mut said: Vec<u8> = Vec::new();
        for (name, value) in request.params.iter() {
            said.extend([name, b"=", value, b"\n"].concat());
        }
        match &request.body {
            Ok(body) => said.extend(body),
            Err(error) => said.extend(error.to_string().bytes()),
        }
        Ok(Reply::new(200, "text/plain", said))
    }
}

/// A stream that gives `input` in reads of at most `most` bytes, and keeps what is written.
struct Script {
    input: io::Cursor<Vec<u8>>,
    most: usize,
    output: Vec<u8>,
    writes: usize,
}

impl Read for &mut Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.most.min(buffer.len());
        self.input.read(&mut buffer[..most])
    }
}

impl Write for &mut Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        self.output.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Holds a conversation; the bytes that were answered, and how it ended.
fn converse_in(input: &[u8], most: usize) -> (Vec<u8>, Result<End, ConnectionError>, usize) {
    let mut script = Script { input: io::Cursor::new(input.to_vec()), most, output: Vec::new(), writes: 0 };
    let end = gateway::converse(&mut script, &Echo);
    (script.output, end, script.writes)
}

/// The same, with the answer read back as records; single bytes must make no difference.
fn converse(input: &[u8]) -> (Vec<Record>, Result<End, String>) {
    let (output, end, _) = converse_in(input, usize::MAX);
    let (in_bytes, end_in_bytes, _) = converse_in(input, 1);
    assert_eq!(output, in_bytes);
    let said = |end: Result<End, ConnectionError>| end.map_err(|error| error.to_string());
    let (end, end_in_bytes) = (said(end), said(end_in_bytes));
    assert_eq!(end.is_ok(), end_in_bytes.is_ok());
    let mut rest = output.as_slice();
    (std::iter::from_fn(|| fastcgi::read_record(&mut rest)).collect(), end)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
}

fn stdout(id: u16, said: &str) -> [Record; 3] {
    let document = format!(
        "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\n\r\n{said}",
        said.len()
    );
    [
        Record { kind: 6, id, content: document.into() },
        Record { kind: 6, id, content: vec![] },
        Record { kind: 3, id, content: vec![0; 8] },
    ]
}

fn end(id: u16, protocol_status: u8) -> Record {
    Record { kind: 3, id, content: vec![0, 0, 0, 0, protocol_status, 0, 0, 0] }
}

#[test]
fn one_request_costs_one_write() {
    let request = fastcgi::request(1, false, &pairs(&[("A", "1")]), b"", WHOLE);
    let (output, end, writes) = converse_in(&request, usize::MAX);
    assert_eq!((end.expect("an end"), writes), (End::Clean, 1));
    let mut expected = b"\x01\x06\x00\x01\x00\x64\x00\x00Status: 200 OK\r\nContent-Type: text/plain\r\n\
        Content-Length: 4\r\nX-Content-Type-Options: nosniff\r\n\r\nA=1\n"
        .to_vec();
    expected[5] = (expected.len() - 8) as u8;
    expected.extend(b"\x01\x06\x00\x01\x00\x00\x00\x00\x01\x03\x00\x01\x00\x08\x00\x00\0\0\0\0\0\0\0\0");
    assert_eq!(output, expected);
}

#[test]
fn params_split_anywhere() {
    let long = "v".repeat(300);
    let given = pairs(&[("A", "1"), ("LONG", &long), ("EMPTY", ""), (&long, "x")]);
    let said = format!("A=1\nLONG={long}\nEMPTY=\n{long}=x\n");
    for record_bytes in [1, 2, 3, 7, 126, 127, 128, 500, 65_535] {
        for padding in [0, 1, 255] {
            let (records, end) = converse(&fastcgi::request(9, false, &given, b"", Cut { record_bytes, padding }));
            assert_eq!((records, end), (stdout(9, &said).to_vec(), Ok(End::Clean)), "{record_bytes} {padding}");
        }
    }
}

#[test]
fn a_short_length_in_four_bytes() {
    let content = b"\x80\x00\x00\x01\x80\x00\x00\x02AB1";
    let input =
        [fastcgi::begin(1, false), record(PARAMS, 1, content, 0), record(PARAMS, 1, b"", 0), record(STDIN, 1, b"", 0)];
    assert_eq!(converse(&input.concat()).0, stdout(1, "A=B1\n"));
}

#[test]
fn kept_connections_carry_one_request_after_the_other() {
    let request = |id, keep, value| fastcgi::request(id, keep, &pairs(&[("A", value)]), b"body", WHOLE);
    let input = [request(1, true, "1"), request(1, true, "2"), request(65_535, false, "3"), request(4, false, "4")];
    let (records, end) = converse(&input.concat());
    assert_eq!(records, [stdout(1, "A=1\nbody"), stdout(1, "A=2\nbody"), stdout(65_535, "A=3\nbody")].concat());
    assert_eq!(end, Ok(End::Unread), "what follows a request without KEEP_CONN is not read");
}

#[test]
fn a_long_reply_takes_several_records() {
    for size in [65_000, 65_535, 65_536, 131_070, 200_000] {
        let request = fastcgi::request(1, false, &pairs(&[("SIZE", &size.to_string())]), b"", WHOLE);
        let (output, ..) = converse_in(&request, usize::MAX);
        let document = fastcgi::read_document(&mut output.as_slice(), 1);
        assert_eq!(crate::answer::Answer::of_document(&document, false).body.len(), size);
    }
}

#[test]
fn the_body_is_read_to_its_end_and_kept_to_its_limit() {
    let request = fastcgi::request(1, true, &pairs(&[]), &[b'x'; 1_000_000], WHOLE);
    assert_eq!(converse(&request).0, stdout(1, "The body is longer than the 1000 bytes that are read."));
    let input =
        [fastcgi::begin(1, false), record(PARAMS, 1, b"", 0), record(STDIN, 1, b"a", 3), record(STDIN, 1, b"b", 0)];
    let (records, end) = converse(&input.concat());
    assert_eq!((records, end.is_err()), (vec![], true), "STDIN without its end is no request");
}

#[test]
fn get_values_at_any_time() {
    let asked = [
        fastcgi::pair(b"FCGI_MPXS_CONNS", b""),
        fastcgi::pair(b"FCGI_OTHER", b""),
        fastcgi::pair(b"FCGI_MAX_CONNS", b""),
    ];
    let values = record(9, 0, &asked.concat(), 5);
    let answer = Record { kind: 10, id: 0, content: b"\x0e\x04FCGI_MAX_CONNS4096\x0f\x01FCGI_MPXS_CONNS0".into() };
    let nothing = Record { kind: 10, id: 0, content: vec![] };
    let request = fastcgi::request(1, true, &pairs(&[("A", "1")]), b"", WHOLE);
    let (first, rest) = request.split_at(16);
    let input = [&values, first, &values, rest, &record(9, 0, b"", 0)].concat();
    let [out, empty, ended] = stdout(1, "A=1\n");
    assert_eq!(converse(&input), (vec![answer.clone(), answer, out, empty, ended, nothing], Ok(End::Clean)));
}

#[test]
fn unknown_types() {
    let unknown = |kind| Record { kind: 11, id: 0, content: vec![kind, 0, 0, 0, 0, 0, 0, 0] };
    let request = fastcgi::request(1, true, &pairs(&[]), b"", WHOLE);
    let (first, rest) = request.split_at(16);
    // With the id 0 they are management records; with the request's they are ignored.
    let input = [
        &record(99, 0, b"xyz", 2),
        first,
        &record(99, 1, b"xyz", 2),
        &record(8, 1, b"data", 0),
        &record(5, 0, b"", 0),
        rest,
    ];
    let (records, end) = converse(&input.concat());
    assert_eq!((records, end), ([vec![unknown(99), unknown(5)], stdout(1, "").to_vec()].concat(), Ok(End::Clean)));
}

#[test]
fn abort() {
    let aborted =
        |keep| [fastcgi::begin(1, keep), record(PARAMS, 1, b"\x01", 0), record(ABORT_REQUEST, 1, b"", 0)].concat();
    assert_eq!(converse(&aborted(false)), (vec![end(1, 0)], Ok(End::Unread)));
    let late = [record(STDIN, 1, b"late", 0), record(ABORT_REQUEST, 1, b"", 0)].concat();
    let next = fastcgi::request(1, false, &pairs(&[("A", "1")]), b"", WHOLE);
    let (records, ended) = converse(&[aborted(true), late, next].concat());
    assert_eq!((records, ended), ([vec![end(1, 0)], stdout(1, "A=1\n").to_vec()].concat(), Ok(End::Clean)));
}

#[test]
fn a_second_request_on_a_busy_connection() {
    let request = fastcgi::request(1, false, &pairs(&[("A", "1")]), b"", WHOLE);
    let second = fastcgi::request(2, false, &pairs(&[("A", "2")]), b"body", WHOLE);
    let (first, rest) = request.split_at(16);
    let (records, ended) = converse(&[first, &second, rest].concat());
    assert_eq!((records, ended), ([vec![end(2, 1)], stdout(1, "A=1\n").to_vec()].concat(), Ok(End::Clean)));
}

#[test]
fn other_roles() {
    for role in [0, 2, 3, 255] {
        let begin = |keep| record(BEGIN_REQUEST, 1, &[0, role, keep, 0, 0, 0, 0, 0], 0);
        assert_eq!(converse(&begin(0)), (vec![end(1, 3)], Ok(End::Unread)));
        let after = [begin(1), record(PARAMS, 1, b"skipped", 0), fastcgi::request(2, false, &pairs(&[]), b"", WHOLE)];
        assert_eq!(converse(&after.concat()).0, [vec![end(1, 3)], stdout(2, "").to_vec()].concat());
    }
}

#[test]
fn what_is_not_fastcgi_ends_the_connection() {
    let params =
        |content: &[u8]| [fastcgi::begin(1, true), record(PARAMS, 1, content, 0), record(PARAMS, 1, b"", 0)].concat();
    let pair_cut = "PARAMS end in the middle of a pair";
    let begun_again = [fastcgi::begin(1, true), fastcgi::begin(1, true)].concat();
    let early = [fastcgi::begin(1, true), record(STDIN, 1, b"x", 0)].concat();
    let late = [params(b""), record(PARAMS, 1, b"\x01\x01AB", 0)].concat();
    for (input, why) in [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "a record's version is not 1"),
        (record(BEGIN_REQUEST, 0, &[0, 1, 0, 0, 0, 0, 0, 0], 0), "BEGIN_REQUEST has the request id 0"),
        (record(BEGIN_REQUEST, 1, &[0, 1, 0, 0, 0, 0, 0], 0), "BEGIN_REQUEST is not 8 bytes long"),
        (record(BEGIN_REQUEST, 1, &[0, 1, 0, 0, 0, 0, 0, 0, 0], 0), "BEGIN_REQUEST is not 8 bytes long"),
        (begun_again, "BEGIN_REQUEST for a request that has begun"),
        (early, "STDIN before the end of PARAMS"),
        (late, "PARAMS after their end"),
        (params(b"\x05"), pair_cut),
        (params(b"\x05\x01ABCDE"), pair_cut),
        (params(b"\x80\x00\x00"), pair_cut),
        (params(b"\xff\xff\xff\xff\xff\xff\xff\xffAB"), pair_cut),
        (record(9, 0, b"\x05\x01", 0), "GET_VALUES are not pairs, or too many"),
    ] {
        assert_eq!(converse(&input), (vec![], Err(why.to_owned())));
    }
}

/// Parameters that are too long, or too many, are read to their end, as the body is, and cost their own request
/// its answer, and not the connection.
#[test]
fn more_params_than_are_read() {
    let refused = "Status: 413 Content Too Large\r\nContent-Type: application/problem+json\r\nContent-Length: 140\r\n\
        X-Content-Type-Options: nosniff\r\n\r\n{\"type\":\"about:blank\",\"title\":\"Content Too Large\",\"status\":413,\
        \"detail\":\"The request has more header fields than are read, or longer ones.\"}";
    let piece = |bytes: &[u8]| record(PARAMS, 1, bytes, 0);
    let long = piece(&[b'x'; 65_535]).repeat(17);
    let many = piece(&[0; 2 * 10_001]);
    for params in [long, many] {
        let rest = [piece(b""), record(STDIN, 1, b"a body", 0), record(STDIN, 1, b"", 0)].concat();
        let next = fastcgi::request(2, false, &pairs(&[("A", "1")]), b"", WHOLE);
        let (records, ended) = converse(&[fastcgi::begin(1, true), params, rest, next].concat());
        let [mut first, closed, ended_1] = stdout(1, "");
        first.content = refused.into();
        let answers = [[first, closed, ended_1], stdout(2, "A=1\n")].concat();
        assert_eq!((records, ended), (answers, Ok(End::Clean)));
    }
    // As many as are read.
    let most = [fastcgi::begin(1, true), piece(&[0; 2 * 10_000]), piece(b""), record(STDIN, 1, b"", 0)].concat();
    assert_eq!(converse(&most).0, stdout(1, &"=\n".repeat(10_000)));
}

#[test]
fn a_stream_that_ends_anywhere() {
    let request = fastcgi::request(1, false, &pairs(&[("A", "1")]), b"body", Cut { record_bytes: 3, padding: 2 });
    for length in 0..request.len() {
        let (records, end) = converse(&request[..length]);
        assert_eq!((records, end.is_ok()), (vec![], length == 0), "{length}");
    }
}
