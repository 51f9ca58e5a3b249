//! Export: in goes a catalogue, out come its products by id, as CSV or JSON that `import` takes
//! back unchanged.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result};
use rusqlite::Connection;

use super::product::Product;
use super::source::Source;
use super::sqlite::{built_in, file, schema};
use crate::settings::limits;

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
    match source {
        Source::BuiltIn => each(&built_in::connection()?, Writer::new(format, out)?),
        Source::File(path) => {
            let unreadable = || file::unreadable(path);
            let connection = file::open(path, limits::CATALOGUE_BUSY).with_context(unreadable)?;
            each(&connection, Writer::new(format, out)?).map_err(|error| match error.is::<io::Error>() {
                true => error,
                false => error.context(unreadable()),
            })
        }
        #[cfg(feature = "mysql")]
        Source::Url(url) => {
            let catalogue = super::mysql::MysqlCatalogue::at(url)?;
            let written = catalogue.each(|| Writer::new(format, out), |out, product| out.write(&product));
            written.and_then(Writer::finish).map_err(|error| match error.is::<io::Error>() {
                true => error,
                false => error.context(format!("the catalogue {url} cannot be read")),
            })
        }
        #[cfg(not(feature = "mysql"))]
        Source::Url(_) => anyhow::bail!(super::NO_DATABASES),
    }
}

fn each(connection: &Connection, mut out: Writer<impl Write>) -> Result<()> {
    let mut query = connection.prepare("SELECT id, name, price FROM product ORDER BY id COLLATE NOCASE, id")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        out.write(&schema::product(row)?)?;
    }
    out.finish()
}

/// Products on their way out.
enum Writer<Out: Write> {
    Csv(Box<csv::Writer<Out>>),
    Json { out: BufWriter<Out>, first: bool },
}

impl<Out: Write> Writer<Out> {
    fn new(format: Format, out: Out) -> Result<Writer<Out>> {
        Ok(match format {
            Format::Csv => {
                let builder = &mut csv::WriterBuilder::new();
                let mut csv = builder.buffer_capacity(BUFFER_BYTES).from_writer(out);
                csv.write_record(["id", "name", "price"]).map_err(io_error)?;
                Writer::Csv(Box::new(csv))
            }
            Format::Json => {
                let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
                out.write_all(b"[")?;
                Writer::Json { out, first: true }
            }
        })
    }

    fn write(&mut self, product: &Product) -> Result<()> {
        match self {
            Writer::Csv(csv) => {
                csv.write_record([&product.id, &product.name, &product.price.to_string()]).map_err(io_error)?
            }
            Writer::Json { out, first } => {
                out.write_all(if *first { b"\n" } else { b",\n" })?;
                *first = false;
                serde_json::to_writer(out, product).map_err(io::Error::from)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        match self {
            Writer::Csv(mut csv) => csv.flush()?,
            Writer::Json { mut out, .. } => {
                out.write_all(b"\n]\n")?;
                out.flush()?;
            }
        }
        Ok(())
    }
}

/// The kind of error is kept: a closed pipe is none of the user's.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
