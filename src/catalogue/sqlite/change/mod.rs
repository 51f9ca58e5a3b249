//! How a catalogue in a file changes: by a new file that takes the old one's place, so that it has all of a change
//! or none. Its readers are never blocked, and a `kill -9` leaves the old one.

pub(in crate::catalogue) mod apply;
mod beside;
mod identity;
mod old;
mod rights;
mod target;

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};

use self::apply::{apply, named, write_error};
use self::beside::Beside;
use self::old::{NO_LINK, Old};
use self::target::Target;
use crate::catalogue::sqlite::schema;
use crate::catalogue::store::{Change, Changed, Rows};

/// KiB of pages in memory while a catalogue is written.
const CACHE_KIB: i64 = 16 << 10;

/// Stores what `rows` give.
pub(in crate::catalogue) fn change(catalogue: &Path, change: &Change, rows: &dyn Rows) -> Result<Changed> {
    let target = Target::of(catalogue)?;
    let beside = Beside::new(&target)?;
    match Old::open(&target)? {
        // A new file would take over the old one's write-ahead log.
        Some(old) if old.write_ahead => old.change(change, rows),
        old => {
            if let Some(old) = &old {
                beside.ensure_rights_of(old)?;
            }
            let changed = build(&target.path, &beside.path(), old.as_ref().filter(|old| old.filled), change, rows)?;
            if !change.dry_run {
                beside.place(old.as_ref())?;
            }
            Ok(changed)
        }
    }
}

/// Makes the new catalogue at `path`: what there is of the old one, changed.
fn build(catalogue: &Path, path: &Path, old: Option<&Old>, change: &Change, rows: &dyn Rows) -> Result<Changed> {
    let new = named(begin(path, old), catalogue)?;
    let changed = named(apply(&new, change, rows), catalogue)?;
    named(schema::create_index(&new), catalogue)?;
    new.execute_batch("COMMIT").map_err(write_error(catalogue))?;
    new.close().map_err(|(_, error)| error).map_err(write_error(catalogue))?;
    Ok(changed)
}

/// The new catalogue in a transaction, before anything is changed.
fn begin(path: &Path, old: Option<&Old>) -> Result<Connection> {
    // Nobody else has this file, so SQLite need not lock it, and after a crash nobody needs it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | NO_LINK;
    let mut new = Connection::open_with_flags_and_vfs(path, flags, "unix-none")?;
    new.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    new.pragma_update(None, "cache_size", -CACHE_KIB)?;
    if let Some(old) = old {
        old.copy(&mut new)?;
    }
    new.execute_batch("BEGIN")?;
    match old {
        None => schema::create_table(&new)?,
        Some(_) => schema::drop_index(&new)?,
    }
    Ok(new)
}
