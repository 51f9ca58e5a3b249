//! How a catalogue changes: in goes what fills it, out comes the catalogue with all of that or
//! none. Its readers are never blocked, and a `kill -9` leaves the old one.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Error, Result, anyhow, ensure};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::target::{Beside, Target};
use crate::catalogue::schema;

/// How long a writer in another process is waited for.
const WRITER: Duration = Duration::from_secs(10);

/// KiB of pages in memory while a catalogue is written.
const CACHE_KIB: i64 = 16 << 10;

/// Fills the catalogue by `load`, which is told a connection and says how many products it stored.
/// With `replace` nothing else stays in it. `bytes` is how much will come, where that is known.
pub(super) fn change(
    catalogue: &Path,
    replace: bool,
    bytes: Option<u64>,
    load: impl FnOnce(&Connection) -> Result<u64>,
) -> Result<u64> {
    let target = Target::of(catalogue)?;
    let beside = Beside::new(&target)?;
    let old = match target.exists()? {
        true => Some(Old::open(&target.path)?),
        false => None,
    };
    match old {
        // A new file would take over the old one's write-ahead log.
        Some(old) if old.write_ahead => old.change(replace, load),
        old => {
            let kept = old.as_ref().filter(|old| old.filled && !replace);
            let products = build(&beside, kept, bytes, load)?;
            beside.place()?;
            // Until here `old` keeps writers away, whose edits would be lost. Whoever has the old
            // file open still gets SQLITE_READONLY_DBMOVED for an edit.
            drop(old);
            Ok(products)
        }
    }
}

/// The catalogue as it is, locked against writers, and open for readers.
struct Old<'a> {
    path: &'a Path,
    connection: Connection,
    /// Is it in WAL mode? The program never chooses that, since readers would need the right to
    /// write.
    write_ahead: bool,
    /// Does it have the table?
    filled: bool,
}

impl Old<'_> {
    fn open(path: &Path) -> Result<Old<'_>> {
        let open = || -> Result<_> {
            let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            // Where the user may not write it, SQLite opens it to read, and locks nothing.
            ensure!(!connection.is_readonly("main")?, "it is read-only for this user");
            connection.busy_timeout(WRITER)?;
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
            let filled = schema::exists(&connection)?;
            Ok(Old { path, connection, write_ahead: mode == "wal", filled })
        };
        open().map_err(|error| anyhow!("the catalogue {} cannot be changed: {error}", path.display()))
    }

    /// Changes it where it is. In WAL mode a transaction keeps no reader from reading.
    fn change(self, replace: bool, load: impl FnOnce(&Connection) -> Result<u64>) -> Result<u64> {
        if !self.filled {
            schema::create_table(&self.connection).map_err(unwritten(self.path))?;
        } else if replace {
            self.connection.execute("DELETE FROM product", []).map_err(unwritten(self.path))?;
        }
        let products = load(&self.connection)?;
        schema::create_index(&self.connection).map_err(unwritten(self.path))?;
        self.connection.execute_batch("COMMIT").map_err(unwritten(self.path))?;
        Ok(products)
    }

    /// Copies it, page by page. SQLite copies from no connection that is about to write.
    fn copy(&self, to: &mut Connection) -> Result<()> {
        let from = connect(self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        from.busy_timeout(WRITER)?;
        let copied = Backup::new(&from, to)?.step(-1)?;
        ensure!(copied == StepResult::Done, "{} is locked", self.path.display());
        Ok(())
    }

    /// Is so much to come that the index is better made anew?
    fn is_small_beside(&self, bytes: Option<u64>) -> bool {
        let old = fs::metadata(self.path).map_or(0, |old| old.len());
        bytes.is_none_or(|bytes| bytes > old / schema::ONE_ADDED_IN)
    }
}

/// Names the file in an error, in whose chain SQLite would say the same twice.
pub(super) fn unwritten<E: Display>(path: &Path) -> impl Fn(E) -> Error {
    move |error| anyhow!("{} cannot be written: {error}", path.display())
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Makes the new catalogue: what is kept of the old one, and what `load` stores.
fn build(
    beside: &Beside,
    kept: Option<&Old>,
    bytes: Option<u64>,
    load: impl FnOnce(&Connection) -> Result<u64>,
) -> Result<u64> {
    let path = &beside.path;
    let new = begin(path, kept, bytes).map_err(unwritten(path))?;
    let products = load(&new)?;
    schema::create_index(&new).map_err(unwritten(path))?;
    new.execute_batch("COMMIT").map_err(unwritten(path))?;
    new.close().map_err(|(_, error)| error).map_err(unwritten(path))?;
    Ok(products)
}

/// The new catalogue in a transaction, before anything is loaded.
fn begin(path: &Path, kept: Option<&Old>, bytes: Option<u64>) -> Result<Connection> {
    // Nobody else has this file, so SQLite need not lock it, and after a crash nobody needs it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut new = Connection::open_with_flags_and_vfs(path, flags, "unix-none")?;
    new.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    new.pragma_update(None, "cache_size", -CACHE_KIB)?;
    if let Some(old) = kept {
        old.copy(&mut new)?;
    }
    new.execute_batch("BEGIN")?;
    match kept {
        None => schema::create_table(&new)?,
        Some(old) if old.is_small_beside(bytes) => schema::drop_index(&new)?,
        Some(_) => {}
    }
    Ok(new)
}
