//! How products lie in an SQLite file: in one table, which the `sqlite3` shell can edit too, and an index of
//! their words.

use std::ops::ControlFlow;

use anyhow::{Result, bail};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row};

use crate::catalogue::product::Product;

/// `PRAGMA user_version` of a catalogue.
const VERSION: i64 = 1;

/// The products themselves, in the order of their ids. Prices are text, since SQLite's numbers are
/// binary. `position` is where a product's words are in the index of words.
const TABLE: &str = "
CREATE TABLE product (
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    price    TEXT NOT NULL,
    position INTEGER,
    PRIMARY KEY (id COLLATE NOCASE, id)
) WITHOUT ROWID;
";

/// Gives all products their positions: below zero, in the order of the ids. The index of words gives
/// its matches by position, so a search finds a page deep in its list as fast as the first. Views that
/// somebody made of the table stay views of it (legacy_alter_table).
const ORDER: &str = "
PRAGMA legacy_alter_table = ON;
ALTER TABLE product RENAME TO unordered;
PRAGMA legacy_alter_table = OFF;
{TABLE}
INSERT INTO product
    SELECT id, name, price, row_number() OVER (ORDER BY id COLLATE NOCASE, id) - 1 - (SELECT count(*) FROM unordered)
    FROM unordered ORDER BY id COLLATE NOCASE, id;
DROP TABLE unordered;
";

/// For lookups and searches by name. Case and accents do not count in words. The row at zero has no
/// words: what comes one by one gets its position behind it, where nothing is in order.
const INDEX: &str = "
CREATE UNIQUE INDEX product_position ON product (position);
CREATE INDEX product_name ON product (name COLLATE NOCASE, id COLLATE NOCASE, id);
CREATE VIRTUAL TABLE product_word
    USING fts5 (name, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO product_word (rowid, name) SELECT position, name FROM product ORDER BY position;
INSERT INTO product_word (rowid, name) VALUES (0, '');
";

/// The index of words follows every change, whoever makes it. They are short, since SQLite reads them
/// in each process anew. `REPLACE` removes a product without firing one; its words stay, and at their
/// position no product is found.
const FOLLOW: &str = "
CREATE TRIGGER product_added AFTER INSERT ON product BEGIN
    INSERT INTO product_word (name) VALUES (NEW.name);
    UPDATE product SET position = last_insert_rowid() WHERE id = NEW.id COLLATE NOCASE AND id = NEW.id;
END;
CREATE TRIGGER product_removed AFTER DELETE ON product BEGIN
    DELETE FROM product_word WHERE rowid = OLD.position;
END;
CREATE TRIGGER product_renamed AFTER UPDATE OF id, name ON product
WHEN OLD.id IS NOT NEW.id OR OLD.name IS NOT NEW.name BEGIN
    DELETE FROM product_word WHERE rowid = OLD.position;
    INSERT INTO product_word (name) VALUES (NEW.name);
    UPDATE product SET position = last_insert_rowid() WHERE id = NEW.id COLLATE NOCASE AND id = NEW.id;
END;
";

/// All products, in the order of their ids.
pub(in crate::catalogue) const ALL: &str = "SELECT id, name, price FROM product ORDER BY id COLLATE NOCASE, id";

/// A file of more than this part of the catalogue, or more products than this part that came one by
/// one since all were put in order: then an import makes the indexes anew.
pub(in crate::catalogue) const ONE_ADDED_IN: u64 = 16;

/// Creates the table in a file that has none; the rest is `create_index`'s.
pub(in crate::catalogue) fn create_table(connection: &Connection) -> Result<()> {
    connection.execute_batch(TABLE)?;
    Ok(connection.pragma_update(None, "user_version", VERSION)?)
}

/// Creates the indexes, where they are not there or much was added one by one. After a large import
/// that takes less time than to keep them up with every row.
pub(in crate::catalogue) fn create_index(connection: &Connection) -> Result<()> {
    if is_ordered(connection)? {
        return Ok(());
    }
    drop_index(connection)?;
    for step in [&ORDER.replace("{TABLE}", TABLE), INDEX, FOLLOW] {
        connection.execute_batch(step)?;
    }
    Ok(())
}

/// Are the indexes there, and few products behind those in order?
fn is_ordered(connection: &Connection) -> Result<bool> {
    if !connection.table_exists(None, "product_word")? {
        return Ok(false);
    }
    let at = |end| {
        let query = format!("SELECT rowid FROM product_word ORDER BY rowid {end} LIMIT 1");
        connection.query_row(&query, [], |row| row.get::<_, i64>(0)).optional()
    };
    Ok(
        matches!((at("ASC")?, at("DESC")?), (Some(first), Some(last)) if last.saturating_mul(ONE_ADDED_IN as i64) <= -first),
    )
}

/// Drops the indexes, until `create_index`.
pub(in crate::catalogue) fn drop_index(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(
        "DROP TRIGGER IF EXISTS product_added;
         DROP TRIGGER IF EXISTS product_removed;
         DROP TRIGGER IF EXISTS product_renamed;
         DROP INDEX IF EXISTS product_position;
         DROP INDEX IF EXISTS product_name;
         DROP TABLE IF EXISTS product_word;",
    )?)
}

/// Is this file a catalogue (or else an empty one that can become one)?
pub(in crate::catalogue) fn exists(connection: &Connection) -> Result<bool> {
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

/// Gives all products to `take`, in the order of their ids, until it breaks off.
pub(super) fn each(connection: &Connection, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()> {
    let mut query = connection.prepare(ALL)?;
    for found in query.query_and_then([], product)? {
        if take(found?).is_break() {
            break;
        }
    }
    Ok(())
}

/// How many products there are.
pub(in crate::catalogue) fn count(connection: &Connection) -> Result<u64> {
    let products: i64 = connection.query_row("SELECT count(*) FROM product", [], |row| row.get(0))?;
    Ok(products.unsigned_abs())
}

/// A product of a row that has id, name and price.
pub(in crate::catalogue) fn product(row: &Row) -> Result<Product> {
    Product::stored(row.get(0)?, row.get(1)?, &row.get::<_, String>(2)?)
}
