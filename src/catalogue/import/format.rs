//! What a file is: its bytes say so, not its name.

use std::cell::Cell;
use std::io::{BufReader, Read};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use encoding_rs::{Encoding, UTF_8};

use super::input::{BUFFER_BYTES, Counted, Decoded, Input, Unpacked, peek};
use super::intake::Intake;
use super::progress::{Progress, Unit};
use super::{csv, json, workbook};

/// Bytes at the beginning that tell what a file is.
const HEAD_BYTES: usize = 1024;

const GZIP: &[u8] = b"\x1f\x8b";

/// What is no table of products, by its first bytes.
const OTHERS: [(&[u8], &str); 13] = [
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\xfd7zXZ", "packed by xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd; unpack it first"),
    (b"BZh", "packed by bzip2; unpack it first"),
    (GZIP, "packed by gzip twice; unpack it first"),
];

/// What is read, in an error.
const WHAT_IS_READ: &str = "a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)";

/// Reads the table in `input`, of whatever kind it is.
pub(super) fn read(input: Input, progress: &Progress, intake: &mut Intake) -> Result<()> {
    progress.begin(format!("reading {}", intake.name()), input.length, Unit::Bytes);
    let packed = Rc::new(Cell::new(0));
    let counted = Counted { bytes: input.bytes, count: Rc::clone(&packed), progress: progress.clone() };
    let (mut head, mut bytes) = peek(Box::new(counted), HEAD_BYTES)?;
    if head.starts_with(GZIP) {
        (head, bytes) = peek(Box::new(Unpacked::new(bytes, packed)), HEAD_BYTES)?;
    }
    let other = OTHERS.iter().find(|(begin, _)| head.starts_with(begin)).map(|&(_, what)| what);
    if let Some(what) =
        other.or_else(|| (head.get(257..262) == Some(b"ustar")).then_some("a tar archive; unpack it first"))
    {
        bail!("{} is {what}; {WHAT_IS_READ}", intake.name());
    }
    if workbook::is_one(&head) {
        return workbook::read(bytes, intake);
    }
    read_text(bytes, &head, intake)
}

fn read_text(bytes: Box<dyn Read>, head: &[u8], intake: &mut Intake) -> Result<()> {
    let name = intake.name().to_owned();
    let text: Box<dyn Read> = match encoding(head, intake).context(name.clone())? {
        encoding if encoding == UTF_8 && !head.starts_with(b"\xef\xbb\xbf") => bytes,
        encoding if encoding == UTF_8 => {
            let mut bytes = bytes;
            bytes.read_exact(&mut [0; 3])?;
            bytes
        }
        encoding => Box::new(Decoded::new(bytes, encoding)),
    };
    let (head, text) = peek(text, BUFFER_BYTES)?;
    let begin = head.trim_ascii_start();
    let text = BufReader::with_capacity(BUFFER_BYTES, text);
    match begin.first() {
        Some(b'<') => bail!("{name} is {}; {WHAT_IS_READ}", markup(begin)),
        Some(b'[' | b'{') => json::read(text, intake),
        _ => {
            let line_end = if head.contains(&b'\r') && !head.contains(&b'\n') { b'\r' } else { b'\n' };
            csv::read(text, line_end, intake)
        }
    }
}

/// What a text is in: what its mark says, or what was asked for, or UTF-8.
fn encoding(head: &[u8], intake: &Intake) -> Result<&'static Encoding> {
    let utf_32 = head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff");
    ensure!(!utf_32, "it is in UTF-32; save it as UTF-8");
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    if let Some(label) = &intake.options().encoding {
        return Encoding::for_label(label.as_bytes()).with_context(|| {
            format!("--encoding {label:?} is not known; there are windows-1252, macintosh, utf-16le and others")
        });
    }
    // Latin letters in UTF-16 have a NUL beside each.
    let nul = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    for (odd, label) in [(1, "utf-16le"), (0, "utf-16be")] {
        ensure!(nul(odd) < 2 || nul(odd) * 4 < head.len(), "it has no mark, and looks like --encoding {label}");
    }
    Ok(UTF_8)
}

/// What a text with angle brackets is.
fn markup(text: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(text).to_lowercase();
    let is_html = ["<html", "<!doctype html", "<body", "<head", "<table", "<div", "<p>"];
    match is_html.iter().any(|tag| text.contains(tag)) {
        true => "an HTML page; open it in a spreadsheet and save it as XLSX, or log in and export it anew",
        false if text.contains("urn:schemas-microsoft-com:office:spreadsheet") => {
            "a workbook in Excel's old XML; save it as XLSX"
        }
        false => "an XML document; save it as CSV or XLSX",
    }
}
