//! A FastCGI client of the tests' own, which cuts a request as it is told and gives the records of the
//! reply. It declares the protocol's numbers itself, so that a wrong one in the program cannot cancel itself out.

use std::io::{Read, Write};

pub const BEGIN_REQUEST: u8 = 1;
pub const ABORT_REQUEST: u8 = 2;
pub const END_REQUEST: u8 = 3;
pub const PARAMS: u8 = 4;
pub const STDIN: u8 = 5;
pub const STDOUT: u8 = 6;

/// A record as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub kind: u8,
    pub id: u16,
    pub content: Vec<u8>,
}

/// Bytes of one record with `padding` bytes of padding.
pub fn record(kind: u8, id: u16, content: &[u8], padding: u8) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a record's content");
    let mut bytes = vec![1, kind, (id >> 8) as u8, id as u8, (length >> 8) as u8, length as u8, padding, 0];
    bytes.extend_from_slice(content);
    bytes.extend(std::iter::repeat_n(0xee, padding.into()));
    bytes
}

/// BEGIN_REQUEST for the responder role.
pub fn begin(id: u16, keep: bool) -> Vec<u8> {
    record(BEGIN_REQUEST, id, &[0, 1, u8::from(keep), 0, 0, 0, 0, 0], 0)
}

/// A name-value pair; lengths of 128 and more take four bytes.
pub fn pair(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [name, value] {
        match part.len() {
            short @ 0..=127 => bytes.push(short as u8),
            long => bytes.extend_from_slice(&(long as u32 | 0x8000_0000).to_be_bytes()),
        }
    }
    [&bytes, name, value].concat()
}

/// How a request is cut into records.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub record_bytes: usize,
    pub padding: u8,
}

pub const WHOLE: Cut = Cut { record_bytes: 65_535, padding: 0 };

/// All the bytes of a request.
pub fn request(id: u16, keep: bool, params: &[(Vec<u8>, Vec<u8>)], body: &[u8], cut: Cut) -> Vec<u8> {
    let pairs: Vec<u8> = params.iter().flat_map(|(name, value)| pair(name, value)).collect();
    let mut bytes = begin(id, keep);
    for (kind, stream) in [(PARAMS, pairs.as_slice()), (STDIN, body)] {
        for piece in stream.chunks(cut.record_bytes) {
            bytes.extend(record(kind, id, piece, cut.padding));
        }
        bytes.extend(record(kind, id, &[], cut.padding));
    }
    bytes
}

/// The next record; `None` at the end of the connection. A read that has a time limit may be
/// interrupted, which `read_to_end` and `read_exact` do not mind.
pub fn read_record(from: &mut impl Read) -> Option<Record> {
    let mut header = Vec::with_capacity(8);
    if from.take(8).read_to_end(&mut header).expect("a reply") == 0 {
        return None;
    }
    assert_eq!(header.len(), 8, "a whole header");
    assert_eq!(header[0], 1, "the version");
    let mut content = vec![0; u16::from_be_bytes([header[4], header[5]]).into()];
    from.read_exact(&mut content).expect("a record's content");
    from.read_exact(&mut vec![0; header[6].into()]).expect("a record's padding");
    Some(Record { kind: header[1], id: u16::from_be_bytes([header[2], header[3]]), content })
}

/// Reads records up to the END_REQUEST of a request that is answered: STDOUT's content.
pub fn read_document(from: &mut impl Read, id: u16) -> Vec<u8> {
    let mut document = Vec::new();
    let mut ended = false;
    loop {
        let record = read_record(from).expect("END_REQUEST before the end of the connection");
        assert_eq!(record.id, id, "{record:?}");
        match record.kind {
            STDOUT if record.content.is_empty() => ended = true,
            STDOUT => document.extend(record.content),
            END_REQUEST => {
                assert!(ended, "STDOUT ends with its empty record");
                assert_eq!(record.content, [0; 8], "application status 0, REQUEST_COMPLETE");
                return document;
            }
            other => panic!("a record of type {other}"),
        }
    }
}

/// Sends bytes in pieces of `piece` bytes, each with a write of its own.
pub fn send(to: &mut impl Write, bytes: &[u8], piece: usize) {
    for piece in bytes.chunks(piece) {
        to.write_all(piece).expect("the connection takes the request");
    }
}
