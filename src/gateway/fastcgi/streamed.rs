//! A request whose body is read, and whose reply is sent, record by record.

use std::io::{self, ErrorKind, Read, Write};

use super::connection::{Connection, ConnectionError, End, Watch};
use super::record::{self, CONTENT_BYTES, Header, ProtocolStatus, RecordType};
use crate::exchange::{self, Wire};
use crate::handler::Handler;

/// The records of one request, from the end of its PARAMS on.
struct Records<'c, 'a, S, R: ?Sized, W> {
    connection: &'c mut Connection<'a, S, R, W>,
    id: u16,
    /// Bytes left of the STDIN record at hand, and its padding.
    left: u16,
    padding: u8,
    /// What has not come of an announced body.
    announced: Option<u64>,
    /// Has the empty STDIN record come?
    ended: bool,
    /// Has it come before all that was announced had?
    cut: bool,
}

impl<'a, S: Read + Write, R: Handler + ?Sized, W: Watch> Connection<'a, S, R, W> {
    /// Answers the request at hand, whose PARAMS have ended, where its handler streams it.
    pub(super) fn stream_request(&mut self) -> Result<Option<End>, ConnectionError> {
        let handler = self.handler;
        let Some(incoming) = &mut self.incoming else { return Ok(None) };
        let id = incoming.id;
        let Some((params, streaming)) = incoming.streaming(handler) else { return Ok(None) };
        let announced = params.content_length().ok().flatten();
        let mut records = Records { connection: self, id, left: 0, padding: 0, announced, ended: false, cut: false };
        // A reply that was cut must not look whole.
        exchange::hold(handler, streaming, &params, &mut records)?;
        let end = if records.ended { End::Clean } else { End::Unread };
        record::append_record(&mut self.out, RecordType::Stdout, id, &[]);
        Ok(self.end(ProtocolStatus::RequestComplete, end))
    }
}

impl<S: Read + Write, R: Handler + ?Sized, W: Watch> Wire for Records<'_, '_, S, R, W> {
    fn read_body(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 && !self.ended {
            // As much as was announced: nothing more is waited for.
            if self.announced == Some(0) {
                self.ended = self.connection.take_end_of_stdin(self.id);
                return Ok(0);
            }
            match self.connection.next_header() {
                Err(ConnectionError::Io(_)) if self.cut => self.ended = true,
                header => self.take(header.map_err(io_error)?.ok_or(ErrorKind::UnexpectedEof)?)?,
            }
        }
        if self.ended {
            return Ok(0);
        }
        let most = buffer.len().min(self.left.into());
        let read = self.connection.stream.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        // Of at most `left`, which are 16 bits.
        self.left -= read as u16;
        self.announced = self.announced.map(|left| left.saturating_sub(read as u64));
        if self.left == 0 {
            self.connection.skip(self.padding.into())?;
        }
        Ok(read)
    }

    fn send(&mut self, document: &[u8]) -> io::Result<()> {
        let stream = self.connection.stream.get_mut();
        for piece in document.chunks(CONTENT_BYTES) {
            let mut out = Vec::with_capacity(piece.len() + record::HEADER_BYTES);
            record::append_record(&mut out, RecordType::Stdout, self.id, piece);
            stream.write_all(&out)?;
        }
        Ok(())
    }
}

impl<S: Read + Write, R: Handler + ?Sized, W: Watch> Records<'_, '_, S, R, W> {
    fn take(&mut self, header: Header) -> io::Result<()> {
        match header.kind() {
            Some(RecordType::Stdin) if header.request_id == self.id => {
                (self.left, self.padding) = (header.content_length, header.padding_length);
                if self.left == 0 {
                    self.connection.skip(self.padding.into())?;
                    self.cut = self.announced > Some(0);
                    self.ended = !self.cut;
                }
                Ok(())
            }
            Some(RecordType::AbortRequest) if header.request_id == self.id => Err(ErrorKind::ConnectionAborted.into()),
            // Other requests, and what is asked of the connection.
            _ => {
                self.connection.take_record(header).map_err(io_error)?;
                let out = std::mem::take(&mut self.connection.out);
                self.connection.stream.get_mut().write_all(&out)
            }
        }
    }
}

fn io_error(error: ConnectionError) -> io::Error {
    match error {
        ConnectionError::Io(error) => error,
        ConnectionError::Protocol(what) => io::Error::new(ErrorKind::InvalidData, what),
    }
}
