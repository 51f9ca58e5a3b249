//! A file of the first version, whose table `product` had the program's positions in a column and its own order, is
//! taken over: the table is made anew, with all that the shop has added to it.
//!
//! As SQLite describes it (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").

use anyhow::{Context, Result};
use rusqlite::Connection;

use super::index::Index;
use super::schema;
use crate::catalogue::columns::quoted;

/// The table's SQL before and after the shop's own columns, which came last; the first is what it was at first.
const SHAPES: [(&str, &str); 2] = [
    (
        "CREATE TABLE product (position INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, price TEXT NOT NULL",
        ")",
    ),
    (
        "CREATE TABLE product ( id TEXT NOT NULL, name TEXT NOT NULL, price TEXT NOT NULL, position INTEGER",
        ", PRIMARY KEY (id COLLATE NOCASE, id) ) WITHOUT ROWID",
    ),
];

/// What is between two texts, in which white space counts for nothing.
fn between<'a>(mut text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    for word in start.split_whitespace() {
        text = text.trim_start().strip_prefix(word)?;
    }
    for word in end.split_whitespace().rev() {
        text = text.trim_end().strip_suffix(word)?;
    }
    Some(text)
}

/// Takes over a file of the first version, in the transaction of a connection that does not hold to foreign keys.
/// What is no product by today's rules stays, and is told as such.
pub(super) fn take_over(connection: &Connection) -> Result<()> {
    if Index::of(connection)? != Index::First {
        return Ok(());
    }
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'product'";
    let sql: String = connection.query_row(sql, [], |row| row.get(0))?;
    let more = SHAPES.iter().find_map(|(start, end)| between(&sql, start, end)).context(
        "the table product is of an earlier version and has been changed; \
         export the catalogue, and import that into a new file",
    )?;
    connection.execute_batch(
        "DROP TRIGGER IF EXISTS product_added;
         DROP TRIGGER IF EXISTS product_removed;
         DROP TRIGGER IF EXISTS product_renamed;
         DROP INDEX IF EXISTS product_id;
         DROP INDEX IF EXISTS product_position;
         DROP INDEX IF EXISTS product_name;
         DROP TABLE IF EXISTS product_word;",
    )?;
    let texts = |query: &str| -> rusqlite::Result<Vec<String>> {
        connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
    };
    let his =
        texts("SELECT sql FROM sqlite_schema WHERE tbl_name = 'product' AND type <> 'table' AND sql IS NOT NULL")?;
    // Generated ones are hidden.
    let columns = texts("SELECT name FROM pragma_table_xinfo('product') WHERE hidden = 0 AND name <> 'position'")?;
    let columns = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    connection.execute_batch(&format!(
        "PRAGMA ignore_check_constraints = ON;
         {};
         INSERT INTO product_lookup_new ({columns}) SELECT {columns} FROM product ORDER BY id COLLATE NOCASE, id;
         PRAGMA ignore_check_constraints = OFF;
         DROP TABLE product;
         PRAGMA legacy_alter_table = ON;
         ALTER TABLE product_lookup_new RENAME TO product;
         PRAGMA legacy_alter_table = OFF;
         PRAGMA user_version = 0;",
        schema::table("product_lookup_new", more)
    ))?;
    Ok(his.iter().try_for_each(|sql| connection.execute_batch(sql))?)
}
