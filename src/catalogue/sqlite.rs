//! The catalogue in an SQLite file: opened read-only, with other processes that may write it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension};

use super::file::{self, State};
use super::{Catalogue, Found, Product, built_in, schema, search};
use crate::lookup::Search;
use crate::settings::limits;

/// A file, or the built-in catalogue, and connections to it that wait for the next lookup. A lookup
/// has a connection to itself, so that any number run at once; a connection for each of 1,000 idle
/// threads would hold 1,000 caches.
pub(super) struct SqliteCatalogue {
    path: Option<PathBuf>,
    idle: Mutex<Vec<Open>>,
}

/// A connection, and the file's state when it was opened.
struct Open {
    connection: Connection,
    state: State,
    snapshot: bool,
}

impl SqliteCatalogue {
    pub(super) fn file(path: &Path) -> SqliteCatalogue {
        SqliteCatalogue { path: Some(path.to_owned()), idle: Mutex::default() }
    }

    pub(super) fn built_in() -> SqliteCatalogue {
        SqliteCatalogue { path: None, idle: Mutex::default() }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An idle connection to the file in this state; those to what lay there before are closed.
    fn take(&self, state: &State) -> Option<Open> {
        let mut idle = self.idle();
        let stale: Vec<Open> = idle.extract_if(.., |open| open.state != *state).collect();
        let open = idle.pop();
        drop(idle);
        if !stale.is_empty() {
            file::close(stale);
        }
        open
    }

    /// Keeps a connection for the next question, unless enough wait for one; then it comes back.
    fn keep(&self, open: Open) -> Option<Open> {
        let mut idle = self.idle();
        if idle.len() == limits::CATALOGUE_IDLE {
            return Some(open);
        }
        idle.push(open);
        None
    }

    /// Puts a question to a connection, which is kept for the next where it went well.
    fn ask<T>(&self, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        match &self.path {
            Some(path) => self.ask_file(path, question).with_context(|| file::unreadable(path)),
            None => self.ask_built_in(question).context("the built-in catalogue cannot be read"),
        }
    }

    fn ask_file<T>(&self, path: &Path, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let mut state = State::of(path).context("the file cannot be found")?;
        let mut open = self.take(&state);
        // Who has been asked before may be asked again and again.
        if let Some(Open { connection, snapshot: snapshot @ false, .. }) = &mut open
            && let Some(faster) = file::snapshot(path, connection, &state)
        {
            (*connection, *snapshot) = (faster, true);
        }
        if let Some(open) = open.take_if(|open| open.snapshot) {
            let answer = question(&open.connection);
            let now = State::of(path).context("the file cannot be found");
            let unchanged = now.as_ref().is_ok_and(|now| *now == state);
            if let Some(open) = if unchanged { self.keep(open) } else { Some(open) } {
                file::close(open);
            }
            if unchanged {
                return answer;
            }
            // A writer has come meanwhile, and the answer may be half of what it writes.
            state = now?;
        }
        let _locking = file::locking();
        let open = match open {
            Some(open) => open,
            None => Open { connection: file::open(path)?, state, snapshot: false },
        };
        let answer = question(&open.connection)?;
        self.keep(open);
        Ok(answer)
    }

    fn ask_built_in<T>(&self, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let open = match self.take(&State::default()) {
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
            if let (false, Some(words)) = (name.is_ascii(), search::phrase(name)) {
                return search::by_name(connection, name, &words);
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
