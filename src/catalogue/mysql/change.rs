//! How a catalogue in a database server changes: by a new generation, so that it has all of a change or none. Its
//! readers are never blocked.
//!
//! The new catalogue is made as an SQLite file of its own first, so that the rules are the same, and
//! what is wrong with a line is known before the server is asked to store anything.

use std::mem;

use anyhow::{Context, Error, Result, ensure};
use mysql::prelude::Queryable;
use mysql::{Conn, Params, Value};
use rusqlite::Connection;

use super::hosts::Hosts;
use super::schema::{CHANGES, FURTHER_BYTES, ID_BYTES, NAME_BYTES, TABLES, id_key, is_missing, product};
use super::search::{self, ALL};
use crate::catalogue::columns;
use crate::catalogue::product::Product;
use crate::catalogue::sqlite::change::Task;
use crate::catalogue::sqlite::change::apply::Writer;
use crate::catalogue::sqlite::{index, schema as sqlite};
use crate::complain;
use crate::settings::limits;

/// A temporary file of SQLite's, which has no name.
const TEMPORARY: &str = "";

/// Rows in one transaction, at most: clusters certify and replicate it as a whole.
const ROWS: usize = 1000;

/// Seconds that one question for the lock waits; the driver waits no longer for its answer.
const LOCK_SECONDS: u64 = 10;

/// How often a statement is repeated that another node's change has come before.
const REPEATS: usize = 8;

/// Changes the catalogue `name`.
pub(super) fn change<Done>(hosts: &Hosts, name: &str, task: &Task<Done>) -> Result<Done> {
    let write_error = || format!("the catalogue {name} cannot be written");
    let mut server = hosts.connect().with_context(write_error)?;
    lock(&mut server).with_context(write_error)?;
    let old = current(&mut server).with_context(write_error)?;
    let new = Connection::open(TEMPORARY)?;
    new.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")?;
    sqlite::create_table(&new)?;
    if old.is_some() {
        copy(&mut server, &new).with_context(write_error)?;
    }
    let done = task.run(&new)?;
    fits(&new)?;
    if !task.dry_run {
        write(&mut server, old.unwrap_or(0), &new).with_context(write_error)?;
    }
    Ok(done)
}

/// One import at a time. A lock of this kind is the server's alone: among the nodes of a cluster,
/// `publish` finds out. It ends with the connection, also when this process is killed.
fn lock(server: &mut Conn) -> Result<()> {
    let mut wait = |seconds: u64| -> Result<bool> {
        let sql = "SELECT GET_LOCK(LEFT(CONCAT('product-lookup ', DATABASE()), 64), ?)";
        Ok(server.exec_first::<Option<u8>, _, _>(sql, (seconds,))?.flatten() == Some(1))
    };
    if !wait(0)? {
        complain(format_args!("waiting for another import to end"));
        while !wait(LOCK_SECONDS)? {}
    }
    Ok(())
}

/// The generation that is read; `None` where there is no catalogue.
fn current(server: &mut Conn) -> Result<Option<u64>> {
    match server.query_first("SELECT current FROM product_generation WHERE one = 1").map_err(Error::from) {
        Err(error) if is_missing(&error) => Ok(None),
        found => found,
    }
}

fn copy(server: &mut Conn, new: &Connection) -> Result<()> {
    let further = search::columns(server)?;
    columns::add(new, &further)?;
    let writer = Writer::new(new, &further)?;
    for row in server.query_iter(ALL)? {
        let Product { id, name, price, further: values } = product(row?)?;
        let value = |column: &String| values.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_str());
        let price = price.to_string();
        let values: Vec<_> = [Some(name.as_str()), Some(&price)].into_iter().chain(further.iter().map(value)).collect();
        writer.insert(&id, &values)?;
    }
    Ok(())
}

/// Refuses what has no room in a key.
fn fits(new: &Connection) -> Result<()> {
    let mut long = new.prepare(
        "SELECT substr(id, 1, ?3), length(CAST(id AS BLOB)) > ?1 FROM product
         WHERE length(CAST(id AS BLOB)) > ?1 OR length(CAST(name AS BLOB)) > ?2 LIMIT 1",
    )?;
    let mut rows = long.query([ID_BYTES as i64, NAME_BYTES as i64, limits::QUOTED_CHARS as i64])?;
    if let Some(row) = rows.next()? {
        let (id, id_is_long): (String, bool) = (row.get(0)?, row.get(1)?);
        let (what, most) = if id_is_long { ("id", ID_BYTES) } else { ("name", NAME_BYTES) };
        anyhow::bail!("product {id:?}: its {what} is longer than the {most} bytes that a database server takes");
    }
    Ok(())
}

/// Writes a new generation, and makes it the one that is read.
fn write(server: &mut Conn, old: u64, new: &Connection) -> Result<()> {
    TABLES.iter().try_for_each(|table| server.query_drop(table))?;
    if old == 0 {
        server.query_drop("INSERT IGNORE INTO product_generation (one, current, last_begun) VALUES (1, 0, 0)")?;
    }
    for (table, column, wanted, mend) in CHANGES {
        let has = "SELECT COUNT(*) FROM information_schema.columns
            WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?";
        if server.exec_first::<u64, _, _>(has, (table, column))? != Some(wanted.into()) {
            server.query_drop(mend)?;
        }
    }
    // What was read before the old one: nobody has it open any more. What is younger may be an
    // import by another node that is not at its end.
    for table in ["product", "product_block"] {
        let sql = format!("DELETE FROM {table} WHERE generation < ? LIMIT {ROWS}");
        while execute(server, &sql, (old,))? > 0 {}
    }
    let begin = "UPDATE product_generation SET last_begun = LAST_INSERT_ID(last_begun + 1) WHERE one = 1";
    ensure!(execute(server, begin, ())? == 1, "the table product_generation has no row");
    let generation = server.last_insert_id();
    let mut batch = Batch { server, generation, products: Vec::new(), blocks: Vec::new(), bytes: 0 };
    for product in new.prepare(sqlite::ALL)?.query_and_then([], |row| sqlite::product(new, row))? {
        batch.add(product?)?;
    }
    batch.write()?;
    index::build(new, &mut |number, key, data| batch.add_block(number, key, data))?;
    batch.write_blocks()?;
    let publish = "UPDATE product_generation SET current = ?, further = ? WHERE one = 1 AND current = ?";
    let further = serde_json::to_string(&columns::further(new)?)?;
    let published = execute(server, publish, (generation, further, old))?;
    ensure!(published == 1, "another import has ended on another node meanwhile; import again");
    Ok(())
}

/// Executes a statement that is a transaction, and says how many rows it has changed. In a cluster
/// it fails where a change that came to another node first touches the same rows.
fn execute(server: &mut Conn, sql: &str, parameters: impl Into<Params>) -> Result<u64> {
    let parameters = parameters.into();
    for _ in 1..REPEATS {
        match server.exec_drop(sql, &parameters) {
            Err(mysql::Error::MySqlError(error)) if error.code == 1213 => {}
            done => return Ok(done.map(|()| server.affected_rows())?),
        }
    }
    server.exec_drop(sql, &parameters)?;
    Ok(server.affected_rows())
}

/// Products on their way to the server.
struct Batch<'a> {
    server: &'a mut Conn,
    generation: u64,
    products: Vec<Product>,
    /// Of the index of words.
    blocks: Vec<[Value; 3]>,
    /// Of both, but for ids and names.
    bytes: usize,
}

impl Batch<'_> {
    fn add(&mut self, product: Product) -> Result<()> {
        let bytes: usize = product.further.iter().map(|(name, value)| name.len() + value.len()).sum();
        ensure!(bytes <= FURTHER_BYTES, "product {:?}: its columns are longer than {FURTHER_BYTES} bytes", product.id);
        self.bytes += bytes;
        self.products.push(product);
        // JSON has some six bytes for one at most, and a statement has a bound.
        if self.products.len() == ROWS || self.bytes > FURTHER_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<()> {
        self.bytes = 0;
        let products = mem::take(&mut self.products);
        let mut rows = Vec::new();
        for Product { id, name, price, further } in products {
            let key = id_key(&id);
            let further = serde_json::to_string(&further)?;
            rows.push([key.into(), id.into(), name.into(), price.to_string().into(), further.into()]);
        }
        self.insert("product (generation, id_key, id, name, price, further)", &rows)
    }

    fn add_block(&mut self, number: i64, key: Option<&[u8]>, data: &[u8]) -> Result<()> {
        if self.bytes + data.len() > FURTHER_BYTES {
            self.write_blocks()?;
        }
        self.bytes += data.len();
        self.blocks.push([number.into(), key.into(), data.into()]);
        if self.blocks.len() == ROWS { self.write_blocks() } else { Ok(()) }
    }

    fn write_blocks(&mut self) -> Result<()> {
        self.bytes = 0;
        let blocks = mem::take(&mut self.blocks);
        self.insert("product_block (generation, number, block_key, data)", &blocks)
    }

    /// A batch that is repeated may be there.
    fn insert<const COLUMNS: usize>(&mut self, into: &str, rows: &[[Value; COLUMNS]]) -> Result<()> {
        for rows in rows.chunks(ROWS) {
            let row = format!("(?{})", ", ?".repeat(COLUMNS));
            let sql = format!("INSERT IGNORE INTO {into} VALUES {row}{}", format!(", {row}").repeat(rows.len() - 1));
            let generation = Value::from(self.generation);
            let values: Vec<Value> =
                rows.iter().flat_map(|row| [generation.clone()].into_iter().chain(row.iter().cloned())).collect();
            execute(self.server, &sql, values)?;
        }
        Ok(())
    }
}
