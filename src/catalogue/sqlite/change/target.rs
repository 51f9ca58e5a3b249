//! The file that an import changes: the directory in which the catalogue really lies, opened, and as whom it may
//! be changed.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf, absolute};

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::identity::{Acting, user};

/// Symbolic links followed one after the other, as many as Linux follows.
const LINKS: usize = 40;

/// The bit by which only a file's owner, or the directory's, may move it (`S_ISVTX`).
const STICKY: u32 = 0o1000;

/// The bits by which others than the owner may write.
const OTHERS_WRITE: u32 = 0o022;

/// Where a catalogue lies, or will.
pub(super) struct Target {
    /// The file. There is no symbolic link on this path.
    pub(super) path: PathBuf,
    pub(super) name: OsString,
    /// All but SQLite, which takes only paths, goes by this: it stays the same directory.
    pub(super) directory: File,
    acting: Option<Acting>,
}

impl Target {
    /// Follows symbolic links, also one to a file that is not there yet. Nobody but root and this
    /// user leads anywhere: root works as the user who might, others are refused.
    pub(super) fn of(catalogue: &Path) -> Result<Target> {
        let mut way = Way::to(catalogue)?;
        while way.step(catalogue)? {}
        let Some(name) = way.name else {
            bail!("{} cannot be a catalogue, since it is a directory", catalogue.display());
        };
        let acting =
            acting(way.owners).with_context(|| format!("the catalogue {} cannot be changed", catalogue.display()))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = openat(&way.directory, ".", flags, Mode::empty()).with_context(|| {
            format!("the catalogue's directory {} cannot be opened by {}", way.path.display(), user_of(&acting))
        })?;
        Ok(Target { path: way.path.join(&name), name, directory: directory.into(), acting })
    }

    /// What lies there; looking does not open it.
    pub(super) fn look(&self) -> Result<Option<Stat>> {
        let there = if_there(statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW))
            .with_context(|| format!("{} cannot be looked at", self.path.display()))?;
        match there {
            Some(there) if FileType::from_raw_mode(there.st_mode) != FileType::RegularFile => {
                bail!("{} cannot be a catalogue, since it is not a file", self.path.display())
            }
            there => Ok(there),
        }
    }

    /// Names the file where SQLite or the system failed, and not the rows; or says what lies there that is none.
    pub(super) fn named<T>(&self, changed: Result<T>) -> Result<T> {
        let is_nameless = |error: &anyhow::Error| {
            let of_system = error.is::<io::Error>() || error.is::<Errno>();
            error.is::<rusqlite::Error>() || of_system && error.chain().count() == 1
        };
        changed.map_err(|error| match self.look() {
            _ if !is_nameless(&error) => error,
            Err(other) => other,
            // In its chain SQLite says the same twice.
            Ok(_) => anyhow!("{} cannot be written: {error}", self.path.display()),
        })
    }

    /// Is it this file that lies there?
    pub(super) fn is(&self, file: &File) -> Result<bool> {
        let file = fstat(file)?;
        Ok(self.look()?.is_some_and(|there| (there.st_dev, there.st_ino) == (file.st_dev, file.st_ino)))
    }

    /// Removes what an earlier catalogue of that name left behind: SQLite would take such a
    /// journal for the new catalogue's.
    pub(super) fn remove_journals(&self) -> io::Result<()> {
        for after in ["-journal", "-wal", "-shm"] {
            let mut name = self.name.clone();
            name.push(after);
            if_there(unlinkat(&self.directory, &name, AtFlags::empty()))?;
        }
        Ok(())
    }

    /// Does root work here as another user, who may be up to anything?
    pub(super) fn is_of_another(&self) -> bool {
        self.acting.is_some()
    }

    /// Does as the user who called what names no path.
    pub(super) fn as_caller<T>(&self, act: impl FnOnce() -> T) -> io::Result<T> {
        match &self.acting {
            Some(acting) => acting.as_root(act),
            None => Ok(act()),
        }
    }

    /// Who changes it, in a message.
    pub(super) fn user(&self) -> String {
        user_of(&self.acting)
    }
}

fn user_of(acting: &Option<Acting>) -> String {
    match acting {
        Some(acting) => format!("{}, as whom root works in that user's directory", acting.user()),
        None => "this user".to_owned(),
    }
}

/// As whom to work where these users could lead elsewhere; `None`: as who called.
fn acting(mut owners: BTreeSet<u32>) -> Result<Option<Acting>> {
    owners.remove(&0);
    owners.remove(&geteuid().as_raw());
    let Some(first) = owners.pop_first() else { return Ok(None) };
    ensure!(
        geteuid().is_root(),
        "a symbolic link on the way to it is {}'s, who may lead it anywhere; name the file itself",
        user(first)
    );
    if let Some(second) = owners.pop_first() {
        bail!(
            "{} and {} both may lead it elsewhere by symbolic links; name the file itself",
            user(first),
            user(second)
        );
    }
    Ok(Some(Acting::as_user(first).with_context(|| format!("root cannot work as {}", user(first)))?))
}

/// A path on which one directory is entered after the other, each from the one before.
struct Way {
    directory: OwnedFd,
    /// Of the directory, without symbolic links.
    path: PathBuf,
    /// What is left to be entered, the next last.
    left: Vec<OsString>,
    links: usize,
    /// Who has led us here, and so might have led elsewhere.
    owners: BTreeSet<u32>,
    /// The file in the directory, at the end.
    name: Option<OsString>,
}

impl Way {
    fn to(catalogue: &Path) -> Result<Way> {
        let directory = openat(CWD, "/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
            .with_context(|| unopened(Path::new("/")))?;
        let left = absolute(catalogue).with_context(|| format!("{} is not a path", catalogue.display()))?;
        let left = names(&left).collect();
        Ok(Way { directory, path: "/".into(), left, links: 0, owners: BTreeSet::new(), name: None })
    }

    /// Goes on by one name; `false` at the end.
    fn step(&mut self, catalogue: &Path) -> Result<bool> {
        let Some(name) = self.left.pop() else { return Ok(false) };
        let last = self.left.is_empty() && name != "/" && name != "..";
        if let Err(error) = self.enter(&name, last) {
            let at = if last { self.path.clone() } else { self.path.join(&name) };
            return Err(error).with_context(|| unopened(&at));
        }
        ensure!(self.links <= LINKS, "{} has too many symbolic links", catalogue.display());
        Ok(true)
    }

    fn enter(&mut self, name: &OsStr, last: bool) -> io::Result<()> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let next = match openat(&self.directory, name, flags, Mode::empty()) {
            Err(Errno::NOENT) if last => return self.arrive(name, None),
            next => next?,
        };
        let there = fstat(&next)?;
        match FileType::from_raw_mode(there.st_mode) {
            FileType::Symlink => {
                let to = OsString::from_vec(readlinkat(&next, "", Vec::new())?.into_bytes());
                self.owners.extend([there.st_uid, fstat(&self.directory)?.st_uid]);
                self.left.extend(names(Path::new(&to)));
                self.links += 1;
            }
            _ if last => self.arrive(name, Some(there.st_uid))?,
            FileType::Directory if name == ".." => {
                self.directory = next;
                self.path.pop();
            }
            FileType::Directory => {
                self.directory = next;
                self.path.push(name);
            }
            _ => return Err(Errno::NOTDIR.into()),
        }
        Ok(())
    }

    /// To root, whoever owns the directory leads to the file; where many may write, who owns the file.
    fn arrive(&mut self, name: &OsStr, owner: Option<u32>) -> io::Result<()> {
        self.name = Some(name.to_owned());
        if geteuid().is_root() {
            let directory = fstat(&self.directory)?;
            self.owners.insert(directory.st_uid);
            let many = directory.st_mode & STICKY != 0 && directory.st_mode & OTHERS_WRITE != 0;
            self.owners.extend(owner.filter(|_| many));
        }
        Ok(())
    }
}

fn unopened(directory: &Path) -> String {
    format!("the catalogue's directory {} cannot be opened", directory.display())
}

/// The names of a path, the first last.
fn names(path: &Path) -> impl Iterator<Item = OsString> {
    path.components().rev().map(|component| component.as_os_str().to_owned()).filter(|name| name != ".")
}

/// `None` where the error is that there is no such file.
pub(super) fn if_there<T, E: Into<io::Error>>(result: Result<T, E>) -> io::Result<Option<T>> {
    match result.map_err(E::into) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
