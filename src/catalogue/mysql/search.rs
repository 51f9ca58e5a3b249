//! Lookup and search in a database server: the products that an SQLite catalogue would give, in its order.

use std::borrow::Cow;
use std::ops::ControlFlow;

use anyhow::Result;
use mysql::prelude::Queryable;
use mysql::{AccessMode, Conn, Params, Row, TxOpts, Value};

use super::hosts::limit_statements;
use super::schema::{further, id_key, name_key, product, word_key, words_key};
use crate::catalogue::budget::{self, TooLong};
use crate::catalogue::page::{Found, Part, Search, end, page};
use crate::catalogue::product::{Product, left_out};
use crate::catalogue::words::phrases;
use crate::settings::limits;

/// The products of the generation that is read, with a condition.
macro_rules! products {
    ($condition:literal) => {
        concat!(
            "SELECT p.*
             FROM product_generation g JOIN product p ON p.generation = g.current
             WHERE g.one = 1 ",
            $condition
        )
    };
}

/// All of them, by id.
pub(super) const ALL: &str = products!("ORDER BY p.id_key");

const COUNT: &str = "SELECT COUNT(*) FROM product_generation g JOIN product p ON p.generation = g.current
    WHERE g.one = 1";

const BY_ID: &str = products!("AND p.id_key = ?");
const BUT_FOR_CASE: &str = products!("AND p.id_key > ? AND p.id_key < ? LIMIT 2");
const BY_NAME: &str = products!("AND p.name_key = ? ORDER BY p.id_key LIMIT 1");

const START_OF_ID: &str = products!("AND p.id_key > ? AND p.id_key < ? ORDER BY p.id_key LIMIT ?");
const SAME_NAME: &str =
    products!("AND p.name_key = ? AND p.id_key > ? AND NOT (p.id_key >= ? AND p.id_key < ?) ORDER BY p.id_key LIMIT ?");
const START_OF_NAME: &str = products!(
    "AND p.name_key > ? AND p.name_key < ? AND NOT (p.id_key >= ? AND p.id_key < ?)
     ORDER BY p.name_key, p.id_key LIMIT ?"
);

/// The index finds one of the words, in which no character means anything to LIKE, and the bytes of
/// `words` tell whether the others are there.
const HAS_WORD: &str = products!(
    "AND p.id_key > ? AND p.id_key IN
     (SELECT w.id_key FROM product_word w WHERE w.generation = g.current AND w.word LIKE ?)"
);
const HAS_PHRASE: &str = " AND LOCATE(?, p.words) > 0";
const STARTS_OTHERWISE: &str = " AND NOT (p.id_key >= ? AND p.id_key < ?)
     AND NOT (p.name_key >= ? AND p.name_key < ?) ORDER BY p.id_key LIMIT ?";

const SAME_WORDS: &str = products!(
    "AND p.id_key IN
     (SELECT w.id_key FROM product_word w WHERE w.generation = g.current AND w.word = ?)
     AND LOCATE(?, p.words) > 0 ORDER BY p.id_key"
);

/// Gives all products to `take`, in the order of their ids, until it breaks off.
pub(super) fn each(connection: &mut Conn, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()> {
    for row in connection.query_iter(ALL)? {
        if let Some(product) = left_out(product(row?))?
            && take(product).is_break()
        {
            break;
        }
    }
    Ok(())
}

/// How many products there are.
pub(super) fn count(connection: &mut Conn) -> Result<u64> {
    Ok(connection.query_first(COUNT)?.unwrap_or_default())
}

/// The product with exactly this id, or else the one whose id differs in case alone, if there is just one.
pub(super) fn by_id(connection: &mut impl Queryable, id: &str) -> Result<Option<Product>> {
    let exactly = first(connection, BY_ID, (id_key(id),))?;
    if exactly.is_some() {
        return Ok(exactly);
    }
    let [start, end] = ["\0", "\u{1}"].map(|end| id.to_ascii_lowercase() + end);
    let mut found: Vec<Row> = connection.exec(BUT_FOR_CASE, (start, end))?;
    found.truncate(if found.len() == 1 { 1 } else { 0 });
    found.pop().map(product).transpose()
}

/// The products with these ids.
pub(super) fn by_ids(connection: &mut Conn, ids: &[String]) -> Result<Vec<Option<Product>>> {
    let mut transaction =
        connection.start_transaction(TxOpts::default().set_access_mode(Some(AccessMode::ReadOnly)))?;
    let mut found = Vec::new();
    for id in ids {
        found.push(by_id(&mut transaction, id)?);
    }
    transaction.commit()?;
    Ok(found)
}

/// The further columns.
pub(super) fn columns(connection: &mut Conn) -> Result<Vec<String>> {
    let generation: Option<Row> = connection.query_first("SELECT * FROM product_generation WHERE one = 1")?;
    generation.map_or(Ok(Vec::new()), |mut generation| further(&mut generation))
}

/// The first by id of the products so called, where case counts for ASCII letters alone.
pub(super) fn by_name(connection: &mut Conn, name: &str) -> Result<Option<Product>> {
    first(connection, BY_NAME, (name_key(name),))
}

fn first(connection: &mut impl Queryable, query: &str, parameters: impl Into<Params>) -> Result<Option<Product>> {
    connection.exec_first(query, parameters)?.map(product).transpose()
}

/// The same for the case of every script: among the products that have its words.
pub(super) fn by_words(connection: &mut Conn, name: &str, words: &[String]) -> Result<Option<Product>> {
    let Some(word) = rarest(words) else { return Ok(None) };
    let rows = connection.exec_iter(SAME_WORDS, (word_key(word), words_key(words)))?;
    let wanted = name.to_lowercase();
    for row in rows {
        let product = product(row?)?;
        if product.name.to_lowercase() == wanted {
            return Ok(Some(product));
        }
    }
    Ok(None)
}

/// One page.
pub(super) fn search(connection: &mut Conn, search: &Search) -> Result<Found> {
    let mut limited = false;
    let found = in_one_transaction(connection, search, &mut limited);
    if limited {
        connection.query_drop(limit_statements(limits::QUESTION))?;
    }
    found
}

/// It is one transaction, so that all its parts are of one generation. What takes its time leaves the next
/// part less, and `limited` tells that the server was told so.
fn in_one_transaction(connection: &mut Conn, search: &Search, limited: &mut bool) -> Result<Found> {
    let question = &search.question;
    let key = name_key(question);
    let last = name_key(&end(question));
    let phrases = phrases(question)?;
    let mut transaction =
        connection.start_transaction(TxOpts::default().set_access_mode(Some(AccessMode::ReadOnly)))?;
    let found = page(search, |part, room| {
        let left = budget::left().ok_or(TooLong)?;
        if left < limits::QUESTION * 9 / 10 {
            transaction.query_drop(limit_statements(left))?;
            *limited = true;
        }
        let [key, last] = [&key, &last].map(Value::from);
        let room = Value::from(room);
        let (query, values): (Cow<str>, Vec<Value>) = match part {
            // Keys that start with the question are longer than it.
            Part::Ids(None) => (START_OF_ID.into(), vec![key, last, room]),
            Part::Ids(Some(id)) => (START_OF_ID.into(), vec![id_key(id).into(), last, room]),
            Part::SameName { name, id } => {
                (SAME_NAME.into(), vec![name_key(name).into(), id_key(id).into(), key, last, room])
            }
            Part::Names(name) => (START_OF_NAME.into(), vec![name_key(name).into(), last.clone(), key, last, room]),
            Part::Words(id) => {
                let Some(word) = phrases.iter().filter_map(|words| rarest(words)).max_by_key(|word| word.len()) else {
                    return Ok(Vec::new());
                };
                let after = if id.is_empty() { Vec::new() } else { id_key(id) };
                let mut values = vec![after.into(), format!("{}%", word_key(word)).into()];
                values.extend(phrases.iter().map(|phrase| words_key(phrase).trim_end().into()));
                values.extend([key.clone(), last.clone(), key, last, room]);
                let query = [HAS_WORD, &HAS_PHRASE.repeat(phrases.len()), STARTS_OTHERWISE].concat();
                (query.into(), values)
            }
        };
        let rows = transaction.exec_iter(query, values)?;
        rows.map(|row| product(row?)).collect()
    })?;
    transaction.commit()?;
    Ok(found)
}

/// The word by which the fewest products are likely to be found: the longest.
fn rarest(words: &[String]) -> Option<&String> {
    words.iter().max_by_key(|word| word.len())
}
