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

/// A file and its state: device, inode, bytes, and when it changed last (ctime, which nobody can
/// set). `import` puts a new file in the old one's place; an administrator may too, or write another
/// catalogue into it, which SQLite takes for the old one where both have the same change counter. A
/// connection to what lay there before is of no more use.
type FileId = (u64, u64, u64, i64, i64);

fn file_id(metadata: &fs::Metadata) -> FileId {
    (metadata.dev(), metadata.ino(), metadata.len(), metadata.ctime(), metadata.ctime_nsec())
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

    fn connection(&self) -> Result<Open> {
        let file = match &self.path {
            Some(path) => {
                let metadata = fs::metadata(path).context("the file cannot be found")?;
                file_id(&metadata)
            }
            None => FileId::default(),
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
    let before = fs::metadata(path)?;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(limits::CATALOGUE_BUSY)?;
    anyhow::ensure!(schema::exists(&connection)?, "the file is empty");
    // SQLite reads what is missing of the last page as zeros, and would answer with what is left.
    // In a transaction, so that no writer changes either length; in WAL mode some pages may not be
    // in the file yet; and what was put in its place meanwhile has a length of its own.
    let transaction = connection.unchecked_transaction()?;
    let (pages, mode): (i64, String) = transaction.query_row(
        "SELECT page_count * page_size, journal_mode FROM pragma_page_count, pragma_page_size, pragma_journal_mode",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let now = fs::metadata(path)?;
    let replaced = (before.dev(), before.ino()) != (now.dev(), now.ino());
    anyhow::ensure!(mode == "wal" || replaced || now.len() >= pages as u64, "the file is cut short");
    drop(transaction);
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
