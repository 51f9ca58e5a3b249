//! What is asked of a list, page by page, and what a page is.

use url::form_urlencoded;

use super::question::{Rank, Tier};
use crate::catalogue::product::Product;

/// A search, one page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What was typed, up to `limits::QUESTION_BYTES`; empty: all products.
    pub question: String,
    /// How many products a page has at most.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<After>,
}

/// The last product of a page, with what orders the part of the list that it is in. A product that
/// has gone since is no obstacle, since nobody looks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// None where all products are listed.
    pub(super) rank: Option<Rank>,
    /// The product's name, where its part is by name.
    pub(super) name: String,
    /// Its id.
    pub(in crate::catalogue) id: String,
}

/// A page of what a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The products, best match first.
    pub products: Vec<Product>,
    /// What `after` must be for the next page, if there is one.
    pub next: Option<String>,
    /// The question as it was probably meant, where nothing is found.
    pub suggestion: Option<String>,
}

impl Found {
    /// The page that these begin, of the list of all products: as many as the limit, and one more where there is another.
    pub(in crate::catalogue) fn of_all(mut products: Vec<Product>, limit: usize) -> Found {
        let more = products.len() > limit;
        products.truncate(limit);
        let next = products.last().filter(|_| more).map(|last| After::of_all(&last.id).token());
        Found { products, next, suggestion: None }
    }
}

/// Before the part of the list, where a product has not the signs that were asked for.
const WITHOUT_SIGNS: char = '-';

impl After {
    /// Behind a product of the list of all.
    pub(in crate::catalogue) fn of_all(id: &str) -> After {
        After { rank: None, name: String::new(), id: id.to_owned() }
    }

    /// The text that stands for this in a reply's `next`: `i` or the number of the part of the list, the id,
    /// and where names order the part, a colon and the name. Which texts are right depends on
    /// nothing else, so that html/openapi.json has a pattern for them.
    pub fn token(&self) -> String {
        let Some(rank) = self.rank else { return format!("i{}", self.id) };
        let signs = if rank.without_signs { WITHOUT_SIGNS.to_string() } else { String::new() };
        let tier = rank.tier as u8 + 1;
        if !rank.tier.is_by_name() {
            return format!("{signs}{tier}{}", self.id);
        }
        let id: String = form_urlencoded::byte_serialize(self.id.as_bytes()).collect();
        format!("{signs}{tier}{id}:{}", self.name)
    }

    /// The `after` that this text stands for.
    pub fn of(token: &str) -> Option<After> {
        if let Some(id) = token.strip_prefix('i') {
            return Some(After::of_all(id));
        }
        let rest = token.strip_prefix(WITHOUT_SIGNS);
        let without_signs = rest.is_some();
        let rest = rest.unwrap_or(token);
        let number = rest.chars().next()?.to_digit(10)?.checked_sub(1)?;
        let rank = Rank { without_signs, tier: *Tier::ALL.get(number as usize)? };
        let rest = &rest[1..];
        if !rank.tier.is_by_name() {
            return Some(After { rank: Some(rank), name: String::new(), id: rest.to_owned() });
        }
        let (id, name) = rest.split_once(':')?;
        let id = form_urlencoded::parse(id.as_bytes()).next().map(|(id, _)| id.into_owned());
        Some(After { rank: Some(rank), name: name.to_owned(), id: id.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let after = |without_signs, tier, name: &str, id: &str| After {
            rank: Some(Rank { without_signs, tier }),
            name: name.to_owned(),
            id: id.to_owned(),
        };
        for (after, token) in [
            (After::of_all("A 1 "), "iA 1 "),
            (after(false, Tier::Identity, "", "A1"), "1A1"),
            (after(true, Tier::Inside, "", "\u{e9}:"), "-7\u{e9}:"),
            (after(false, Tier::StartOfNameWhole, "Clock: big ", "A:1 \u{e9}&%"), "3A%3A1+%C3%A9%26%25:Clock: big "),
            (after(true, Tier::StartOfName, "", ""), "-5:"),
        ] {
            assert_eq!(after.token(), token);
            assert_eq!(After::of(token), Some(after));
        }
        for none in ["", "A001", "0A001", "8A001", "3A001", "--1A", "\u{e9}"] {
            assert_eq!(After::of(none), None, "{none:?}");
        }
    }
}
