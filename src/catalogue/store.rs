//! What every store of a catalogue can do.

use std::ops::ControlFlow;

use anyhow::Result;

use super::product::{Price, Product};
use super::search::page::{Found, Search};

/// A store of products. Another store is another implementation, and a line in `open`.
pub trait Catalogue: Send + Sync {
    /// The product with this id, or else the one whose id differs in case alone, if there is just one.
    fn by_id(&self, id: &str) -> Result<Option<Product>>;

    /// The products with these ids, in this order, out of one state of the catalogue.
    fn by_ids(&self, ids: &[String]) -> Result<Vec<Option<Product>>>;

    /// The columns that products have beside id, name and price.
    fn columns(&self) -> Result<Vec<String>>;

    /// The product so called, ignoring case and normal form; the first by id if there are several.
    fn by_name(&self, name: &str) -> Result<Option<Product>>;

    /// One page of the products that a search asks for.
    fn search(&self, search: &Search) -> Result<Found>;

    /// Gives all products to `take`, in the order of their ids, until it breaks off, however long that takes. It
    /// must not ask the catalogue meanwhile, which may wait for its end.
    fn each(&self, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()>;

    /// How many products there are.
    fn count(&self) -> Result<u64>;

    /// Refuses at once, as far as that shows, what could not be changed: before a file is read for it.
    fn ensure_changeable(&self) -> Result<()>;

    /// Stores what `rows` give, all of it or nothing. Whoever reads meanwhile finds the catalogue as it was. It need
    /// not exist yet.
    fn change(&self, change: &Change, rows: &dyn Rows) -> Result<Changed>;

    /// Stores one product with its values in some of the further columns: what it was, and what it is.
    fn set(&self, columns: &[String], row: Row) -> Result<(Option<Product>, Product)>;

    /// Removes the products with exactly these ids, all of them or, where one is not there, none: what they were.
    fn remove(&self, ids: &[String]) -> Result<Vec<Product>>;

    /// Makes the index of words anew, of which rows that were changed by hand may be no part.
    fn index(&self) -> Result<()>;
}

/// How a catalogue changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Does no product stay that the rows do not name? Otherwise products are updated, and others added.
    pub replace: bool,
    /// Is nothing added?
    pub update_only: bool,
    /// May more than half of the products go?
    pub allow_shrink: bool,
    /// Does all stay as it is?
    pub dry_run: bool,
}

/// What is to be stored: an import's stage, or the one product of `set`.
pub trait Rows {
    /// The further columns that it has; those of the catalogue that it has not keep their values.
    fn columns(&self) -> &[String];

    /// How many products.
    fn count(&self) -> u64;

    /// Gives each, in the order of their ids (ignoring ASCII case, then by case).
    fn each(&self, take: &mut dyn FnMut(Row) -> Result<()>) -> Result<()>;

    /// Is this id among them?
    fn has(&self, id: &str) -> Result<bool>;
}

/// A product on its way to a store. `None`: as it is there, which only an update may say.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// What it is asked for by.
    pub id: &'a str,
    /// What it is called.
    pub name: Option<&'a str>,
    /// What it costs.
    pub price: Option<Price>,
    /// What it has in each of the further columns.
    pub values: &'a [Option<&'a str>],
}

/// What a change has done, in products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// That were not there before.
    pub new: u64,
    /// That have another value now.
    pub changed: u64,
    /// That were there with all their values.
    pub unchanged: u64,
    /// That are gone.
    pub removed: u64,
    /// That there are.
    pub all: u64,
}
