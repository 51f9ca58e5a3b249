//! The program's own index beside the table `product`, by which it finds and orders products. All of it has names
//! with one prefix, so that all else in the file is the shop's.

use anyhow::Result;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};

use super::schema::text;
use crate::catalogue::columns::{further, quoted};
use crate::catalogue::search::build::Builder;
use crate::catalogue::search::layout::{Contents, Put};
use crate::catalogue::search::terms::{Texts, folded_id, is_identifying};
use crate::settings::limits;

/// Ids in their order, also but for case; the blocks of the index of words (`search::layout`); and which products have
/// changed since it was made.
const INDEX: &str = "
CREATE INDEX product_lookup_id ON product (id COLLATE NOCASE, id);
CREATE TABLE product_lookup_block (number INTEGER PRIMARY KEY, key BLOB, data BLOB NOT NULL);
CREATE TABLE product_lookup_changed (id PRIMARY KEY NOT NULL) WITHOUT ROWID;
";

/// Every change is noted, whoever makes it. What `REPLACE` removes fires no trigger: what the index says of a product
/// that is not there counts for nothing. `OR IGNORE` would not do: in a trigger the policy of the statement counts that
/// fires it.
const FOLLOW: &str = "
CREATE TRIGGER product_lookup_added AFTER INSERT ON product BEGIN {note NEW} END;
CREATE TRIGGER product_lookup_removed AFTER DELETE ON product BEGIN {note OLD} END;
CREATE TRIGGER product_lookup_renamed AFTER UPDATE ON product WHEN {differs} BEGIN {note OLD} {note NEW} END;
";
const NOTE: &str = "INSERT INTO product_lookup_changed
    SELECT {row}.id WHERE NOT EXISTS (SELECT 1 FROM product_lookup_changed WHERE id = {row}.id);";

/// With more products than this part that have changed since the index was made, it is made anew by the next change.
const ONE_CHANGED_IN: usize = 16;

/// The column that is not the shop's in a file of the first version.
pub(in crate::catalogue) const POSITION: &str = "position";

/// Of whom the index of words is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalogue) enum Index {
    /// As `create` makes it.
    Own,
    /// Of the first version, which had positions in a column of the table `product`.
    First,
    /// There is none that is understood: somebody has made the table by hand, or another version has.
    Missing,
}

impl Index {
    /// The one in a file.
    pub(in crate::catalogue) fn of(connection: &Connection) -> Result<Index> {
        let names = "SELECT max(name = 'product_lookup_block'), max(name = 'product_word') FROM main.sqlite_schema";
        let found = connection.prepare_cached(names)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(match found {
            (Some(true), _) if contents(connection)?.is_some() => Index::Own,
            (_, Some(true)) => Index::First,
            _ => Index::Missing,
        })
    }
}

/// What the index has in it; `None` where it is not of this version.
fn contents(connection: &Connection) -> Result<Option<Contents>> {
    let mut statement = connection.prepare_cached(BLOCK)?;
    let mut rows = statement.query([Contents::BLOCK])?;
    match rows.next()? {
        Some(row) => Ok(Contents::of(row.get_ref(0)?.as_bytes()?)),
        None => Ok(None),
    }
}

/// One block.
pub(super) const BLOCK: &str = "SELECT data FROM product_lookup_block WHERE number = ?1";

/// How many products have changed since the index was made, where no more are looked at than so many.
pub(super) fn changed(connection: &Connection, most: usize) -> Result<usize> {
    let count = "SELECT count(*) FROM (SELECT 1 FROM product_lookup_changed LIMIT ?1)";
    Ok(connection.query_row(count, [most as i64], |row| row.get::<_, i64>(0))? as usize)
}

/// Have few products changed since the index was made, and is it of all columns that identify? It is there.
pub(super) fn is_ordered(connection: &Connection) -> Result<bool> {
    if !lacking(connection)?.is_empty() {
        return Ok(false);
    }
    let products = contents(connection)?.map_or(0, |contents| contents.products());
    let most = (products / ONE_CHANGED_IN).min(limits::CHANGED / 2);
    Ok(changed(connection, most + 1)? <= most)
}

/// Creates the index.
pub(in crate::catalogue) fn create(connection: &Connection) -> Result<()> {
    connection.execute_batch(INDEX)?;
    let mut insert = connection.prepare("INSERT INTO product_lookup_block VALUES (?1, ?2, ?3)")?;
    build(connection, &mut |number, key, data| {
        insert.execute(params![number, key, data])?;
        Ok(())
    })?;
    connection.execute_batch("CREATE INDEX product_lookup_key ON product_lookup_block (key) WHERE key IS NOT NULL")?;
    let identifying = identifying(connection)?;
    let columns = ["id", "name"].into_iter().chain(identifying.iter().map(String::as_str));
    let differs: Vec<String> = columns.map(differs).collect();
    let [new, old] = ["NEW", "OLD"].map(|row| NOTE.replace("{row}", row));
    let follow =
        FOLLOW.replace("{differs}", &differs.join(" OR ")).replace("{note NEW}", &new).replace("{note OLD}", &old);
    Ok(connection.execute_batch(&follow)?)
}

/// The columns that identify a product, and came after the index: those that its trigger does not compare.
pub(in crate::catalogue) fn lacking(connection: &Connection) -> Result<Vec<String>> {
    let mut trigger =
        connection.prepare_cached("SELECT sql FROM main.sqlite_schema WHERE name = 'product_lookup_renamed'")?;
    let compared: Option<String> = trigger.query_row([], |row| row.get(0)).optional()?;
    let compared = compared.unwrap_or_default();
    let lacks = |column: &String| !compared.contains(&differs(column));
    Ok(identifying(connection)?.into_iter().filter(lacks).collect())
}

/// Has a row another value there?
fn differs(column: &str) -> String {
    format!("OLD.{0} IS NOT NEW.{0}", quoted(column))
}

fn identifying(connection: &Connection) -> Result<Vec<String>> {
    Ok(further(connection)?.into_iter().filter(|column| is_identifying(column)).collect())
}

/// Makes the blocks of an index of all products.
pub(in crate::catalogue) fn build(connection: &Connection, put: &mut Put) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("product_lookup_key", 1, flags, |context| Ok(folded_id(&text(context.get_raw(0)))))?;
    let identifying = identifying(connection)?;
    let columns: String = identifying.iter().map(|column| format!(", {}", quoted(column))).collect();
    let all = format!("SELECT id, name{columns} FROM main.product ORDER BY product_lookup_key(id), id");
    let mut all = connection.prepare(&all)?;
    let mut rows = all.query([])?;
    let mut builder = Builder::new(put);
    while let Some(row) = rows.next()? {
        let values = (2..2 + identifying.len()).map(|column| row.get_ref(column).map(text));
        let values: Vec<_> = values.collect::<Result<_, _>>()?;
        let (id, name) = (text(row.get_ref(0)?), text(row.get_ref(1)?));
        builder.add(&id, &Texts::new(&id, &name, values.iter().map(|value| &**value)))?;
    }
    builder.finish()
}

/// Drops it, all of it or what is there, also what was there in earlier versions.
pub(in crate::catalogue) fn drop(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(
        "DROP TRIGGER IF EXISTS product_lookup_added;
         DROP TRIGGER IF EXISTS product_lookup_removed;
         DROP TRIGGER IF EXISTS product_lookup_renamed;
         DROP INDEX IF EXISTS product_lookup_id;
         DROP INDEX IF EXISTS product_lookup_name;
         DROP TABLE IF EXISTS product_lookup_block;
         DROP TABLE IF EXISTS product_lookup_changed;
         DROP TABLE IF EXISTS product_lookup_position;
         DROP TABLE IF EXISTS product_lookup_word;",
    )?)
}
