//! Reads a table from a sheet of an Excel or OpenDocument workbook.

mod archive;
mod old;
mod repeats;

use std::fmt::Display;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use calamine::{Cell, Data, DataRef, ExcelDateTime, Ods, Reader, SheetType, Xls, Xlsb, Xlsx};
use zip::ZipArchive;

use super::headings;
use super::intake::Intake;
use super::prices::written_out;
use super::table::{Kind, Place, Row};
use crate::settings::limits;

/// Bytes of a workbook, at most; a million rows have some 50 MiB.
const WORKBOOK_BYTES: u64 = 128 << 20;

/// A number from here on has more digits than a spreadsheet keeps.
const CUT_FROM: f64 = 1e15;

const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";

/// The compound files of Microsoft Office before 2007.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Cells of all sheets, at most: a million rows of eight columns.
const CELLS: u64 = 8 << 20;

const OLD: &str = "it is a file of an old Microsoft Office, and not a workbook";
const DAMAGED: &str = "the workbook is damaged, or has a password";

type Bytes = Cursor<Vec<u8>>;

/// Is what begins so a workbook, or else something that looks like one from outside?
pub(super) fn is_one(head: &[u8]) -> bool {
    [ZIP, EMPTY_ZIP, COMPOUND].iter().any(|begin| head.starts_with(begin))
}

/// Gives the first row that is not blank as the header, and the others, to `intake`.
pub(super) fn read(bytes: Box<dyn Read>, intake: &mut Intake) -> Result<()> {
    let name = intake.name().to_owned();
    // `calamine` panics at some files that are damaged.
    let read = catch_unwind(AssertUnwindSafe(|| read_book(bytes, intake)));
    read.unwrap_or_else(|_| bail!("{name}: {DAMAGED}"))
}

fn read_book(bytes: Box<dyn Read>, intake: &mut Intake) -> Result<()> {
    let mut whole = Vec::new();
    bytes.take(WORKBOOK_BYTES + 1).read_to_end(&mut whole)?;
    let name = intake.name().to_owned();
    ensure!(
        whole.len() as u64 <= WORKBOOK_BYTES,
        "{name} is a workbook of more than {} MiB; save it as CSV",
        WORKBOOK_BYTES >> 20
    );
    let mut book = Book::open(whole).context(name.clone())?;
    let sheet = sheet(&mut book, intake.options().sheet.as_deref()).context(name.clone())?;
    let mut rows = Rows { intake, row: Row::default(), number: 0, has_header: false };
    let mut refused = None;
    let read = book.each_cell(&sheet, &mut |row, column, value| {
        refused = rows.cell(row, column, value).err();
        Ok(refused.is_none())
    });
    // What the intake refuses has the file's name already.
    read.context(name.clone())?;
    refused.map_or(Ok(()), Err)?;
    rows.end()?;
    ensure!(rows.has_header, "{name} is empty");
    Ok(())
}

/// The sheet that was asked for, or the only one that has something in it.
fn sheet(book: &mut Book, asked: Option<&str>) -> Result<String> {
    let sheets = book.sheets();
    let shown = |sheets: &[String]| sheets.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if let Some(asked) = asked {
        ensure!(
            sheets.iter().any(|name| name == asked),
            "it has no sheet {asked:?}; its sheets are {}",
            shown(&sheets)
        );
        return Ok(asked.to_owned());
    }
    let mut filled = Vec::new();
    for name in sheets {
        let mut is_filled = false;
        book.each_cell(&name, &mut |_, _, value| {
            is_filled |= *value != Data::Empty;
            Ok(!is_filled)
        })?;
        if is_filled {
            filled.push(name);
        }
    }
    ensure!(filled.len() < 2, "it has several sheets; say which with --sheet: {}", shown(&filled));
    filled.pop().context("it is a workbook without anything in it")
}

/// What is given: a cell's row and column, counted from 0, and what is in it. More are wanted where it says so.
type Take<'a> = dyn FnMut(u32, u32, &Data) -> Result<bool> + 'a;

/// A workbook; of XLSX and XLSB a sheet need not be in memory as a whole.
enum Book {
    Xlsx(Box<Xlsx<Bytes>>),
    Xlsb(Box<Xlsb<Bytes>>),
    Xls(Box<Xls<Bytes>>),
    Ods(Box<Ods<Bytes>>),
}

impl Book {
    fn open(bytes: Vec<u8>) -> Result<Book> {
        if bytes.starts_with(COMPOUND) {
            old::ensure_bounded(&bytes)?;
            return Ok(Book::Xls(Box::new(Xls::new(Cursor::new(bytes)).map_err(told(DAMAGED))?)));
        }
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).map_err(told("it is a zip archive that is damaged"))?;
        let has = |name| archive.index_for_name(name).is_some();
        let (is_xlsx, is_xlsb, is_ods) = (has("xl/workbook.xml"), has("xl/workbook.bin"), has("content.xml"));
        let other = match archive::other(&mut archive) {
            None if !(is_xlsx || is_xlsb || is_ods) => Some("a zip archive without a workbook; unpack it first"),
            other => other,
        };
        ensure!(other.is_none(), "it is {}", other.unwrap_or_default());
        archive::ensure_bounded(&mut archive)?;
        Ok(if is_xlsx {
            Book::Xlsx(Box::new(Xlsx::new(Cursor::new(bytes)).map_err(told(DAMAGED))?))
        } else if is_xlsb {
            Book::Xlsb(Box::new(Xlsb::new(Cursor::new(bytes)).map_err(told(DAMAGED))?))
        } else {
            repeats::ensure_bounded(&mut archive)?;
            Book::Ods(Box::new(Ods::new(Cursor::new(bytes)).map_err(told(DAMAGED))?))
        })
    }

    fn sheets(&self) -> Vec<String> {
        let sheets = match self {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
        };
        sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect()
    }

    /// Gives the cells of a sheet, row by row.
    fn each_cell(&mut self, sheet: &str, take: &mut Take) -> Result<()> {
        let damaged = format!("the sheet {sheet:?} cannot be read");
        let range = match self {
            Book::Xlsx(book) => {
                let mut cells = book.worksheet_cells_reader(sheet).map_err(told(&damaged))?;
                return each_read(|| cells.next_cell().map_err(told(&damaged)), take);
            }
            Book::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(sheet).map_err(told(&damaged))?;
                return each_read(|| cells.next_cell().map_err(told(&damaged)), take);
            }
            Book::Xls(book) => book.worksheet_range(sheet).map_err(told(&damaged))?,
            Book::Ods(book) => book.worksheet_range(sheet).map_err(told(&damaged))?,
        };
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.cells() {
            if !take(first_row + row as u32, first_column + column as u32, value)? {
                break;
            }
        }
        Ok(())
    }
}

/// Gives the cells that a reader reads one by one.
fn each_read<'a>(mut next: impl FnMut() -> Result<Option<Cell<DataRef<'a>>>>, take: &mut Take) -> Result<()> {
    while let Some(cell) = next()? {
        let (row, column) = cell.get_position();
        if !take(row, column, &Data::from(cell.get_value().clone()))? {
            break;
        }
    }
    Ok(())
}

/// What is wrong, with what a library says of it, which may repeat any part of the file.
fn told<E: Display>(what: &str) -> impl Fn(E) -> Error {
    move |error| {
        let error = error.to_string().replace(char::is_control, " ");
        anyhow!("{what}: {}", error.chars().take(2 * limits::QUOTED_CHARS).collect::<String>())
    }
}

/// Cells on their way to an intake.
struct Rows<'a, 'b> {
    intake: &'a mut Intake<'b>,
    row: Row,
    number: u32,
    has_header: bool,
}

impl Rows<'_, '_> {
    fn cell(&mut self, row: u32, column: u32, value: &Data) -> Result<()> {
        if row != self.number {
            self.end()?;
            if row < self.number {
                bail!("{}: its rows are in no order", self.intake.name());
            }
            self.number = row;
        }
        if *value == Data::Empty {
            return Ok(());
        }
        // A damaged sheet may name the cell of a column that none has.
        headings::ensure_columns(column as usize + 1)
            .with_context(|| format!("{}, row {}", self.intake.name(), row + 1))?;
        while self.row.len() < column as usize {
            self.row.push("", Kind::Text);
        }
        let (text, kind) = shown(value);
        self.row.push(&text, kind);
        Ok(())
    }

    /// The row is complete.
    fn end(&mut self) -> Result<()> {
        let place = Place::Row(u64::from(self.number) + 1);
        if !self.row.is_blank() {
            match self.has_header {
                true => self.intake.row(place, &self.row)?,
                false => self.intake.header(Some(place), self.row.headings())?,
            }
            self.has_header = true;
        }
        self.row.clear();
        Ok(())
    }
}

/// What a person sees in a cell, but for formats.
fn shown(value: &Data) -> (String, Kind) {
    match value {
        Data::Empty => (String::new(), Kind::Text),
        Data::String(text) => (text.clone(), Kind::Text),
        Data::Int(number) => (number.to_string(), Kind::Number),
        Data::Float(number) => (digits(*number), if number.abs() < CUT_FROM { Kind::Number } else { Kind::Cut }),
        Data::Bool(value) => (value.to_string(), Kind::Other),
        Data::DateTime(at) => (day(at), Kind::Date),
        Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), Kind::Date),
        Data::Error(error) => (error.to_string(), Kind::Text),
    }
}

/// A number with the 15 digits that a spreadsheet shows of it at the most.
fn digits(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    written_out(&format!("{mantissa}e{exponent}")).unwrap_or(scientific)
}

fn day(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => day,
        _ => format!("{day} {hour:02}:{minute:02}:{second:02}"),
    }
}
