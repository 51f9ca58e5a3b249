//! Writes all products by id, with all their columns, as CSV or JSON that `import` takes back unchanged.

use std::io::{self, BufWriter, Write};
use std::mem;
use std::ops::ControlFlow;

use anyhow::Result;

use super::columns::{Column, chosen};
use super::open;
use super::product::{Product, trim};
use super::source::Source;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A header row, then a row a product.
    #[default]
    Csv,
    /// An array of objects, one a line.
    Json,
}

/// Bytes that are written at once.
const BUFFER_BYTES: usize = 64 << 10;

/// Writes the products of `source`. Where `out` fails, the error is its `io::Error`.
pub fn export(source: &Source, format: Format, out: impl Write) -> Result<()> {
    let catalogue = open(source)?;
    let all = chosen(&["*".to_owned()], &catalogue.columns()?).unwrap_or_default();
    let mut writer = Writer::new(format, all, out);
    let mut written = Ok(());
    catalogue.each(&mut |product| {
        written = writer.write(&product);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    Ok(writer.finish()?)
}

/// Products on their way out. Nothing is written before the first is there, or it is known that there is none.
struct Writer<Out: Write> {
    begun: bool,
    columns: Vec<Column>,
    format: Format,
    out: BufWriter<Out>,
}

impl<Out: Write> Writer<Out> {
    fn new(format: Format, columns: Vec<Column>, out: Out) -> Writer<Out> {
        Writer { begun: false, columns, format, out: BufWriter::with_capacity(BUFFER_BYTES, out) }
    }

    /// Is this the first?
    fn begin(&mut self) -> io::Result<bool> {
        if mem::replace(&mut self.begun, true) {
            return Ok(false);
        }
        match self.format {
            Format::Csv => writeln!(self.out, "{}", csv_row(self.columns.iter().map(Column::name)))?,
            Format::Json => self.out.write_all(b"[")?,
        }
        Ok(true)
    }

    fn write(&mut self, product: &Product) -> io::Result<()> {
        let first = self.begin()?;
        match self.format {
            Format::Csv => writeln!(self.out, "{}", csv_row(self.columns.iter().map(|column| column.of(product)))),
            Format::Json => {
                self.out.write_all(if first { b"\n" } else { b",\n" })?;
                Ok(serde_json::to_writer(&mut self.out, product)?)
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.begin()?;
        if self.format == Format::Json {
            self.out.write_all(b"\n]\n")?;
        }
        self.out.flush()
    }
}

/// A row of CSV (RFC 4180) without its line end. Quoted is what could be read as something else, so also blanks at an
/// end, and a row that would be empty.
pub fn csv_row<Cell: AsRef<str>>(cells: impl IntoIterator<Item = Cell>) -> String {
    let mut row = String::new();
    for (number, cell) in cells.into_iter().enumerate() {
        row.extend((number > 0).then_some(','));
        let cell = cell.as_ref();
        match cell.contains([',', '"', '\r', '\n']) || trim(cell) != cell {
            true => row.extend(["\"", &cell.replace('"', "\"\""), "\""]),
            false => row += cell,
        }
    }
    if row.is_empty() { "\"\"".to_owned() } else { row }
}
