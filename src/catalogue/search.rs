//! Search in an SQLite catalogue: in goes what somebody typed, out comes a page of products.
//!
//! The list has three parts, each by an index of its own: ids that start with it, names that start
//! with it, and names of which words start with its words. Whatever was typed is text.

use anyhow::Result;
use rusqlite::{Connection, ToSql};

use super::{Found, Item, Product, schema};
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

/// Those of the rest that have the words ?5.
const BY_WORDS: &str = "SELECT id, product.name, price
    FROM product_word JOIN product ON position = product_word.rowid
    WHERE product_word MATCH ?5
        AND product_word.rowid > coalesce((SELECT position FROM product
            WHERE id COLLATE NOCASE <= ?1 AND (id COLLATE NOCASE < ?1 OR id <= ?1)
            ORDER BY id COLLATE NOCASE DESC, id DESC LIMIT 1), 0)
        AND NOT (id COLLATE NOCASE >= ?4 AND id COLLATE NOCASE < ?2)
        AND NOT (product.name COLLATE NOCASE >= ?4 AND product.name COLLATE NOCASE < ?2)
    ORDER BY product_word.rowid LIMIT ?3";

/// One page. It is one transaction, so that no product is missed or comes twice in it.
pub(super) fn search(connection: &Connection, search: &Search) -> Result<Found> {
    let transaction = connection.unchecked_transaction()?;
    let mut page = Page { connection, search, products: Vec::new(), last: None };
    let question = search.question.as_str();
    let start = search.after.as_ref();
    if matches!(start, None | Some(After::Id(_))) {
        let (from, id) = match start {
            Some(After::Id(id)) => (id.as_str(), id.as_str()),
            _ => (question, ""),
        };
        page.add(BY_ID, from, &id, |item| After::Id(item.id.clone()))?;
    }
    if matches!(start, None | Some(After::Id(_) | After::Name { .. })) && !question.is_empty() {
        let (name, id) = match start {
            Some(After::Name { name, id }) => (name.as_str(), id.as_str()),
            _ => (question, ""),
        };
        let after = |item: &Item| After::Name { name: item.name.clone(), id: item.id.clone() };
        page.add(BY_SAME_NAME, name, &id, after)?;
        page.add(BY_NAME, name, &"", after)?;
    }
    if let (false, Some(words)) = (question.is_empty(), words(question)) {
        let id = match start {
            Some(After::Words(id)) => id,
            _ => "",
        };
        page.add(BY_WORDS, id, &words, |item| After::Words(item.id.clone()))?;
    }
    transaction.finish()?;
    Ok(page.finish())
}

/// A page while it fills.
struct Page<'a> {
    connection: &'a Connection,
    search: &'a Search,
    products: Vec<Item>,
    /// The last product that is on it, as a start for the next.
    last: Option<After>,
}

impl Page<'_> {
    /// Adds a part of the list, up to one product more than there is room for, which shows that
    /// there is another page.
    fn add(&mut self, query: &str, from: &str, more: &dyn ToSql, after: fn(&Item) -> After) -> Result<()> {
        let Some(room) = (self.search.limit + 1).checked_sub(self.products.len()).filter(|&room| room > 0) else {
            return Ok(());
        };
        let question = &self.search.question;
        // Nothing that starts with the question sorts behind it with the last of all characters.
        let end = format!("{question}\u{10ffff}");
        let room = i64::try_from(room)?;
        let mut statement = self.connection.prepare_cached(query)?;
        let parameters: [&dyn ToSql; 5] = [&from, &end, &room, question, more];
        let taken = statement.parameter_count();
        let mut rows = statement.query(&parameters[..taken])?;
        while let Some(row) = rows.next()? {
            let item = schema::item(row)??;
            if self.products.len() < self.search.limit {
                self.last = Some(after(&item));
            }
            self.products.push(item);
        }
        Ok(())
    }

    fn finish(mut self) -> Found {
        let more = self.products.len() > self.search.limit;
        self.products.truncate(self.search.limit);
        let next = self.last.filter(|_| more).map(|last| last.token());
        Found { products: self.products, next }
    }
}

/// The words of a question as FTS5 takes them: each in quotes, in which nothing has a meaning, and
/// each the start of a word. `None` where there are none: punctuation is in no index.
fn words(question: &str) -> Option<String> {
    let words = question.split_whitespace().filter_map(phrase).take(limits::SEARCH_WORDS);
    let words: Vec<String> = words.map(|word| word + "*").collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// Text as a phrase of FTS5.
pub(super) fn phrase(text: &str) -> Option<String> {
    let has_word = text.chars().any(char::is_alphanumeric);
    has_word.then(|| format!("\"{}\"", text.replace('"', "\"\"")))
}

/// The first product of this name by id, ignoring the case of every script: of those that have its
/// words, which differ in accents at most.
pub(super) fn by_name(connection: &Connection, name: &str, words: &str) -> Result<Option<Product>> {
    let query = "SELECT product.name, price FROM product_word JOIN product ON position = product_word.rowid
        WHERE product_word MATCH ?1 ORDER BY product_word.rowid";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([words])?;
    let wanted = name.to_lowercase();
    while let Some(row) = rows.next()? {
        let product = schema::product(row)?;
        if row.get_ref(0)?.as_str()?.to_lowercase() == wanted {
            return product.map(Some);
        }
    }
    Ok(None)
}
