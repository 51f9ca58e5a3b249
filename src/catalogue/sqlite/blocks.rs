//! The blocks of an index in an SQLite file, and the products that it proposes.

use std::ops::{ControlFlow, Range};

use anyhow::Result;
use rusqlite::{Connection, ToSql};

use super::by_id::ById;
use super::index::{BLOCK, Index};
use super::schema;
use crate::catalogue::budget;
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::search::layout::{Blocks, Take};
use crate::settings::limits;

/// A file, in one state: while a transaction is open.
pub(super) struct SqliteBlocks<'a> {
    connection: &'a Connection,
    index: Index,
}

impl SqliteBlocks<'_> {
    pub(super) fn new(connection: &Connection) -> Result<SqliteBlocks<'_>> {
        Ok(SqliteBlocks { connection, index: Index::of(connection)? })
    }
}

impl Blocks for SqliteBlocks<'_> {
    fn block(&mut self, number: i64) -> Result<Option<Vec<u8>>> {
        budget::check()?;
        if self.index != Index::Own {
            return Ok(None);
        }
        let mut statement = self.connection.prepare_cached(BLOCK)?;
        let mut rows = statement.query([number])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    fn blocks(&mut self, range: Range<i64>, take: &mut Take) -> Result<()> {
        const FIRST: &str =
            "SELECT number, data FROM product_lookup_block WHERE number <= ?1 ORDER BY number DESC LIMIT 1";
        const MORE: &str =
            "SELECT number, data FROM product_lookup_block WHERE number > ?1 AND number < ?2 ORDER BY number";
        let mut give = |query: &str, parameters: &[&dyn ToSql]| {
            let mut statement = self.connection.prepare_cached(query)?;
            let mut rows = statement.query(parameters)?;
            while let Some(row) = rows.next()? {
                budget::check()?;
                if take(row.get(0)?, row.get_ref(1)?.as_bytes()?)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            anyhow::Ok(ControlFlow::Continue(()))
        };
        // What is asked of one number is in one block.
        if give(FIRST, &[&range.start])?.is_continue() && range.end - range.start > 1 {
            let _ = give(MORE, &[&range.start, &range.end])?;
        }
        Ok(())
    }

    fn last(&mut self, key: &[u8]) -> Result<Option<(i64, Vec<u8>)>> {
        budget::check()?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT number, data FROM product_lookup_block WHERE key < ?1 ORDER BY key DESC LIMIT 1")?;
        let mut rows = statement.query([key])?;
        Ok(rows.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?)
    }

    fn products(&mut self, ids: &[String]) -> Result<Vec<Option<Product>>> {
        let mut by_id = ById::new(self.connection)?;
        ids.iter().map(|id| left_out(by_id.exactly(id))).collect()
    }

    fn changed(&mut self) -> Result<Vec<String>> {
        if self.index != Index::Own {
            return Ok(Vec::new());
        }
        let mut statement = self.connection.prepare_cached("SELECT id FROM product_lookup_changed LIMIT ?1")?;
        let ids =
            statement.query_map([limits::CHANGED as i64], |row| Ok(schema::text(row.get_ref(0)?).into_owned()))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn all(&mut self, take: &mut dyn FnMut(Product) -> Result<()>) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT id, name, price, * FROM main.product")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            budget::check()?;
            if let Some(product) = left_out(schema::product(self.connection, row))? {
                take(product)?;
            }
        }
        Ok(())
    }
}
