//! A directive of Apache's configuration, and where it stands.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use super::{LINE_CHARACTERS, shortened};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, line {}", self.file.display(), self.line)
    }
}

impl Place {
    /// A line of what Apache names: a file, or the body of a macro, `macro 'shop' (defined on line 29 of
    /// "/etc/apache2/apache2.conf") used on line 34 of "..."`.
    pub(super) fn named(file: &str, line: usize) -> Place {
        let defined = || {
            let (start, rest) =
                file.strip_prefix("macro '")?.split_once("(defined on line ")?.1.split_once(" of \"")?;
            Some((start.parse::<usize>().ok()?, rest.split_once('"')?.0))
        };
        let (start, file) = defined().unwrap_or((0, file));
        Place { file: file.into(), line: start.saturating_add(line) }
    }

    /// What stands there. Of a line that is continued, Apache gives the last part's number.
    pub(super) fn text(&self) -> String {
        let text = fs::read(&self.file).unwrap_or_default();
        let line = self.line.checked_sub(1).and_then(|before| text.split(|&byte| byte == b'\n').nth(before));
        String::from_utf8_lossy(line.unwrap_or_default()).trim().to_owned()
    }

    /// The line itself, for whoever has to change it.
    pub(super) fn shown(&self) -> String {
        format!("{self}: {}", shortened(&self.text(), LINE_CHARACTERS))
    }
}

/// One directive, with all that Apache fills in.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    pub(super) place: Place,
}

impl Directive {
    pub(super) fn read(line: &str, place: Place) -> Directive {
        let mut words = words(line).into_iter();
        Directive { name: words.next().unwrap_or_default(), args: words.collect(), place }
    }

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

/// The words of a line as Apache's `ap_getword_conf` takes them apart: quotes hold blanks together, and a
/// backslash takes the meaning of itself and of the quote in use, and of nothing else.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let quote = Some(first).filter(|first| matches!(first, '"' | '\''));
        let mut word = String::new();
        let mut characters = rest[usize::from(quote.is_some())..].chars();
        while let Some(character) = characters.next() {
            let next = characters.clone().next();
            match character {
                '\\' if next == Some('\\') || quote.is_some() && next == quote => word.extend(characters.next()),
                c if Some(c) == quote || quote.is_none() && c.is_whitespace() => break,
                c => word.push(c),
            }
        }
        words.push(word);
        rest = characters.as_str().trim_start();
    }
    words
}
