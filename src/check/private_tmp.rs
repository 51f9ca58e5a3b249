//! Files below /tmp and /var/tmp: does the running Apache see them, which Debian's apache2.service
//! gives temporary folders of its own (PrivateTmp)?

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::apache::pid;
use super::conf::{Configuration, Place};
use super::installation::{Installation, Kind, Origin};
use super::{Finding, RELOAD, catalogue, log, quoted};

const ABOUT: &str = "Temporary folders";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let Some(apache) = &here.apache else { return Vec::new() };
    let named = |name: &'static str| {
        here.values(name, "").into_iter().filter_map(move |value| match value.origin {
            Origin::Apache(place) => Some((PathBuf::from(value.text), place)),
            _ => None,
        })
    };
    let mut findings = Vec::new();
    for (path, place) in named("PRODUCTS_DB") {
        let to = Path::new(catalogue::DIRECTORY).join(path.file_name().unwrap_or_default());
        let made = format!("mkdir -p {}", catalogue::DIRECTORY);
        let moved = match path.exists() {
            true => format!("{made} && mv {} {}", quoted(&path), quoted(&to)),
            false => made,
        };
        findings.extend(finding(apache, &path, &place, &to, moved));
    }
    for (path, place) in named("DEBUG_LOG") {
        let directory = Path::new(log::DIRECTORY);
        let to = directory.join(path.file_name().unwrap_or_default());
        findings.extend(finding(apache, &path, &place, &to, log::made(here, directory)));
    }
    for door in &here.doors {
        let (path, to) = match &door.kind {
            Kind::Program(path) => (path, "/usr/local/bin/product-lookup"),
            Kind::Unix(path) => (path, "/run/product-lookup/socket"),
            Kind::Tcp(_) => continue,
        };
        let there = match door.kind {
            Kind::Program(_) => format!("install -m 755 {} {to}", quoted(path)),
            // That nothing answers there is what `check` says next.
            _ => "mkdir -p /run/product-lookup".to_owned(),
        };
        findings.extend(finding(apache, path, &door.value, Path::new(to), there));
    }
    findings
}

/// What there is to say of a path that Apache's configuration names at `place`. It is better at
/// `to`, where the command `moved` brings what is there.
fn finding(apache: &Configuration, path: &Path, place: &Place, to: &Path, moved: String) -> Option<Finding> {
    if !path.starts_with("/tmp") && !path.starts_with("/var/tmp") {
        return None;
    }
    let shown = path.display();
    match (seen(apache, path), private()) {
        (Some(true), false) => None,
        (Some(true), true) => {
            let found = format!("the running Apache sees {shown}, and will not once systemd starts it (PrivateTmp)");
            Some(Finding::note(ABOUT, found))
        }
        (None, false) => Some(Finding::note(ABOUT, format!("{shown} may be hidden from Apache (PrivateTmp)"))),
        (Some(false), _) | (None, true) => {
            let found = format!(
                "Apache does not see {shown}, which {place} names: it has temporary folders of its own (PrivateTmp)"
            );
            let edit = place.edit(&format!("s|{shown}|{}|", to.display()));
            Some(Finding::broken(ABOUT, found, vec![moved, edit, RELOAD.to_owned()]))
        }
    }
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
