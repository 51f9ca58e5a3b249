//! How products lie in an SQLite file: in goes a connection, out comes whether it holds the one
//! table that a catalogue is, which the `sqlite3` shell can edit too.

use anyhow::{Result, bail};
use rusqlite::Connection;
use rust_decimal::Decimal;

use crate::settings::limits;

/// `PRAGMA user_version` of a catalogue.
const VERSION: i64 = 1;

/// Prices are text, since SQLite's numbers are binary.
const TABLE: &str = "
CREATE TABLE product (
    id    TEXT PRIMARY KEY NOT NULL,
    name  TEXT NOT NULL,
    price TEXT NOT NULL
);
PRAGMA user_version = 1;
";

/// For lookups by name.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS product_name ON product (name COLLATE NOCASE, id);";

/// One more than the largest number of 28 digits: every one of them fits a `Decimal`, of the
/// numbers of 29 digits only some.
const TEN_TO_28: u128 = 10_u128.pow(28);

/// Creates the table in a file that has none; its index is `create_index`'s.
pub(super) fn create_table(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(TABLE)?)
}

/// Creates the table's index, where it is not there. After a large import that takes less time
/// than to keep it up with every row.
pub(super) fn create_index(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(INDEX)?)
}

/// Drops the index, until `create_index`.
pub(super) fn drop_index(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch("DROP INDEX IF EXISTS product_name")?)
}

/// Is this file a catalogue (or else an empty one that can become one)?
pub(super) fn exists(connection: &Connection) -> Result<bool> {
    let (version, tables, columns): (i64, i64, i64) = connection.query_row(
        "SELECT user_version, (SELECT count(*) FROM sqlite_schema),
            (SELECT count(*) FROM pragma_table_info('product') WHERE name IN ('id', 'name', 'price'))
         FROM pragma_user_version",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    match (version, tables, columns) {
        (VERSION, _, 3) => Ok(true),
        (0, 0, _) => Ok(false),
        (VERSION, ..) => {
            bail!("the file is an SQLite database of another kind (it has no table product with id, name and price)")
        }
        _ => {
            bail!("the file is an SQLite database of another kind (user_version {version}, a catalogue's is {VERSION})")
        }
    }
}

/// A price as it lies in the table, or as somebody sent it: digits, perhaps a point and a sign.
pub(super) fn price(text: &str) -> Result<Decimal> {
    let shown = || text.chars().take(limits::QUOTED_CHARS).collect::<String>();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let points = text.bytes().filter(|&byte| byte == b'.').count();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    // `Decimal` itself takes 1_000 too.
    if digits == 0 || points > 1 || digits + points != unsigned.len() {
        bail!("the price {:?} is no decimal number", shown());
    }
    match Decimal::from_str_exact(text) {
        Ok(price) if price.mantissa().unsigned_abs() < TEN_TO_28 => Ok(price),
        _ => bail!("the price {:?} has more than 28 digits", shown()),
    }
}
