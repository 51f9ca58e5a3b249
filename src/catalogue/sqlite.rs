//! The catalogue in an SQLite file: opened read-only, with other processes that may write it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{Catalogue, Product, schema};
use crate::lookup::Lookup;
use crate::settings::limits;

/// A file, and connections to it that wait for the next lookup. A lookup has a connection to
/// itself, so that any number run at once; a connection for each of 1,000 idle threads would
/// hold 1,000 caches.
pub(super) struct SqliteCatalogue {
    path: PathBuf,
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
    pub(super) fn new(path: &Path) -> SqliteCatalogue {
        SqliteCatalogue { path: path.to_owned(), idle: Mutex::default() }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(&self) -> Result<Open> {
        let metadata = fs::metadata(&self.path).context("the file cannot be found")?;
        let file = (metadata.dev(), metadata.ino());
        let mut idle = self.idle();
        while let Some(open) = idle.pop() {
            if open.file == file {
                return Ok(open);
            }
        }
        drop(idle);
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(limits::CATALOGUE_BUSY)?;
        anyhow::ensure!(schema::exists(&connection)?, "the file is empty");
        Ok(Open { connection, file })
    }
}

impl Catalogue for SqliteCatalogue {
    fn find(&self, lookup: &Lookup) -> Result<Option<Product>> {
        let ask = || -> Result<Option<Product>> {
            let open = self.connection()?;
            let found = find(&open.connection, lookup)?;
            let mut idle = self.idle();
            if idle.len() < limits::CATALOGUE_IDLE {
                idle.push(open);
            }
            Ok(found)
        };
        ask().with_context(|| format!("the catalogue {} cannot be read", self.path.display()))
    }
}

fn find(connection: &Connection, lookup: &Lookup) -> Result<Option<Product>> {
    let (query, wanted) = match lookup {
        Lookup::Id(id) => ("SELECT name, price FROM product WHERE id = ?1", id),
        Lookup::Name(name) => {
            ("SELECT name, price FROM product WHERE name = ?1 COLLATE NOCASE ORDER BY id LIMIT 1", name)
        }
    };
    let mut statement = connection.prepare_cached(query)?;
    let row = statement.query_row([wanted], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
    let Some((name, price)) = row.optional()? else { return Ok(None) };
    Ok(Some(Product { name, price: schema::price(&price)? }))
}
