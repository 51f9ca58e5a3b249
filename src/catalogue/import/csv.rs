//! Reads products from CSV (RFC 4180) whose first line is a header; errors name the line.

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::Columns;
use super::input::{BUFFER_BYTES, Input};
use crate::catalogue::product::{Price, Product};

/// The fields of a product, as a header and messages name them.
const FIELDS: [&str; 3] = ["id", "name", "price"];

/// Gives each product to `store`; says how many there are.
pub(super) fn read(input: Input, columns: &Columns, mut store: impl FnMut(&Product) -> Result<()>) -> Result<u64> {
    let mut lines = Lines::new(input);
    if !lines.advance()? {
        bail!("{} is empty; a header row is needed, like id,name,price", lines.name);
    }
    let columns = find(&lines.record, columns).with_context(|| lines.place())?;
    let width = lines.record.len();
    let mut products = 0;
    while lines.advance()? {
        let product = product(&lines.record, width, &columns).with_context(|| lines.place())?;
        store(&product)?;
        products += 1;
    }
    Ok(products)
}

fn product(record: &ByteRecord, width: usize, columns: &[usize; 3]) -> Result<Product> {
    let fields = record.len();
    ensure!(fields == width, "the number of fields is {fields}, and the header's is {width}");
    let mut texts = [""; 3];
    for ((text, &column), field) in texts.iter_mut().zip(columns).zip(FIELDS) {
        *text = str::from_utf8(&record[column]).map_err(|_| anyhow!("the {field} is not UTF-8"))?;
    }
    let [id, name, price] = texts;
    Product::new(id, name, price)
}

/// The columns of id, name and price, counted from 0: as they are asked for, or as the header
/// names them, or the first three.
fn find(header: &ByteRecord, asked: &Columns) -> Result<[usize; 3]> {
    ensure!(!header.iter().any(inner_return), "the line ends are lone CR; LF or CR LF are needed");
    let width = header.len();
    let mut columns = [0, 1, 2];
    let mut guessed = [false; 3];
    for (place, asked) in [asked.id, asked.name, asked.price].into_iter().enumerate() {
        let field = FIELDS[place];
        let named = || header.iter().position(|cell| called(cell, field));
        let column = match asked.map_or_else(|| named().map(|column| column + 1), Some) {
            Some(column) => column,
            None => {
                guessed[place] = true;
                place + 1
            }
        };
        ensure!(column > 0, "there is no column 0 for the {field}; the first is 1");
        ensure!(
            column <= width,
            "there is no column {column} for the {field}; the header has {width} (separated by commas)"
        );
        columns[place] = column - 1;
    }
    for (place, other) in [(0, 1), (0, 2), (1, 2)] {
        ensure!(
            columns[place] != columns[other] || !(guessed[place] || guessed[other]),
            "column {} would be both {} and {}; say with --{}-column which is which",
            columns[place] + 1,
            FIELDS[place],
            FIELDS[other],
            if guessed[place] { FIELDS[place] } else { FIELDS[other] },
        );
    }
    // A file without a header would lose its first product.
    let price = String::from_utf8_lossy(&header[columns[2]]);
    ensure!(
        price.trim().parse::<Price>().is_err(),
        "a header row is needed, like id,name,price, and this one has a price, {:?}",
        price.trim()
    );
    Ok(columns)
}

/// Is this header cell the name of `field`?
fn called(cell: &[u8], field: &str) -> bool {
    str::from_utf8(cell).is_ok_and(|cell| cell.trim().eq_ignore_ascii_case(field))
}

fn inner_return(cell: &[u8]) -> bool {
    cell.trim_ascii().contains(&b'\r')
}

/// The lines that are not blank. The CR of a CR LF stays at the end of its last field, which is
/// trimmed: with LF as the only end of a line, `csv` counts the lines as an editor does.
struct Lines {
    name: String,
    reader: Reader<Input>,
    record: ByteRecord,
}

impl Lines {
    fn new(input: Input) -> Lines {
        let name = input.name().to_owned();
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(input);
        Lines { name, reader, record: ByteRecord::new() }
    }

    /// Goes to the next one, if there is one.
    fn advance(&mut self) -> Result<bool> {
        loop {
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|error| self.unreadable(error))? {
                return Ok(false);
            }
            let input = self.reader.get_ref();
            ensure!(!input.ended(), "{}: a quote is never closed", self.place());
            input.unused().clear();
            if self.record.len() > 1 || !self.record[0].trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// File and line, for a message. The line is where the last record begins, whose end is known.
    fn place(&self) -> String {
        let inside = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
        let ended = !self.reader.get_ref().ended();
        let line = self.reader.position().line() - inside - u64::from(ended);
        format!("{}, line {line}", self.name)
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        let line = self.reader.position().line();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::new(error).context(format!("{} cannot be read", self.name)),
            other => anyhow!("{}, line {line}: {other:?}", self.name),
        }
    }
}
