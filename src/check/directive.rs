//! A directive of Apache's configuration, and where it stands.

use std::fmt;
use std::path::PathBuf;

use super::{LINE_CHARACTERS, shortened};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// What stands there.
    pub(super) text: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, line {}", self.file.display(), self.line)
    }
}

impl Place {
    /// The line itself, for whoever has to change it.
    pub(super) fn shown(&self) -> String {
        format!("{self}: {}", shortened(&self.text, LINE_CHARACTERS))
    }
}

/// One directive.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    pub(super) place: Place,
    /// Where its value is written: another place where that is a `Define`.
    pub(super) value: Place,
    /// The module that is not loaded, where it stands in an `<IfModule>` of one.
    pub(super) unless_loaded: Option<String>,
}

impl Directive {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn arg(&self, number: usize) -> &str {
        self.args.get(number).map_or("", String::as_str)
    }

    /// Does it set an environment variable?
    pub(super) fn sets(&self) -> bool {
        self.is("SetEnv") || self.is("FcgidInitialEnv")
    }
}

/// Does Apache fill in what this text has: a variable that is not known here?
pub(super) fn is_filled_in(text: &str) -> bool {
    text.contains('$') || text.contains("%{")
}
