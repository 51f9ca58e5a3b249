//! How a catalogue in a file changes, so that it has all of a change or none: a little in a transaction where it is,
//! and much by a new file that takes the old one's place. Then its readers are never blocked, and a `kill -9` leaves
//! the old one.

pub(in crate::catalogue) mod apply;
mod beside;
mod identity;
mod old;
mod rights;
mod target;

use std::path::Path;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OpenFlags};

use self::beside::Beside;
use self::old::{NO_LINK, Old, open_file};
use self::target::Target;
use crate::catalogue::product::Product;
use crate::catalogue::sqlite::first_version::take_over;
use crate::catalogue::sqlite::{self, schema};
use crate::catalogue::store::{Change, Changed, Row, Rows};

/// KiB of pages in memory while a catalogue is written.
const CACHE_KIB: i64 = 8 << 10;

/// Rows that are written where the catalogue is, at most, and at most one of so many products: with more, readers
/// would have to wait, and the index is better made anew.
const FEW: u64 = 1000;
const ONE_IN: u64 = 16;

/// What is done to a catalogue, in one transaction.
pub(in crate::catalogue) struct Task<'a, Done> {
    size: Size,
    run: Box<Run<'a, Done>>,
    /// Does all stay as it is?
    pub(in crate::catalogue) dry_run: bool,
    /// May there be no catalogue yet?
    begins: bool,
}

type Run<'a, Done> = dyn Fn(&Connection) -> Result<Done> + 'a;

/// How much a task changes.
enum Size {
    Few,
    Rows(u64),
    All,
}

impl<'a, Done> Task<'a, Done> {
    fn new(size: Size, run: impl Fn(&Connection) -> Result<Done> + 'a) -> Task<'a, Done> {
        Task { size, run: Box::new(run), dry_run: false, begins: false }
    }

    /// Does it.
    pub(in crate::catalogue) fn run(&self, connection: &Connection) -> Result<Done> {
        (self.run)(connection)
    }

    /// Is it done where the catalogue is?
    fn is_small(&self, old: &Old) -> Result<bool> {
        match self.size {
            Size::Few => Ok(true),
            Size::Rows(rows) => Ok(rows <= FEW && old.state.ordered && old.has(rows * ONE_IN)?),
            Size::All => Ok(false),
        }
    }
}

/// Stores rows.
pub(in crate::catalogue) fn store<'a>(change: &'a Change, rows: &'a dyn Rows) -> Task<'a, Changed> {
    let size = if change.replace { Size::All } else { Size::Rows(rows.count()) };
    let dry_run = change.dry_run;
    Task { dry_run, begins: true, ..Task::new(size, |connection| apply::apply(connection, change, rows)) }
}

/// Stores one product; what it was, and what it is.
pub(in crate::catalogue) fn set<'a>(columns: &'a [String], row: Row<'a>) -> Task<'a, (Option<Product>, Product)> {
    Task::new(Size::Few, move |connection| apply::set(connection, columns, row))
}

/// Removes products; what they were.
pub(in crate::catalogue) fn remove(ids: &[String]) -> Task<'_, Vec<Product>> {
    Task::new(if ids.len() as u64 <= FEW { Size::Few } else { Size::All }, |connection| apply::remove(connection, ids))
}

/// Makes the index anew.
pub(in crate::catalogue) fn index<'a>() -> Task<'a, ()> {
    Task::new(Size::All, |_| Ok(()))
}

/// Refuses what could not be changed by an import, before anything is read for it.
pub(in crate::catalogue) fn ensure_changeable(catalogue: &Path) -> Result<()> {
    let target = Target::of(catalogue)?;
    let Some(new) = beside::unnamed(&target)? else { return Ok(()) };
    let not = || format!("the catalogue {} cannot be changed", target.path.display());
    match target.look()?.map(|_| open_file(&target)).transpose().with_context(not)?.flatten() {
        Some(old) => beside::ensure_rights(&target, &old, &new),
        None => Ok(()),
    }
}

/// Changes the catalogue in a file.
pub(in crate::catalogue) fn change<Done>(catalogue: &Path, task: &Task<Done>) -> Result<Done> {
    let target = Target::of(catalogue)?;
    let beside = target.named(Beside::new(&target))?;
    match target.named(Old::open(&target))? {
        // A new file would take over the old one's write-ahead log.
        Some(old) if old.state.write_ahead || old.state.indexed && task.is_small(&old)? => old.change(task),
        None if !task.begins => bail!("there is no catalogue {}; product-lookup import makes one", catalogue.display()),
        old => {
            if let Some(old) = &old {
                target.named(beside.ensure_rights_of(&old.file))?;
            }
            let filled = old.as_ref().filter(|old| old.state.filled);
            let done = target.named(build(&beside.path(), filled, task))?;
            if !task.dry_run {
                beside.place(old.as_ref())?;
            }
            Ok(done)
        }
    }
}

/// Makes the new catalogue at `path`: all that there is in the old one, changed.
fn build<Done>(path: &Path, old: Option<&Old>, task: &Task<Done>) -> Result<Done> {
    // Nobody else has this file, so SQLite need not lock it, and after a crash nobody needs it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | NO_LINK;
    let mut new = Connection::open_with_flags_and_vfs(path, flags, "unix-none")?;
    new.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")?;
    new.pragma_update(None, "cache_size", -CACHE_KIB)?;
    match old {
        Some(old) => {
            old.copy(&mut new)?;
            take_over(&new)?;
        }
        None => schema::create_table(&new)?,
    }
    new.execute_batch("PRAGMA foreign_keys = ON; BEGIN")?;
    sqlite::index::drop(&new)?;
    let done = task.run(&new)?;
    sqlite::index::create(&new)?;
    new.execute_batch("COMMIT")?;
    new.close().map_err(|(_, error)| error)?;
    Ok(done)
}
