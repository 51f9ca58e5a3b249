//! The words of a text as SQLite's index of words has them: in goes text, out come its words without case
//! and accents. SQLite itself cuts and folds them, in memory, so that a question has as many words here as
//! there, and a search finds the same in every store.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use rusqlite::Connection;

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
