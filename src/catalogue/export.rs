//! Writes all products by id, with all their columns, as CSV or JSON that `import` takes back unchanged.

use std::io::{self, BufWriter, Write};
use std::mem;
use std::ops::ControlFlow;

use anyhow::Result;

use super::columns::{Column, chosen};
use super::open;
use super::product::Product;
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
    rows: Rows<Out>,
}

enum Rows<Out: Write> {
    Csv(Box<csv::Writer<Out>>),
    Json(BufWriter<Out>),
}

impl<Out: Write> Writer<Out> {
    fn new(format: Format, columns: Vec<Column>, out: Out) -> Writer<Out> {
        let rows = match format {
            Format::Csv => {
                Rows::Csv(Box::new(csv::WriterBuilder::new().buffer_capacity(BUFFER_BYTES).from_writer(out)))
            }
            Format::Json => Rows::Json(BufWriter::with_capacity(BUFFER_BYTES, out)),
        };
        Writer { begun: false, columns, rows }
    }

    /// Is this the first?
    fn begin(&mut self) -> io::Result<bool> {
        if mem::replace(&mut self.begun, true) {
            return Ok(false);
        }
        match &mut self.rows {
            Rows::Csv(csv) => csv.write_record(self.columns.iter().map(Column::name)).map_err(io_error)?,
            Rows::Json(out) => out.write_all(b"[")?,
        }
        Ok(true)
    }

    fn write(&mut self, product: &Product) -> io::Result<()> {
        let first = self.begin()?;
        match &mut self.rows {
            Rows::Csv(csv) => {
                let mut values = self.columns.iter().map(|column| column.of(product));
                values.try_for_each(|value| csv.write_field(value.as_bytes())).map_err(io_error)?;
                csv.write_record(None::<&[u8]>).map_err(io_error)
            }
            Rows::Json(out) => {
                out.write_all(if first { b"\n" } else { b",\n" })?;
                Ok(serde_json::to_writer(out, product)?)
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.begin()?;
        match self.rows {
            Rows::Csv(mut csv) => csv.flush(),
            Rows::Json(mut out) => {
                out.write_all(b"\n]\n")?;
                out.flush()
            }
        }
    }
}

/// The kind of error is kept: a closed pipe is none of the user's.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
