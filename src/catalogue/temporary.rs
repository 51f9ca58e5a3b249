//! Where temporary files lie.

use std::env;
use std::path::PathBuf;

use rustix::fs::{Access, access};

const LAST: &str = "/tmp";

/// The directory in which SQLite has them too: not `/tmp` if it can be another, since that may be memory.
pub(super) fn directory() -> PathBuf {
    let chosen = env::var_os("TMPDIR").map(PathBuf::from);
    let mut directories = chosen.into_iter().chain(["/var/tmp", LAST].map(PathBuf::from));
    let is_writable = |directory: &PathBuf| directory.is_dir() && access(directory, Access::WRITE_OK).is_ok();
    directories.find(is_writable).unwrap_or_else(|| LAST.into())
}

/// What failed where one cannot be written.
pub(super) fn unwritten() -> String {
    format!("a temporary file in {} cannot be written", directory().display())
}
