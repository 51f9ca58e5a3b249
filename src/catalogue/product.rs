//! What a product is, and the rules that it keeps wherever it comes from.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail, ensure};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::settings::limits;

/// What is for sale. Its JSON is what an export has, and an import takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Product {
    /// What it is asked for by.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it costs.
    pub price: Price,
}

impl Product {
    /// The product of three texts that somebody sent.
    pub fn new(id: &str, name: &str, price: &str) -> Result<Product> {
        let [id, name, price] = [id, name, price].map(str::trim);
        for (field, text) in [("id", id), ("name", name), ("price", price)] {
            ensure!(!text.is_empty(), "the {field} is empty");
        }
        // SQLite would take two names for one that differ after a NUL.
        for (field, text) in [("id", id), ("name", name)] {
            ensure!(!text.contains('\0'), "the {field} has a NUL character in it");
        }
        Ok(Product { id: id.to_owned(), name: name.to_owned(), price: price.parse()? })
    }

    /// The product as it lies in a store, which somebody may have edited.
    pub fn stored(id: String, name: String, price: &str) -> Result<Product> {
        let price = price.parse().with_context(|| format!("product {id:?}"))?;
        Ok(Product { id, name, price })
    }
}

/// An exact decimal with the digits that it was imported with, 28 at most. It is written as it is read: digits,
/// perhaps a point and a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
            bail!("the price {:?} is no decimal number", shown());
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
        let product = Product::new(" A 1\t", "\u{3000}Clock \r", "\u{a0}12.0 ").expect("a product");
        let stored = Product::stored("A 1".to_owned(), "Clock".to_owned(), "12.0").expect("a product");
        assert_eq!(product, stored);
    }

    #[test]
    fn what_is_missing_or_has_a_nul_is_refused() {
        assert_eq!(refused(" ", "Clock", "12"), "the id is empty");
        assert_eq!(refused("A1", "\u{a0}", "12"), "the name is empty");
        assert_eq!(refused("A1", "Clock", ""), "the price is empty");
        assert_eq!(refused("A\0", "Clock", "12"), "the id has a NUL character in it");
        assert_eq!(refused("A1", "Clo\0ck", "12"), "the name has a NUL character in it");
        assert_eq!(refused("A1", "Clock", "1\0"), "the price \"1\\0\" is no decimal number");
    }

    #[test]
    fn a_price_that_was_edited_names_its_product() {
        let error = Product::stored("A1".to_owned(), "Clock".to_owned(), "dear").expect_err("it is refused");
        assert_eq!(format!("{error:#}"), "product \"A1\": the price \"dear\" is no decimal number");
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
            assert_eq!(error, format!("the price {text:?} is no decimal number"));
        }
        let long = format!("1{}", "0".repeat(28));
        let error = long.parse::<Price>().expect_err("it is refused").to_string();
        assert_eq!(error, format!("the price {long:?} has more than 28 digits"));
    }
}
