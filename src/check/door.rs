//! The ways from Apache to the program: a program that it starts, or an address that it connects to.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::Finding;
use super::configuration::Configuration;
use super::directive::{Directive, Place};

/// A way from Apache to the program.
pub(super) struct Door {
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) value: Place,
    /// Is it opened by this program's own configuration?
    own: bool,
}

#[derive(PartialEq, Eq)]
pub(super) enum Kind {
    /// Apache starts this program.
    Program(PathBuf),
    /// Apache connects to this unix socket.
    Unix(PathBuf),
    /// Apache connects to this host and port.
    Tcp(String),
}

impl Door {
    /// Every way in this configuration, each once.
    pub(super) fn all(apache: &Configuration) -> Vec<Door> {
        let mut doors: Vec<Door> = Vec::new();
        for directive in apache.about_us() {
            if let Some(kind) = kind(directive).filter(|kind| doors.iter().all(|known| known.kind != *kind)) {
                let (place, value) = (directive.place.clone(), apache.value(directive));
                doors.push(Door { kind, place, value, own: apache.owns(directive) });
            }
        }
        doors
    }

    /// Something is broken on this way.
    pub(super) fn broken(&self, about: &'static str, found: String, mend: Vec<String>) -> Finding {
        match self.own {
            true => Finding::broken(about, found, mend),
            false => Finding::broken(about, elsewhere(&found, &self.place), Vec::new()),
        }
    }
}

/// What is said of what is set outside of this program's own configuration.
pub(super) fn elsewhere(found: &str, place: &Place) -> String {
    format!("{found}; this stands outside the program's own configuration: {}", place.shown())
}

/// The way to the program that a directive opens, if it does.
fn kind(directive: &Directive) -> Option<Kind> {
    if directive.is("FcgidWrapper") {
        return Some(Kind::Program(directive.arg(0).trim_matches('"').into()));
    }
    if directive.is("Alias") || directive.is("ScriptAlias") {
        let program = PathBuf::from(directive.arg(1));
        return (program.file_name() == Some(OsStr::new("product-lookup"))).then_some(Kind::Program(program));
    }
    if !["ProxyPass", "ProxyPassMatch", "SetHandler", "BalancerMember"].iter().any(|name| directive.is(name)) {
        return None;
    }
    let url = directive.args.iter().find(|arg| arg.contains("fcgi://"))?.trim_start_matches("proxy:");
    Some(match url.strip_prefix("unix:") {
        Some(rest) => Kind::Unix(rest.split('|').next().unwrap_or_default().into()),
        None => Kind::Tcp(url.strip_prefix("fcgi://")?.split('/').next().unwrap_or_default().to_owned()),
    })
}
