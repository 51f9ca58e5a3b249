//! How a catalogue changes: in goes what fills it, out comes the catalogue with all of that or
//! none. Its readers are never blocked, and a `kill -9` leaves the old one.

mod beside;
mod identity;
pub(in crate::catalogue) mod old;
mod rights;
mod target;

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};

use self::beside::Beside;
use self::old::{NO_LINK, Old, unwritten};
use self::target::Target;
use crate::catalogue::sqlite::schema;

/// KiB of pages in memory while a catalogue is written.
const CACHE_KIB: i64 = 16 << 10;

/// Fills the catalogue by `load`, which is told a connection and says how many products it stored.
/// With `replace` nothing else stays in it. `bytes` is how much will come, where that is known.
pub(in crate::catalogue) fn change(
    catalogue: &Path,
    replace: bool,
    bytes: Option<u64>,
    load: impl FnOnce(&Connection) -> Result<u64>,
) -> Result<u64> {
    let target = Target::of(catalogue)?;
    let beside = Beside::new(&target)?;
    match Old::open(&target)? {
        // A new file would take over the old one's write-ahead log.
        Some(old) if old.write_ahead => old.change(replace, load),
        old => {
            if let Some(old) = &old {
                beside.ensure_rights_of(old)?;
            }
            let kept = old.as_ref().filter(|old| old.filled && !replace);
            let products = build(&target.path, &beside.path(), kept, bytes, load)?;
            beside.place(old.as_ref())?;
            Ok(products)
        }
    }
}

/// Makes the new catalogue at `path`: what is kept of the old one, and what `load` stores.
fn build(
    catalogue: &Path,
    path: &Path,
    kept: Option<&Old>,
    bytes: Option<u64>,
    load: impl FnOnce(&Connection) -> Result<u64>,
) -> Result<u64> {
    let new = begin(path, kept, bytes).map_err(unwritten(catalogue))?;
    let products = load(&new)?;
    schema::create_index(&new).map_err(unwritten(catalogue))?;
    new.execute_batch("COMMIT").map_err(unwritten(catalogue))?;
    new.close().map_err(|(_, error)| error).map_err(unwritten(catalogue))?;
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
