//! The products of a file on their way to a store: in a temporary database, which finds an id that comes twice, and
//! gives them in the order in which a store has them.

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OptionalExtension, params};

use super::intake::Product;
use crate::catalogue::product::Price;
use crate::catalogue::store::{Row, Rows};
use crate::catalogue::temporary;

/// A temporary file of SQLite's, which has no name, and nobody else can open.
const TEMPORARY: &str = "";

/// KiB of its pages in memory.
const CACHE_KIB: i64 = 4 << 10;

const TABLE: &str = "
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN;
CREATE TABLE staged (
    id     TEXT NOT NULL,
    place  INTEGER NOT NULL,
    name   TEXT,
    price  TEXT,
    further BLOB NOT NULL,
    PRIMARY KEY (id COLLATE NOCASE, id)
) WITHOUT ROWID;
";

const SELECT: &str = "SELECT place, name, price, further FROM staged WHERE id = ?1 COLLATE NOCASE AND id = ?1";

pub(super) struct Stage {
    database: Connection,
    columns: Vec<String>,
    count: u64,
}

impl Stage {
    pub(super) fn new() -> Result<Stage> {
        let database = Connection::open(TEMPORARY)?;
        database.pragma_update(None, "cache_size", -CACHE_KIB)?;
        database.execute_batch(TABLE)?;
        Ok(Stage { database, columns: Vec::new(), count: 0 })
    }

    /// The further columns, to which others may be added later.
    pub(super) fn set_columns(&mut self, columns: Vec<String>) {
        self.columns = columns;
    }

    /// Takes a product, from the row of this number. An id may come again with the same values only.
    pub(super) fn add(&mut self, product: &Product, number: u64) -> Result<Added> {
        let Product { id, name, price, further } = product;
        let name = name.as_deref();
        let price = price.map(|price| price.to_string());
        let further = packed(further);
        let mut insert = self.database.prepare_cached("INSERT OR IGNORE INTO staged VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let inserted = insert.execute(params![id, number as i64, name, price, further]);
        if inserted.with_context(temporary::unwritten)? == 1 {
            self.count += 1;
            return Ok(Added::New);
        }
        let mut select = self.database.prepare_cached(SELECT)?;
        let (before, same) = select.query_row([id], |row| {
            let same = row.get_ref(1)?.as_str_or_null()? == name
                && row.get_ref(2)?.as_str_or_null()? == price.as_deref()
                && row.get_ref(3)?.as_blob()? == further;
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), same))
        })?;
        Ok(if same { Added::Again } else { Added::Other(before) })
    }
}

/// What came of a product.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    New,
    /// It was there before, with the same values.
    Again,
    /// Its id was there before, in the row of this number, with other values.
    Other(u64),
}

impl Rows for Stage {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn each(&self, take: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let mut query =
            self.database.prepare("SELECT id, name, price, further FROM staged ORDER BY id COLLATE NOCASE, id")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let price: Option<Price> = row.get_ref(2)?.as_str_or_null()?.map(str::parse).transpose()?;
            let mut values = unpacked(row.get_ref(3)?.as_blob()?)?;
            // What came before a column did has nothing there.
            values.resize(self.columns.len(), Some(""));
            let (id, name) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str_or_null()?);
            take(Row { id, name, price, values: &values })?;
        }
        Ok(())
    }

    fn has(&self, id: &str) -> Result<bool> {
        let mut query = self.database.prepare_cached(SELECT)?;
        Ok(query.query_row([id], |_| Ok(())).optional()?.is_some())
    }
}

/// Values one after the other, each behind its length in bytes; what is empty at the end is left out.
fn packed(values: &[&str]) -> Vec<u8> {
    let filled = values.iter().rposition(|value| !value.is_empty()).map_or(0, |last| last + 1);
    let mut packed = Vec::new();
    for value in &values[..filled] {
        packed.extend((value.len() as u32).to_le_bytes());
        packed.extend(value.as_bytes());
    }
    packed
}

fn unpacked(mut packed: &[u8]) -> Result<Vec<Option<&str>>> {
    let mut values = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        ensure!(length <= rest.len(), "the temporary database is damaged");
        values.push(Some(str::from_utf8(&rest[..length])?));
        packed = &rest[length..];
    }
    Ok(values)
}
