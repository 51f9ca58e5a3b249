//! Files below /tmp and /var/tmp: does the running Apache see them, which Debian's apache2.service
//! gives temporary folders of its own (PrivateTmp)?

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::apache::pid;
use super::configuration::Configuration;
use super::directive::Place;
use super::door::{Door, Kind};
use super::installation::{Installation, Origin};
use super::own::{CATALOGUES, LOGS, SOCKETS, is_catalogue};
use super::{Finding, log, quoted};

const ABOUT: &str = "Temporary folders";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let Some(apache) = &here.apache else { return Vec::new() };
    let mut findings = Vec::new();
    for name in ["PRODUCTS_DB", "DEBUG_LOG"] {
        for value in here.values(name, "") {
            let Origin::Apache(place) = &value.origin else { continue };
            let path = Path::new(&value.text);
            findings.extend(hidden(apache, path, place).map(|found| match found {
                Ok(note) => Finding::note(ABOUT, note),
                Err(found) if name == "DEBUG_LOG" => value.broken(ABOUT, found, log_moved(here, path, place)),
                Err(found) => value.broken(ABOUT, found, catalogue_moved(here, path, place)),
            }));
        }
    }
    for door in &here.doors {
        let (Kind::Program(path) | Kind::Unix(path)) = &door.kind else { continue };
        findings.extend(hidden(apache, path, &door.value).map(|found| match found {
            Ok(note) => Finding::note(ABOUT, note),
            Err(found) => door.broken(ABOUT, found, door_moved(here, door, path)),
        }));
    }
    findings
}

/// What there is to say of a path that Apache's configuration names at `place`; an error where it is
/// certain.
fn hidden(apache: &Configuration, path: &Path, place: &Place) -> Option<Result<String, String>> {
    if !path.starts_with("/tmp") && !path.starts_with("/var/tmp") {
        return None;
    }
    let shown = path.display();
    match (seen(apache, path), private()) {
        (Some(true), false) => None,
        (Some(true), true) => {
            Some(Ok(format!("the running Apache sees {shown}, and will not once systemd starts it (PrivateTmp)")))
        }
        (None, false) => Some(Ok(format!("{shown} may be hidden from Apache (PrivateTmp)"))),
        (Some(false), _) | (None, true) => Some(Err(format!(
            "Apache does not see {shown}, which {place} names: it has temporary folders of its own (PrivateTmp)"
        ))),
    }
}

/// The commands that move a catalogue to where it is seen; none where something is there already.
fn catalogue_moved(here: &Installation, path: &Path, place: &Place) -> Vec<String> {
    let to = Path::new(CATALOGUES).join(path.file_name().unwrap_or_default());
    if to.exists() || path.exists() && !is_catalogue(path) {
        return Vec::new();
    }
    let made = format!("mkdir -p {}", CATALOGUES);
    let moved = if path.exists() { format!("{made} && mv {} {}", quoted(path), quoted(&to)) } else { made };
    named(here, moved, path, &to, place)
}

fn log_moved(here: &Installation, path: &Path, place: &Place) -> Vec<String> {
    let directory = Path::new(LOGS);
    let to = directory.join(path.file_name().unwrap_or_default());
    named(here, log::made(here, directory), path, &to, place)
}

fn door_moved(here: &Installation, door: &Door, path: &Path) -> Vec<String> {
    let (to, there) = match door.kind {
        Kind::Program(_) => {
            let to = Path::new("/usr/local/bin/product-lookup");
            (to.to_owned(), format!("install -m 755 {} {}", quoted(path), quoted(to)))
        }
        // That nothing answers there is what `check` says next.
        _ => (Path::new(SOCKETS).join("socket"), format!("mkdir -p {}", SOCKETS)),
    };
    // Another program there is not replaced, nor is one that is called otherwise ours.
    if to.exists() || matches!(door.kind, Kind::Program(_)) && path.file_name() != to.file_name() {
        Vec::new()
    } else {
        named(here, there, path, &to, &door.value)
    }
}

/// The command `moved`, and those that have the configuration name the new path.
fn named(here: &Installation, moved: String, path: &Path, to: &Path, place: &Place) -> Vec<String> {
    let plain = |path: &Path| quoted(path) == path.display().to_string();
    let edit = here.edit(place, &format!("s|{}|{}|", path.display(), to.display()));
    // What means something to sed is no plain path.
    if !plain(path) || edit.is_empty() { Vec::new() } else { [vec![moved], edit].concat() }
}

/// Does the running Apache have the same file, or folder, there as we? Root can look.
fn seen(apache: &Configuration, path: &Path) -> Option<bool> {
    let pid = pid(apache)?;
    let there = path.ancestors().find(|above| above.exists())?;
    let root = PathBuf::from(format!("/proc/{pid}/root"));
    fs::metadata(&root).ok()?;
    let id = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    Some(id(&root.join(there.strip_prefix("/").ok()?)) == id(there))
}

/// Does the unit of Debian's Apache say so?
fn private() -> bool {
    let units = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    let unit = units.iter().find_map(|folder| fs::read_to_string(Path::new(folder).join("apache2.service")).ok());
    unit.is_some_and(|unit| unit.lines().any(|line| matches!(line.trim(), "PrivateTmp=true" | "PrivateTmp=yes")))
}
