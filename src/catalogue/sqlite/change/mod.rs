//! How a catalogue in a file changes: by a new file that takes the old one's place, so that it has all of a change
//! or none. Its readers are never blocked, and a `kill -9` leaves the old one.

mod beside;
mod identity;
pub(in crate::catalogue) mod load;
mod old;
mod rights;
mod target;

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};

use self::beside::Beside;
use self::load::{store, write_error};
use self::old::{NO_LINK, Old};
use self::target::Target;
use crate::catalogue::sqlite::schema;
use crate::catalogue::store::{Change, Load};

/// KiB of pages in memory while a catalogue is written.
const CACHE_KIB: i64 = 16 << 10;

/// Stores what `load` gives, and says how many products that was.
pub(in crate::catalogue) fn change(catalogue: &Path, change: &Change, load: Load) -> Result<u64> {
    let target = Target::of(catalogue)?;
    let beside = Beside::new(&target)?;
    match Old::open(&target)? {
        // A new file would take over the old one's write-ahead log.
        Some(old) if old.write_ahead => old.change(change.replace, load),
        old => {
            if let Some(old) = &old {
                beside.ensure_rights_of(old)?;
            }
            let kept = old.as_ref().filter(|old| old.filled && !change.replace);
            let products = build(&target.path, &beside.path(), kept, change.bytes, load)?;
            beside.place(old.as_ref())?;
            Ok(products)
        }
    }
}

/// Makes the new catalogue at `path`: what is kept of the old one, and what `load` stores.
fn build(catalogue: &Path, path: &Path, kept: Option<&Old>, bytes: Option<u64>, load: Load) -> Result<u64> {
    let new = begin(path, kept, bytes).map_err(write_error(catalogue))?;
    let products = store(&new, catalogue, load)?;
    schema::create_index(&new).map_err(write_error(catalogue))?;
    new.execute_batch("COMMIT").map_err(write_error(catalogue))?;
    new.close().map_err(|(_, error)| error).map_err(write_error(catalogue))?;
    Ok(products)
}

/// The new catalogue in a transaction, before anything is loaded.
fn begin(path: &Path, kept: Option<&Old>, bytes: Option<u64>) -> Result<Connection> {
    // Nobody else has this file, so SQLite need not lock it, and after a crash nobody needs it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | NO_LINK;
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
