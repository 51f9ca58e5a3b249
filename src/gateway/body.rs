//! A body while it comes in: never longer than its limit, whatever was announced.

use bytes::Bytes;

use crate::memory::{GROWTH, Share};
pub use crate::request::BodyError;
use crate::request::Params;

/// A body while it comes in.
#[derive(Debug)]
pub(crate) struct BodyCollector {
    bytes: Vec<u8>,
    announced: Result<Option<u64>, BodyError>,
    /// Announced bytes that have not come, whether they are kept or not.
    left: Option<u64>,
    limit: usize,
    most: usize,
    received: u64,
    share: Share,
}

impl BodyCollector {
    /// A body of a request with these parameters and of at most `limit` bytes.
    /// All requests together may take `most`.
    pub fn new(params: &Params, limit: usize, most: usize) -> BodyCollector {
        let announced = params.content_length();
        let left = announced.clone().ok().flatten();
        BodyCollector { bytes: Vec::new(), announced, left, limit, most, received: 0, share: Share::default() }
    }

    /// Announced bytes that have not come; `None` where nothing was announced.
    pub fn left(&self) -> Option<u64> {
        self.left
    }

    /// How many more bytes are worth reading; what comes beyond them is of no use.
    pub fn wanted(&self) -> u64 {
        let limit = self.limit as u64;
        match self.announced {
            Err(_) => 0,
            Ok(Some(announced)) if announced > limit => 0,
            // RFC 3875, section 4.2: no more than CONTENT_LENGTH bytes are the body.
            Ok(Some(announced)) => announced.saturating_sub(self.received),
            // One byte over the limit tells a body that is too long.
            Ok(None) => limit.saturating_add(1).saturating_sub(self.received),
        }
    }

    /// Takes as much of a piece as is wanted.
    pub fn push(&mut self, piece: &[u8]) {
        self.left = self.left.map(|left| left.saturating_sub(piece.len() as u64));
        let taken = (piece.len() as u64).min(self.wanted()) as usize;
        let bytes = GROWTH * (self.bytes.len() + taken);
        if self.share.grow(bytes, self.most) && self.has_room(taken) {
            self.bytes.extend_from_slice(&piece[..taken]);
            self.received += taken as u64;
        } else {
            (self.bytes, self.share) = Default::default();
            self.announced = Err(BodyError::NoMemory);
        }
    }

    /// Has it room for so many more bytes? It grows to twice its length, but not beyond what is wanted.
    fn has_room(&mut self, more: usize) -> bool {
        let more = match self.bytes.capacity() - self.bytes.len() {
            room if room < more => more.max(self.bytes.len().min(self.wanted() as usize)),
            _ => more,
        };
        self.bytes.try_reserve_exact(more).is_ok()
    }

    /// The body has ended. Until the collector goes, the body counts among those being read.
    pub fn finish(&mut self) -> Result<Bytes, BodyError> {
        let limit = self.limit;
        let announced = self.announced.clone()?.unwrap_or(self.received);
        if announced > limit as u64 {
            Err(BodyError::TooLong { limit })
        } else if self.received < announced {
            Err(BodyError::Incomplete { announced, received: self.received })
        } else {
            Ok(std::mem::take(&mut self.bytes).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(length: Option<&str>, sent: &[&[u8]]) -> Result<Bytes, BodyError> {
        let params = length.map(|length| ("CONTENT_LENGTH", length)).into_iter().collect();
        let mut body = BodyCollector::new(&params, 10, 1 << 20);
        sent.iter().for_each(|piece| body.push(piece));
        body.finish()
    }

    #[test]
    fn as_long_as_announced() {
        assert_eq!(read(Some("4"), &[b"ab", b"cdef"]), Ok(Bytes::from("abcd")));
        for length in [None, Some(""), Some("-1")] {
            assert_eq!(read(length, &[b"0123456789"]), Ok(Bytes::from("0123456789")), "{length:?}");
        }
        assert_eq!(read(None, &[]), Ok(Bytes::new()));
    }

    #[test]
    fn not_as_announced() {
        assert_eq!(read(Some("4"), &[b"abc"]), Err(BodyError::Incomplete { announced: 4, received: 3 }));
        for length in ["+4", "-2", "-", "4 ", "0x4", "4,4"] {
            assert_eq!(read(Some(length), &[b"abcd"]), Err(BodyError::LengthMalformed), "{length}");
        }
        for length in [Some("11"), Some("99999999999999999999999"), None] {
            assert_eq!(read(length, &[b"0123456789", b"a"]), Err(BodyError::TooLong { limit: 10 }), "{length:?}");
        }
    }

    #[test]
    fn more_than_there_is_memory_for() {
        let mut body = BodyCollector::new(&Params::default(), 1 << 20, 0);
        body.push(&[b'x'; 20_000]);
        assert_eq!(body.finish(), Err(BodyError::NoMemory));
    }
}
