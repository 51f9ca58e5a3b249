//! Products by their ids.

use anyhow::Result;
use rusqlite::{CachedStatement, Connection};

use super::schema;
use crate::catalogue::product::Product;

/// Looks products up, with one statement for all.
pub(in crate::catalogue) struct ById<'a> {
    connection: &'a Connection,
    exactly: CachedStatement<'a>,
}

impl ById<'_> {
    pub(in crate::catalogue) fn new(connection: &Connection) -> Result<ById<'_>> {
        let exactly = "SELECT id, name, price, * FROM product WHERE id = ?1 COLLATE NOCASE AND id = ?1";
        Ok(ById { connection, exactly: connection.prepare_cached(exactly)? })
    }

    /// The product with exactly this id.
    pub(in crate::catalogue) fn exactly(&mut self, id: &str) -> Result<Option<Product>> {
        self.exactly.query_and_then([id], |row| schema::product(self.connection, row))?.next().transpose()
    }

    /// The one whose id differs in the case of ASCII letters alone, if there is just one; the id has no NUL.
    pub(super) fn but_for_case(&self, id: &str) -> Result<Option<Product>> {
        let query = "SELECT id, name, price, * FROM product WHERE id = ?1 COLLATE NOCASE LIMIT 2";
        let mut statement = self.connection.prepare_cached(query)?;
        let mut found = statement.query_and_then([id], |row| schema::product(self.connection, row))?;
        match (found.next(), found.next()) {
            (Some(product), None) => product.map(Some),
            _ => Ok(None),
        }
    }
}
