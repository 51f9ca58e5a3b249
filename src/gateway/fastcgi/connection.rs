//! The conversation on one connection (FastCGI specification, sections 4 to 6): records in,
//! replies out, one request at a time, as many as the web server sends.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};

use super::incoming::Incoming;
use super::record::{self, BeginRequest, Header, ProtocolStatus, RecordType};
use crate::handler::Handler;
use crate::limits::Limits;

/// Bytes read at once: a request without a body fits, so that it costs one read.
const READ_BYTES: usize = 4096;

/// Bytes that each of a reply's two buffers has room for from the start, as a request's PARAMS.
const BUFFER_BYTES: usize = 1024;

/// What happens around a conversation: who watches needs to know when a connection is idle.
pub(super) trait Watch {
    /// The first byte of a request has come.
    fn busy(&self) {}
    /// A request has ended, and nothing of the next has come.
    fn idle(&self) {}
    /// Must the connection end with the request at hand, or where none is?
    fn closing(&self) -> bool {
        false
    }
}

/// How a conversation ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// All that was sent was read: it may be closed at once.
    Clean,
    /// The peer may still be sending: closed at once, a reset would destroy what it has not read.
    Unread,
}

/// Why a conversation cannot go on.
#[derive(Debug)]
pub enum ConnectionError {
    /// The peer does not speak FastCGI 1.0 as we understand it.
    Protocol(&'static str),
    /// Reading or writing failed, or the peer was silent for too long.
    Io(io::Error),
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> ConnectionError {
        ConnectionError::Io(error)
    }
}

impl Error for ConnectionError {}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ConnectionError::Protocol(what) => write!(f, "{what}"),
            ConnectionError::Io(error) => write!(f, "{error}"),
        }
    }
}

/// Holds the FastCGI conversation on one connection, for a server that accepts by itself: until the peer closes, or the
/// request that is the connection's last has been answered. How long a read may wait is the stream's business.
///
/// # Errors
/// The peer does not speak FastCGI, or the stream fails; a request that had begun gets no answer.
pub fn converse(stream: impl Read + Write, handler: &(impl Handler + ?Sized)) -> Result<End, ConnectionError> {
    Connection::new(stream, handler, Unwatched).converse()
}

struct Unwatched;

impl Watch for Unwatched {}

/// One connection and the request that is on its way in.
pub(super) struct Connection<'a, S, R: ?Sized, W> {
    pub(super) stream: BufReader<S>,
    pub(super) handler: &'a R,
    limits: Limits,
    watch: W,
    pub(super) incoming: Option<Incoming>,
    used: bool,
    /// What is to be sent, and the document that is being written; kept for the next request.
    pub(super) out: Vec<u8>,
    document: Vec<u8>,
}

impl<'a, S: Read + Write, R: Handler + ?Sized, W: Watch> Connection<'a, S, R, W> {
    /// A conversation that has not begun.
    pub fn new(stream: S, handler: &'a R, watch: W) -> Self {
        let stream = BufReader::with_capacity(READ_BYTES, stream);
        let (out, document) = (Vec::with_capacity(BUFFER_BYTES), Vec::with_capacity(BUFFER_BYTES));
        let limits = handler.limits();
        Connection { stream, handler, limits, watch, incoming: None, used: false, out, document }
    }

    /// Holds the whole conversation.
    pub fn converse(mut self) -> Result<End, ConnectionError> {
        loop {
            let end = match self.next_header() {
                Ok(Some(header)) => self.take_record(header)?,
                Ok(None) => return Ok(End::Clean),
                // What was announced does not come any more, and is still to be answered.
                Err(ConnectionError::Io(_)) if self.incoming.as_ref().is_some_and(Incoming::is_cut) => {
                    self.respond(End::Clean).or(Some(End::Clean))
                }
                Err(error) => return Err(error),
            };
            let end = end.or_else(|| self.respond_to_announced());
            let end = self.rest(end);
            if !self.out.is_empty() {
                self.stream.get_mut().write_all(&self.out)?;
                for buffer in [&mut self.out, &mut self.document] {
                    buffer.clear();
                    buffer.shrink_to(BUFFER_BYTES);
                }
            }
            if let Some(end) = end {
                return Ok(if self.stream.buffer().is_empty() { end } else { End::Unread });
            }
        }
    }

    /// Responds where all that was announced has come, and waits for nothing more: HAProxy sends no STDIN record for
    /// an empty body.
    fn respond_to_announced(&mut self) -> Option<End> {
        let id = self.incoming.as_ref().filter(|incoming| incoming.has_announced_body())?.id;
        let end = if self.take_end_of_stdin(id) { End::Clean } else { End::Unread };
        self.respond(end)
    }

    /// Takes the empty STDIN record where it has come too, and nothing else has.
    pub(super) fn take_end_of_stdin(&mut self, id: u16) -> bool {
        let record = self.stream.buffer();
        let last = record::is_end_of_stdin(record, id);
        let length = if last { record.len() } else { 0 };
        self.stream.consume(length);
        last
    }

    /// Between two requests the connection is idle, and may be told to end.
    fn rest(&mut self, end: Option<End>) -> Option<End> {
        if self.incoming.is_some() || !self.stream.buffer().is_empty() {
            return end;
        }
        self.watch.idle();
        // Who asks for the end after this look finds the connection idle.
        end.or_else(|| self.watch.closing().then_some(End::Clean))
    }

    /// The next record's header; `None` where the peer closed between two requests.
    pub(super) fn next_header(&mut self) -> Result<Option<Header>, ConnectionError> {
        while self.incoming.is_none() && self.stream.buffer().is_empty() {
            match self.stream.fill_buf() {
                Ok([]) => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A connection that has carried a request may be kept idle for as long as the
                // web server wants; one that never sent a byte may not.
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.used => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.used = true;
        self.watch.busy();
        let mut bytes = [0; record::HEADER_BYTES];
        self.stream.read_exact(&mut bytes)?;
        Header::decode(bytes).map(Some).ok_or(ConnectionError::Protocol("a record's version is not 1"))
    }

    /// Takes one record with its padding; `Some` ends the conversation.
    pub(super) fn take_record(&mut self, header: Header) -> Result<Option<End>, ConnectionError> {
        let current = self.incoming.as_ref().is_some_and(|incoming| incoming.id == header.request_id);
        let mut end = match header.kind() {
            Some(RecordType::BeginRequest) => self.begin(header)?,
            Some(RecordType::GetValues) if header.request_id == 0 => self.values(header)?,
            _ if header.request_id == 0 => {
                self.skip(header.content_length)?;
                let content = [header.type_number, 0, 0, 0, 0, 0, 0, 0];
                record::append_record(&mut self.out, RecordType::UnknownType, 0, &content);
                None
            }
            Some(RecordType::Params) if current => self.params(header)?,
            Some(RecordType::Stdin) if current => self.stdin(header)?,
            Some(RecordType::AbortRequest) if current => {
                self.skip(header.content_length)?;
                self.end(ProtocolStatus::RequestComplete, End::Unread)
            }
            // Records of a request that is not active, and types of other roles.
            _ => {
                self.skip(header.content_length)?;
                None
            }
        };
        if end != Some(End::Unread) {
            self.skip(header.padding_length.into())?;
        }
        if current && header.kind() == Some(RecordType::Params) && header.content_length == 0 {
            end = self.stream_request()?;
        }
        Ok(end)
    }

    fn begin(&mut self, header: Header) -> Result<Option<End>, ConnectionError> {
        let content = self.content(header.content_length)?;
        let begin =
            BeginRequest::decode(&content).ok_or(ConnectionError::Protocol("BEGIN_REQUEST is not 8 bytes long"))?;
        let id = header.request_id;
        match &self.incoming {
            _ if id == 0 => Err(ConnectionError::Protocol("BEGIN_REQUEST has the request id 0")),
            Some(incoming) if incoming.id == id => {
                Err(ConnectionError::Protocol("BEGIN_REQUEST for a request that has begun"))
            }
            Some(_) => {
                record::append_end(&mut self.out, id, ProtocolStatus::CannotMultiplex);
                Ok(None)
            }
            None if begin.role != record::RESPONDER => {
                record::append_end(&mut self.out, id, ProtocolStatus::UnknownRole);
                Ok((!begin.keep_connection).then_some(End::Unread))
            }
            None => {
                self.incoming = Some(Incoming::new(id, begin.keep_connection));
                Ok(None)
            }
        }
    }

    fn params(&mut self, header: Header) -> Result<Option<End>, ConnectionError> {
        let Some(incoming) = &mut self.incoming else { return Ok(None) };
        if incoming.has_params() {
            return Err(ConnectionError::Protocol("PARAMS after their end"));
        }
        if header.content_length > 0 {
            let limits = &self.limits;
            record::pieces(&mut self.stream, header.content_length, |piece| incoming.push_params(piece, limits))?;
        } else {
            let ended = incoming.end_params(self.handler, &self.limits);
            ended.map_err(|_| ConnectionError::Protocol("PARAMS end in the middle of a pair"))?;
        }
        Ok(None)
    }

    /// STDIN is read to its end, past any limit too: mod_fcgid and mod_cgid write the whole body
    /// before they read a byte of the reply.
    fn stdin(&mut self, header: Header) -> Result<Option<End>, ConnectionError> {
        let early = ConnectionError::Protocol("STDIN before the end of PARAMS");
        let incoming = self.incoming.as_mut().filter(|incoming| incoming.has_params()).ok_or(early)?;
        record::pieces(&mut self.stream, header.content_length, |piece| incoming.push_body(piece))?;
        let ended = header.content_length == 0 && incoming.end_body();
        Ok(if ended { self.respond(End::Clean) } else { None })
    }

    /// Writes the reply. `end` is how the conversation ends where this was its last.
    fn respond(&mut self, end: End) -> Option<End> {
        let incoming = self.incoming.as_mut()?;
        incoming.answer(self.handler, &mut self.document);
        self.out.reserve(self.document.len() + 4 * record::HEADER_BYTES);
        record::append_stream(&mut self.out, RecordType::Stdout, incoming.id, &self.document);
        self.end(ProtocolStatus::RequestComplete, end)
    }

    /// Ends the request at hand, and the conversation where it was the last.
    pub(super) fn end(&mut self, status: ProtocolStatus, end: End) -> Option<End> {
        let incoming = self.incoming.take()?;
        record::append_end(&mut self.out, incoming.id, status);
        (!incoming.keep_connection || self.watch.closing()).then_some(end)
    }

    /// GET_VALUES may come at any time, and gets those of the known names that it asks for.
    fn values(&mut self, header: Header) -> Result<Option<End>, ConnectionError> {
        let content = self.content(header.content_length)?;
        let asked = record::decode_pairs(content, self.limits.params_count)
            .map_err(|_| ConnectionError::Protocol("GET_VALUES are not pairs, or too many"))?;
        let most = self.limits.connections.to_string();
        let mut known = Vec::new();
        for (name, value) in [("FCGI_MAX_CONNS", most.as_str()), ("FCGI_MAX_REQS", &most), ("FCGI_MPXS_CONNS", "0")] {
            if asked.iter().any(|(asked, _)| asked == name.as_bytes()) {
                record::append_short_pair(&mut known, name.as_bytes(), value.as_bytes());
            }
        }
        record::append_record(&mut self.out, RecordType::GetValuesResult, 0, &known);
        Ok(None)
    }

    fn content(&mut self, length: u16) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        record::pieces(&mut self.stream, length, |piece| content.extend_from_slice(piece))?;
        Ok(content)
    }

    pub(super) fn skip(&mut self, length: u16) -> io::Result<()> {
        record::pieces(&mut self.stream, length, |_| {})
    }
}
