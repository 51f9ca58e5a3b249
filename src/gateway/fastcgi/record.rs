//! FastCGI's bytes (specification, sections 3.3, 3.4 and 8): records and name-value pairs in and
//! out. What a record means in a conversation is not known here.

use std::io::{self, BufRead, ErrorKind};

use crate::request::Params;

const VERSION: u8 = 1;

/// Bytes of a record's header.
pub const HEADER_BYTES: usize = 8;

/// Bytes of content that one record can carry.
pub const CONTENT_BYTES: usize = 65_535;

/// `FCGI_KEEP_CONN`, a flag of BEGIN_REQUEST: who accepted does not close after the reply.
pub const KEEP_CONN: u8 = 1;

/// `FCGI_RESPONDER`, the one role that is played here.
pub const RESPONDER: u16 = 1;

/// The types of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RecordType {
    /// A request begins.
    BeginRequest = 1,
    /// The web server gives a request up.
    AbortRequest = 2,
    /// A request has ended.
    EndRequest = 3,
    /// Name-value pairs, a stream.
    Params = 4,
    /// The body of the request, a stream.
    Stdin = 5,
    /// The reply, a stream.
    Stdout = 6,
    /// Messages for the web server's log, a stream.
    Stderr = 7,
    /// A second body, for the Filter role.
    Data = 8,
    /// What can this application do?
    GetValues = 9,
    /// The answer to that.
    GetValuesResult = 10,
    /// A management record's type is not known.
    UnknownType = 11,
}

impl RecordType {
    fn of(byte: u8) -> Option<RecordType> {
        use RecordType::*;
        [
            BeginRequest,
            AbortRequest,
            EndRequest,
            Params,
            Stdin,
            Stdout,
            Stderr,
            Data,
            GetValues,
            GetValuesResult,
            UnknownType,
        ]
        .into_iter()
        .find(|&kind| kind as u8 == byte)
    }
}

/// How a request ended (specification, section 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ProtocolStatus {
    /// It was answered.
    RequestComplete = 0,
    /// One connection carries one request at a time here.
    CannotMultiplex = 1,
    /// Neither the Authorizer nor the Filter role is played here.
    UnknownRole = 3,
}

/// A record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type's number, which may be unknown.
    pub type_number: u8,
    /// The request's id; 0 for management records.
    pub request_id: u16,
    /// Bytes of content.
    pub content_length: u16,
    /// Bytes after the content that mean nothing.
    pub padding_length: u8,
}

impl Header {
    /// Reads a header; `None` where its version is not 1.
    pub fn decode(bytes: [u8; HEADER_BYTES]) -> Option<Header> {
        let [version, type_number, id1, id0, length1, length0, padding_length, _] = bytes;
        (version == VERSION).then_some(Header {
            type_number,
            request_id: u16::from_be_bytes([id1, id0]),
            content_length: u16::from_be_bytes([length1, length0]),
            padding_length,
        })
    }

    /// The type, where it is one of the specification's.
    pub fn kind(&self) -> Option<RecordType> {
        RecordType::of(self.type_number)
    }
}

fn header(kind: RecordType, request_id: u16, content_length: u16) -> [u8; HEADER_BYTES] {
    let [id1, id0] = request_id.to_be_bytes();
    let [length1, length0] = content_length.to_be_bytes();
    [VERSION, kind as u8, id1, id0, length1, length0, 0, 0]
}

/// Appends one record; `content` is at most `CONTENT_BYTES` long.
pub fn append_record(out: &mut Vec<u8>, kind: RecordType, request_id: u16, content: &[u8]) {
    debug_assert!(content.len() <= CONTENT_BYTES);
    out.extend_from_slice(&header(kind, request_id, content.len() as u16));
    out.extend_from_slice(content);
}

/// Appends a whole stream: its content in as few records as carry it, then the empty record.
pub fn append_stream(out: &mut Vec<u8>, kind: RecordType, request_id: u16, content: &[u8]) {
    for piece in content.chunks(CONTENT_BYTES) {
        append_record(out, kind, request_id, piece);
    }
    append_record(out, kind, request_id, &[]);
}

/// Appends END_REQUEST. The application's own status is 0: what went wrong is said in the reply.
pub fn append_end(out: &mut Vec<u8>, request_id: u16, status: ProtocolStatus) {
    append_record(out, RecordType::EndRequest, request_id, &[0, 0, 0, 0, status as u8, 0, 0, 0]);
}

/// The content of BEGIN_REQUEST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeginRequest {
    /// What the web server asks of us; only `RESPONDER` is known.
    pub role: u16,
    /// Does the connection stay open after the reply?
    pub keep_connection: bool,
}

impl BeginRequest {
    /// Reads the content; `None` where it is not 8 bytes.
    pub fn decode(content: &[u8]) -> Option<BeginRequest> {
        let [role1, role0, flags, _, _, _, _, _] = content.try_into().ok()?;
        Some(BeginRequest { role: u16::from_be_bytes([role1, role0]), keep_connection: flags & KEEP_CONN != 0 })
    }
}

/// Why a stream is not read as name-value pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairsError {
    /// It ends in the middle of one.
    Truncated,
    /// There are more than may be.
    TooMany,
}

/// Reads all name-value pairs of a complete stream, which is kept as it came; `most` at most.
pub fn decode_pairs(stream: Vec<u8>, most: usize) -> Result<Params, PairsError> {
    let mut params = Params::over(stream);
    let mut at = 0;
    while at < params.bytes().len() {
        if params.count() == most {
            return Err(PairsError::TooMany);
        }
        let stream = params.bytes();
        let name_length = take_length(stream, &mut at)?;
        let value_length = take_length(stream, &mut at)?;
        // Taken one after the other, the two lengths are never added (CVE-2025-23016).
        let name = take(stream, &mut at, name_length)?;
        let value = take(stream, &mut at, value_length)?;
        params.add(name, value, at);
    }
    Ok(params)
}

/// A length is one byte below 128, else four with the highest bit set; a short length in four
/// bytes is legal too.
fn take_length(stream: &[u8], at: &mut usize) -> Result<usize, PairsError> {
    let (length, bytes) = match stream[*at..] {
        [first, ..] if first < 0x80 => (first.into(), 1),
        [b3, b2, b1, b0, ..] => (u32::from_be_bytes([b3 & 0x7f, b2, b1, b0]) as usize, 4),
        _ => return Err(PairsError::Truncated),
    };
    *at += bytes;
    Ok(length)
}

/// Passes so many bytes, and says where they begin.
fn take(stream: &[u8], at: &mut usize, length: usize) -> Result<usize, PairsError> {
    let start = *at;
    if length > stream.len() - start {
        return Err(PairsError::Truncated);
    }
    *at += length;
    Ok(start)
}

/// Appends a pair whose name and value are shorter than 128 bytes.
pub fn append_short_pair(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    debug_assert!(name.len() < 0x80 && value.len() < 0x80);
    out.extend_from_slice(&[name.len() as u8, value.len() as u8]);
    out.extend_from_slice(name);
    out.extend_from_slice(value);
}

/// Is this the whole of the record that ends the STDIN of a request?
pub fn is_end_of_stdin(record: &[u8], id: u16) -> bool {
    let Some((&header, padding)) = record.split_first_chunk() else { return false };
    Header::decode(header).is_some_and(|header| {
        let ends = header.kind() == Some(RecordType::Stdin) && header.content_length == 0;
        ends && header.request_id == id && padding.len() == usize::from(header.padding_length)
    })
}

/// Hands over exactly `length` bytes in the pieces in which they come: no memory is reserved because
/// a peer announces something.
pub fn pieces(stream: &mut impl BufRead, length: u16, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut left = usize::from(length);
    while left > 0 {
        let buffered = match stream.fill_buf() {
            // A signal interrupts a read that has a time limit, also where others are restarted.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            buffered => buffered?,
        };
        let piece = &buffered[..left.min(buffered.len())];
        if piece.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        take(piece);
        let taken = piece.len();
        left -= taken;
        stream.consume(taken);
    }
    Ok(())
}
