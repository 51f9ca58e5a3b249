//! Stores products in a catalogue that is being written.

use std::fmt::Display;
use std::path::Path;

use anyhow::{Error, Result, anyhow};
use rusqlite::Connection;

use crate::catalogue::store::Load;

const UPSERT: &str = "INSERT INTO product (id, name, price) VALUES (?1, ?2, ?3)
    ON CONFLICT (id COLLATE NOCASE, id) DO UPDATE SET name = excluded.name, price = excluded.price";

/// Stores what `load` gives, and says how many products that was; errors name `catalogue`.
pub(in crate::catalogue) fn store(connection: &Connection, catalogue: &Path, load: Load) -> Result<u64> {
    let mut upsert = connection.prepare(UPSERT).map_err(write_error(catalogue))?;
    load(&mut |product| {
        let stored = upsert.execute((&product.id, &product.name, product.price.to_string()));
        stored.map(drop).map_err(write_error(catalogue))
    })
}

/// Names the file in an error, in whose chain SQLite would say the same twice.
pub(super) fn write_error<E: Display>(path: &Path) -> impl Fn(E) -> Error {
    move |error| anyhow!("{} cannot be written: {error}", path.display())
}
