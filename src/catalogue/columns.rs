//! Which columns a catalogue has beside id, name and price: the shop's own, whatever they are called.

use anyhow::{Result, bail};
use rusqlite::Connection;

use super::source::Source;
use super::sqlite::index::{Index, POSITION};

/// What every product has.
pub(super) const OWN: [&str; 3] = ["id", "name", "price"];

/// Is it one of these?
pub(super) fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// The further columns of the table `product`, in their order.
pub(super) fn further(connection: &Connection) -> Result<Vec<String>> {
    let all = connection.prepare("SELECT * FROM main.product LIMIT 0")?;
    let first = Index::of(connection)? == Index::First;
    let is_further = |name: &&str| !is_own(name) && !(first && *name == POSITION);
    Ok(all.column_names().into_iter().filter(is_further).map(str::to_owned).collect())
}

/// A name as SQL has it, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Where a column so called is, exactly or else ignoring case.
fn find(columns: &[String], name: &str) -> Option<usize> {
    let exactly = columns.iter().position(|column| column == name);
    exactly.or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

/// The first of these names that is no column's.
pub(super) fn unknown<'a>(columns: &[String], names: &'a [String]) -> Option<&'a String> {
    names.iter().find(|name| find(columns, name).is_none())
}

/// Adds the columns that are not there.
pub(super) fn add(connection: &Connection, names: &[String]) -> Result<()> {
    let further = further(connection)?;
    for name in names.iter().filter(|name| find(&further, name).is_none()) {
        if is_own(name) || name.contains('\0') {
            bail!("no further column can be called {name:?}");
        }
        connection.execute_batch(&format!("ALTER TABLE product ADD COLUMN {} TEXT", quoted(name)))?;
    }
    Ok(())
}

/// How a column is added that a catalogue has not, in a sentence.
pub fn add_column(source: &Source, name: &str) -> String {
    match source {
        Source::File(path) => {
            let sql = format!("ALTER TABLE product ADD COLUMN {} TEXT", quoted(name)).replace('\'', r"'\''");
            let path = path.display().to_string().replace('\'', r"'\''");
            format!("this adds it: sqlite3 '{path}' '{sql}'")
        }
        _ => "an import of a file that has it adds it".to_owned(),
    }
}
