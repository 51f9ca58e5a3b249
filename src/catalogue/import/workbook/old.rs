//! Old workbooks: `calamine` has in memory the whole rectangle from the first cell of a sheet to the last, and as much
//! as a sheet says that it has, so the places of cells are looked at before.

use std::io::{Cursor, Read};

use anyhow::{Context, Result, ensure};
use cfb::CompoundFile;

use super::{CELLS, DAMAGED, OLD, WORKBOOK_BYTES, told};

/// Sheets, at most.
const SHEETS: usize = 1000;

/// Cells that a sheet of 65,536 rows and 256 columns has.
const SHEET_CELLS: u64 = 1 << 24;

/// Records of BIFF ([MS-XLS] 2.3.2), all that a cell may be first: formula, numbers, texts, truth, blank ones not.
const CELL: [u16; 8] = [0x0006, 0x00bd, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e];
const SEVERAL_NUMBERS: u16 = 0x00bd;
const DIMENSIONS: u16 = 0x0200;
const BOUND_SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;

/// Refuses a workbook that has too many cells.
pub(super) fn ensure_bounded(bytes: &[u8]) -> Result<()> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(told(DAMAGED))?;
    ensure!(!file.is_stream("EncryptedPackage"), "it has a password; save it without one");
    let name = ["Workbook", "Book"].into_iter().find(|name| file.is_stream(name)).context(OLD)?;
    let mut book = Vec::new();
    let stream = file.open_stream(name).map_err(told(DAMAGED))?;
    stream.take(WORKBOOK_BYTES).read_to_end(&mut book).map_err(told(DAMAGED))?;
    let (mut cells, mut sheets) = (0, 0);
    for (kind, data) in records(&book).take_while(|(kind, _)| *kind != END) {
        if kind == BOUND_SHEET {
            let sheet = number(data, 0).zip(number(data, 2)).map(|(low, high)| (high as usize) << 16 | low as usize);
            cells = of_sheet(sheet.and_then(|at| book.get(at..)).context(DAMAGED)?).saturating_add(cells);
            sheets += 1;
            ensure!(cells <= CELLS, "the workbook has more than {CELLS} cells; save it as CSV");
            ensure!(sheets <= SHEETS, "the workbook has more than {SHEETS} sheets; save it as CSV");
        }
    }
    Ok(())
}

/// Cells of the rectangle that a sheet has, whose records these bytes begin with; far too many where it says that it has
/// more than there can be.
fn of_sheet(bytes: &[u8]) -> u64 {
    let mut depth = 0_u32;
    let (mut rows, mut columns) = (Span::default(), Span::default());
    for (kind, data) in records(bytes) {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            DIMENSIONS if dimensions(data) > SHEET_CELLS => return u64::MAX,
            kind if CELL.contains(&kind) => {
                rows.take(number(data, 0));
                columns.take(number(data, 2));
                columns.take(number(data, data.len().saturating_sub(2)).filter(|_| kind == SEVERAL_NUMBERS));
            }
            _ => {}
        }
    }
    rows.length() * columns.length()
}

/// First and last row and column, of which the last is one more; rows have four bytes in a longer record.
fn dimensions(data: &[u8]) -> u64 {
    let wide = |at| Some(u64::from(number(data, at)?) | u64::from(number(data, at + 2)?) << 16);
    let narrow = |at| number(data, at).map(u64::from);
    let [first, last] = if data.len() < 14 { [narrow(0), narrow(2)] } else { [wide(0), wide(4)] };
    let columns = narrow(if data.len() < 14 { 6 } else { 10 });
    match (first, last, columns) {
        // `calamine` does not look whether the last comes first.
        (Some(first), Some(last), _) if last > 0 && last <= first => u64::MAX,
        (Some(first), Some(last), Some(columns)) => last.saturating_sub(first) * columns,
        _ => 0,
    }
}

/// From the first number that is taken to the last.
#[derive(Default)]
struct Span(Option<(u16, u16)>);

impl Span {
    fn take(&mut self, number: Option<u16>) {
        if let Some(number) = number {
            let (first, last) = self.0.unwrap_or((number, number));
            self.0 = Some((first.min(number), last.max(number)));
        }
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last - first) + 1)
    }
}

fn number(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]))
}

/// Records, each a kind, its length and what it has, until one is cut off.
fn records(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (kind, length) = (number(bytes, 0)?, number(bytes, 2)?);
        let (data, rest) = bytes[4..].split_at_checked(length.into())?;
        bytes = rest;
        Some((kind, data))
    })
}
