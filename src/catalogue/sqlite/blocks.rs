//! The blocks of an index in an SQLite file, and the products that it proposes.

use std::ops::{ControlFlow, Range};

use anyhow::Result;
use rusqlite::{CachedStatement, Connection, OptionalExtension, ToSql};

use super::by_id::ById;
use super::index::BLOCK;
use super::schema;
use crate::catalogue::budget;
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::search::layout::{Blocks, Take};
use crate::settings::limits;

/// The last block before a number, or with it.
const FIRST: &str = "SELECT number, data FROM product_lookup_block WHERE number <= ?1 ORDER BY number DESC LIMIT 1";

/// Those behind one number and before another.
const MORE: &str = "SELECT number, data FROM product_lookup_block WHERE number > ?1 AND number < ?2 ORDER BY number";

/// The last one before a key.
const LAST: &str = "SELECT number, data FROM product_lookup_block WHERE key < ?1 ORDER BY key DESC LIMIT 1";

/// A file, in one state: while a transaction is open.
pub(super) struct SqliteBlocks<'a> {
    connection: &'a Connection,
    block: Query<'a>,
    first: Query<'a>,
    more: Query<'a>,
    last: Query<'a>,
}

/// A query that is prepared when it is put first.
struct Query<'a> {
    connection: &'a Connection,
    sql: &'static str,
    statement: Option<CachedStatement<'a>>,
}

impl<'a> Query<'a> {
    fn new(connection: &'a Connection, sql: &'static str) -> Query<'a> {
        Query { connection, sql, statement: None }
    }

    fn prepared(&mut self) -> rusqlite::Result<&mut CachedStatement<'a>> {
        let statement = match self.statement.take() {
            Some(statement) => statement,
            None => self.connection.prepare_cached(self.sql)?,
        };
        Ok(self.statement.insert(statement))
    }

    /// Gives what it finds to `take`.
    fn give(&mut self, parameters: &[&dyn ToSql], take: &mut Take) -> Result<ControlFlow<()>> {
        let mut rows = self.prepared()?.query(parameters)?;
        while let Some(row) = rows.next()? {
            budget::check()?;
            if take(row.get(0)?, row.get_ref(1)?.as_bytes()?)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl SqliteBlocks<'_> {
    pub(super) fn new(connection: &Connection) -> SqliteBlocks<'_> {
        let query = |sql| Query::new(connection, sql);
        SqliteBlocks { connection, block: query(BLOCK), first: query(FIRST), more: query(MORE), last: query(LAST) }
    }
}

impl Blocks for SqliteBlocks<'_> {
    fn block(&mut self, number: i64) -> Result<Option<Vec<u8>>> {
        budget::check()?;
        let prepared = self.block.prepared();
        match prepared.and_then(|statement| statement.query_row([number], |row| row.get(0)).optional()) {
            Err(error) if schema::is_missing(&error) => Ok(None),
            found => Ok(found?),
        }
    }

    fn blocks(&mut self, range: Range<i64>, take: &mut Take) -> Result<()> {
        // What is asked of one number is in one block.
        if self.first.give(&[&range.start], take)?.is_continue() && range.end - range.start > 1 {
            let _ = self.more.give(&[&range.start, &range.end], take)?;
        }
        Ok(())
    }

    fn last(&mut self, key: &[u8]) -> Result<Option<(i64, Vec<u8>)>> {
        budget::check()?;
        let mut rows = self.last.prepared()?.query([key])?;
        Ok(rows.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?)
    }

    fn products(&mut self, ids: &[String]) -> Result<Vec<Option<Product>>> {
        let mut by_id = ById::new(self.connection)?;
        ids.iter().map(|id| left_out(by_id.exactly(id))).collect()
    }

    fn changed(&mut self) -> Result<Vec<String>> {
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
