//! Lookup and search in an SQLite catalogue.
//!
//! The list has three parts, each by an index of its own: ids that start with it, names that start
//! with it, and names of which words start with its words. Whatever was typed is text.

use anyhow::Result;
use rusqlite::{Connection, ToSql};

use super::index::Index;
use super::schema;
use crate::catalogue::page::{Found, Part, Search, end, page};
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::words::{phrases, start_of_name, words_of_name};

// In all of them: ?1 and ?5 are where the part begins or the page before ended, ?2 is what sorts
// behind all that starts with the question, ?3 how many there is room for, ?4 the question. Columns
// compare by case, as people who edit them expect, so each comparison that does not says so; SQLite
// takes no index for a row value in which one does.

/// The products whose ids start with the question.
const BY_ID: &str = "SELECT id, name, price, * FROM product
    WHERE id COLLATE NOCASE >= ?1 AND (id COLLATE NOCASE > ?1 OR id > ?5) AND id COLLATE NOCASE < ?2
    ORDER BY id COLLATE NOCASE, id LIMIT ?3";

/// Those of the rest that are called ?1, from the id ?5 on.
const BY_SAME_NAME: &str = "SELECT id, name, price, * FROM product
    WHERE name = ?1 COLLATE NOCASE AND id COLLATE NOCASE >= ?5 AND (id COLLATE NOCASE > ?5 OR id > ?5)
        AND NOT (id COLLATE NOCASE >= ?4 AND id COLLATE NOCASE < ?2)
    ORDER BY id COLLATE NOCASE, id LIMIT ?3";

/// Those of the rest whose names start with the question.
const BY_NAME: &str = "SELECT id, name, price, * FROM product
    WHERE name COLLATE NOCASE > ?1 AND name COLLATE NOCASE < ?2
        AND NOT (id COLLATE NOCASE >= ?4 AND id COLLATE NOCASE < ?2)
    ORDER BY name COLLATE NOCASE, id COLLATE NOCASE, id LIMIT ?3";

/// Those of the rest that have the words ?5: which of them, and in which order.
macro_rules! by_words {
    ($condition:literal, $order:literal) => {
        concat!(
            "SELECT product.id, product.name, product.price, product.* FROM product_lookup_word
             JOIN product_lookup_position ON product_lookup_position.position = product_lookup_word.rowid
             JOIN product ON product.id = product_lookup_position.id
             WHERE product_lookup_word MATCH ?5 AND ",
            $condition,
            " AND NOT (product.id COLLATE NOCASE >= ?4 AND product.id COLLATE NOCASE < ?2)
              AND NOT (product.name COLLATE NOCASE >= ?4 AND product.name COLLATE NOCASE < ?2)
             ORDER BY ",
            $order,
            " LIMIT ?3"
        )
    };
}

/// Of the products that are in order: their positions are below zero, in the order of their ids.
const BY_WORDS: &str = by_words!(
    "product_lookup_word.rowid < 0 AND product_lookup_word.rowid > coalesce(
         (SELECT product_lookup_position.position FROM product
          JOIN product_lookup_position ON product_lookup_position.id = product.id
          WHERE product.id COLLATE NOCASE <= ?1 AND (product.id COLLATE NOCASE < ?1 OR product.id <= ?1)
              AND product_lookup_position.position < 0
          ORDER BY product.id COLLATE NOCASE DESC, product.id DESC LIMIT 1), -1 << 62)",
    "product_lookup_word.rowid"
);

/// Of those that have come since.
const ADDED_BY_WORDS: &str = by_words!(
    "product_lookup_word.rowid > 0 AND product.id COLLATE NOCASE >= ?1
         AND (product.id COLLATE NOCASE > ?1 OR product.id > ?1)",
    "product.id COLLATE NOCASE, product.id"
);

/// Have any come since? To ask the index of words in vain would cost as much again.
const ADDED: &str = "SELECT EXISTS (SELECT 1 FROM product_lookup_position WHERE position > 0)";

/// Those that have the words ?1: which of them, and in which order.
const BY_PHRASE: &str = "SELECT product.id, product.name, product.price, product.* FROM product_lookup_word
    JOIN product_lookup_position ON product_lookup_position.position = product_lookup_word.rowid
    JOIN product ON product.id = product_lookup_position.id
    WHERE product_lookup_word MATCH ?1 AND ";

/// One page. It is one transaction, so that no product is missed or comes twice in it.
pub(super) fn search(connection: &Connection, search: &Search) -> Result<Found> {
    let transaction = connection.unchecked_transaction()?;
    let question = &search.question;
    let end = end(question);
    let words = expression(&phrases(question)?);
    let found = page(search, |part, room| {
        let ask = |query: &str, from: &str, more: &str| -> Result<Vec<Product>> {
            let mut statement = connection.prepare_cached(query)?;
            let taken = statement.parameter_count();
            let mut limit = room;
            // What is no product takes nobody's place.
            loop {
                let parameters: [&dyn ToSql; 5] = [&from, &end, &i64::try_from(limit)?, question, &more];
                let found = statement
                    .query_and_then(&parameters[..taken], |row| schema::product(connection, row))?
                    .map(left_out);
                let found = found.collect::<Result<Vec<_>>>()?;
                let all = found.len();
                let products: Vec<Product> = found.into_iter().flatten().take(room).collect();
                if products.len() == room || all < limit {
                    return Ok(products);
                }
                limit *= 2;
            }
        };
        match part {
            Part::Ids(None) => ask(BY_ID, question, ""),
            Part::Ids(Some(id)) => ask(BY_ID, id, id),
            Part::SameName { name, id } => ask(BY_SAME_NAME, name, id),
            Part::Names(name) => ask(BY_NAME, name, ""),
            Part::Words(id) => {
                let Some(words) = &words else { return Ok(Vec::new()) };
                let index = Index::of(connection)?;
                let mut products = ask(&index.query(BY_WORDS)?, id, words)?;
                if connection.prepare_cached(&index.query(ADDED)?)?.query_row([], |row| row.get(0))? {
                    products.extend(ask(&index.query(ADDED_BY_WORDS)?, id, words)?);
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

/// The product with exactly this id; where there is none, the one whose id differs in case alone, if there is just
/// one.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Product>> {
    if let Some(product) = by_exact_id(connection, id)? {
        return Ok(Some(product));
    }
    // SQLite ends texts at a NUL where case does not count.
    if id.contains('\0') {
        return Ok(None);
    }
    let but_for_case = "SELECT id, name, price, * FROM product WHERE id = ?1 COLLATE NOCASE LIMIT 2";
    let mut statement = connection.prepare_cached(but_for_case)?;
    let mut found = statement.query_and_then([id], |row| schema::product(connection, row))?;
    match (found.next(), found.next()) {
        (Some(product), None) => product.map(Some),
        _ => Ok(None),
    }
}

/// The product with exactly this id.
pub(super) fn by_exact_id(connection: &Connection, id: &str) -> Result<Option<Product>> {
    first(connection, "SELECT id, name, price, * FROM product WHERE id = ?1 COLLATE NOCASE AND id = ?1", id)
}

/// The products with these ids, or what stands for each that is not there, out of one state of the catalogue.
pub(super) fn by_ids(connection: &Connection, ids: &[String]) -> Result<Vec<Option<Product>>> {
    let transaction = connection.unchecked_transaction()?;
    let found = ids.iter().map(|id| by_id(connection, id).transpose().and_then(|found| left_out(found).transpose()));
    let found = found.map(Option::transpose).collect();
    transaction.finish()?;
    found
}

/// The first by id of the products so called, where case counts for ASCII letters alone.
pub(super) fn by_name(connection: &Connection, name: &str) -> Result<Option<Product>> {
    let query = "SELECT id, name, price, * FROM product WHERE name = ?1 COLLATE NOCASE
        ORDER BY id COLLATE NOCASE, id";
    let mut statement = connection.prepare_cached(query)?;
    let found = statement.query_and_then([name], |row| schema::product(connection, row))?;
    found.map(left_out).find_map(Result::transpose).transpose()
}

fn first(connection: &Connection, query: &str, text: &str) -> Result<Option<Product>> {
    connection.prepare_cached(query)?.query_and_then([text], |row| schema::product(connection, row))?.next().transpose()
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
    let index = Index::of(connection)?;
    if index == Index::Missing {
        return among_all(connection, &wanted);
    }
    let first = |of_these: &str| {
        let mut statement = connection.prepare_cached(&index.query(&format!("{BY_PHRASE}{of_these}"))?)?;
        let mut rows = statement.query([phrase])?;
        while let Some(row) = rows.next()? {
            if schema::text(row.get_ref(1)?).to_lowercase() == wanted {
                return schema::product(connection, row).map(Some);
            }
        }
        Ok(None)
    };
    let ordered = first("product_lookup_word.rowid < 0 ORDER BY product_lookup_word.rowid")?;
    let added = first("product_lookup_word.rowid > 0 ORDER BY product.id COLLATE NOCASE, product.id")?;
    transaction.finish()?;
    Ok(ordered.into_iter().chain(added).min_by_key(order))
}

/// The same where there is no index of words.
fn among_all(connection: &Connection, wanted: &str) -> Result<Option<Product>> {
    let mut statement = connection.prepare_cached(schema::ALL)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if schema::text(row.get_ref(1)?).to_lowercase() == wanted {
            return schema::product(connection, row).map(Some);
        }
    }
    Ok(None)
}
