//! Lookup and search in an SQLite catalogue.
//!
//! The list has three parts, each by an index of its own: ids that start with it, names that start
//! with it, and names of which words start with its words. Whatever was typed is text.

use anyhow::Result;
use rusqlite::{Connection, ToSql};

use super::schema;
use crate::catalogue::page::{Found, Part, Search, end, page};
use crate::catalogue::product::Product;
use crate::catalogue::words::{phrases, start_of_name, words_of_name};

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
pub(super) fn search(connection: &Connection, search: &Search) -> Result<Found> {
    let transaction = connection.unchecked_transaction()?;
    let question = &search.question;
    let end = end(question);
    let words = expression(&phrases(question)?);
    let found = page(search, |part, room| {
        let ask = |query, from: &str, more: &str| -> Result<Vec<Product>> {
            let mut statement = connection.prepare_cached(query)?;
            let parameters: [&dyn ToSql; 5] = [&from, &end, &i64::try_from(room)?, question, &more];
            let taken = statement.parameter_count();
            statement.query_and_then(&parameters[..taken], schema::product)?.collect()
        };
        match part {
            Part::Ids(None) => ask(BY_ID, question, ""),
            Part::Ids(Some(id)) => ask(BY_ID, id, id),
            Part::SameName { name, id } => ask(BY_SAME_NAME, name, id),
            Part::Names(name) => ask(BY_NAME, name, ""),
            Part::Words(id) => {
                let Some(words) = &words else { return Ok(Vec::new()) };
                let mut products = ask(BY_WORDS, id, words)?;
                if connection.prepare_cached(ADDED)?.query_row([], |row| row.get(0))? {
                    products.extend(ask(ADDED_BY_WORDS, id, words)?);
                    products.sort_by_cached_key(order);
                    products.truncate(room);
                }
                Ok(products)
            }
        }
    })?;
    transaction.finish()?;
    Ok(found)
}

/// What products are in order by: ids by case last.
fn order(product: &Product) -> (String, String) {
    (product.id.to_ascii_lowercase(), product.id.clone())
}

/// Phrases as FTS5 takes them: each in quotes, in which nothing has a meaning, and the last word of each
/// the start of one. `None` where there are none.
fn expression(phrases: &[Vec<String>]) -> Option<String> {
    let phrases: Vec<String> = phrases.iter().map(|words| format!("\"{}\"*", words.join(" "))).collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

/// The product with exactly this id.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Product>> {
    first(connection, "SELECT id, name, price FROM product WHERE id = ?1 COLLATE NOCASE AND id = ?1", id)
}

/// The first by id of the products so called, where case counts for ASCII letters alone.
pub(super) fn by_name(connection: &Connection, name: &str) -> Result<Option<Product>> {
    let query = "SELECT id, name, price FROM product WHERE name = ?1 COLLATE NOCASE
        ORDER BY id COLLATE NOCASE, id LIMIT 1";
    first(connection, query, name)
}

fn first(connection: &Connection, query: &str, text: &str) -> Result<Option<Product>> {
    connection.prepare_cached(query)?.query_and_then([text], schema::product)?.next().transpose()
}

/// The words of a name as a phrase of FTS5; `None` as `words_of_name` has it.
pub(super) fn phrase_of_name(name: &str) -> Result<Option<String>> {
    // The last word of a start may be the start of one.
    let end = if start_of_name(name) == name { "" } else { "*" };
    Ok(words_of_name(name)?.map(|words| format!("\"{}\"{end}", words.join(" "))))
}

/// The same for the case of every script: of the products that have its words, which differ in accents at
/// most. One transaction, so that none is missed that is edited meanwhile.
pub(super) fn by_phrase(connection: &Connection, name: &str, phrase: &str) -> Result<Option<Product>> {
    let wanted = name.to_lowercase();
    let transaction = connection.unchecked_transaction()?;
    let first = |of_these: &str| {
        let query = format!(
            "SELECT id, product.name, price FROM product_word JOIN product ON position = product_word.rowid
             WHERE product_word MATCH ?1 AND {of_these}"
        );
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query([phrase])?;
        while let Some(row) = rows.next()? {
            if row.get_ref(1)?.as_str()?.to_lowercase() == wanted {
                return schema::product(row).map(Some);
            }
        }
        Ok(None)
    };
    let ordered = first("product_word.rowid < 0 ORDER BY product_word.rowid")?;
    let added = first("product_word.rowid > 0 ORDER BY id COLLATE NOCASE, id")?;
    transaction.finish()?;
    Ok(ordered.into_iter().chain(added).min_by_key(order))
}
