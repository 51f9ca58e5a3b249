//! Which columns a catalogue has beside id, name and price: the shop's own, whatever they are called.

use std::borrow::Cow;

use anyhow::{Result, bail};
use rusqlite::Connection;

use super::product::Product;
use super::search::terms::is_identifying;
use super::source::Source;
use super::sqlite::index::{Index, POSITION};

/// What every product has.
pub(super) const OWN: [&str; 3] = ["id", "name", "price"];

/// What SQLite calls the number of a row, unless a table has such a column from its beginning.
const ROW_NUMBER: [&str; 3] = ["rowid", "oid", "_rowid_"];

/// A column of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The id.
    Id,
    /// The name.
    Name,
    /// The price.
    Price,
    /// One of the shop's own.
    Further(String),
}

impl Column {
    /// What it is called.
    pub fn name(&self) -> &str {
        match self {
            Column::Id => OWN[0],
            Column::Name => OWN[1],
            Column::Price => OWN[2],
            Column::Further(name) => name,
        }
    }

    /// Are products found by it?
    pub fn is_searched(&self) -> bool {
        match self {
            Column::Id | Column::Name => true,
            Column::Price => false,
            Column::Further(name) => is_identifying(name),
        }
    }

    /// What a product has in it.
    pub fn of<'a>(&self, product: &'a Product) -> Cow<'a, str> {
        match self {
            Column::Id => product.id.as_str().into(),
            Column::Name => product.name.as_str().into(),
            Column::Price => product.price.to_string().into(),
            Column::Further(wanted) => {
                let found = product.further.iter().find(|(name, _)| name == wanted);
                found.map_or("", |(_, value)| value).into()
            }
        }
    }
}

/// The columns that somebody has named, each once: separated by commas or one by one, exactly or else but for case;
/// `*` is all. `Err` is a name that none has.
pub fn chosen(names: &[String], further: &[String]) -> std::result::Result<Vec<Column>, String> {
    let further: Vec<Column> = further.iter().cloned().map(Column::Further).collect();
    let all = [&[Column::Id, Column::Name, Column::Price], further.as_slice()].concat();
    let mut chosen: Vec<Column> = Vec::new();
    // A name with a comma in it may stand alone.
    let is_whole = |name: &&str| all.iter().any(|column| column.name() == *name);
    let split = |names: &'_ String| {
        if is_whole(&names.as_str()) {
            vec![names.clone()]
        } else {
            names.split(',').map(|name| name.trim().to_owned()).collect()
        }
    };
    for name in names.iter().flat_map(split).filter(|name| !name.is_empty()) {
        let exactly = all.iter().filter(|column| name == "*" || column.name() == name);
        let mut found: Vec<&Column> = exactly.collect();
        if found.is_empty() {
            found.extend(all.iter().find(|column| column.name().eq_ignore_ascii_case(&name)));
        }
        if found.is_empty() {
            return Err(name);
        }
        let new: Vec<Column> = found.into_iter().filter(|column| !chosen.contains(column)).cloned().collect();
        chosen.extend(new);
    }
    Ok(chosen)
}

/// Is it one of these?
pub(super) fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// The further columns of the table `product`, in their order.
pub(super) fn further(connection: &Connection) -> Result<Vec<String>> {
    let all = connection.prepare("SELECT * FROM main.product LIMIT 0")?;
    let first = Index::of(connection)? == Index::First;
    let is_further = |name: &&str| !(is_own(name) || first && *name == POSITION);
    Ok(all.column_names().filter(is_further).map(str::to_owned).collect())
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
        if ROW_NUMBER.iter().any(|other| name.eq_ignore_ascii_case(other)) {
            bail!("SQLite adds no column called {name:?}, as it calls the number of a row; call it otherwise");
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
