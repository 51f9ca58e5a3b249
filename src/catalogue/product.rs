//! What a product is, and the rules that it keeps wherever it comes from.

use std::fmt;
use std::str::FromStr;
use std::sync::Once;

use anyhow::{Error, Result, bail, ensure};
use rust_decimal::Decimal;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::complain;
use crate::settings::limits;

/// What is for sale. Its JSON is what an export has, and an import takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// What it is asked for by.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it costs.
    pub price: Price,
    /// The shop's further columns with what it has in each, in their order.
    pub further: Vec<(String, String)>,
}

/// What white space is not for Rust, and cannot be seen either: zero-width characters, marks of direction, soft hyphen.
fn is_unseen(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Text without what cannot be seen around it, which nobody types who asks for it.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_unseen(character))
}

/// What lies in a store, where somebody has edited it, and is no product.
#[derive(Debug)]
pub struct NoProduct(String);

impl fmt::Display for NoProduct {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoProduct {}

/// What was found, but for what is no product: that costs nobody else an answer, and is told once.
pub(super) fn left_out(found: Result<impl Into<Option<Product>>>) -> Result<Option<Product>> {
    static TOLD: Once = Once::new();
    match found {
        Err(error) if error.is::<NoProduct>() => {
            TOLD.call_once(|| complain(format_args!("{error}; it is left out (product-lookup check tells of all)")));
            Ok(None)
        }
        found => found.map(Into::into),
    }
}

impl Product {
    /// The product of three texts that somebody sent.
    pub fn new(id: &str, name: &str, price: &str) -> Result<Product> {
        let [id, name, price] = [id, name, price].map(trim);
        ensure!(!price.is_empty(), "the price is empty");
        Product::of(id, name, price)
    }

    /// The product as it lies in a store, which somebody may have edited.
    pub fn stored(id: &str, name: &str, price: &str, further: Vec<(String, String)>) -> Result<Product, NoProduct> {
        match Product::of(id, name, price) {
            Ok(product) => Ok(Product { further, ..product }),
            Err(error) => Err(NoProduct(format!("product {id:?}: {error}"))),
        }
    }

    fn of(id: &str, name: &str, price: &str) -> Result<Product> {
        for (field, text) in [("id", id), ("name", name)] {
            ensure!(!text.is_empty(), "the {field} is empty");
            // SQLite would take two names for one that differ after a NUL.
            ensure!(!text.contains('\0'), "the {field} has a NUL character in it");
        }
        Ok(Product { id: id.to_owned(), name: name.to_owned(), price: price.parse()?, further: Vec::new() })
    }
}

impl Serialize for Product {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3 + self.further.len()))?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("price", &self.price)?;
        self.further.iter().try_for_each(|(column, value)| map.serialize_entry(column, value))?;
        map.end()
    }
}

/// An exact decimal with the digits that it was imported with, 28 at most. It is written as it is read: digits,
/// perhaps a point and a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Price(#[serde(with = "rust_decimal::serde::arbitrary_precision")] Decimal);

/// One more than the largest number of 28 digits: every one of them fits a `Decimal`, of the
/// numbers of 29 digits only some.
const TEN_TO_28: u128 = 10_u128.pow(28);

impl FromStr for Price {
    type Err = Error;

    fn from_str(text: &str) -> Result<Price> {
        let shown = || text.chars().take(limits::QUOTED_CHARS).collect::<String>();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let points = text.bytes().filter(|&byte| byte == b'.').count();
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        // `Decimal` itself takes 1_000 too.
        if digits == 0 || points > 1 || digits + points != unsigned.len() {
            bail!("the price {:?} is not a decimal number (write 30 or 30.00)", shown());
        }
        match Decimal::from_str_exact(text) {
            Ok(price) if price.mantissa().unsigned_abs() < TEN_TO_28 => Ok(Price(price)),
            _ => bail!("the price {:?} has more than 28 digits", shown()),
        }
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(id: &str, name: &str, price: &str) -> String {
        Product::new(id, name, price).expect_err("it is refused").to_string()
    }

    #[test]
    fn what_is_sent_is_trimmed() {
        let product =
            Product::new(" A 1\t\u{200b}", "\u{3000}Clock\u{ad} \r", "\u{feff}\u{a0}12.0 ").expect("a product");
        let stored = Product::stored("A 1", "Clock", "12.0", Vec::new()).expect("a product");
        assert_eq!(product, stored);
    }

    #[test]
    fn what_is_missing_or_has_a_nul_is_refused() {
        assert_eq!(refused(" ", "Clock", "12"), "the id is empty");
        assert_eq!(refused("A1", "\u{a0}", "12"), "the name is empty");
        assert_eq!(refused("A1", "Clock", ""), "the price is empty");
        assert_eq!(refused("A\0", "Clock", "12"), "the id has a NUL character in it");
        assert_eq!(refused("A1", "Clo\0ck", "12"), "the name has a NUL character in it");
        assert_eq!(refused("A1", "Clock", "1\0"), "the price \"1\\0\" is not a decimal number (write 30 or 30.00)");
    }

    #[test]
    fn a_price_that_was_edited_names_its_product() {
        let error = Product::stored("A1", "Clock", "dear", Vec::new()).expect_err("it is refused");
        assert_eq!(error.to_string(), "product \"A1\": the price \"dear\" is not a decimal number (write 30 or 30.00)");
    }

    /// Also of zero, and as many as there may be.
    #[test]
    fn a_price_keeps_its_digits() {
        let most = "9".repeat(28);
        let small = format!("0.{}1", "0".repeat(27));
        for text in ["12", "19.90", "0.00", "-0.5", "1000000", &most, &small] {
            let price: Price = text.parse().expect("a price");
            assert_eq!(price.to_string(), text);
            assert_eq!(serde_json::to_string(&price).expect("JSON"), text);
        }
        for (text, written) in [("+5", "5"), (".5", "0.5"), ("5.", "5"), ("007", "7")] {
            assert_eq!(text.parse::<Price>().expect("a price").to_string(), written);
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in ["", ".", "-", "1_000", "1,5", "1.2.3", "1e3", "--1", "1-", "$3", "\u{661}", "NaN", "0x1"] {
            let error = text.parse::<Price>().expect_err("it is refused").to_string();
            assert_eq!(error, format!("the price {text:?} is not a decimal number (write 30 or 30.00)"));
        }
        let long = format!("1{}", "0".repeat(28));
        let error = long.parse::<Price>().expect_err("it is refused").to_string();
        assert_eq!(error, format!("the price {long:?} has more than 28 digits"));
    }
}
