//! What every store of a catalogue can do.

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
}
