//! Products as the JSON, text and CSV of replies, each with the columns that are shown.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::one_line;
use crate::catalogue::export::csv_row;
use crate::catalogue::{Column, Found, Product};

/// A product with some of its columns.
pub(super) struct ProductJson<'a> {
    pub(super) product: &'a Product,
    pub(super) columns: &'a [Column],
}

impl Serialize for ProductJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for column in self.columns {
            match column {
                Column::Price => map.serialize_entry(column.name(), &self.product.price)?,
                _ => map.serialize_entry(column.name(), &column.of(self.product))?,
            }
        }
        map.end()
    }
}

/// The reply to a search.
#[derive(Serialize)]
pub(super) struct ListJson<'a> {
    products: Vec<ProductJson<'a>>,
    next: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'a str>,
}

impl<'a> ListJson<'a> {
    pub(super) fn of(found: &'a Found, columns: &'a [Column]) -> ListJson<'a> {
        let products = found.products.iter().map(|product| ProductJson { product, columns });
        ListJson { products: products.collect(), next: found.next.as_deref(), suggestion: found.suggestion.as_deref() }
    }
}

/// The reply to ids.
#[derive(Serialize)]
pub(super) struct IdsJson<'a> {
    products: Vec<ProductJson<'a>>,
    missing: &'a [&'a str],
}

impl<'a> IdsJson<'a> {
    pub(super) fn of(products: &[&'a Product], missing: &'a [&'a str], columns: &'a [Column]) -> IdsJson<'a> {
        let products = products.iter().map(|product| ProductJson { product, columns });
        IdsJson { products: products.collect(), missing }
    }
}

/// A line each, with a tab between the columns.
pub(super) fn lines<'a>(products: impl IntoIterator<Item = &'a Product>, columns: &[Column]) -> String {
    let mut lines = String::with_capacity(super::BODY_BYTES);
    for product in products {
        for (number, column) in columns.iter().enumerate() {
            lines.extend((number > 0).then_some("\t"));
            lines += &one_line(&column.of(product));
        }
        lines += "\n";
    }
    lines
}

/// A header row, and a row each.
pub(super) fn csv<'a>(products: impl IntoIterator<Item = &'a Product>, columns: &[Column]) -> Vec<u8> {
    let mut csv = csv_row(columns.iter().map(Column::name)) + "\r\n";
    for product in products {
        csv += &csv_row(columns.iter().map(|column| column.of(product)));
        csv += "\r\n";
    }
    csv.into_bytes()
}
