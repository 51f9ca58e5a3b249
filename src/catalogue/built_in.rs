//! The two products that a program without a catalogue knows, so that it answers at once.

use anyhow::Result;
use rust_decimal::Decimal;

use super::{Catalogue, Item, Product};
use crate::lookup::Lookup;

const PRODUCTS: [(&str, &str, i64); 2] = [("A001", "Clock", 12), ("A002", "Bi-Noculars", 40)];

/// Its products, for an export.
pub(super) fn items() -> impl Iterator<Item = Item> {
    PRODUCTS.into_iter().map(|(id, name, price)| Item {
        id: id.to_owned(),
        name: name.to_owned(),
        price: Decimal::from(price),
    })
}

/// The built-in catalogue.
pub(super) struct BuiltIn;

impl Catalogue for BuiltIn {
    fn find(&self, lookup: &Lookup) -> Result<Option<Product>> {
        let found = PRODUCTS.iter().find(|(id, name, _)| match lookup {
            Lookup::Id(wanted) => id == wanted,
            Lookup::Name(wanted) => name.eq_ignore_ascii_case(wanted),
        });
        Ok(found.map(|&(_, name, price)| Product { name: name.to_owned(), price: Decimal::from(price) }))
    }
}
