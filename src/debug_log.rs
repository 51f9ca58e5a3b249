//! The debug log, to which each request appends its lines at once. Values are written as Python
//! writes them, since people and scripts read this log as the Python application wrote it.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Local;
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use crate::complain;
use crate::gateway::lines::{PIPE_BYTES, as_a_pipe_takes_it};
use crate::settings::limits;

/// The lines of one request, kept until it is answered.
pub struct DebugLog<'a> {
    path: Cow<'a, Path>,
    develop_mode: bool,
    lines: String,
}

impl DebugLog<'_> {
    /// No lines yet. With `develop_mode` all are kept, else those that always are.
    pub fn new(path: Cow<'_, Path>, develop_mode: bool) -> DebugLog<'_> {
        DebugLog { path, develop_mode, lines: String::new() }
    }

    /// Is it worth making a line of the second kind?
    pub fn develop_mode(&self) -> bool {
        self.develop_mode
    }

    /// A line that is always written. Of its message `limits::LOG_VALUE_BYTES` are kept.
    pub fn always(&mut self, message: impl Display) {
        self.line(limits::LOG_VALUE_BYTES, message);
    }

    /// A line that is written in develop mode only.
    pub fn develop(&mut self, message: impl Display) {
        if self.develop_mode {
            self.always(message);
        }
    }

    /// The same for bytes, of which as many are shown, each as `\x00` at most.
    pub fn develop_bytes(&mut self, name: &str, bytes: &[u8]) {
        if self.develop_mode {
            self.line(5 * limits::LOG_VALUE_BYTES, format_args!("{name}: {}", PythonBytes(bytes)));
        }
    }

    /// Every line is made here: with its time, and cut at `most` bytes with a note of how many there were.
    fn line(&mut self, most: usize, message: impl Display) {
        // Without its zone, whose name it would write too.
        let _ = Local::now().naive_local().format("%Y-%m-%d %H:%M:%S ").write_to(&mut self.lines);
        let mut line = Line { lines: &mut self.lines, most, bytes: 0 };
        let _ = write!(line, "{message}");
        let bytes = line.bytes;
        if bytes > most {
            let _ = write!(self.lines, "... ({bytes} bytes in all)");
        }
        self.lines.push('\n');
    }

    /// Writes the lines: opened for the purpose, so that a rotated log is written anew, and in
    /// one append, which no other process or thread can split. A log that cannot be written costs
    /// no reply; `warned` sees to one warning per process.
    pub fn write(&self, warned: &AtomicBool) {
        if self.lines.is_empty() {
            return;
        }
        if let Err(error) = append(&self.path, &self.lines)
            && !warned.swap(true, Ordering::Relaxed)
        {
            complain(format_args!("{}", mending(&self.path, &error)));
        }
    }
}

fn append(path: &Path, lines: &str) -> io::Result<()> {
    // A FIFO that nobody reads, a full one and a terminal that is held are errors, nothing to wait for.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
    let open = || OpenOptions::new().append(true).create(true).custom_flags(flags).open(path);
    let file = open().or_else(|error| match path.parent() {
        Some(directory) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).create(directory)?;
            open()
        }
        _ => Err(error),
    })?;
    if lines.len() <= PIPE_BYTES || !file.metadata()?.file_type().is_fifo() {
        return write_whole(&file, lines);
    }
    // Of more than that a pipe may take a part.
    lines.split_inclusive('\n').try_for_each(|line| write_whole(&file, &as_a_pipe_takes_it(line)))
}

fn write_whole(mut file: &File, lines: &str) -> io::Result<()> {
    // `write_all` would go on after a short write, and tear the line.
    match file.write(lines.as_bytes())? {
        written if written == lines.len() => Ok(()),
        written => {
            // The disk is full, or the file as long as it may be. What fitted goes again, unless
            // others have written since.
            let end = file.stream_position()?;
            if file.metadata()?.len() == end {
                file.set_len(end - written as u64)?;
            }
            let too_long = getrlimit(Resource::Fsize).current.is_some_and(|longest| end >= longest);
            Err(if too_long { Errno::FBIG } else { Errno::NOSPC }.into())
        }
    }
}

/// What is wrong with the log, with the command that mends it.
fn mending(path: &Path, error: &io::Error) -> String {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let why = match Errno::from_io_error(error) {
        Some(Errno::NXIO) => format!("nobody reads it: {error}"),
        Some(Errno::AGAIN) => format!("who reads it is too slow: {error}"),
        _ => error.to_string(),
    };
    let (path, directory) = (path.display(), directory.display());
    format!(
        "the debug log {path} cannot be written ({why}); to let the web server's user write it: \
         mkdir -p {directory} && chgrp www-data {directory} && chmod g+w {directory}"
    )
}

/// A message on its way to the log: line ends and other control characters are escaped, since what a
/// client sent cannot start a line of its own; the bytes beyond `most` are only counted.
struct Line<'a> {
    lines: &'a mut String,
    most: usize,
    bytes: usize,
}

impl Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let kept = &text[..text.floor_char_boundary(self.most.saturating_sub(self.bytes))];
        self.bytes += text.len();
        kept.chars().try_for_each(|character| match character {
            // U+2028 and U+2029 end lines too, for some readers.
            '\u{2028}' | '\u{2029}' => write!(self.lines, "\\u{:04x}", character as u32),
            control if control.is_control() => write!(self.lines, "\\x{:02x}", control as u32),
            other => self.lines.write_char(other),
        })
    }
}

/// Bytes as text; what is no UTF-8 becomes U+FFFD.
pub struct Lossy<'a>(pub &'a [u8]);

impl Display for Lossy<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        self.0.utf8_chunks().try_for_each(|chunk| {
            f.write_str(chunk.valid())?;
            if chunk.invalid().is_empty() { Ok(()) } else { f.write_char(char::REPLACEMENT_CHARACTER) }
        })
    }
}

/// Bytes as Python's `repr` writes them; beyond `limits::LOG_VALUE_BYTES` it says how many there are.
struct PythonBytes<'a>(&'a [u8]);

impl Display for PythonBytes<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(limits::LOG_VALUE_BYTES)];
        let quote = if shown.contains(&b'\'') && !shown.contains(&b'"') { '"' } else { '\'' };
        write!(f, "b{quote}")?;
        for &byte in shown {
            match byte {
                b'\t' => f.write_str("\\t"),
                b'\n' => f.write_str("\\n"),
                b'\r' => f.write_str("\\r"),
                b'\\' => f.write_str("\\\\"),
                b if b == quote as u8 => write!(f, "\\{quote}"),
                b' '..=b'~' => f.write_char(byte.into()),
                _ => write!(f, "\\x{byte:02x}"),
            }?;
        }
        f.write_char(quote)?;
        if shown.len() < self.0.len() { write!(f, "... ({} bytes in all)", self.0.len()) } else { Ok(()) }
    }
}

/// Text as Python's `repr` writes it.
pub struct PythonStr<'a>(pub &'a str);

impl Display for PythonStr<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let quote = if self.0.contains('\'') && !self.0.contains('"') { '"' } else { '\'' };
        f.write_char(quote)?;
        for character in self.0.chars() {
            match character {
                '\t' => f.write_str("\\t"),
                '\n' => f.write_str("\\n"),
                '\r' => f.write_str("\\r"),
                '\\' => f.write_str("\\\\"),
                c if c == quote => write!(f, "\\{quote}"),
                c if c.is_control() => write!(f, "\\x{:02x}", c as u32),
                c => f.write_char(c),
            }?;
        }
        f.write_char(quote)
    }
}

/// A list of texts as Python's `repr` writes it.
pub struct PythonList<'a>(pub Vec<&'a str>);

impl Display for PythonList<'_> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str("[")?;
        for (index, text) in self.0.iter().enumerate() {
            write!(f, "{}{}", if index > 0 { ", " } else { "" }, PythonStr(text))?;
        }
        f.write_str("]")
    }
}

/// A dict as Python's `repr` writes it, of names and values that write themselves.
pub struct PythonDict<'a, V>(pub Vec<(&'a str, V)>);

impl<V: Display> Display for PythonDict<'_, V> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{}: {value}", if index > 0 { ", " } else { "" }, PythonStr(name))?;
        }
        f.write_str("}")
    }
}
