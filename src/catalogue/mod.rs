//! The products: what one is, how they are asked for and changed, and the stores that have them. How they are
//! stored is known to one room a store; HTTP to none.

pub mod budget;
mod columns;
pub mod export;
mod fold;
pub mod import;
#[cfg(feature = "mysql")]
mod mysql;
mod product;
mod search;
mod source;
mod sqlite;
mod store;
mod temporary;

use std::collections::HashMap;
use std::mem;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

pub use self::columns::{Column, add_column, chosen};
use self::product::NoProduct;
pub use self::product::{Price, Product};
pub use self::search::page::{After, Found, Search};
pub use self::search::{Question, marks};
pub use self::source::{DatabaseUrl, Source};
use self::sqlite::index::Index;
use self::sqlite::{file, schema};
pub use self::store::{Catalogue, Change, Changed, Row, Rows};
use crate::settings::limits;

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

/// What is in a file, which is opened as for a lookup.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    /// How many products.
    pub products: u64,
    /// Which rows are none, and why: as many as are told.
    pub none: Vec<String>,
    /// Has it an index of words?
    pub indexed: bool,
    /// The columns that identify a product, and whose words are not in that.
    pub lacking: Vec<String>,
}

/// Reads all of a file.
pub fn contents(path: &Path) -> Result<Contents> {
    let connection = file::open(path, limits::CATALOGUE_BUSY)?;
    let indexed = Index::of(&connection)? == Index::Own;
    let lacking = if indexed { sqlite::index::lacking(&connection)? } else { Vec::new() };
    let mut contents = Contents { products: 0, none: Vec::new(), indexed, lacking };
    schema::each_row(&connection, &mut |product| {
        match product {
            Ok(_) => contents.products += 1,
            Err(error) if error.is::<NoProduct>() && contents.none.len() < limits::TOLD => {
                contents.none.push(error.to_string());
            }
            Err(error) if error.is::<NoProduct>() => {}
            Err(error) => return Err(error),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(contents)
}

/// Is this file a catalogue, as far as that shows where nothing is locked, and nothing made beside it?
pub fn is_catalogue(path: &Path) -> bool {
    path.is_file()
        && file::open_as_it_lies(path).is_some_and(|connection| schema::exists(&connection).is_ok_and(|exists| exists))
}

/// The one place that knows which store is where.
fn open(source: &Source) -> Result<Arc<dyn Catalogue>> {
    Ok(match source {
        Source::BuiltIn => Arc::new(sqlite::SqliteCatalogue::new(None)),
        Source::File(path) => Arc::new(sqlite::SqliteCatalogue::new(Some(path.clone()))),
        #[cfg(feature = "mysql")]
        Source::Url(url) => Arc::new(mysql::MysqlCatalogue::at(url)?),
        #[cfg(not(feature = "mysql"))]
        Source::Url(_) => anyhow::bail!(NO_DATABASES),
    })
}

/// What a program says of a database URL that was built without.
#[cfg(not(feature = "mysql"))]
const NO_DATABASES: &str = "PRODUCTS_DB is a database URL, and this program was built without databases";
