//! Cells and rows that an OpenDocument sheet has once and repeats: `calamine` has each of them in memory, however often,
//! so they are counted before.

use std::io::{BufReader, Cursor};

use anyhow::{Context, Result, ensure};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::{CELLS, DAMAGED, told};

/// Of a sheet, at most; what repeats beyond is not there.
const ROWS: u64 = 1 << 20;
const COLUMNS: u64 = 1 << 14;

/// Refuses a workbook that has too many.
pub(super) fn ensure_bounded(archive: &mut ZipArchive<Cursor<&Vec<u8>>>) -> Result<()> {
    let content = archive.by_name("content.xml").map_err(told(DAMAGED))?;
    let mut xml = Reader::from_reader(BufReader::new(content));
    let (mut sheet, mut before, mut buffer) = (Sheet::default(), 0, Vec::new());
    loop {
        let event = xml.read_event_into(&mut buffer).map_err(told(DAMAGED))?;
        match &event {
            Event::Start(start) => sheet.begin(start, true)?,
            Event::Empty(start) => sheet.begin(start, false)?,
            Event::End(end) if end.name().as_ref() == "table:table-row" => sheet.end_row(),
            Event::End(end) if end.name().as_ref() == "table:table" => {
                before += sheet.cells();
                sheet = Sheet::default();
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
        ensure!(before + sheet.cells() <= CELLS, "the workbook has more than {CELLS} cells; save it as CSV");
        buffer.clear();
    }
}

/// What counts of a sheet, up to the last row and column that have something in them.
#[derive(Default)]
struct Sheet {
    rows: u64,
    columns: u64,
    /// Of rows without anything, since the last that has something.
    empty_rows: u64,
    row: Row,
}

/// A row, which may come so often.
#[derive(Default)]
struct Row {
    times: u64,
    columns: u64,
    filled: u64,
}

impl Sheet {
    fn begin(&mut self, start: &BytesStart, has_content: bool) -> Result<()> {
        match start.name().as_ref() {
            "table:table-row" => {
                self.row = Row { times: times(start, "table:number-rows-repeated", ROWS)?, ..Row::default() };
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let times = times(start, "table:number-columns-repeated", COLUMNS)?;
                self.row.columns = COLUMNS.min(self.row.columns + times);
                let is_value = start.attributes().with_checks(false).flatten().any(|attribute| {
                    let key = attribute.key.as_ref();
                    key.starts_with("office:") || key == "table:formula"
                });
                if has_content || is_value {
                    self.row.filled = self.row.columns;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_row(&mut self) {
        if self.row.filled == 0 {
            self.empty_rows = ROWS.min(self.empty_rows + self.row.times);
        } else {
            self.rows += self.empty_rows + self.row.times;
            self.empty_rows = 0;
            self.columns = self.columns.max(self.row.filled);
        }
    }

    fn cells(&self) -> u64 {
        self.rows * self.columns + self.row.filled
    }
}

/// How often a cell or a row comes.
fn times(start: &BytesStart, name: &str, most: u64) -> Result<u64> {
    let attribute = start.try_get_attribute(name).map_err(told(DAMAGED))?;
    let Some(attribute) = attribute else { return Ok(1) };
    let times = attribute.value.parse().ok();
    Ok(most.min(times.context(DAMAGED)?))
}
