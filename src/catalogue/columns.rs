//! Which columns a catalogue has beside id, name and price: the shop's own, whatever they are called.

use anyhow::{Result, bail};
use rusqlite::Connection;

/// What every product has.
pub(super) const OWN: [&str; 3] = ["id", "name", "price"];

/// The further columns of the table `product`, in their order.
pub(super) fn further(connection: &Connection) -> Result<Vec<String>> {
    let mut columns = connection.prepare_cached("SELECT name FROM pragma_table_xinfo('product') WHERE hidden <> 1")?;
    let names = columns.query_map([], |row| row.get(0))?;
    let mut further = names.collect::<rusqlite::Result<Vec<String>>>()?;
    further.retain(|name| !OWN.iter().any(|own| name.eq_ignore_ascii_case(own)));
    Ok(further)
}

/// A name as SQL has it, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Where a column so called is, exactly or else ignoring case.
pub(super) fn find(columns: &[String], name: &str) -> Option<usize> {
    let exactly = columns.iter().position(|column| column == name);
    exactly.or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

/// Adds the columns that are not there.
pub(super) fn add(connection: &Connection, names: &[String]) -> Result<()> {
    let further = further(connection)?;
    for name in names.iter().filter(|name| find(&further, name).is_none()) {
        if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) || name.contains('\0') {
            bail!("no further column can be called {name:?}");
        }
        connection.execute_batch(&format!("ALTER TABLE product ADD COLUMN {} TEXT", quoted(name)))?;
    }
    Ok(())
}
