//! Where a catalogue is.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where the products are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Nothing was set and no file is beside the executable: the two built-in products.
    BuiltIn,
    /// An SQLite file.
    File(PathBuf),
    /// A database.
    Url(DatabaseUrl),
}

/// A path, or a URL without what is secret in it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Source::BuiltIn => f.write_str("the built-in catalogue"),
            Source::File(path) => write!(f, "{}", path.display()),
            Source::Url(url) => write!(f, "{url}"),
        }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Source {
        Source::File(path.to_owned())
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Source {
        Source::File(path.to_owned())
    }
}

/// A database URL as it was given. A password may be in it, so it is never shown as it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DatabaseUrl {
    text: String,
    password_file: Option<PathBuf>,
}

impl DatabaseUrl {
    /// A URL, and the file that has the password if the URL has none.
    pub fn new(text: &str, password_file: Option<&Path>) -> DatabaseUrl {
        DatabaseUrl { text: text.trim().to_owned(), password_file: password_file.map(Path::to_owned) }
    }

    /// The URL, with the password.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file that has the password.
    pub fn password_file(&self) -> Option<&Path> {
        self.password_file.as_deref()
    }
}

/// Shown without user, password and parameters.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (scheme, rest) = self.text.split_once("://").unwrap_or_default();
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        write!(f, "{scheme}://{}", rest.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
