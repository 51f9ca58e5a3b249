//! What is imported, as bytes without a byte order mark, while a progress bar on a terminal tells how far they are.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::mem;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// Bytes of one product in the file, at most: a quote that is never closed would make one product
/// of all that follows it, and that must not fill the memory.
const PRODUCT_BYTES: u64 = 1 << 20;

/// Bytes that are read at once.
pub(super) const BUFFER_BYTES: usize = 64 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes to import.
pub(super) struct Input {
    name: String,
    bytes: Box<dyn Read>,
    started: bool,
    last: u8,
    ended: bool,
    unused: Unused,
    bar: ProgressBar,
}

/// How many bytes were read since a product was last complete.
#[derive(Clone, Default)]
pub(super) struct Unused(Rc<Cell<u64>>);

impl Unused {
    /// A product is complete.
    pub(super) fn clear(&self) {
        self.0.set(0);
    }
}

impl Input {
    pub(super) fn stdin() -> Input {
        Input::new("standard input".to_owned(), Box::new(io::stdin().lock()), None)
    }

    pub(super) fn open(path: &Path) -> Result<Input> {
        let name = path.display().to_string();
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.with_context(|| format!("{name} cannot be read"))?;
        // A pipe has no length.
        let length = Some(&metadata).filter(|file| file.is_file()).map(fs::Metadata::len);
        Ok(Input::new(name, Box::new(file), length))
    }

    fn new(name: String, bytes: Box<dyn Read>, length: Option<u64>) -> Input {
        let bar = bar(length);
        let unused = Unused::default();
        Input { name, bytes, started: false, last: b'\n', ended: false, unused, bar }
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Have all bytes been read, and the end been told?
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// What must be told of each product that is complete.
    pub(super) fn unused(&self) -> Unused {
        self.unused.clone()
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        let mut bytes = mem::replace(&mut self.bytes, Box::new(io::empty()));
        let mut first = Vec::new();
        bytes.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut first)?;
        if first == BYTE_ORDER_MARK {
            first.clear();
        }
        self.bytes = Box::new(Cursor::new(first).chain(bytes));
        Ok(())
    }
}

/// The bytes, with a line end after the last one: so every line ends before the input does, and
/// what ends only with the input is a quote that was never closed.
impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !mem::replace(&mut self.started, true) {
            self.skip_byte_order_mark()?;
        }
        let read = match self.bytes.read(buffer)? {
            0 if self.last != b'\n' && !buffer.is_empty() => {
                buffer[0] = b'\n';
                1
            }
            read => read,
        };
        self.ended = read == 0;
        if let Some(&last) = buffer[..read].last() {
            self.last = last;
        }
        self.bar.inc(read as u64);
        let unused = self.unused.0.get() + read as u64;
        self.unused.0.set(unused);
        if unused > PRODUCT_BYTES + BUFFER_BYTES as u64 {
            return Err(io::Error::other("it is longer than 1 MiB; perhaps a quote is never closed"));
        }
        Ok(read)
    }
}

/// Shown on stderr, without colours, and only where that is a terminal.
fn bar(length: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let template = match length {
        Some(_) => "{percent:>3}% [{wide_bar}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        None => "{bytes} read, {bytes_per_sec}",
    };
    // A template that cannot be parsed, which a test would show, costs only the looks.
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.with_finish(ProgressFinish::AndClear)
}
