//! Search in an SQLite catalogue: in goes what somebody typed, out comes a page of products.
//!
//! The list has three parts, each by an index of its own: ids that start with it, names that start
//! with it, and names of which words start with its words. Whatever was typed is text.

use std::mem;

use anyhow::Result;
use rusqlite::{Connection, ToSql};

use super::schema;
use crate::catalogue::{Found, Item, Product, words};
use crate::lookup::{After, Search};
use crate::settings::limits;

// In all of them: ?1 and ?5 are where the part begins or the page before ended, ?2 is what sorts
// behind all that starts with the question, ?3 how many there is room for, ?4 the question. Columns
// compare by case, as people who edit them expect, so each comparison that does not says so; SQLite
// takes no index for a row value in which one does.

/// The products whose ids start with the question.
const BY_ID: &str = "SELECT id, name, price FROM product
    WHERE id COLLATE NOCASE >= ?1 AND (id COLLATE NOCASE > ?1 OR id > ?5) AND id COLLATE NOCASE < ?2
    ORDER BY id COLLATE NOCASE, id LIMIT ?3";

/// Those of the rest that are called ?1, from the id ?5 on.
const BY_SAME_NAME: &str = "SELECT id, name, price FROM product
    WHERE name = ?1 COLLATE NOCASE AND id COLLATE NOCASE >= ?5 AND (id COLLATE NOCASE > ?5 OR id > ?5)
        AND NOT (id COLLATE NOCASE >= ?4 AND id COLLATE NOCASE < ?2)
    ORDER BY id COLLATE NOCASE, id LIMIT ?3";

/// Those of the rest whose names start with the question.
const BY_NAME: &str = "SELECT id, name, price FROM product
    WHERE name COLLATE NOCASE > ?1 AND name COLLATE NOCASE < ?2
        AND NOT (id COLLATE NOCASE >= ?4 AND id COLLATE NOCASE < ?2)
    ORDER BY name COLLATE NOCASE, id COLLATE NOCASE, id LIMIT ?3";

/// Those of the rest that have the words ?5: which of them, and in which order.
macro_rules! by_words {
    ($condition:literal, $order:literal) => {
        concat!(
            "SELECT id, product.name, price
             FROM product_word JOIN product ON position = product_word.rowid
             WHERE product_word MATCH ?5 AND ",
            $condition,
            " AND NOT (id COLLATE NOCASE >= ?4 AND id COLLATE NOCASE < ?2)
              AND NOT (product.name COLLATE NOCASE >= ?4 AND product.name COLLATE NOCASE < ?2)
             ORDER BY ",
            $order,
            " LIMIT ?3"
        )
    };
}

/// Of the products that are in order: their positions are below zero, in the order of their ids.
const BY_WORDS: &str = by_words!(
    "product_word.rowid < 0 AND product_word.rowid > coalesce((SELECT position FROM product
         WHERE id COLLATE NOCASE <= ?1 AND (id COLLATE NOCASE < ?1 OR id <= ?1) AND position < 0
         ORDER BY id COLLATE NOCASE DESC, id DESC LIMIT 1), -1 << 62)",
    "product_word.rowid"
);

/// Of those that have come since.
const ADDED_BY_WORDS: &str = by_words!(
    "product_word.rowid > 0 AND id COLLATE NOCASE >= ?1 AND (id COLLATE NOCASE > ?1 OR id > ?1)",
    "id COLLATE NOCASE, id"
);

/// Have any come since? To ask the index of words in vain would cost as much again.
const ADDED: &str = "SELECT EXISTS (SELECT 1 FROM product WHERE position > 0)";

/// One page. It is one transaction, so that no product is missed or comes twice in it.
pub(in crate::catalogue) fn search(connection: &Connection, search: &Search) -> Result<Found> {
    let transaction = connection.unchecked_transaction()?;
    let question = &search.question;
    let end = end(question);
    let words = expression(&phrases(question)?);
    let found = page(search, |part, room| {
        let ask = |query, from: &str, more: &str| -> Result<Vec<Item>> {
            let mut statement = connection.prepare_cached(query)?;
            let parameters: [&dyn ToSql; 5] = [&from, &end, &i64::try_from(room)?, question, &more];
            let taken = statement.parameter_count();
            let mut rows = statement.query(&parameters[..taken])?;
            let mut items = Vec::with_capacity(room);
            while let Some(row) = rows.next()? {
                items.push(schema::item(row)??);
            }
            Ok(items)
        };
        match part {
            Part::Ids(None) => ask(BY_ID, question, ""),
            Part::Ids(Some(id)) => ask(BY_ID, id, id),
            Part::SameName { name, id } => ask(BY_SAME_NAME, name, id),
            Part::Names(name) => ask(BY_NAME, name, ""),
            Part::Words(id) => {
                let Some(words) = &words else { return Ok(Vec::new()) };
                let mut items = ask(BY_WORDS, id, words)?;
                if connection.prepare_cached(ADDED)?.query_row([], |row| row.get(0))? {
                    items.extend(ask(ADDED_BY_WORDS, id, words)?);
                    items.sort_by_cached_key(order);
                    items.truncate(room);
                }
                Ok(items)
            }
        }
    })?;
    transaction.finish()?;
    Ok(found)
}

/// What products are in order by: ids by case last.
fn order(item: &Item) -> (String, String) {
    (item.id.to_ascii_lowercase(), item.id.clone())
}

/// A part of the list, as any store finds it.
pub(in crate::catalogue) enum Part<'a> {
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
pub(in crate::catalogue) fn page(
    search: &Search,
    mut find: impl FnMut(Part, usize) -> Result<Vec<Item>>,
) -> Result<Found> {
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
        page.add(|room| find(Part::Ids(id), room), |item| After::Id(item.id.clone()))?;
    }
    let names = match after {
        None | Some(After::Id(_)) => Some((question, "")),
        Some(After::Name { name, id }) => Some((name.as_str(), id.as_str())).filter(|_| starts_with(name, question)),
        _ => None,
    };
    if let Some((name, id)) = names.filter(|_| !question.is_empty()) {
        let after = |item: &Item| After::Name { name: item.name.clone(), id: item.id.clone() };
        page.add(|room| find(Part::SameName { name, id }, room), after)?;
        page.add(|room| find(Part::Names(name), room), after)?;
    }
    if !question.is_empty() {
        let id = match after {
            Some(After::Words(id)) => id,
            _ => "",
        };
        page.add(|room| find(Part::Words(id), room), |item| After::Words(item.id.clone()))?;
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
    products: Vec<Item>,
    /// The last product that is on it, as a start for the next.
    last: Option<After>,
}

impl Page {
    /// Adds a part of the list, up to one product more than there is room for, which shows that
    /// there is another page.
    fn add(&mut self, find: impl FnOnce(usize) -> Result<Vec<Item>>, after: fn(&Item) -> After) -> Result<()> {
        let Some(room) = (self.limit + 1).checked_sub(self.products.len()).filter(|&room| room > 0) else {
            return Ok(());
        };
        for item in find(room)? {
            if self.products.len() < self.limit {
                self.last = Some(after(&item));
            }
            self.products.push(item);
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
pub(in crate::catalogue) fn end(text: &str) -> String {
    format!("{text}\u{10ffff}")
}

/// What a name has to have, in any order: for each part of a question between blanks its words, as the index
/// cuts them, one after the other; no more than `limits::QUESTION_WORDS` in all. A word that comes again begins
/// a phrase of its own: where each of many products has a word, to look for it twice costs as much again.
pub(in crate::catalogue) fn phrases(question: &str) -> Result<Vec<Vec<String>>> {
    let mut phrases: Vec<Vec<String>> = Vec::new();
    let mut left = limits::QUESTION_WORDS;
    for words in words::of(question.split_whitespace())? {
        let mut phrase = Vec::new();
        for word in words.into_iter().take(left) {
            left -= 1;
            if phrase.contains(&word) {
                phrases.push(mem::take(&mut phrase));
            }
            phrase.push(word);
        }
        phrases.push(phrase);
    }
    // Punctuation is in no index, and what the index has of symbols is in few names.
    phrases.retain(|phrase| phrase.iter().any(|word| word.chars().any(char::is_alphanumeric)));
    // What another has at its place, or its start, is there too.
    let all = phrases.clone();
    let has = |other: &[String], phrase: &[String]| match phrase {
        [word] => other != phrase && other.iter().any(|longer| longer.starts_with(word.as_str())),
        _ => false,
    };
    phrases.retain(|phrase| !all.iter().any(|other| has(other, phrase)));
    phrases.sort();
    phrases.dedup();
    Ok(phrases)
}

/// Phrases as FTS5 takes them: each in quotes, in which nothing has a meaning, and the last word of each
/// the start of one. `None` where there are none.
fn expression(phrases: &[Vec<String>]) -> Option<String> {
    let phrases: Vec<String> = phrases.iter().map(|words| format!("\"{}\"*", words.join(" "))).collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

/// The words that a name begins with, no more than count; `None` where SQLite compares its case by itself,
/// or it has no words.
pub(in crate::catalogue) fn words_of_name(name: &str) -> Result<Option<Vec<String>>> {
    if name.is_ascii() {
        return Ok(None);
    }
    let mut words = words::of([start_of_name(name)])?.concat();
    words.truncate(limits::QUESTION_WORDS);
    Ok(Some(words).filter(|words| !words.is_empty()))
}

fn start_of_name(name: &str) -> &str {
    &name[..name.floor_char_boundary(limits::QUESTION_BYTES)]
}

/// These words as a phrase of FTS5.
pub(in crate::catalogue) fn phrase_of_name(name: &str) -> Result<Option<String>> {
    // The last word of a start may be the start of one.
    let end = if start_of_name(name) == name { "" } else { "*" };
    Ok(words_of_name(name)?.map(|words| format!("\"{}\"{end}", words.join(" "))))
}

/// The first product of this name by id, ignoring the case of every script: of those that have its
/// words, which differ in accents at most. One transaction, so that none is missed that is edited meanwhile.
pub(in crate::catalogue) fn by_name(connection: &Connection, name: &str, words: &str) -> Result<Option<Product>> {
    let wanted = name.to_lowercase();
    let transaction = connection.unchecked_transaction()?;
    let first = |of_these: &str| {
        let query = format!(
            "SELECT id, product.name, price FROM product_word JOIN product ON position = product_word.rowid
             WHERE product_word MATCH ?1 AND {of_these}"
        );
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query([words])?;
        while let Some(row) = rows.next()? {
            if row.get_ref(1)?.as_str()?.to_lowercase() == wanted {
                return schema::item(row)?.map(Some);
            }
        }
        Ok(None)
    };
    let ordered = first("product_word.rowid < 0 ORDER BY product_word.rowid")?;
    let added = first("product_word.rowid > 0 ORDER BY id COLLATE NOCASE, id")?;
    transaction.finish()?;
    let found = ordered.into_iter().chain(added).min_by_key(order);
    Ok(found.map(|item| Product { name: item.name, price: item.price }))
}
