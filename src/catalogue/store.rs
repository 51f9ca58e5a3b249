//! What every store of a catalogue can do.

use std::ops::ControlFlow;

use anyhow::Result;

use super::page::{Found, Search};
use super::product::Product;

/// A store of products. Another store is another implementation, and a line in `open`.
pub trait Catalogue: Send + Sync {
    /// The product with exactly this id.
    fn by_id(&self, id: &str) -> Result<Option<Product>>;

    /// The product so called, ignoring case; the first by id if there are several.
    fn by_name(&self, name: &str) -> Result<Option<Product>>;

    /// One page of the products that a search asks for.
    fn search(&self, search: &Search) -> Result<Found>;

    /// Gives all products to `take`, in the order of their ids, until it breaks off, however long that takes. It
    /// must not ask the catalogue meanwhile, which may wait for its end.
    fn each(&self, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()>;

    /// How many products there are.
    fn count(&self) -> Result<u64>;

    /// Stores what `load` gives, all of it or nothing, and says how many that was. Whoever reads meanwhile finds
    /// the catalogue as it was. It need not exist yet.
    fn change(&self, change: &Change, load: Load) -> Result<u64>;
}

/// How a catalogue changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Does nothing stay that is not loaded? Otherwise products are updated, and others added.
    pub replace: bool,
    /// How many bytes about will be loaded, where that is known.
    pub bytes: Option<u64>,
}

/// Gives products to a sink, and says how many.
pub type Load<'a> = Box<dyn FnOnce(&mut Sink) -> Result<u64> + 'a>;

/// Takes a product; where it fails, nothing more is to be given.
pub type Sink<'a> = dyn FnMut(&Product) -> Result<()> + 'a;
