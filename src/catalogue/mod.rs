//! The products: in goes a question, out comes a product or none. How they are stored is known
//! to one file a store; HTTP to none.

pub mod budget;
pub mod export;
pub mod import;
#[cfg(feature = "mysql")]
mod mysql;
mod sqlite;
mod turns;
mod words;

use std::collections::HashMap;
use std::mem;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::lookup::Search;
use crate::settings::{Source, limits};

/// What is for sale. Its JSON is the reply to a lookup: exactly these two members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Product {
    /// What it is called.
    pub name: String,
    /// What it costs: an exact decimal with the digits that it was imported with.
    #[serde(with = "rust_decimal::serde::arbitrary_precision")]
    pub price: Decimal,
}

/// A product with its id, as it is imported and exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is asked for by.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it costs.
    #[serde(with = "rust_decimal::serde::arbitrary_precision")]
    pub price: Decimal,
}

/// A page of what a search found. Its JSON is the reply to a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The products, best match first and then by id.
    pub products: Vec<Item>,
    /// What `after` must be for the next page, if there is one.
    pub next: Option<String>,
}

/// A store of products. Another store is another implementation, and a line in `open`.
pub trait Catalogue: Send + Sync {
    /// The product with exactly this id.
    fn by_id(&self, id: &str) -> Result<Option<Product>>;

    /// The product so called, ignoring case; the first by id if there are several.
    fn by_name(&self, name: &str) -> Result<Option<Product>>;

    /// One page of the products that a search asks for.
    fn search(&self, search: &Search) -> Result<Found>;
}

/// The catalogues that this process has open, by where they are.
#[derive(Default)]
pub struct Catalogues {
    open: Mutex<HashMap<Source, Arc<dyn Catalogue>>>,
}

impl Catalogues {
    /// The catalogue there. Whether it can be read shows in the first question.
    pub fn at(&self, source: Source) -> Result<Arc<dyn Catalogue>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalogue) = open.get(&source) {
            return Ok(Arc::clone(catalogue));
        }
        // Closed when nobody waits for this lock any more: that may wait for who reads with locks.
        let mut closed = HashMap::new();
        if open.len() == limits::CATALOGUES {
            mem::swap(&mut *open, &mut closed);
        }
        let catalogue = self::open(&source)?;
        open.insert(source, Arc::clone(&catalogue));
        drop(open);
        drop(closed);
        Ok(catalogue)
    }
}

/// How many products are in a file, which is opened as for a lookup.
pub fn count(path: &Path) -> Result<u64> {
    let products: i64 =
        sqlite::file::open(path, limits::CATALOGUE_BUSY)?
            .query_row("SELECT count(*) FROM product", [], |row| row.get(0))?;
    Ok(products.unsigned_abs())
}

/// Is this file a catalogue, as far as that shows where nothing is locked, and nothing made beside it?
pub fn is_catalogue(path: &Path) -> bool {
    path.is_file()
        && sqlite::file::open_as_it_lies(path)
            .is_some_and(|connection| sqlite::schema::exists(&connection).is_ok_and(|exists| exists))
}

fn open(source: &Source) -> Result<Arc<dyn Catalogue>> {
    Ok(match source {
        Source::BuiltIn => Arc::new(sqlite::SqliteCatalogue::built_in()),
        Source::File(path) => Arc::new(sqlite::SqliteCatalogue::file(path)),
        #[cfg(feature = "mysql")]
        Source::Url(url) => Arc::new(mysql::MysqlCatalogue::at(url)?),
        #[cfg(not(feature = "mysql"))]
        Source::Url(_) => anyhow::bail!(NO_DATABASES),
    })
}

/// What a program says of a database URL that was built without.
#[cfg(not(feature = "mysql"))]
const NO_DATABASES: &str = "PRODUCTS_DB is a database URL, and this program was built without databases";
