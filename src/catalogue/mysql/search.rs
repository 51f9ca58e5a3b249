//! Lookup and search in a database server: the products that an SQLite catalogue would give, in its order.

use std::ops::{ControlFlow, Range};

use anyhow::{Error, Result};
use mysql::prelude::Queryable;
use mysql::{AccessMode, Conn, Row, Transaction, TxOpts, Value};

use super::schema::{further, id_key, is_missing, product};
use crate::catalogue::budget;
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::search::layout::{Blocks, Take};
use crate::catalogue::search::page::{Found, Search};
use crate::catalogue::search::{self, find};

/// The products of the generation that is read, with a condition.
macro_rules! products {
    ($condition:literal) => {
        concat!(
            "SELECT p.*
             FROM product_generation g JOIN product p ON p.generation = g.current
             WHERE g.one = 1 ",
            $condition
        )
    };
}

/// All of them, by id.
pub(super) const ALL: &str = products!("ORDER BY p.id_key");

const COUNT: &str = "SELECT COUNT(*) FROM product_generation g JOIN product p ON p.generation = g.current
    WHERE g.one = 1";

const BY_ID: &str = products!("AND p.id_key = ?");
const BUT_FOR_CASE: &str = products!("AND p.id_key > ? AND p.id_key < ? LIMIT 2");
const AFTER_ID: &str = products!("AND p.id_key > ? ORDER BY p.id_key LIMIT ?");

/// Blocks of the index of words.
const BLOCK: &str = "SELECT data FROM product_block WHERE generation = ? AND number = ?";
const BLOCKS: &str = "SELECT number, data FROM product_block
    WHERE generation = ? AND number < ? AND number >= COALESCE(
        (SELECT MAX(number) FROM product_block WHERE generation = ? AND number <= ?), 0)
    ORDER BY number";

/// Gives all products to `take`, in the order of their ids, until it breaks off.
pub(super) fn each(connection: &mut Conn, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()> {
    for row in connection.query_iter(ALL)? {
        if let Some(product) = left_out(product(row?))?
            && take(product).is_break()
        {
            break;
        }
    }
    Ok(())
}

/// How many products there are.
pub(super) fn count(connection: &mut Conn) -> Result<u64> {
    Ok(connection.query_first(COUNT)?.unwrap_or_default())
}

/// The product with exactly this id, or else the one whose id differs in case alone, if there is just one.
pub(super) fn by_id(connection: &mut Conn, id: &str) -> Result<Option<Product>> {
    match connection.exec_first(BY_ID, (id_key(id),))? {
        Some(row) => product(row).map(Some),
        None => in_one_state(connection, |blocks| blocks.but_for_case(id)),
    }
}

/// The products with these ids.
pub(super) fn by_ids(connection: &mut Conn, ids: &[String]) -> Result<Vec<Option<Product>>> {
    in_one_state(connection, |blocks| {
        let mut found = blocks.products(ids)?;
        for (id, product) in ids.iter().zip(&mut found).filter(|(_, product)| product.is_none()) {
            *product = blocks.but_for_case(id)?;
        }
        Ok(found)
    })
}

/// The further columns.
pub(super) fn columns(connection: &mut Conn) -> Result<Vec<String>> {
    let generation: Option<Row> = connection.query_first("SELECT * FROM product_generation WHERE one = 1")?;
    generation.map_or(Ok(Vec::new()), |mut generation| further(&mut generation))
}

/// The product so called, but for case and normal form.
pub(super) fn by_name(connection: &mut Conn, name: &str) -> Result<Option<Product>> {
    in_one_state(connection, |blocks| search::by_name(blocks, name))
}

/// One page.
pub(super) fn search(connection: &mut Conn, search: &Search) -> Result<Found> {
    match search.question.as_str() {
        "" => list(connection, search),
        _ => in_one_state(connection, |blocks| find(blocks, search)),
    }
}

/// One page of all products.
fn list(connection: &mut Conn, search: &Search) -> Result<Found> {
    let after = search.after.as_ref().map_or(Vec::new(), |after| id_key(&after.id));
    let rows: Vec<Row> = connection.exec(AFTER_ID, (after, search.limit + 1))?;
    Ok(Found::of_all(rows.into_iter().map(product).collect::<Result<_>>()?, search.limit))
}

/// Asks one generation.
fn in_one_state<T>(connection: &mut Conn, ask: impl FnOnce(&mut MysqlBlocks) -> Result<T>) -> Result<T> {
    let options = TxOpts::default().set_access_mode(Some(AccessMode::ReadOnly));
    let mut transaction = connection.start_transaction(options)?;
    let generation = transaction.query_first("SELECT current FROM product_generation WHERE one = 1")?;
    let mut blocks = MysqlBlocks { transaction, generation: generation.unwrap_or(0) };
    let answer = ask(&mut blocks)?;
    blocks.transaction.commit()?;
    Ok(answer)
}

/// A generation.
struct MysqlBlocks<'a> {
    transaction: Transaction<'a>,
    generation: u64,
}

impl MysqlBlocks<'_> {
    /// The one product of which the id differs in case alone.
    fn but_for_case(&mut self, id: &str) -> Result<Option<Product>> {
        if !id.is_ascii() {
            return search::by_id(self, id);
        }
        let [start, end] = ["\0", "\u{1}"].map(|end| id.to_ascii_lowercase() + end);
        let mut found: Vec<Row> = self.transaction.exec(BUT_FOR_CASE, (start, end))?;
        found.truncate(if found.len() == 1 { 1 } else { 0 });
        found.pop().map(product).transpose()
    }
}

impl Blocks for MysqlBlocks<'_> {
    fn block(&mut self, number: i64) -> Result<Option<Vec<u8>>> {
        budget::check()?;
        match self.transaction.exec_first(BLOCK, (self.generation, number)).map_err(Error::from) {
            // What another version has imported has no index that is understood.
            Err(error) if is_missing(&error) => Ok(None),
            found => found,
        }
    }

    fn blocks(&mut self, range: Range<i64>, take: &mut Take) -> Result<()> {
        let numbers = (self.generation, range.end, self.generation, range.start);
        for row in self.transaction.exec_iter(BLOCKS, numbers)? {
            budget::check()?;
            let (number, data): (i64, Vec<u8>) = mysql::from_row_opt(row?)?;
            if take(number, &data)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn last(&mut self, key: &[u8]) -> Result<Option<(i64, Vec<u8>)>> {
        budget::check()?;
        let last = "SELECT number, data FROM product_block WHERE generation = ? AND block_key < ?
            ORDER BY block_key DESC LIMIT 1";
        Ok(self.transaction.exec_first(last, (self.generation, key))?)
    }

    fn products(&mut self, ids: &[String]) -> Result<Vec<Option<Product>>> {
        budget::check()?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places = ", ?".repeat(ids.len() - 1);
        let query = format!("SELECT * FROM product WHERE generation = ? AND id_key IN (?{places})");
        let values = [Value::from(self.generation)].into_iter().chain(ids.iter().map(|id| id_key(id).into()));
        let rows: Vec<Row> = self.transaction.exec(query, values.collect::<Vec<Value>>())?;
        let found = rows.into_iter().map(|row| left_out(product(row))).collect::<Result<Vec<_>>>()?;
        let found: Vec<Product> = found.into_iter().flatten().collect();
        Ok(ids.iter().map(|id| found.iter().find(|product| product.id == *id).cloned()).collect())
    }

    /// What is changed by hand, nobody notes there.
    fn changed(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn all(&mut self, take: &mut dyn FnMut(Product) -> Result<()>) -> Result<()> {
        let all = "SELECT * FROM product WHERE generation = ?";
        for row in self.transaction.exec_iter(all, (self.generation,))? {
            budget::check()?;
            if let Some(product) = left_out(product(row?))? {
                take(product)?;
            }
        }
        Ok(())
    }
}
