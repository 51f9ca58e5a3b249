//! How products lie in an SQLite file: in goes a connection, out comes whether it holds the one
//! table that a catalogue is, which the `sqlite3` shell can edit too.

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, ErrorCode, Row};
use rust_decimal::Decimal;

use super::{Item, Product};
use crate::settings::limits;

/// `PRAGMA user_version` of a catalogue.
const VERSION: i64 = 1;

/// The products themselves. Prices are text, since SQLite's numbers are binary. `position` is in the
/// order of the ids: the index of words gives its matches by position, so a search finds a page
/// deep in its list as fast as the first.
const TABLE: &str = "
CREATE TABLE product (
    position INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    price    TEXT NOT NULL
);
CREATE UNIQUE INDEX product_id ON product (id COLLATE NOCASE, id);
PRAGMA user_version = 1;
";

/// Gives all products their positions anew. There is room between them, in which `PLACE` puts
/// products that come one by one.
const ORDER: &str = "
CREATE TABLE ordered (
    position INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    price    TEXT NOT NULL
);
INSERT INTO ordered
    SELECT row_number() OVER (ORDER BY id COLLATE NOCASE, id) << 20, id, name, price FROM product;
DROP TABLE product;
ALTER TABLE ordered RENAME TO product;
CREATE UNIQUE INDEX product_id ON product (id COLLATE NOCASE, id);
";

/// For lookups and searches by name. Case and accents do not count in words.
const INDEX: &str = "
CREATE INDEX product_name ON product (name COLLATE NOCASE, id COLLATE NOCASE, id);
CREATE VIRTUAL TABLE product_word
    USING fts5 (name, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO product_word (rowid, name) SELECT position, name FROM product ORDER BY position;
";

/// The index of words follows every change, whoever makes it.
const FOLLOW: &str = "
CREATE TRIGGER product_added AFTER INSERT ON product BEGIN
    {PLACE};
    {ADD};
END;
CREATE TRIGGER product_removed AFTER DELETE ON product BEGIN
    DELETE FROM product_word WHERE rowid = OLD.position;
END;
CREATE TRIGGER product_renamed AFTER UPDATE OF id, name ON product
WHEN OLD.id IS NOT NEW.id OR OLD.name IS NOT NEW.name BEGIN
    DELETE FROM product_word WHERE rowid = OLD.position;
    {PLACE} AND OLD.id IS NOT NEW.id;
    {ADD};
END;
";

/// Puts a product between those that its id is between. Where there is no room left it stays
/// where it is, at the end, until the next large import. The conflict is looked for, since the
/// statement that fired the trigger might have it solved by `REPLACE`.
const PLACE: &str = "
    UPDATE product SET position = place.position
    FROM (SELECT previous + coalesce(min((next - previous) / 2, 1 << 10), 1 << 20) AS position
          FROM (SELECT
              coalesce((SELECT position FROM product
                  WHERE id COLLATE NOCASE <= NEW.id AND (id COLLATE NOCASE < NEW.id OR id < NEW.id)
                  ORDER BY id COLLATE NOCASE DESC, id DESC LIMIT 1), 0) AS previous,
              (SELECT position FROM product
               WHERE id COLLATE NOCASE >= NEW.id AND (id COLLATE NOCASE > NEW.id OR id > NEW.id)
               ORDER BY id COLLATE NOCASE, id LIMIT 1) AS next)) AS place
    WHERE product.position = NEW.position
        AND NOT EXISTS (SELECT 1 FROM product WHERE position = place.position)";

/// Adds a product's words. `REPLACE` may have left some at its position, since it removes a
/// product without firing a trigger.
const ADD: &str = "
    DELETE FROM product_word
    WHERE rowid = (SELECT position FROM product WHERE id = NEW.id COLLATE NOCASE AND id = NEW.id);
    INSERT INTO product_word (rowid, name)
        SELECT position, name FROM product WHERE id = NEW.id COLLATE NOCASE AND id = NEW.id";

/// One more than the largest number of 28 digits: every one of them fits a `Decimal`, of the
/// numbers of 29 digits only some.
const TEN_TO_28: u128 = 10_u128.pow(28);

/// Creates the table in a file that has none; the rest is `create_index`'s.
pub(super) fn create_table(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(TABLE)?)
}

/// Creates the indexes, where they are not there. After a large import that takes less time than
/// to keep them up with every row.
pub(super) fn create_index(connection: &Connection) -> Result<()> {
    let indexed = "SELECT count(*) FROM sqlite_schema WHERE name = 'product_word'";
    if connection.query_row(indexed, [], |row| Ok(row.get::<_, i64>(0)? > 0))? {
        return Ok(());
    }
    connection.execute_batch(ORDER)?;
    connection.execute_batch(INDEX)?;
    Ok(connection.execute_batch(&FOLLOW.replace("{PLACE}", PLACE).replace("{ADD}", ADD))?)
}

/// Drops the indexes, until `create_index`.
pub(super) fn drop_index(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(
        "DROP TRIGGER IF EXISTS product_added;
         DROP TRIGGER IF EXISTS product_removed;
         DROP TRIGGER IF EXISTS product_renamed;
         DROP INDEX IF EXISTS product_name;
         DROP TABLE IF EXISTS product_word;",
    )?)
}

/// Is this file a catalogue (or else an empty one that can become one)?
pub(super) fn exists(connection: &Connection) -> Result<bool> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == VERSION {
        return match connection.prepare("SELECT id, name, price FROM product") {
            Ok(_) => Ok(true),
            // A plain error is one of the statement: there is no such table or column.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
                bail!(
                    "the file is an SQLite database of another kind (it has no table product with id, name and price)"
                )
            }
            Err(error) => Err(error.into()),
        };
    }
    if version == 0 && connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))? {
        return Ok(false);
    }
    bail!("the file is an SQLite database of another kind (user_version {version}, a catalogue's is {VERSION})")
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

/// A product of a row that has name and price.
pub(super) fn product(row: &Row) -> rusqlite::Result<Result<Product>> {
    let (name, text): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(price(&text).map(|price| Product { name, price }))
}

/// A product of a row that has id, name and price.
pub(super) fn item(row: &Row) -> rusqlite::Result<Result<Item>> {
    let (id, name, text): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let price = price(&text).with_context(|| format!("product {id:?}"));
    Ok(price.map(|price| Item { id, name, price }))
}
