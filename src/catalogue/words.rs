//! The words of a text as SQLite's index of words has them, without case and accents. SQLite itself cuts and folds
//! them, in memory, so that a question has as many words here as there, and a search finds the same in every store.

use std::mem;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use rusqlite::Connection;

use crate::settings::limits;

/// An index of words in memory, and what it has in it.
const INDEX: &str = "
CREATE VIRTUAL TABLE cut USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE word USING fts5vocab (cut, instance);
";

/// What cuts texts into words, from the first on that is not ASCII.
static CUTTER: Mutex<Option<Connection>> = Mutex::new(None);

/// The words of each text, in order.
pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<Vec<String>>> {
    let mut words = Vec::new();
    let mut others = Vec::new();
    for text in texts {
        if !text.is_ascii() {
            others.push((words.len(), text));
        }
        words.push(if text.is_ascii() { of_ascii(text) } else { Vec::new() });
    }
    if !others.is_empty() {
        cut(&others, &mut words)?;
    }
    Ok(words)
}

/// Of ASCII, letters and digits are words, and all else stands between them.
fn of_ascii(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

/// Adds the words of texts where their numbers say.
fn cut(texts: &[(usize, &str)], words: &mut [Vec<String>]) -> Result<()> {
    let mut cutter = CUTTER.lock().unwrap_or_else(PoisonError::into_inner);
    let connection = match &mut *cutter {
        Some(connection) => connection,
        none => {
            let connection = Connection::open_in_memory()?;
            connection.execute_batch(INDEX)?;
            none.insert(connection)
        }
    };
    // It ends with a rollback, which empties the index.
    let transaction = connection.transaction()?;
    let mut insert = transaction.prepare_cached("INSERT INTO cut (rowid, text) VALUES (?1, ?2)")?;
    for &(number, text) in texts {
        insert.execute((i64::try_from(number)?, text))?;
    }
    let mut all = transaction.prepare_cached("SELECT doc, term FROM word ORDER BY doc, \"offset\"")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let number = usize::try_from(row.get::<_, i64>(0)?)?;
        words[number].push(row.get(1)?);
    }
    Ok(())
}

/// What a name has to have, in any order: for each part of a question between blanks its words, as the index
/// cuts them, one after the other; no more than `limits::QUESTION_WORDS` in all. A word that comes again begins
/// a phrase of its own: where each of many products has a word, to look for it twice costs as much again.
pub(super) fn phrases(question: &str) -> Result<Vec<Vec<String>>> {
    let mut phrases: Vec<Vec<String>> = Vec::new();
    let mut left = limits::QUESTION_WORDS;
    for words in of(question.split_whitespace())? {
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

/// The words that a name begins with, no more than count; `None` where SQLite compares its case by itself,
/// or it has no words.
pub(super) fn words_of_name(name: &str) -> Result<Option<Vec<String>>> {
    if name.is_ascii() {
        return Ok(None);
    }
    let mut words = of([start_of_name(name)])?.concat();
    words.truncate(limits::QUESTION_WORDS);
    Ok(Some(words).filter(|words| !words.is_empty()))
}

/// As much of a name as counts.
pub(super) fn start_of_name(name: &str) -> &str {
    &name[..name.floor_char_boundary(limits::QUESTION_BYTES)]
}
