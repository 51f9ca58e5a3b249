//! A search's list, page by page, for any store: its parts, and where the next page begins.

use anyhow::Result;
use url::form_urlencoded;

use super::product::Product;

/// A search, one page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What was typed, up to `limits::QUESTION_CHARS`; empty: all products.
    pub question: String,
    /// How many products a page has at most.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<After>,
}

/// The last product of a page, with what orders the part of the list that it is in. A product that
/// has gone since is no obstacle, since nobody looks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// Among the ids that start with the question.
    Id(String),
    /// Among the names that start with it.
    Name {
        /// The product's name.
        name: String,
        /// Its id.
        id: String,
    },
    /// Among those that have its words.
    Words(String),
}

/// A page of what a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The products, best match first and then by id.
    pub products: Vec<Product>,
    /// What `after` must be for the next page, if there is one.
    pub next: Option<String>,
}

impl After {
    /// The text that stands for this in a reply's `next`: a letter for the part of the list, the id,
    /// and where names order the part, a colon and the name. Which texts are right depends on
    /// nothing else, so that html/openapi.json has a pattern for them.
    pub fn token(&self) -> String {
        match self {
            After::Id(id) => format!("i{id}"),
            After::Name { name, id } => {
                let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
                format!("n{id}:{name}")
            }
            After::Words(id) => format!("w{id}"),
        }
    }

    /// The `after` that this text stands for.
    pub fn of(token: &str) -> Option<After> {
        let rest = token.get(1..)?;
        match token.as_bytes()[0] {
            b'i' => Some(After::Id(rest.to_owned())),
            b'w' => Some(After::Words(rest.to_owned())),
            b'n' => {
                let (id, name) = rest.split_once(':')?;
                let id = form_urlencoded::parse(id.as_bytes()).next().map(|(id, _)| id.into_owned());
                Some(After::Name { name: name.to_owned(), id: id.unwrap_or_default() })
            }
            _ => None,
        }
    }
}

/// A part of the list, as any store finds it.
pub(super) enum Part<'a> {
    /// Ids that start with the question, from this one on, which is not among them.
    Ids(Option<&'a str>),
    /// Names that are this one, from this id on, which is not among them.
    SameName { name: &'a str, id: &'a str },
    /// Names that start with the question, from this one on, which is not among them.
    Names(&'a str),
    /// Names that have the question's words, from this id on, which is not among them.
    Words(&'a str),
}

/// Fills a page, part by part: `find` gives as many products of a part as there is room for.
pub(super) fn page(search: &Search, mut find: impl FnMut(Part, usize) -> Result<Vec<Product>>) -> Result<Found> {
    let mut page = Page { limit: search.limit, products: Vec::with_capacity(search.limit + 1), last: None };
    let question = search.question.as_str();
    let after = search.after.as_ref();
    // What lies in no part, which no page has ended with, is behind its part: that costs nothing.
    let ids = match after {
        None => Some(None),
        Some(After::Id(id)) => Some(Some(id.as_str())).filter(|_| starts_with(id, question)),
        _ => None,
    };
    if let Some(id) = ids {
        page.add(|room| find(Part::Ids(id), room), |product| After::Id(product.id.clone()))?;
    }
    let names = match after {
        None | Some(After::Id(_)) => Some((question, "")),
        Some(After::Name { name, id }) => Some((name.as_str(), id.as_str())).filter(|_| starts_with(name, question)),
        _ => None,
    };
    if let Some((name, id)) = names.filter(|_| !question.is_empty()) {
        let after = |product: &Product| After::Name { name: product.name.clone(), id: product.id.clone() };
        page.add(|room| find(Part::SameName { name, id }, room), after)?;
        page.add(|room| find(Part::Names(name), room), after)?;
    }
    if !question.is_empty() {
        let id = match after {
            Some(After::Words(id)) => id,
            _ => "",
        };
        page.add(|room| find(Part::Words(id), room), |product| After::Words(product.id.clone()))?;
    }
    Ok(page.finish())
}

/// Does a text start with another, as the indexes compare them?
fn starts_with(text: &str, start: &str) -> bool {
    let found = text.as_bytes().get(..start.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
}

/// A page while it fills.
struct Page {
    limit: usize,
    products: Vec<Product>,
    /// The last product that is on it, as a start for the next.
    last: Option<After>,
}

impl Page {
    /// Adds a part of the list, up to one product more than there is room for, which shows that
    /// there is another page.
    fn add(&mut self, find: impl FnOnce(usize) -> Result<Vec<Product>>, after: fn(&Product) -> After) -> Result<()> {
        let Some(room) = (self.limit + 1).checked_sub(self.products.len()).filter(|&room| room > 0) else {
            return Ok(());
        };
        for product in find(room)? {
            if self.products.len() < self.limit {
                self.last = Some(after(&product));
            }
            self.products.push(product);
        }
        Ok(())
    }

    fn finish(mut self) -> Found {
        let more = self.products.len() > self.limit;
        self.products.truncate(self.limit);
        let next = self.last.filter(|_| more).map(|last| last.token());
        Found { products: self.products, next }
    }
}

/// Nothing that starts with a text sorts behind it with the last of all characters.
pub(super) fn end(text: &str) -> String {
    format!("{text}\u{10ffff}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let name = |name: &str, id: &str| After::Name { name: name.to_owned(), id: id.to_owned() };
        for (after, token) in [
            (After::Id("A 1 ".to_owned()), "iA 1 "),
            (After::Words("\u{e9}:".to_owned()), "w\u{e9}:"),
            (name("Clock: big ", "A:1 \u{e9}&%"), "nA%3A1+%C3%A9%26%25:Clock: big "),
            (name("", ""), "n:"),
        ] {
            assert_eq!(after.token(), token);
            assert_eq!(After::of(token), Some(after));
        }
        for none in ["", "A001", "nA001", "\u{e9}"] {
            assert_eq!(After::of(none), None, "{none:?}");
        }
    }

    /// A list of which each part has two products: what was asked of which part, and what came of it.
    fn asked(question: &str, limit: usize, after: Option<&str>) -> (String, Found) {
        let after = after.and_then(After::of);
        let search = Search { question: question.to_owned(), limit, after };
        let mut asked = String::new();
        let found = page(&search, |part, room| {
            let (part, ids) = match part {
                Part::Ids(from) => (format!("ids {from:?}"), ["c1", "c2"]),
                Part::SameName { name, id } => (format!("same {name} {id}"), ["s1", "s2"]),
                Part::Names(name) => (format!("names {name}"), ["n1", "n2"]),
                Part::Words(id) => (format!("words {id}"), ["w1", "w2"]),
            };
            asked += &format!("{part}: {room}; ");
            ids.iter().take(room).map(|id| Product::new(id, "Clock", "1")).collect()
        });
        (asked, found.expect("a page"))
    }

    fn ids(found: &Found) -> Vec<&str> {
        found.products.iter().map(|product| product.id.as_str()).collect()
    }

    #[test]
    fn a_part_is_asked_while_there_is_room() {
        let (said, found) = asked("c", 1, None);
        assert_eq!((said.as_str(), ids(&found), found.next.as_deref()), ("ids None: 2; ", vec!["c1"], Some("ic1")));
        let (said, found) = asked("c", 3, None);
        assert_eq!(said, "ids None: 4; same c : 2; ");
        assert_eq!((ids(&found), found.next.as_deref()), (vec!["c1", "c2", "s1"], Some("ns1:Clock")));
        let (said, found) = asked("c", 8, None);
        assert_eq!(said, "ids None: 9; same c : 7; names c: 5; words : 3; ");
        assert_eq!((found.products.len(), found.next), (8, None), "there is no other page");
    }

    #[test]
    fn a_page_goes_on_where_the_one_before_ended() {
        assert_eq!(asked("c", 9, Some("iC1")).0, "ids Some(\"C1\"): 10; same c : 8; names c: 6; words : 4; ");
        assert_eq!(asked("c", 9, Some("nA1:Clock")).0, "same Clock A1: 10; names Clock: 8; words : 6; ");
        assert_eq!(asked("c", 9, Some("wA1")).0, "words A1: 10; ");
        // What is in no part is behind it.
        assert_eq!(asked("c", 9, Some("iA1")).0, "same c : 10; names c: 8; words : 6; ");
        assert_eq!(asked("c", 9, Some("nA1:Lamp")).0, "words : 10; ");
        assert_eq!(asked("", 9, Some("iA1")).0, "ids Some(\"A1\"): 10; ", "all products have one part");
    }
}
