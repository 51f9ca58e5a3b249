//! The catalogue in an SQLite file: opened read-only, with other processes that may write it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension};

use super::file::{self, State};
use super::turns::{Turn, Turns};
use super::{Catalogue, Found, Product, built_in, schema, search};
use crate::lookup::Search;
use crate::settings::limits;

/// A file, or the built-in catalogue, and connections to it that wait for the next lookup. A lookup
/// has a connection to itself, so that several run at once; a connection for each of 1,000 threads
/// would hold 1,000 caches, and have no more processors.
pub(super) struct SqliteCatalogue {
    path: Option<PathBuf>,
    idle: Mutex<Vec<Open>>,
    turns: Turns,
}

/// A connection, and the file's state when it was opened.
struct Open {
    connection: Connection,
    state: State,
    snapshot: bool,
}

impl SqliteCatalogue {
    pub(super) fn file(path: &Path) -> SqliteCatalogue {
        SqliteCatalogue { path: Some(path.to_owned()), idle: Mutex::default(), turns: Turns::default() }
    }

    pub(super) fn built_in() -> SqliteCatalogue {
        SqliteCatalogue { path: None, idle: Mutex::default(), turns: Turns::default() }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection of the one kind or the other that has been idle for longest: each then has its
    /// turn, and soon all that it needs, rather than a few all the work and the others now and then.
    fn take(&self, snapshot: bool) -> Option<Open> {
        let mut idle = self.idle();
        let at = idle.iter().position(|open| open.snapshot == snapshot)?;
        Some(idle.remove(at))
    }

    /// Keeps a connection for the next question.
    fn keep(&self, open: Open) {
        self.idle().push(open);
    }

    /// Closes the connections to what lay there before.
    fn close_stale(&self, state: &State) {
        let stale: Vec<Open> = self.idle().extract_if(.., |open| open.state != *state).collect();
        if !stale.is_empty() {
            file::close(stale);
        }
    }

    /// Puts a question to a connection, which is kept for the next where it went well.
    fn ask<T>(&self, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let asked = self.turn().and_then(|_turn| match &self.path {
            Some(path) => self.ask_file(path, question),
            None => self.ask_built_in(question),
        });
        asked.with_context(|| match &self.path {
            Some(path) => file::unreadable(path),
            None => "the built-in catalogue cannot be read".to_owned(),
        })
    }

    fn turn(&self) -> Result<Turn<'_>> {
        let (few, most) = (limits::catalogue_connections(), limits::catalogue_connections_most());
        let turn = self.turns.take(few, most, limits::CATALOGUE_BUSY);
        turn.context("others were asking it all the time")
    }

    fn ask_file<T>(&self, path: &Path, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        if let Some(open) = self.take(true) {
            let answer = question(&open.connection);
            if State::of(path).is_ok_and(|now| now == open.state) {
                self.keep(open);
                return answer;
            }
            // A writer has come: the answer may be old, or half of what is being written.
            file::close(open);
        }
        let state = State::of(path).context("the file cannot be found")?;
        self.close_stale(&state);
        let idle = self.take(false);
        let locking = file::locking();
        let again = idle.is_some();
        let mut open = match idle {
            Some(open) => open,
            None => Open { connection: file::open(path)?, state, snapshot: false },
        };
        let answer = question(&open.connection)?;
        // What is asked twice is asked more often; what is asked once is a CGI program.
        if again && let Some(connection) = file::snapshot(path, &open.connection, &open.state) {
            (open.connection, open.snapshot) = (connection, true);
        }
        drop(locking);
        self.keep(open);
        Ok(answer)
    }

    fn ask_built_in<T>(&self, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let open = match self.take(false) {
            Some(open) => open,
            None => Open { connection: built_in::connection()?, state: State::default(), snapshot: false },
        };
        let answer = question(&open.connection)?;
        self.keep(open);
        Ok(answer)
    }
}

impl Catalogue for SqliteCatalogue {
    fn by_id(&self, id: &str) -> Result<Option<Product>> {
        self.ask(|connection| {
            let query = "SELECT name, price FROM product WHERE id = ?1 COLLATE NOCASE AND id = ?1";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_row([id], schema::product).optional()?.transpose()
        })
    }

    fn by_name(&self, name: &str) -> Result<Option<Product>> {
        self.ask(|connection| {
            // No product has one, and SQLite ends texts there where case does not count.
            if name.contains('\0') {
                return Ok(None);
            }
            if !name.is_ascii() && search::has_word(name) {
                return search::by_name(connection, name, &search::phrase(name));
            }
            let query = "SELECT name, price FROM product WHERE name = ?1 COLLATE NOCASE
                ORDER BY id COLLATE NOCASE, id LIMIT 1";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_row([name], schema::product).optional()?.transpose()
        })
    }

    fn search(&self, search: &Search) -> Result<Found> {
        self.ask(|connection| search::search(connection, search))
    }
}
