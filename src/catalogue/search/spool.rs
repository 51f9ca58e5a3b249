//! Entries on their way to an index, in a temporary file: one section behind the other, each in its own order.

use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;

use anyhow::{Context, Result};
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::layout::Bytes;
use crate::catalogue::temporary;

/// What is no more than this stays in memory.
const MEMORY_BYTES: usize = 4 << 20;

/// Whole entries that are written and read at once: so many bytes, and the rest of the last.
const FRAME_BYTES: usize = 16 << 10;

/// Bytes before a frame that say how many it has.
const LENGTH_BYTES: usize = size_of::<u32>();

/// Where a section lies, or what is left of it.
pub(super) type Section = Range<u64>;

pub(super) struct Spool {
    file: SpooledTempFile,
    /// Bytes in the file.
    end: u64,
    /// Where the section begins that is being written, and the frame of it that fills.
    begun: u64,
    frame: Vec<u8>,
}

impl Spool {
    pub(super) fn new() -> Spool {
        let file = spooled_tempfile_in(MEMORY_BYTES, temporary::directory());
        Spool { file, end: 0, begun: 0, frame: Vec::new() }
    }

    /// Adds an entry to the section that is being written.
    pub(super) fn add(&mut self, entry: &[u8]) -> Result<()> {
        self.frame.extend_from_slice(entry);
        if self.frame.len() >= FRAME_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let length = u32::try_from(self.frame.len())?.to_le_bytes();
        let file = &mut self.file;
        let written = file.seek(SeekFrom::Start(self.end)).and_then(|_| file.write_all(&length));
        let written = written.and_then(|()| file.write_all(&self.frame));
        written.with_context(temporary::unwritten)?;
        self.end += (length.len() + self.frame.len()) as u64;
        self.frame.clear();
        Ok(())
    }

    /// Ends the section, after which comes another.
    pub(super) fn end_section(&mut self) -> Result<Section> {
        self.flush()?;
        let section = self.begun..self.end;
        self.begun = self.end;
        Ok(section)
    }
}

/// Reads a section.
pub(super) struct Reader {
    rest: Section,
    frame: Vec<u8>,
    /// How much of the frame has been read.
    at: usize,
}

impl Reader {
    pub(super) fn new(section: &Section) -> Reader {
        Reader { rest: section.clone(), frame: Vec::new(), at: 0 }
    }

    /// The next entry, as `read` takes it; `None` at the end.
    pub(super) fn next<E>(
        &mut self,
        spool: &mut Spool,
        read: impl FnOnce(&mut Bytes) -> Result<E>,
    ) -> Result<Option<E>> {
        while self.at == self.frame.len() {
            if self.rest.is_empty() {
                return Ok(None);
            }
            self.fill(spool)?;
        }
        let mut bytes = Bytes(&self.frame[self.at..]);
        let entry = read(&mut bytes)?;
        self.at = self.frame.len() - bytes.0.len();
        Ok(Some(entry))
    }

    fn fill(&mut self, spool: &mut Spool) -> Result<()> {
        let mut length = [0; LENGTH_BYTES];
        spool.file.seek(SeekFrom::Start(self.rest.start))?;
        spool.file.read_exact(&mut length)?;
        self.frame.resize(u32::from_le_bytes(length) as usize, 0);
        spool.file.read_exact(&mut self.frame)?;
        self.rest.start += (LENGTH_BYTES + self.frame.len()) as u64;
        self.at = 0;
        Ok(())
    }
}
