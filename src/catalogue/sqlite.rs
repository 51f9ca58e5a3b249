//! The catalogue in an SQLite file: opened read-only, with other processes that may write it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

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

/// A connection, and the file that it has open.
struct Open {
    connection: Connection,
    file: FileId,
}

/// Device and inode. `import` puts a new file in the old one's place, and an administrator may
/// too: a connection to what lay there before is of no more use.
type FileId = (u64, u64);

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

    fn connection(&self) -> Result<Open> {
        let file = match &self.path {
            Some(path) => {
                let metadata = fs::metadata(path).context("the file cannot be found")?;
                (metadata.dev(), metadata.ino())
            }
            None => (0, 0),
        };
        let mut idle = self.idle();
        while let Some(open) = idle.pop() {
            if open.file == file {
                return Ok(open);
            }
        }
        drop(idle);
        let connection = match &self.path {
            Some(path) => open(path)?,
            None => built_in::connection()?,
        };
        Ok(Open { connection, file })
    }

    /// Puts a question to a connection, which is kept for the next where it went well.
    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let asked = self.connection().and_then(|open| {
            let answer = question(&open.connection)?;
            let mut idle = self.idle();
            if idle.len() < limits::CATALOGUE_IDLE {
                idle.push(open);
            }
            Ok(answer)
        });
        asked.with_context(|| match &self.path {
            Some(path) => format!("the catalogue {} cannot be read", path.display()),
            None => "the built-in catalogue cannot be read".to_owned(),
        })
    }
}

/// Opens a catalogue to read it.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(limits::CATALOGUE_BUSY)?;
    anyhow::ensure!(schema::exists(&connection)?, "the file is empty");
    Ok(connection)
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
