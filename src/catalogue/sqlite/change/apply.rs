//! Writes rows into a table of products that is locked, or nobody else's. Only what differs is written, as somebody
//! would by hand: triggers fire for that, and for nothing else.

use anyhow::{Context, Result, bail, ensure};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params_from_iter};

use crate::catalogue::columns::{self, quoted};
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::sqlite::by_id::ById;
use crate::catalogue::sqlite::schema;
use crate::catalogue::store::{Change, Changed, Row, Rows};

/// Stores what `rows` give.
pub(super) fn apply(connection: &Connection, change: &Change, rows: &dyn Rows) -> Result<Changed> {
    columns::add(connection, rows.columns())?;
    let mut changed = Changed::default();
    if change.replace {
        changed.removed = remove_others(connection, change, rows)?;
    }
    let mut writer = Writer::new(connection, rows.columns())?;
    rows.each(&mut |row| {
        match writer.write(row, change)? {
            Written::New => changed.new += 1,
            Written::Changed => changed.changed += 1,
            Written::Unchanged => changed.unchanged += 1,
            Written::Nothing => {}
        }
        Ok(())
    })?;
    changed.all = schema::count(connection)?;
    Ok(changed)
}

/// Removes what the rows do not name.
fn remove_others(connection: &Connection, change: &Change, rows: &dyn Rows) -> Result<u64> {
    connection.execute_batch("CREATE TEMP TABLE product_lookup_removed (id TEXT NOT NULL)")?;
    let mut remember = connection.prepare("INSERT INTO temp.product_lookup_removed VALUES (?1)")?;
    let mut all = connection.prepare("SELECT id FROM main.product")?;
    let mut ids = all.query([])?;
    let (mut products, mut removed) = (0_u64, 0_u64);
    while let Some(row) = ids.next()? {
        let id = row.get_ref(0)?;
        products += 1;
        let stays = match id.as_str() {
            Ok(id) => rows.has(id)?,
            Err(_) => false,
        };
        if !stays {
            removed += 1;
            remember.execute([ToSqlOutput::Borrowed(id)])?;
        }
    }
    ensure!(
        change.allow_shrink || removed <= products / 2,
        "{removed} of {products} products would be removed; --allow-shrink says that this is meant"
    );
    connection.execute_batch(
        "DELETE FROM main.product WHERE id IN (SELECT id FROM temp.product_lookup_removed);
         DROP TABLE temp.product_lookup_removed;",
    )?;
    Ok(removed)
}

/// Stores one product, and says what it was and is.
pub(super) fn set(connection: &Connection, further: &[String], row: Row) -> Result<(Option<Product>, Product)> {
    if let Some(unknown) = columns::unknown(&columns::further(connection)?, further) {
        bail!("the catalogue has no column {unknown:?}");
    }
    let old = there(connection, row.id)?;
    Writer::new(connection, further)?.write(row, &Change::default())?;
    let new = ById::new(connection)?.exactly(row.id)?;
    Ok((old, new.with_context(|| format!("nothing is changed, since a trigger would remove {:?} at once", row.id))?))
}

/// The product with exactly this id; what is none can be mended, too.
fn there(connection: &Connection, id: &str) -> Result<Option<Product>> {
    left_out(ById::new(connection)?.exactly(id))
}

/// Removes these, all of them or none, and says what they were.
pub(super) fn remove(connection: &Connection, ids: &[String]) -> Result<Vec<Product>> {
    let mut remove = connection.prepare("DELETE FROM main.product WHERE id = ?1 COLLATE NOCASE AND id = ?1")?;
    let mut removed = Vec::new();
    for id in ids {
        removed.extend(there(connection, id)?);
        ensure!(remove.execute([id])? > 0, "no product has the id {id:?}");
    }
    Ok(removed)
}

/// What became of a row.
enum Written {
    New,
    Changed,
    Unchanged,
    /// It is only for a product that is not there.
    Nothing,
}

/// Writes row after row.
pub(in crate::catalogue) struct Writer<'a> {
    connection: &'a Connection,
    /// The columns, quoted: name and price, then those of the rows.
    columns: Vec<String>,
    find: String,
    /// Is there anything that a row could be found in?
    empty: bool,
}

impl Writer<'_> {
    pub(in crate::catalogue) fn new<'a>(connection: &'a Connection, further: &[String]) -> Result<Writer<'a>> {
        let columns: Vec<String> =
            ["name", "price"].into_iter().chain(further.iter().map(String::as_str)).map(quoted).collect();
        let find = format!("SELECT {} FROM main.product WHERE id = ?1 COLLATE NOCASE AND id = ?1", columns.join(", "));
        let empty = !connection.prepare("SELECT 1 FROM main.product")?.exists([])?;
        Ok(Writer { connection, columns, find, empty })
    }

    fn write(&mut self, row: Row, change: &Change) -> Result<Written> {
        let price = row.price.map(|price| price.to_string());
        let mut values = vec![row.name, price.as_deref()];
        values.extend(row.values);
        let Some(differ) = self.differences(row.id, &values)? else {
            if change.update_only {
                return Ok(Written::Nothing);
            }
            ensure!(row.name.is_some() && row.price.is_some(), "{:?} is new, and needs a name and a price", row.id);
            self.insert(row.id, &values)?;
            return Ok(Written::New);
        };
        if differ.is_empty() {
            return Ok(Written::Unchanged);
        }
        let set: Vec<String> = differ.iter().map(|&at| format!("{} = ?", self.columns[at])).collect();
        let update = format!("UPDATE main.product SET {} WHERE id = ? COLLATE NOCASE AND id = ?", set.join(", "));
        let changed = differ.iter().map(|&at| values[at]).chain([Some(row.id), Some(row.id)]);
        self.connection.prepare_cached(&update)?.execute(params_from_iter(changed))?;
        Ok(Written::Changed)
    }

    /// Adds a product, by its name, price and values of the further columns.
    pub(in crate::catalogue) fn insert(&self, id: &str, values: &[Option<&str>]) -> Result<()> {
        let places = ", ?".repeat(values.len());
        let insert = format!("INSERT INTO main.product (id, {}) VALUES (?{places})", self.columns.join(", "));
        let values = [Some(id)].into_iter().chain(values.iter().copied());
        self.connection.prepare_cached(&insert)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// Which of the values are others than are there; `None` where there is no such product.
    fn differences(&self, id: &str, values: &[Option<&str>]) -> Result<Option<Vec<usize>>> {
        if self.empty {
            return Ok(None);
        }
        let mut find = self.connection.prepare_cached(&self.find)?;
        let mut rows = find.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut differ = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            if schema::text(row.get_ref(at)?) != *value {
                differ.push(at);
            }
        }
        Ok(Some(differ))
    }
}
