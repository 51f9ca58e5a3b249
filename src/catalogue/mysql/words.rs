//! The words of a text as SQLite's index of words has them: in goes text, out come its words without
//! case and accents. SQLite itself cuts and folds them, in memory, so that a search finds the same
//! in every store; a database server's own full-text index leaves out short and frequent words.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use rusqlite::Connection;

/// An index of words in memory, and what it has in it.
const INDEX: &str = "
CREATE VIRTUAL TABLE cut USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE word USING fts5vocab (cut, instance);
";

/// What cuts texts into words.
pub(super) struct Words {
    connection: Mutex<Connection>,
}

impl Words {
    pub(super) fn new() -> Result<Words> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(INDEX)?;
        Ok(Words { connection: Mutex::new(connection) })
    }

    /// The words of each text, in order.
    pub(super) fn of<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<Vec<String>>> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // It ends with a rollback, which empties the index.
        let transaction = connection.transaction()?;
        let mut cut: Vec<Vec<String>> = Vec::new();
        let mut insert = transaction.prepare_cached("INSERT INTO cut (rowid, text) VALUES (?1, ?2)")?;
        for text in texts {
            insert.execute((cut.len() as i64, text))?;
            cut.push(Vec::new());
        }
        drop(insert);
        let mut words = transaction.prepare_cached("SELECT doc, term FROM word ORDER BY doc, \"offset\"")?;
        let mut rows = words.query([])?;
        while let Some(row) = rows.next()? {
            let text = usize::try_from(row.get::<_, i64>(0)?)?;
            cut[text].push(row.get(1)?);
        }
        drop(rows);
        drop(words);
        Ok(cut)
    }
}
