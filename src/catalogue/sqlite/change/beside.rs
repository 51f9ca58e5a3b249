//! A new file beside the catalogue, which takes its place in one step. It also is the import's lock.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::fs::{
    AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, RenameFlags, flock, fstat, openat, renameat, renameat_with,
    statat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::old::Old;
use super::rights;
use super::target::{Target, if_there};
use crate::complain;

/// Names that are tried. Each is taken once in 2^64 times, or removed by an import that begins at the
/// same moment.
const TRIES: usize = 100;

/// Hexadecimal digits of the part of a name that is random.
const RANDOM_DIGITS: usize = 16;

/// How long root waits for an import of the user as whom it works, who could hold it up for ever.
const ANOTHERS_IMPORT: Duration = Duration::from_secs(600);

/// How long between two looks at whether another import has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The new file, which nobody else may open. Its name is partly random, since in a directory like
/// `/tmp` anybody could hold any other. It is removed at the end, unless it has become the catalogue;
/// after a `kill -9` the user's next import removes it.
pub(super) struct Beside<'a> {
    target: &'a Target,
    name: OsString,
    /// Locked as long as this lives: then this import goes on.
    file: File,
    placed: bool,
}

impl Beside<'_> {
    /// Makes the file, empty; while another import of this user goes on, waits for its end.
    pub(super) fn new(target: &Target) -> Result<Beside<'_>> {
        let mut wait = Wait { waited: false, until: target.is_of_another().then(|| Instant::now() + ANOTHERS_IMPORT) };
        let mut beside = Beside::create(target)?;
        // Each looks for others when its own can be seen, so of two that begin at once, one sees the
        // other. Where both do, the one whose name comes later gives way.
        while let Some((name, other)) = beside.another()? {
            if beside.name > name {
                drop(beside);
                wait.for_the_end_of(&other)?;
                beside = Beside::create(target)?;
            } else {
                wait.for_the_end_of(&other)?;
            }
        }
        Ok(beside)
    }

    fn create(target: &Target) -> Result<Beside<'_>> {
        for _ in 0..TRIES {
            let name = random_name(target);
            let file = match new_file(target, &name, 0o600) {
                Err(Errno::EXIST) => continue,
                file => file.with_context(|| not_made(target))?,
            };
            let beside = Beside { target, name, file, placed: false };
            // Before it was locked, it looked like one that a killed import left.
            let locked = flock(&beside.file, FlockOperation::NonBlockingLockExclusive);
            if locked.is_ok() && beside.is_there()? {
                return Ok(beside);
            }
            ensure!(matches!(locked, Ok(()) | Err(Errno::WOULDBLOCK)), "files in this directory cannot be locked");
        }
        bail!("other imports into {} begin all the time", target.path.display())
    }

    fn is_there(&self) -> io::Result<bool> {
        let file = fstat(&self.file)?;
        let there = if_there(statat(&self.target.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW))?;
        Ok(there.is_some_and(|there| (there.st_dev, there.st_ino) == (file.st_dev, file.st_ino)))
    }

    /// Another import of this user that goes on. What killed ones left is removed; what others have
    /// made is none of ours.
    fn another(&self) -> Result<Option<(OsString, File)>> {
        let prefix = prefix(self.target);
        for entry in Dir::read_from(&self.target.directory)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            let random = name.as_bytes().strip_prefix(prefix.as_bytes());
            if name == self.name || random.is_none_or(|random| random.len() != RANDOM_DIGITS) {
                continue;
            }
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let Ok(other) = openat(&self.target.directory, name, flags, Mode::empty()) else { continue };
            let other = File::from(other);
            let stat = fstat(&other)?;
            if stat.st_uid != geteuid().as_raw() || FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                continue;
            }
            match flock(&other, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => return Ok(Some((name.to_owned(), other))),
                locked => locked?,
            }
            if_there(unlinkat(&self.target.directory, name, AtFlags::empty()))?;
        }
        Ok(None)
    }

    /// For SQLite.
    pub(super) fn path(&self) -> PathBuf {
        self.target.path.with_file_name(&self.name)
    }

    /// Could it have the old one's rights?
    pub(super) fn ensure_rights_of(&self, old: &File) -> Result<()> {
        ensure_rights(self.target, old, &self.file)
    }

    /// Puts it in the catalogue's place, with the old one's rights, and safely on disk.
    pub(super) fn place(mut self, old: Option<&Old>) -> Result<()> {
        let path = self.target.path.display();
        match old {
            Some(old) => self.replace(old),
            None => self.place_first(),
        }
        .with_context(|| format!("{path} cannot be written"))?;
        // The change is made from here on, and a failure does not undo it.
        if let Err(error) = self.target.directory.sync_all() {
            complain(format_args!("{path} is written, but a power cut may undo that: {error}"));
        } else if let Some(Err(error)) = old.map(Old::refuse_writers) {
            // Only now: after a crash the old one must not be back without its writers.
            complain(format_args!("{path} is written, but who has the old one open may still change that: {error}"));
        }
        Ok(())
    }

    fn replace(&mut self, old: &Old) -> Result<()> {
        self.target.as_caller(|| rights::give(&old.file, &self.file))??;
        self.file.sync_all()?;
        old.wait_for_readers()?;
        let directory = &self.target.directory;
        ensure!(self.target.is(&old.file)?, "something else has been put there meanwhile");
        renameat(directory, &self.name, directory, &self.target.name)?;
        self.placed = true;
        Ok(())
    }

    fn place_first(&mut self) -> Result<()> {
        let directory = &self.target.directory;
        let name = random_name(self.target);
        // It has the rights of any new file here.
        let any = new_file(self.target, &name, 0o666)?;
        let given = rights::give(&any, &self.file);
        // Another import may have taken it for a killed one's.
        if_there(unlinkat(directory, &name, AtFlags::empty()))?;
        given?;
        self.file.sync_all()?;
        self.target.remove_journals()?;
        match renameat_with(directory, &self.name, directory, &self.target.name, RenameFlags::NOREPLACE) {
            // Not every file system can see to it that nothing is replaced.
            Err(Errno::INVAL | Errno::NOSYS) if self.target.look()?.is_none() => {
                renameat(directory, &self.name, directory, &self.target.name)?;
            }
            Err(Errno::EXIST) => bail!("something has been put there meanwhile"),
            placed => placed?,
        }
        self.placed = true;
        Ok(())
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        if !self.placed {
            let _ = unlinkat(&self.target.directory, &self.name, AtFlags::empty());
        }
    }
}

/// Could a new file have the old one's rights?
pub(super) fn ensure_rights(target: &Target, old: &File, new: &File) -> Result<()> {
    let givable = target.as_caller(|| rights::ensure_givable(old, new))?;
    givable.with_context(|| format!("the catalogue {} cannot be changed", target.path.display()))
}

/// A new file that nobody sees; `None` where the file system has none of that kind.
pub(super) fn unnamed(target: &Target) -> Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
    match openat(&target.directory, ".", flags, Mode::from_raw_mode(0o600)) {
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => Ok(None),
        made => Ok(Some(made.with_context(|| not_made(target))?.into())),
    }
}

fn not_made(target: &Target) -> String {
    let directory = target.path.parent().unwrap_or(&target.path).display();
    format!("no new catalogue can be made in {directory} by {}", target.user())
}

/// Waits for other imports, and says so once.
struct Wait {
    waited: bool,
    until: Option<Instant>,
}

impl Wait {
    fn for_the_end_of(&mut self, import: &File) -> Result<()> {
        while let Err(error) = flock(import, FlockOperation::NonBlockingLockExclusive) {
            ensure!(error == Errno::WOULDBLOCK, "another import cannot be waited for: {error}");
            if !mem::replace(&mut self.waited, true) {
                complain(format_args!("waiting for another import to end"));
            }
            if self.until.is_some_and(|until| Instant::now() > until) {
                bail!("another import has not ended for {} minutes", ANOTHERS_IMPORT.as_secs() / 60);
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }
}

fn prefix(target: &Target) -> OsString {
    let mut name = OsString::from(".");
    name.push(&target.name);
    name.push(".import-");
    name
}

fn random_name(target: &Target) -> OsString {
    let mut name = prefix(target);
    // Its keys are random.
    name.push(format!("{:0RANDOM_DIGITS$x}", RandomState::new().hash_one(())));
    name
}

fn new_file(target: &Target, name: &OsStr, mode: u32) -> rustix::io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(&target.directory, name, flags, Mode::from_raw_mode(mode)).map(File::from)
}
