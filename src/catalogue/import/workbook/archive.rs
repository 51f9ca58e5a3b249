//! The zip archive that a workbook of these days is.

use std::io::{Cursor, Read};

use anyhow::{Context, Result, ensure};
use zip::ZipArchive;

use super::{DAMAGED, told};

/// Bytes that a workbook's parts may unpack to: a million rows of seven columns.
const PARTS_BYTES: u64 = 256 << 20;

/// Parts of a workbook, at most; each sheet, picture and style is one.
const PARTS: usize = 10_000;

/// What an archive is that is no workbook, where that is known.
pub(super) fn other(archive: &mut ZipArchive<Cursor<&Vec<u8>>>) -> Option<&'static str> {
    let mut kind = String::new();
    if let Ok(part) = archive.by_name("mimetype") {
        // What is not UTF-8 is none of these.
        let _ = part.take(100).read_to_string(&mut kind);
    }
    match kind.strip_prefix("application/vnd.oasis.opendocument.").unwrap_or_default() {
        "text" => Some("an OpenDocument text; save its table as a spreadsheet"),
        "presentation" => Some("an OpenDocument presentation"),
        "graphics" => Some("an OpenDocument drawing"),
        _ if archive.index_for_name("word/document.xml").is_some() => Some("a Word document"),
        _ if archive.index_for_name("Index/Document.iwa").is_some() => {
            Some("a file of Apple Numbers, Pages or Keynote; export it there as CSV or Excel")
        }
        _ => None,
    }
}

/// Refuses a workbook whose parts would fill the memory, before they are read. What an archive says of their
/// lengths may be wrong, so they are unpacked.
pub(super) fn ensure_bounded(archive: &mut ZipArchive<Cursor<&Vec<u8>>>) -> Result<()> {
    ensure!(archive.len() <= PARTS, "the workbook has more than {PARTS} parts");
    let mut left = PARTS_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(told(DAMAGED))?;
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(told(DAMAGED))?;
        let most = PARTS_BYTES >> 20;
        left = left
            .checked_sub(unpacked)
            .with_context(|| format!("the workbook unpacks to more than {most} MiB; save it as CSV"))?;
    }
    Ok(())
}
