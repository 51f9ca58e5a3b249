//! What goes wrong in installations: in goes this machine, out come findings, one for each thing
//! that was looked at. Nothing is changed, and commands are given only where they surely mend what
//! is broken, and touch nothing but what is this program's own.

mod apache;
mod catalogue;
mod conf;
mod directive;
mod http;
mod installation;
mod log;
mod own;
mod private_tmp;
mod program;
pub mod report;
mod settings;
mod socket;
mod url;
mod user;

use std::path::Path;

use serde::Serialize;

pub use catalogue::count;
pub use http::Target;

use installation::Installation;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What it is, as a heading.
    pub about: &'static str,
    /// Is it as it should be?
    pub state: State,
    /// What was found, in a sentence.
    pub found: String,
    /// The shell commands that mend it, in this order; none where only a person can.
    pub mend: Vec<String>,
}

/// How a thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Worth knowing, and no fault.
    Note,
    /// Lookups, or their log, suffer.
    Broken,
}

impl Finding {
    fn ok(about: &'static str, found: impl Into<String>) -> Finding {
        Finding { about, state: State::Ok, found: found.into(), mend: Vec::new() }
    }

    fn note(about: &'static str, found: impl Into<String>) -> Finding {
        Finding { about, state: State::Note, found: found.into(), mend: Vec::new() }
    }

    fn broken(about: &'static str, found: impl Into<String>, mend: Vec<String>) -> Finding {
        Finding { about, state: State::Broken, found: found.into(), mend }
    }
}

/// Characters of a line of a file that are shown.
const LINE_CHARACTERS: usize = 200;

fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Looks at everything, in the order in which a request passes it; and asks a live server where
/// one is named.
pub fn check(url: Option<&Target>) -> Vec<Finding> {
    let here = Installation::look();
    let mut findings = apache::findings(&here);
    findings.extend(program::findings(&here));
    findings.extend(socket::findings(&here));
    findings.extend(settings::findings(&here));
    findings.extend(catalogue::findings(&here));
    findings.extend(log::findings(&here));
    findings.extend(private_tmp::findings(&here));
    findings.extend(url.into_iter().flat_map(|url| self::url::findings(&here, url)));
    findings
}

/// What makes a running Apache read its configuration again; it starts one that does not run.
const RELOAD: &str = "apachectl graceful";

/// A path or a value as one word of a shell command.
fn quoted(text: impl AsRef<Path>) -> String {
    let text = text.as_ref().display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
