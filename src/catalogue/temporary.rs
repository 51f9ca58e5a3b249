//! Where temporary files lie.

use std::env;
use std::path::PathBuf;

/// The directory in which SQLite has them too: not `/tmp` if it can be another, since that may be memory.
pub(super) fn directory() -> PathBuf {
    let chosen = env::var_os("TMPDIR").map(PathBuf::from);
    let directories = chosen.into_iter().chain([PathBuf::from("/var/tmp")]);
    directories.into_iter().find(|directory| directory.is_dir()).unwrap_or_else(env::temp_dir)
}

/// What failed where one cannot be written.
pub(super) fn unwritten() -> String {
    format!("a temporary file in {} cannot be written", directory().display())
}
