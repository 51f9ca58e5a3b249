//! What goes wrong in installations, found on this machine: a finding for each thing that was looked at.
//! Nothing is changed, and commands are given only where they surely mend what is broken, and touch
//! nothing but what is this program's own.

mod apache;
mod catalogue;
mod configuration;
mod directive;
mod door;
mod http;
mod installation;
mod log;
mod modules;
mod own;
mod private_tmp;
mod program;
pub mod report;
mod server;
mod settings;
mod socket;
mod url;
mod user;

use std::path::Path;

use serde::Serialize;

pub use catalogue::{COUNT, count};
pub use http::Target;

use installation::Installation;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What it is, as a heading.
    pub about: &'static str,
    /// Is it as it should be?
    pub state: State,
    /// What was found, in a sentence. It has no control characters, whoever's words are in it.
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
    fn new(about: &'static str, state: State, found: impl AsRef<str>, mend: Vec<String>) -> Finding {
        // A command with what would be escaped, or was no text, is not the one that was meant.
        let meant = |command: &String| escaped(command) == *command && !command.contains(char::REPLACEMENT_CHARACTER);
        let mend = if mend.iter().all(meant) { mend } else { Vec::new() };
        Finding { about, state, found: escaped(&shortened(found.as_ref(), FOUND_CHARACTERS)), mend }
    }

    fn ok(about: &'static str, found: impl AsRef<str>) -> Finding {
        Finding::new(about, State::Ok, found, Vec::new())
    }

    fn note(about: &'static str, found: impl AsRef<str>) -> Finding {
        Finding::new(about, State::Note, found, Vec::new())
    }

    fn broken(about: &'static str, found: impl AsRef<str>, mend: Vec<String>) -> Finding {
        Finding::new(about, State::Broken, found, mend)
    }
}

/// Characters of what was found that are shown, and of a line of a file in it.
const FOUND_CHARACTERS: usize = 4000;
const LINE_CHARACTERS: usize = 200;

fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text that does nothing to a terminal, nor to the order or the lines in which it is shown.
fn escaped(text: &str) -> String {
    let acts = |character: char| {
        let directs = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        character.is_control() || directs || matches!(character, '\u{2028}' | '\u{2029}')
    };
    let mut out = String::new();
    for character in text.chars() {
        match acts(character) {
            true => out.extend(character.escape_unicode()),
            false => out.push(character),
        }
    }
    out
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

/// A path or a value as one word of a shell command.
fn quoted(text: impl AsRef<Path>) -> String {
    let text = text.as_ref().display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
