//! Prices as people of every country read them the same: every digit as imported, a point, and thousands set apart by a
//! narrow no-break space.

use std::fmt;

use crate::in_groups;

/// Between thousands.
const APART: &str = "\u{202f}";

/// The characters from which on a price needs a line of its own on a phone.
const LONG: usize = 14;

/// A price in two parts, of which the second begins with the point, if there is one.
pub(super) struct Parts<'a> {
    whole: String,
    fraction: &'a str,
}

impl fmt::Display for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.whole)?;
        f.write_str(self.fraction)
    }
}

impl Parts<'_> {
    /// The parts of a price's exact text.
    pub(super) fn of(price: &str) -> Parts<'_> {
        let (whole, fraction) = price.split_at(price.find('.').unwrap_or(price.len()));
        let digits = whole.trim_start_matches(['-', '+']);
        let sign = &whole[..whole.len() - digits.len()];
        Parts { whole: format!("{sign}{}", in_groups(digits, APART)), fraction }
    }

    /// Digits behind the point.
    pub(super) fn decimals(&self) -> usize {
        self.fraction.len().saturating_sub(1)
    }

    /// The attributes of a cell with it, in a table where so many decimals have room: what is as wide as those that it has
    /// not.
    pub(super) fn attributes(&self, unique: &str, decimals: usize) -> String {
        let lacking = "0".repeat(decimals.saturating_sub(self.decimals()));
        let room = match (self.fraction, lacking.as_str()) {
            (_, "") => String::new(),
            ("", lacking) => format!(" data-room=\".{lacking}\""),
            (_, lacking) => format!(" data-room=\"{lacking}\""),
        };
        format!(" class=\"price\" id=\"price-{unique}\"{room}")
    }

    pub(super) fn is_long(&self) -> bool {
        self.whole.chars().count() + self.fraction.len() > LONG
    }
}

/// A price with what it is in, as HTML; a program finds its exact text in the attribute.
pub(super) fn with_currency(price: &str, currency: &str) -> String {
    let behind = if currency.is_empty() { String::new() } else { format!("\u{a0}{}", super::Escaped(currency)) };
    format!("<data value=\"{price}\">{}</data>{behind}", Parts::of(price))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation() {
        for (price, shown, decimals) in [
            ("12", "12", 0),
            ("19.90", "19.90", 2),
            ("999.5", "999.5", 1),
            ("1234", "1\u{202f}234", 0),
            ("-1234567.50", "-1\u{202f}234\u{202f}567.50", 2),
            ("-123", "-123", 0),
            ("0.000001", "0.000001", 6),
            (
                "1234567890123456789012345678",
                "1\u{202f}234\u{202f}567\u{202f}890\u{202f}123\u{202f}456\u{202f}789\u{202f}012\u{202f}345\u{202f}678",
                0,
            ),
        ] {
            let parts = Parts::of(price);
            assert_eq!((parts.to_string().as_str(), parts.decimals()), (shown, decimals));
        }
        assert_eq!(
            with_currency("1234.50", "€ & <b>"),
            "<data value=\"1234.50\">1\u{202f}234.50</data>\u{a0}€ &amp; &lt;b&gt;"
        );
        assert_eq!(with_currency("12", ""), "<data value=\"12\">12</data>");
    }
}
