//! A catalogue's file: its state, which tells whether anything was written, and connections that only read it.
//!
//! SQLite takes and leaves locks around each question and looks for journals, a dozen system calls
//! where the answer itself needs two. So a file that nobody writes is read as a snapshot, which
//! takes no locks; that nobody wrote is seen from the file's state before and after the question.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};
use url::Url;

use super::schema;
use crate::catalogue::budget;
use crate::settings::limits;

/// A file and its state: device, inode, bytes, and when it changed last (ctime, which nobody can
/// set). `import` puts a new file in the old one's place; an administrator may too, or write another
/// catalogue into it, which SQLite takes for the old one where both have the same change counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: Duration,
}

/// File systems tell the time in ticks of up to 10 ms: two changes within one look the same.
const TICK: Duration = Duration::from_millis(50);

impl State {
    pub fn of(path: &Path) -> io::Result<State> {
        let metadata = fs::metadata(path)?;
        let changed = Duration::new(metadata.ctime().try_into().unwrap_or(0), metadata.ctime_nsec() as u32);
        Ok(State { device: metadata.dev(), inode: metadata.ino(), bytes: metadata.len(), changed })
    }

    /// Is the last change so long ago that the next one will show?
    fn settled(&self) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        now.checked_sub(self.changed).is_some_and(|age| age > TICK)
    }
}

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

fn connect(path: impl AsRef<Path>, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(path, flags)?;
    budget::watch(&mut connection)?;
    // Or else SQLite takes each new question for a reason to plan a search anew, which is most of it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Opens a catalogue to read it, with other processes that may write it, and which it waits for so long.
pub fn open(path: &Path, patience: Duration) -> Result<Connection> {
    let before = State::of(path)?;
    let connection = connect(path, FLAGS)?;
    connection.busy_timeout(patience)?;
    let reading = Reading::begin(&connection)?;
    ensure!(schema::exists(&connection)?, "the file is empty");
    // SQLite reads what is missing of the last page as zeros, and would answer with what is left.
    // What was put in its place meanwhile has a length of its own.
    let now = State::of(path)?;
    let same = (before.device, before.inode) == (now.device, now.inode);
    ensure!(reading.wal || !same || now.bytes >= reading.bytes, "the file is cut short");
    drop(reading);
    Ok(connection)
}

/// A connection that takes no locks, where the file is still in the `state` in which `connection`
/// has it open, and its next change will show. While a writer has a log of its own (WAL) it is not
/// the file that changes.
///
/// With any descriptor of a file that is closed, a process gives up all its locks on that file (POSIX): so SQLite
/// keeps those of its connections, and of this one too, until nobody in the process has a lock.
pub fn snapshot(path: &Path, connection: &Connection, state: &State) -> Option<Connection> {
    if !state.settled() {
        return None;
    }
    // The answer is there: for this nobody waits.
    connection.busy_timeout(Duration::ZERO).ok()?;
    let reading = Reading::begin(connection).ok()?;
    if reading.wal || State::of(path).ok()? != *state {
        return None;
    }
    let snapshot = open_as_it_lies(path)?;
    // Without this it is slower, and no worse.
    let _ = snapshot.execute_batch(limits::SNAPSHOT_CACHE);
    Some(snapshot)
}

/// Opens a file as it lies there, without locks, and without what a writer keeps beside it.
pub fn open_as_it_lies(path: &Path) -> Option<Connection> {
    let mut uri = Url::from_file_path(std::path::absolute(path).ok()?).ok()?;
    uri.set_query(Some("immutable=1"));
    connect(uri.as_str(), FLAGS | OpenFlags::SQLITE_OPEN_URI).ok()
}

/// A lock under which nobody writes, but in WAL mode, and what can be said of the file then.
struct Reading<'a> {
    wal: bool,
    bytes: u64,
    _lock: Transaction<'a>,
}

impl Reading<'_> {
    fn begin(connection: &Connection) -> Result<Reading<'_>> {
        let lock = connection.unchecked_transaction()?;
        // The first of them takes the lock.
        let pages: i64 = lock.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let page_bytes: i64 = lock.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let journal: String = lock.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        Ok(Reading { wal: journal == "wal", bytes: (pages * page_bytes) as u64, _lock: lock })
    }
}
