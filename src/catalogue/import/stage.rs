//! What was read of a file, in the order of the ids, before the catalogue is locked: in a temporary file of SQLite's,
//! which has no name.

use std::fmt::Display;

use anyhow::{Error, Result, anyhow};
use rusqlite::{Connection, params};

use crate::catalogue::product::Product;
use crate::catalogue::store::{Row, Rows};

const TABLE: &str = "
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE staged (
    id    TEXT NOT NULL,
    name  TEXT NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (id COLLATE NOCASE, id)
) WITHOUT ROWID;
BEGIN;
";

const STAGE: &str = "INSERT INTO staged VALUES (?1, ?2, ?3)
    ON CONFLICT (id COLLATE NOCASE, id) DO UPDATE SET name = excluded.name, price = excluded.price";

/// Products that were read.
pub(super) struct Stage {
    connection: Connection,
    count: u64,
}

impl Stage {
    pub(super) fn new() -> Result<Stage> {
        let connection = Connection::open("").map_err(unwritten)?;
        connection.execute_batch(TABLE).map_err(unwritten)?;
        Ok(Stage { connection, count: 0 })
    }

    pub(super) fn add(&mut self, product: &Product) -> Result<()> {
        let mut stage = self.connection.prepare_cached(STAGE).map_err(unwritten)?;
        stage.execute(params![product.id, product.name, product.price.to_string()]).map_err(unwritten)?;
        self.count += 1;
        Ok(())
    }
}

impl Rows for Stage {
    fn columns(&self) -> &[String] {
        &[]
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn each(&self, take: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let all = "SELECT id, name, price FROM staged ORDER BY id COLLATE NOCASE, id";
        let mut all = self.connection.prepare(all).map_err(unwritten)?;
        let mut rows = all.query([]).map_err(unwritten)?;
        while let Some(row) = rows.next().map_err(unwritten)? {
            let text = |column| Ok::<_, Error>(row.get_ref(column)?.as_str()?);
            take(Row { id: text(0)?, name: Some(text(1)?), price: Some(text(2)?.parse()?), values: &[] })?;
        }
        Ok(())
    }

    fn has(&self, id: &str) -> Result<bool> {
        let has = "SELECT 1 FROM staged WHERE id = ?1 COLLATE NOCASE AND id = ?1";
        let mut has = self.connection.prepare_cached(has).map_err(unwritten)?;
        has.exists([id]).map_err(unwritten)
    }
}

/// The error is the temporary file's, and not the catalogue's.
fn unwritten(error: impl Display) -> Error {
    anyhow!("what was read cannot be kept in a temporary file: {error}")
}
