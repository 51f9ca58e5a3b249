//! The debug log: in go a request's lines, out goes one append per request. Values are written as
//! Python writes them, since people and scripts read this log as the Python application wrote it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Local;

use crate::complain;
use crate::settings::limits;

/// Bytes of a line beside its message.
const TIME_BYTES: usize = "2026-01-01 00:00:00 \n".len();

/// The lines of one request, kept until it is answered.
pub struct DebugLog<'a> {
    path: Cow<'a, Path>,
    develop_mode: bool,
    lines: String,
}

impl DebugLog<'_> {
    /// No lines yet. With `develop_mode` all are kept, else those that must be.
    pub fn new(path: Cow<'_, Path>, develop_mode: bool) -> DebugLog<'_> {
        DebugLog { path, develop_mode, lines: String::new() }
    }

    /// Is it worth making a line of the second kind?
    pub fn develop_mode(&self) -> bool {
        self.develop_mode
    }

    /// A line that is always written.
    pub fn must(&mut self, message: &str) {
        self.lines.reserve(TIME_BYTES + message.len());
        // Without its zone, whose name it would write too.
        let _ = Local::now().naive_local().format("%Y-%m-%d %H:%M:%S").write_to(&mut self.lines);
        // What a client sent cannot start a line of its own.
        let _ = writeln!(self.lines, " {}", OneLine(message));
    }

    /// A line that is written in develop mode only.
    pub fn develop(&mut self, message: impl FnOnce() -> String) {
        if self.develop_mode {
            self.must(&message());
        }
    }

    /// Writes the lines: opened for the purpose, so that a rotated log is written anew, and in
    /// one append, which no other process or thread can split. A log that cannot be written costs
    /// no reply; `warned` sees to one warning per process.
    pub fn write(&self, warned: &AtomicBool) {
        if self.lines.is_empty() {
            return;
        }
        if let Err(error) = append(&self.path, self.lines.as_bytes())
            && !warned.swap(true, Ordering::Relaxed)
        {
            complain(format_args!("{}", mending(&self.path, &error)));
        }
    }
}

fn append(path: &Path, lines: &[u8]) -> io::Result<()> {
    let open = || OpenOptions::new().append(true).create(true).open(path);
    let mut file = open().or_else(|error| match path.parent() {
        Some(directory) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).create(directory)?;
            open()
        }
        _ => Err(error),
    })?;
    // `write_all` would go on after a short write, and tear the line.
    match file.write(lines)? {
        written if written == lines.len() => Ok(()),
        written => {
            // The disk is full. What fitted on it goes again, unless others have written since.
            let end = file.stream_position()?;
            if file.metadata()?.len() == end {
                file.set_len(end - written as u64)?;
            }
            Err(rustix::io::Errno::NOSPC.into())
        }
    }
}

/// What is wrong with the log, with the command that mends it.
fn mending(path: &Path, error: &io::Error) -> String {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (path, directory) = (path.display(), directory.display());
    format!(
        "the debug log {path} cannot be written ({error}); to let the web server's user write it: \
         mkdir -p {directory} && chgrp www-data {directory} && chmod g+w {directory}"
    )
}

/// Text on one line: line ends and other control characters are escaped.
struct OneLine<'a>(&'a str);

impl std::fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            // U+2028 and U+2029 end lines too, for some readers.
            '\u{2028}' | '\u{2029}' => write!(f, "\\u{:04x}", character as u32),
            control if control.is_control() => write!(f, "\\x{:02x}", control as u32),
            other => f.write_char(other),
        })
    }
}

/// Bytes as Python's `repr` writes them; beyond `limits::LOG_VALUE_BYTES` it says how many there are.
pub fn python_bytes(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(limits::LOG_VALUE_BYTES)];
    let quote = if shown.contains(&b'\'') && !shown.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for &byte in shown {
        let _ = match byte {
            b'\t' => out.write_str("\\t"),
            b'\n' => out.write_str("\\n"),
            b'\r' => out.write_str("\\r"),
            b'\\' => out.write_str("\\\\"),
            b if b == quote as u8 => write!(out, "\\{quote}"),
            b' '..=b'~' => out.write_char(byte.into()),
            _ => write!(out, "\\x{byte:02x}"),
        };
    }
    out.push(quote);
    if shown.len() < bytes.len() {
        let _ = write!(out, "... ({} bytes in all)", bytes.len());
    }
    out
}

/// Text as Python's `repr` writes it.
pub fn python_str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for character in text.chars() {
        let _ = match character {
            '\t' => out.write_str("\\t"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\\' => out.write_str("\\\\"),
            c if c == quote => write!(out, "\\{quote}"),
            c if c.is_control() => write!(out, "\\x{:02x}", c as u32),
            c => out.write_char(c),
        };
    }
    out.push(quote);
    out
}

/// A dict as Python's `repr` writes it.
pub fn python_dict(names: &[&str], value: impl Fn(&str) -> String) -> String {
    let members: Vec<String> = names.iter().map(|name| format!("{}: {}", python_str(name), value(name))).collect();
    format!("{{{}}}", members.join(", "))
}

/// A line cut at `limits::LOG_VALUE_BYTES`, with a note of how many bytes there were.
pub fn cut(mut line: String) -> String {
    let all = line.len();
    if all > limits::LOG_VALUE_BYTES {
        line.truncate(line.floor_char_boundary(limits::LOG_VALUE_BYTES));
        let _ = write!(line, "... ({all} bytes in all)");
    }
    line
}
