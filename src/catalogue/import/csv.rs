//! Reads a table from CSV (RFC 4180), whatever separates its cells. A quote that is not closed as it must be spoils
//! the line that it stands in, and the next line is read for itself.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read};

use anyhow::{Context, Result, bail, ensure};
use memchr::{memchr, memchr2};

use super::ROW_BYTES;
use super::headings;
use super::intake::Intake;
use super::table::{Kind, Place, Row};
use crate::settings::limits;

/// What may stand between two cells, and what messages call it.
const SEPARATORS: [(u8, &str); 4] = [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];

/// What DOS wrote at the end of a text.
const CONTROL_Z: u8 = 0x1a;

/// Gives the header and the rows to `intake`; `line_end` is LF (also after a CR) or CR.
pub(super) fn read(input: impl BufRead, line_end: u8, intake: &mut Intake) -> Result<()> {
    let mut lines = Lines { input, line_end, text: Vec::new(), start: 0, at: 0, line: 1, separator: b',' };
    let mut row = Row::default();
    if lines.next(&mut row)?.is_none() {
        bail!("{} is empty", intake.name());
    }
    match separator_line(&lines.text[lines.start..lines.at]) {
        Some(separator) => {
            lines.separator = separator;
            let next = lines.next(&mut row)?;
            ensure!(next.is_some(), "{} has no header row, like id,name,price", intake.name());
        }
        None => {
            let found = separator(&mut lines, intake);
            lines.separator = found.with_context(|| intake.at(Place::Line(lines.line)))?;
        }
    }
    let place = Place::Line(lines.line);
    lines.again(&mut row)?.with_context(|| intake.at(place))?;
    ensure!(
        row.len() > 1,
        "{}: only one column was found, {:?}; between the values must be commas, semicolons, tabs or bars; if another \
         separator is meant, put a line sep=; before it; if the headings stand further down, delete the lines above them",
        intake.at(place),
        headings::on_one_line(&row.headings().concat()).chars().take(limits::QUOTED_CHARS).collect::<String>()
    );
    intake.separated = Some((row.len(), lines.separator));
    intake.header(Some(place), row.headings())?;
    while let Some(read) = lines.next(&mut row)? {
        match read {
            Ok(()) => intake.row(Place::Line(lines.line), &row)?,
            Err(broken) => intake.bad(Place::Line(lines.line), broken.into()),
        }
    }
    Ok(())
}

/// What a first line `sep=;` says, as Excel reads it.
fn separator_line(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', separator] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" => Some(*separator),
        // The tab was trimmed.
        [s, e, p, b'='] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" => Some(b'\t'),
        _ => None,
    }
}

/// What separates the cells of the header: the one that there is, or of several the one by which the columns are found.
fn separator(lines: &mut Lines<impl BufRead>, intake: &Intake) -> Result<u8> {
    let mut seen = Vec::new();
    for (separator, name) in SEPARATORS {
        let mut row = Row::default();
        lines.separator = separator;
        if lines.again(&mut row)?.is_ok() && row.len() > 1 {
            seen.push((separator, name, row));
        }
    }
    if seen.is_empty() {
        return Ok(b',');
    }
    let found = |row: &Row| headings::find(row.headings(), intake.options(), "").is_ok();
    let by_columns: Vec<_> = seen.iter().filter(|(_, _, row)| found(row)).collect();
    match by_columns[..] {
        // The headings are told then.
        [] => Ok(seen.iter().max_by_key(|(_, _, row)| row.len()).map_or(b',', |&(separator, ..)| separator)),
        [&(separator, ..)] => Ok(separator),
        [(_, one, _), (_, other, _), ..] => bail!(
            "the header can be read as separated by {one} or by {other}; put a line before it that says which, like sep=;"
        ),
    }
}

/// Why a row cannot be read.
#[derive(Clone, Copy, Debug)]
enum Broken {
    NotUtf8,
    NeverClosed,
    AfterQuote,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Broken::NotUtf8 => "it is not UTF-8; say what the file is in, for example --encoding windows-1252",
            Broken::NeverClosed => "a quote is never closed",
            Broken::AfterQuote => "a quote is never closed, or one inside the field is not doubled",
        })
    }
}

impl Error for Broken {}

/// The rows of a text.
struct Lines<Input> {
    input: Input,
    line_end: u8,
    /// Whole lines: those of the row that was read last, from `start` to `at`, and perhaps later ones.
    text: Vec<u8>,
    start: usize,
    at: usize,
    /// The line at which the row begins.
    line: u64,
    separator: u8,
}

impl<Input: BufRead> Lines<Input> {
    /// Reads the next row that is not a blank line. `None`: there is none.
    fn next(&mut self, row: &mut Row) -> Result<Option<Result<(), Broken>>> {
        loop {
            self.line += self.text[self.start..self.at].iter().filter(|&&byte| byte == self.line_end).count() as u64;
            self.start = self.at;
            if self.start > ROW_BYTES {
                self.text.drain(..self.start);
                (self.start, self.at) = (0, 0);
            }
            if self.start == self.text.len() {
                self.text.clear();
                (self.start, self.at) = (0, 0);
                if !self.append()? {
                    return Ok(None);
                }
            }
            let end = self.line_after(self.start);
            if self.text[self.start..end].trim_ascii().is_empty() {
                self.at = end;
                continue;
            }
            return self.again(row).map(Some);
        }
    }

    /// Reads the row at `start`, perhaps once more.
    fn again(&mut self, row: &mut Row) -> Result<Result<(), Broken>> {
        self.at = self.start;
        let read = self.row(row)?;
        if read.is_err() {
            self.at = self.line_after(self.start);
        }
        Ok(read)
    }

    fn row(&mut self, row: &mut Row) -> Result<Result<(), Broken>> {
        row.clear();
        loop {
            let quote = self.text[self.at..].iter().position(|&byte| byte != b' ').unwrap_or(0) + self.at;
            let (field, kind) = match self.text.get(quote) {
                Some(b'"') => (self.quoted(quote + 1, row)?, Kind::Quoted),
                _ => (self.plain(row), Kind::Text),
            };
            if let Err(broken) = field {
                return Ok(Err(broken));
            }
            row.end(kind);
            match self.text.get(self.at) {
                Some(&byte) if byte == self.separator => self.at += 1,
                Some(_) => {
                    self.at += 1;
                    return Ok(Ok(()));
                }
                None => return Ok(Ok(())),
            }
        }
    }

    /// A field up to the next separator or line end.
    fn plain(&mut self, row: &mut Row) -> Result<(), Broken> {
        let rest = &self.text[self.at..];
        let length = memchr2(self.separator, self.line_end, rest).unwrap_or(rest.len());
        let field = str::from_utf8(&rest[..length]).map_err(|_| Broken::NotUtf8)?;
        row.add(field.strip_suffix('\r').unwrap_or(field));
        self.at += length;
        Ok(())
    }

    /// A field after its opening quote, which may go over several lines.
    fn quoted(&mut self, mut from: usize, row: &mut Row) -> Result<Result<(), Broken>> {
        let mut looked = from;
        loop {
            let Some(quote) = memchr(b'"', &self.text[looked..]).map(|at| looked + at) else {
                looked = self.text.len();
                if looked - self.start > ROW_BYTES || !self.append()? {
                    return Ok(Err(Broken::NeverClosed));
                }
                continue;
            };
            let doubled = self.text.get(quote + 1) == Some(&b'"');
            let Ok(piece) = str::from_utf8(&self.text[from..quote + usize::from(doubled)]) else {
                return Ok(Err(Broken::NotUtf8));
            };
            row.add(piece);
            from = quote + 1 + usize::from(doubled);
            looked = from;
            if !doubled {
                break;
            }
        }
        let rest = &self.text[from..];
        let length = memchr2(self.separator, self.line_end, rest).unwrap_or(rest.len());
        self.at = from + length;
        Ok(if rest[..length].trim_ascii().is_empty() { Ok(()) } else { Err(Broken::AfterQuote) })
    }

    /// Where the line after the one at `start` begins.
    fn line_after(&self, start: usize) -> usize {
        memchr(self.line_end, &self.text[start..]).map_or(self.text.len(), |length| start + length + 1)
    }

    /// Reads one more line, if there is one.
    fn append(&mut self) -> Result<bool> {
        let before = self.text.len();
        let most = ROW_BYTES as u64 + 1;
        let read = self.input.by_ref().take(most).read_until(self.line_end, &mut self.text)?;
        if read as u64 == most {
            return Err(io::Error::other(format!("line {} is longer than {} MiB", self.line, ROW_BYTES >> 20)).into());
        }
        if self.text.last() != Some(&self.line_end) {
            while self.text.len() > before && self.text.last() == Some(&CONTROL_Z) {
                self.text.pop();
            }
        }
        Ok(self.text.len() > before)
    }
}
