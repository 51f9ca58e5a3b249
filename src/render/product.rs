//! Products as the JSON of replies.

use serde::Serialize;

use crate::catalogue::{Found, Price, Product};

/// The reply to a lookup: exactly these two members.
#[derive(Default, Serialize)]
pub(super) struct ProductJson<'a> {
    name: &'a str,
    price: Price,
}

impl<'a> From<&'a Product> for ProductJson<'a> {
    fn from(product: &'a Product) -> ProductJson<'a> {
        ProductJson { name: &product.name, price: product.price }
    }
}

/// The reply to a search.
#[derive(Serialize)]
pub(super) struct ListJson<'a> {
    products: Vec<Listed<'a>>,
    next: Option<&'a str>,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    #[serde(flatten)]
    product: ProductJson<'a>,
}

impl<'a> From<&'a Found> for ListJson<'a> {
    fn from(found: &'a Found) -> ListJson<'a> {
        let listed = |product: &'a Product| Listed { id: &product.id, product: product.into() };
        ListJson { products: found.products.iter().map(listed).collect(), next: found.next.as_deref() }
    }
}
