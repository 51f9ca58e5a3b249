//! How products lie in an SQLite file: in one table, which is the shop's. What the program needs beside it has names
//! of its own, see `index`.

use std::borrow::Cow;
use std::ops::ControlFlow;

use anyhow::{Result, bail};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row, Statement};

use super::index::{Index, POSITION};
use crate::catalogue::columns;
use crate::catalogue::product::{Product, left_out, trim};

/// The table of a new catalogue. Prices are text, since SQLite's numbers are binary. Its rules are those of
/// `Product`, so that nobody can store what is none; what they are called is what SQLite says of who tries. What most texts are comes first: the rest takes longer.
/// `{more}` stands for the shop's own columns.
const TABLE: &str = "CREATE TABLE {table} (
    id    TEXT PRIMARY KEY NOT NULL,
    name  TEXT NOT NULL,
    price TEXT NOT NULL{more},
    CONSTRAINT \"the id is text, not empty, without blanks around it\" CHECK ({id}),
    CONSTRAINT \"the name is text, not empty, without blanks around it\" CHECK ({name}),
    CONSTRAINT \"the price is a decimal number of at most 28 digits\" CHECK (
        typeof(price) = 'text' AND instr(CAST(price AS BLOB), x'00') = 0
        AND (length(price) <= 28 AND price GLOB '[0-9]*' AND price NOT GLOB '*[^0-9.]*' AND price NOT GLOB '*.*.*'
        OR length(price) - length(ltrim(price, '+-')) <= 1
        AND length(ltrim(price, '+-')) - length(replace(ltrim(price, '+-'), '.', '')) <= 1
        AND replace(ltrim(price, '+-'), '.', '') <> ''
        AND replace(ltrim(price, '+-'), '.', '') NOT GLOB '*[^0-9]*'
        AND length(ltrim(replace(ltrim(price, '+-'), '.', ''), '0')) <= 28
        AND (instr(price, '.') = 0 OR length(price) - instr(price, '.') <= 28)))
)";

/// All products, in the order of their ids.
pub(in crate::catalogue) const ALL: &str = "SELECT id, name, price, * FROM main.product ORDER BY id COLLATE NOCASE, id";

/// The SQL of the table.
pub(super) fn table(table: &str, more: &str) -> String {
    let unseen = (char::MIN..=char::MAX).filter(|&character| trim(character.encode_utf8(&mut [0; 4])).is_empty());
    let unseen = unseen.map(|character| u32::from(character).to_string()).collect::<Vec<_>>().join(",");
    let text = |column: &str| {
        format!(
            "
        typeof({column}) = 'text' AND instr(CAST({column} AS BLOB), x'00') = 0
        AND (unicode({column}) BETWEEN 33 AND 126 AND substr({column}, -1) BETWEEN '!' AND '~'
        OR {column} <> '' AND {column} = trim({column}, char({unseen})))"
        )
    };
    let sql = TABLE.replace("{table}", table).replace("{id}", &text("id")).replace("{name}", &text("name"));
    sql.replace("{more}", more)
}

/// Creates the table in a file that has none; the rest is `index`'s.
pub(in crate::catalogue) fn create_table(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(&table("product", ""))?)
}

/// Is this file a catalogue (or else an empty one that can become one)?
pub(in crate::catalogue) fn exists(connection: &Connection) -> Result<bool> {
    match connection.prepare("SELECT id, name, price FROM main.product") {
        Ok(_) => return Ok(true),
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(error.into()),
    }
    if connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))? {
        return Ok(false);
    }
    bail!("the file is an SQLite database of another kind (it has no table product with id, name and price)")
}

/// Is there no such table or column? A plain error is one of the statement.
pub(super) fn is_missing(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::Unknown)
}

/// Gives all products to `take`, in the order of their ids, until it breaks off.
pub(super) fn each(connection: &Connection, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()> {
    each_row(connection, &mut |found| Ok(left_out(found)?.map_or(ControlFlow::Continue(()), &mut *take)))
}

/// The same with what is no product.
pub(in crate::catalogue) fn each_row(
    connection: &Connection,
    take: &mut dyn FnMut(Result<Product>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut query = connection.prepare(ALL)?;
    for found in query.query_and_then([], |row| product(connection, row))? {
        if take(found)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// How many products there are.
pub(in crate::catalogue) fn count(connection: &Connection) -> Result<u64> {
    let products: i64 = connection.query_row("SELECT count(*) FROM main.product", [], |row| row.get(0))?;
    Ok(products.unsigned_abs())
}

/// A product of a row of `COLUMNS`.
pub(in crate::catalogue) fn product(connection: &Connection, row: &Row) -> Result<Product> {
    let statement: &Statement = row.as_ref();
    let mut further = Vec::new();
    let columns = statement.column_count();
    // Where there are twice three, the shop has none of its own.
    for column in (3..columns).filter(|_| columns > 6) {
        let name = statement.column_name(column)?;
        if !(columns::is_own(name) || name == POSITION && Index::of(connection)? == Index::First) {
            further.push((name.to_owned(), text(row.get_ref(column)?).into_owned()));
        }
    }
    Ok(Product::stored(&text(row.get_ref(0)?), &text(row.get_ref(1)?), &text(row.get_ref(2)?), further)?)
}

/// A value as text. Nothing is the empty one.
pub(super) fn text(value: ValueRef) -> Cow<str> {
    match value {
        ValueRef::Null => "".into(),
        ValueRef::Integer(number) => number.to_string().into(),
        ValueRef::Real(number) => format!("{number:?}").into(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
    }
}
