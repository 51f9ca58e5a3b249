//! The two products that a program without a catalogue knows, so that it answers at once: a
//! catalogue like any other, in memory.

use anyhow::Result;
use rusqlite::Connection;

use super::{index, schema};

const PRODUCTS: [(&str, &str, &str); 2] = [("A001", "Clock", "12"), ("A002", "Bi-Noculars", "40")];

/// Makes the catalogue.
pub(in crate::catalogue) fn connection() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    schema::create_table(&connection)?;
    for product in PRODUCTS {
        connection.execute("INSERT INTO product (id, name, price) VALUES (?1, ?2, ?3)", product)?;
    }
    index::create(&connection)?;
    Ok(connection)
}
