//! The catalogue as it is, which an import holds against writers until another is in its place, and
//! from then on for ever.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi::{SQLITE_IOERR_RDLOCK, SQLITE_IOERR_UNLOCK};
use rusqlite::{Connection, OpenFlags};
use rustix::fs::{AtFlags, CWD, Dir, FlockOperation, Mode, OFlags, fcntl_lock, fstat, openat, statat};
use rustix::io::Errno;

use super::target::Target;
use super::{Size, Task};
use crate::catalogue::sqlite::first_version::take_over;
use crate::catalogue::sqlite::index::{self, Index};
use crate::catalogue::sqlite::schema;
use crate::causes;

/// How long a writer in another process is waited for, and one who reads without a pause.
const OTHERS: Duration = Duration::from_secs(10);

/// How long between two looks at whether nobody reads.
const LOOK: Duration = Duration::from_millis(1);

/// How often a catalogue that is replaced by others meanwhile is looked at anew.
const TRIES: usize = 10;

/// Where in an SQLite file its write version is (one byte), and how often it changed
/// (https://sqlite.org/fileformat.html, section 1.3).
const WRITE_VERSION_AT: u64 = 18;
const CHANGES_AT: u64 = 24;

/// The catalogue, locked against writers, and open for readers.
pub(super) struct Old<'a> {
    target: &'a Target,
    connection: Connection,
    /// The same file. It must be closed after the connection: with any descriptor of a file that is
    /// closed, a process gives up all its locks on that file (POSIX).
    pub(super) file: File,
    pub(super) state: State,
}

/// What a catalogue is like.
pub(super) struct State {
    /// Is it in WAL mode? The program never chooses that, since readers would need the right to
    /// write.
    pub(super) write_ahead: bool,
    /// Does it have the table?
    pub(super) filled: bool,
    /// And the index that belongs to it?
    pub(super) indexed: bool,
    /// Most of it in order?
    pub(super) ordered: bool,
}

impl Old<'_> {
    /// `None` where there is none.
    pub(super) fn open(target: &Target) -> Result<Option<Old<'_>>> {
        for _ in 0..TRIES {
            if target.look()?.is_none() {
                return Ok(None);
            }
            let opened = match open_file(target) {
                Ok(None) => continue,
                Err(error) => Err(error),
                Ok(Some(file)) => {
                    let locked = lock(target, &file);
                    if !target.is(&file)? {
                        continue;
                    }
                    locked.map(|(connection, state)| Old { target, connection, file, state })
                }
            };
            return opened.map(Some).map_err(|error| {
                anyhow!("the catalogue {} cannot be changed: {}", target.path.display(), causes(&error))
            });
        }
        bail!("the catalogue {} cannot be changed: others replace it all the time", target.path.display())
    }

    /// Are there so many products?
    pub(super) fn has(&self, count: u64) -> Result<bool> {
        let counted = "SELECT count(*) FROM (SELECT 1 FROM main.product LIMIT ?1)";
        let counted: i64 = self.connection.query_row(counted, [i64::try_from(count)?], |row| row.get(0))?;
        Ok(counted.unsigned_abs() == count)
    }

    /// Changes it where it is: in one transaction, which keeps nobody from reading until its end, or at all in WAL
    /// mode.
    pub(super) fn change<Done>(self, task: &Task<Done>) -> Result<Done> {
        self.target.named(self.change_here(task))
    }

    fn change_here<Done>(&self, task: &Task<Done>) -> Result<Done> {
        let connection = &self.connection;
        if !self.state.filled {
            schema::create_table(connection)?;
        } else if !self.state.indexed {
            // A transaction cannot begin to let foreign keys be, and must while the table is made anew.
            connection.execute_batch("ROLLBACK; PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")?;
            take_over(connection)?;
            connection.execute_batch("COMMIT; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE")?;
        }
        // Pages that are written before the end would keep readers out until then.
        connection.execute_batch("PRAGMA cache_spill = OFF")?;
        let anew = !self.state.ordered || matches!(task.size, Size::All);
        if anew {
            index::drop(connection)?;
        }
        let done = task.run(connection)?;
        // It may have brought a column that identifies.
        if anew || !index::lacking(connection)?.is_empty() {
            index::drop(connection)?;
            index::create(connection)?;
        }
        let ended = connection.execute_batch(if task.dry_run { "ROLLBACK" } else { "COMMIT" });
        if ended.is_err() && self.state.write_ahead {
            // What is whole in the log but was not synced would be taken for done by who opens that next.
            let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        ended.or_else(but_for_its_end)?;
        Ok(done)
    }

    /// Copies it, page by page. SQLite copies from no connection that is about to write.
    pub(super) fn copy(&self, to: &mut Connection) -> Result<()> {
        let from = connect(&self.target.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        from.busy_timeout(OTHERS)?;
        let copied = Backup::new(&from, to)?.step(-1)?;
        ensure!(copied == StepResult::Done, "{} is locked", self.target.path.display());
        Ok(())
    }

    /// Takes the lock on all of the file, as soon as nobody reads it. Who goes on reading would never
    /// look at what `refuse_writers` writes, and could write afterwards, to a file without a name.
    /// SQLite's own lock for this would keep new readers away while it waits; this keeps away nobody
    /// until it is there.
    pub(super) fn wait_for_readers(&self) -> Result<()> {
        let start = Instant::now();
        while let Err(error) = fcntl_lock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            ensure!(matches!(error, Errno::AGAIN | Errno::ACCESS), "it cannot be locked: {error}");
            let seconds = OTHERS.as_secs();
            ensure!(
                start.elapsed() < OTHERS,
                "another program reads it without a pause for {seconds} seconds; end that"
            );
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Makes it a file that SQLite only reads, for those who have it open: of its modes for journals,
    /// PERSIST, MEMORY and OFF need not notice that it is no longer the catalogue, and an edit would be
    /// lost. By another name (a hard link) it may be a backup, which is not the import's to change.
    ///
    /// SQLite itself may undo this: who looks at the old file at the very moment at which another
    /// session commits to the new one finds a journal of the same name, and takes it for the old one's.
    pub(super) fn refuse_writers(&self) -> io::Result<()> {
        if self.file.metadata()?.nlink() > 0 {
            return Ok(());
        }
        let mut changes = [0; 4];
        // An empty file has none yet.
        self.file.read_at(&mut changes, CHANGES_AT)?;
        let changes = u32::from_be_bytes(changes).wrapping_add(1);
        self.file.write_all_at(&[u8::MAX], WRITE_VERSION_AT)?;
        self.file.write_all_at(&changes.to_be_bytes(), CHANGES_AT)
    }
}

/// SQLite gives its locks back when a transaction is on disk. Where it cannot, its statement fails, and what that
/// has done stays; the lock goes with the connection.
fn but_for_its_end(error: rusqlite::Error) -> rusqlite::Result<()> {
    match error.sqlite_error().map(|error| error.extended_code) {
        Some(SQLITE_IOERR_UNLOCK | SQLITE_IOERR_RDLOCK) => Ok(()),
        _ => Err(error),
    }
}

/// The file, to be written; `None` where there is none.
pub(super) fn open_file(target: &Target) -> Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match openat(&target.directory, &target.name, flags, Mode::empty()) {
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::ACCESS) if target.is_of_another() => {
            bail!("it is read-only for {}; chown it to that user", target.user())
        }
        Err(Errno::ACCESS) => bail!("it is read-only for {}", target.user()),
        opened => Ok(Some(opened?.into())),
    }
}

/// Begins to write by SQLite.
fn lock(target: &Target, file: &File) -> Result<(Connection, State)> {
    let connection = connect(&target.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    ensure!(is_open_twice(file)?, "something else has been put there meanwhile");
    // Where the user may not write it, SQLite opens it to read, and locks nothing.
    ensure!(!connection.is_readonly("main")?, "it is read-only for {}", target.user());
    connection.busy_timeout(OTHERS)?;
    // What refers to products that go, goes with them where the shop has said so.
    connection.execute_batch("PRAGMA foreign_keys = ON; BEGIN IMMEDIATE")?;
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let filled = schema::exists(&connection)?;
    let indexed = Index::of(&connection)? == Index::Own;
    let ordered = indexed && index::is_ordered(&connection)?;
    Ok((connection, State { write_ahead: mode == "wal", filled, indexed, ordered }))
}

/// Has SQLite, which takes only a path, opened this file? So it cannot be told to open one on which
/// the path led for a moment only. Where there is no /proc, that the path leads here must do.
fn is_open_twice(file: &File) -> io::Result<bool> {
    let file = fstat(file)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(directory) = openat(CWD, "/proc/self/fd", flags, Mode::empty()) else { return Ok(true) };
    // One of the standard library ends the program where it cannot be closed.
    let descriptors = Dir::read_from(&directory)?;
    let open = descriptors.flatten().filter_map(|entry| statat(&directory, entry.file_name(), AtFlags::empty()).ok());
    Ok(open.filter(|open| (open.st_dev, open.st_ino) == (file.st_dev, file.st_ino)).count() > 1)
}

/// A path on which no link lies is followed by no link that somebody has put there since.
fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, flags | NO_LINK)
}

pub(super) const NO_LINK: OpenFlags = OpenFlags::SQLITE_OPEN_NOFOLLOW.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
