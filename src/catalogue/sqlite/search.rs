//! Lookup and search in an SQLite catalogue.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::blocks::SqliteBlocks;
use super::by_id::ById;
use super::schema;
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::search::page::{Found, Search};
use crate::catalogue::search::{self, find};

/// The products that come behind an id. Columns compare by case, as people who edit them expect, so each comparison
/// that does not says so; SQLite takes no index for a row value in which one does.
const BY_ID: &str = "SELECT id, name, price, * FROM product
    WHERE id COLLATE NOCASE >= ?1 AND (id COLLATE NOCASE > ?1 OR id > ?1)
    ORDER BY id COLLATE NOCASE, id LIMIT ?2";

/// One page. It is one transaction, so that no product is missed or comes twice in it.
pub(super) fn search(connection: &Connection, search: &Search) -> Result<Found> {
    let transaction = connection.unchecked_transaction()?;
    let found = match search.question.as_str() {
        "" => list(connection, search)?,
        _ => find(&mut SqliteBlocks::new(connection), search)?,
    };
    transaction.finish()?;
    Ok(found)
}

/// One page of all products.
fn list(connection: &Connection, search: &Search) -> Result<Found> {
    let after = search.after.as_ref().map_or("", |after| after.id.as_str());
    let mut statement = connection.prepare_cached(BY_ID)?;
    let mut limit = search.limit + 1;
    // What is no product takes nobody's place.
    loop {
        let found = statement.query_and_then(params![after, limit as i64], |row| schema::product(connection, row))?;
        let found = found.map(left_out).collect::<Result<Vec<_>>>()?;
        let all = found.len();
        let products: Vec<Product> = found.into_iter().flatten().take(search.limit + 1).collect();
        if products.len() > search.limit || all < limit {
            return Ok(Found::of_all(products, search.limit));
        }
        limit *= 2;
    }
}

/// The product with exactly this id; where there is none, the one whose id differs in case alone, if there is just
/// one.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Product>> {
    find_by_id(connection, &mut ById::new(connection)?, id)
}

fn find_by_id(connection: &Connection, by_id: &mut ById, id: &str) -> Result<Option<Product>> {
    match by_id.exactly(id)? {
        // SQLite ends texts at a NUL where case does not count.
        None if id.contains('\0') => Ok(None),
        None if id.is_ascii() => by_id.but_for_case(id),
        None => search::by_id(&mut SqliteBlocks::new(connection), id),
        found => Ok(found),
    }
}

/// The products with these ids, or what stands for each that is not there, out of one state of the catalogue.
pub(super) fn by_ids(connection: &Connection, ids: &[String]) -> Result<Vec<Option<Product>>> {
    let transaction = connection.unchecked_transaction()?;
    let mut by_id = ById::new(connection)?;
    let found = ids.iter().map(|id| left_out(find_by_id(connection, &mut by_id, id))).collect();
    transaction.finish()?;
    found
}

/// The product so called, but for case and normal form. One transaction, so that none is missed that is edited
/// meanwhile.
pub(super) fn by_name(connection: &Connection, name: &str) -> Result<Option<Product>> {
    let transaction = connection.unchecked_transaction()?;
    let found = search::by_name(&mut SqliteBlocks::new(connection), name)?;
    transaction.finish()?;
    Ok(found)
}
