//! The file that an import changes: in goes a catalogue's path, out comes where the catalogue
//! really lies, what lies there now, and a new file beside it that takes its place in one step.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::mem;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::complain;

/// Symbolic links followed one after the other, as many as Linux follows.
const LINKS: usize = 40;

/// Where a catalogue lies, or will.
pub(super) struct Target {
    /// The file, which is no symbolic link.
    pub(super) path: PathBuf,
    directory: PathBuf,
}

impl Target {
    /// Follows symbolic links, also one to a file that is not there yet.
    pub(super) fn of(catalogue: &Path) -> Result<Target> {
        let mut path = catalogue.to_owned();
        let mut links = 0;
        while let Ok(to) = fs::read_link(&path) {
            links += 1;
            ensure!(links <= LINKS, "{} has too many symbolic links", catalogue.display());
            path = path.parent().unwrap_or(Path::new("/")).join(to);
        }
        let Some(name) = path.file_name() else {
            bail!("{} cannot be a catalogue, since it is a directory", catalogue.display());
        };
        let directory = match path.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        let directory = fs::canonicalize(directory)
            .with_context(|| format!("the catalogue's directory {} cannot be opened", directory.display()))?;
        Ok(Target { path: directory.join(name), directory })
    }

    /// What lies there. Looking does not open it: to close a file that SQLite has open too would
    /// drop the locks that SQLite holds on it.
    fn old(&self) -> Result<Option<fs::Metadata>> {
        let old = if_there(fs::metadata(&self.path))
            .with_context(|| format!("{} cannot be looked at", self.path.display()))?;
        match old {
            Some(old) if !old.is_file() => {
                bail!("{} cannot be a catalogue, since it is no file", self.path.display())
            }
            old => Ok(old),
        }
    }

    /// Does a catalogue lie there?
    pub(super) fn exists(&self) -> Result<bool> {
        Ok(self.old()?.is_some())
    }

    /// A path beside it, with the same name between `before` and `after`.
    fn beside(&self, before: &str, after: &str) -> PathBuf {
        let mut name = OsString::from(before);
        name.push(self.path.file_name().unwrap_or_default());
        name.push(after);
        self.directory.join(name)
    }

    /// Removes what an earlier catalogue of that name left behind: SQLite would take such a
    /// journal for the new catalogue's.
    fn remove_journals(&self) -> io::Result<()> {
        for after in ["-journal", "-wal", "-shm"] {
            if_there(fs::remove_file(self.beside("", after)))?;
        }
        Ok(())
    }
}

/// A new file beside the target, locked: there is one at a time, and so one import. It is removed
/// at the end, unless it has become the catalogue; after a `kill -9` the next import removes it.
pub(super) struct Beside<'a> {
    target: &'a Target,
    pub(super) path: PathBuf,
    /// Open as long as this lives, since that is the lock.
    file: File,
    placed: bool,
}

impl Beside<'_> {
    /// Makes the file, empty; while another import goes on, waits for its end.
    pub(super) fn new(target: &Target) -> Result<Beside<'_>> {
        let path = target.beside(".", ".import");
        // What is in it is for nobody else, until it has the old one's owner.
        let mode = if target.exists()? { 0o600 } else { 0o666 };
        let file = create(&path, mode)
            .with_context(|| format!("{} cannot be written, which is to become the catalogue", path.display()))?;
        Ok(Beside { target, path, file, placed: false })
    }

    /// Puts it in the catalogue's place, with the old one's rights, and safely on disk.
    pub(super) fn place(mut self) -> Result<()> {
        self.replace().with_context(|| format!("{} cannot be written", self.target.path.display()))
    }

    fn replace(&mut self) -> Result<()> {
        match self.target.old()? {
            Some(old) => self.adopt(&old)?,
            None => self.target.remove_journals()?,
        }
        self.file.sync_all()?;
        fs::rename(&self.path, &self.target.path)?;
        self.placed = true;
        Ok(File::open(&self.target.directory)?.sync_all()?)
    }

    fn adopt(&self, old: &fs::Metadata) -> io::Result<()> {
        // Only root may give a file away, and others only to groups of theirs.
        if fchown(&self.file, Some(old.uid()), Some(old.gid())).is_err() {
            let _ = fchown(&self.file, None, Some(old.gid()));
        }
        self.file.set_permissions(Permissions::from_mode(old.mode() & 0o7777))
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A new file, which this process alone has locked. One that is there already is another import's:
/// it is waited for, and removed if that was killed.
fn create(path: &Path, mode: u32) -> Result<File> {
    let mut new = OpenOptions::new();
    new.read(true).write(true).create_new(true).mode(mode);
    let mut waited = false;
    loop {
        let (file, created) = match new.open(path) {
            Ok(file) => (file, true),
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
            Err(_) => match if_there(fs::symlink_metadata(path))? {
                Some(other) if !other.is_file() => bail!("something that is no file is there"),
                Some(_) => match if_there(File::open(path))? {
                    Some(file) => (file, false),
                    None => continue,
                },
                None => continue,
            },
        };
        lock(&file, &mut waited)?;
        // Whoever had it until now may have made it the catalogue, or removed it.
        match if_there(fs::symlink_metadata(path))? {
            Some(there) if !same(&there, &file.metadata()?) => {}
            Some(_) if created => return Ok(file),
            Some(_) => fs::remove_file(path)?,
            None => {}
        }
    }
}

fn lock(file: &File, waited: &mut bool) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            if !mem::replace(waited, true) {
                complain(format_args!("waiting for another import to end"));
            }
            file.lock()
        }
    }
}

fn same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// `None` where the error is that there is no such file.
fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
