//! The bytes of a file, or of stdin, unpacked and as UTF-8, with a progress that counts them.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use flate2::read::MultiGzDecoder;

use super::progress::Progress;

/// Bytes that are read at once.
pub(super) const BUFFER_BYTES: usize = 64 << 10;

/// Bytes that a file may unpack to.
const UNPACKED_BYTES: u64 = 4 << 30;

/// How many times longer than packed it may become: catalogues become ten times as long, and zeros 1,030 times.
const UNPACKED_TIMES: u64 = 1000;

/// Bytes of which nobody asks how they were packed.
const UNPACKED_FREE: u64 = 16 << 20;

/// Bytes to import, and how many there are, where that is known.
pub(super) struct Input {
    pub(super) bytes: Box<dyn Read>,
    pub(super) length: Option<u64>,
}

impl Input {
    pub(super) fn stdin() -> Input {
        Input { bytes: Box::new(io::stdin().lock()), length: None }
    }

    pub(super) fn open(path: &Path) -> io::Result<Input> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        // A pipe has no length.
        let length = Some(&metadata).filter(|file| file.is_file()).map(fs::Metadata::len);
        Ok(Input { bytes: Box::new(file), length })
    }
}

/// The first bytes, at most so many, and all bytes again.
pub(super) fn peek(mut bytes: Box<dyn Read>, most: usize) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut first = Vec::new();
    bytes.by_ref().take(most as u64).read_to_end(&mut first)?;
    Ok((first.clone(), Box::new(Cursor::new(first).chain(bytes))))
}

/// Counts the bytes that are read.
pub(super) struct Counted<Bytes> {
    pub(super) bytes: Bytes,
    pub(super) count: Rc<Cell<u64>>,
    pub(super) progress: Progress,
}

impl<Bytes: Read> Read for Counted<Bytes> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        self.progress.advance(read as u64);
        Ok(read)
    }
}

/// What gzip has packed, within bounds.
pub(super) struct Unpacked<Bytes> {
    bytes: MultiGzDecoder<Bytes>,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<Bytes: Read> Unpacked<Bytes> {
    /// `packed` counts the bytes that are read of `bytes`.
    pub(super) fn new(bytes: Bytes, packed: Rc<Cell<u64>>) -> Unpacked<Bytes> {
        Unpacked { bytes: MultiGzDecoder::new(bytes), packed, unpacked: 0 }
    }
}

impl<Bytes: Read> Read for Unpacked<Bytes> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer).map_err(|error| io::Error::other(format!("gzip: {error}")))?;
        self.unpacked += read as u64;
        let most = UNPACKED_BYTES.min(self.packed.get() * UNPACKED_TIMES).max(UNPACKED_FREE);
        if self.unpacked > most {
            return Err(io::Error::other(format!("it unpacks to more than {} MiB", most >> 20)));
        }
        Ok(read)
    }
}

/// A text in another encoding as UTF-8.
pub(super) struct Decoded<Bytes> {
    bytes: Bytes,
    encoding: &'static Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` has been given.
    given: usize,
    ended: bool,
}

impl<Bytes: Read> Decoded<Bytes> {
    pub(super) fn new(bytes: Bytes, encoding: &'static Encoding) -> Decoded<Bytes> {
        let decoder = encoding.new_decoder_with_bom_removal();
        let raw = vec![0; BUFFER_BYTES];
        Decoded { bytes, encoding, decoder, raw, text: Vec::new(), given: 0, ended: false }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let read = self.bytes.read(&mut self.raw)?;
        self.ended = read == 0;
        let room = self.decoder.max_utf8_buffer_length_without_replacement(read);
        self.text.resize(room.unwrap_or(3 * BUFFER_BYTES), 0);
        let raw = &self.raw[..read];
        if self.encoding.is_single_byte() && is_utf_8(raw) {
            return Err(io::Error::other("it is UTF-8; leave out --encoding"));
        }
        let (result, _, written) = self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.ended);
        self.text.truncate(written);
        self.given = 0;
        // Bytes that stand for nothing become control characters, which no text has.
        let has_controls = self.text.windows(2).any(|pair| pair[0] == 0xc2 && pair[1] < 0xa0);
        match result {
            DecoderResult::InputEmpty if !(self.encoding.is_single_byte() && has_controls) => Ok(()),
            _ => Err(io::Error::other(format!("it is not in {}", self.encoding.name()))),
        }
    }
}

impl<Bytes: Read> Read for Decoded<Bytes> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.decode_more()?;
        }
        let read = (&self.text[self.given..]).read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

/// Is this UTF-8 with more than ASCII? No text in another encoding is so by chance. A last character may be cut.
fn is_utf_8(bytes: &[u8]) -> bool {
    let valid = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    !valid.is_ascii()
}
