//! The debug log: may Apache's user write it?

use std::path::Path;

use super::installation::{Installation, Origin, Value};
use super::own::{has_directory, is_in_a_home, is_log};
use super::user::Right;
use super::{Finding, quoted};

const ABOUT: &str = "Debug log";

/// What is said of a directory that is not the program's to open.
const ELSEWHERE: &str = "the log is better in /var/log/product-lookup";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    // What Apache sets is not known before it knows the program.
    if here.apache.is_some() && here.doors.is_empty() {
        return Vec::new();
    }
    here.values("DEBUG_LOG", "log/debug.log").iter().map(|value| finding(here, value)).collect()
}

fn finding(here: &Installation, value: &Value) -> Finding {
    let path = Path::new(&value.text);
    let (shown, user) = (path.display(), &here.user.name);
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let broken = |found: String, mend: Option<String>| value.broken(ABOUT, found, mend.into_iter().collect());
    if let Some(closed) = here.user.shut_out_by(path).filter(|closed| closed != directory) {
        let found = format!("{user} may not enter {}, where {shown} is to be; {ELSEWHERE}", closed.display());
        return broken(found, None);
    }
    if !directory.is_dir() {
        // The program makes it by itself, where it may.
        let above = directory.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"));
        if here.user.may(Right::Write, above) {
            return Finding::ok(ABOUT, format!("{user} may make {}, for {shown}", directory.display()));
        }
        let set = match value.origin {
            Origin::Default => "the default where DEBUG_LOG is not set".to_owned(),
            _ => format!("set by {}", value.origin),
        };
        let found = format!("there is no directory {} for {shown} ({set})", directory.display());
        return broken(found, (!is_in_a_home(directory)).then(|| made(here, directory)));
    }
    let own = has_directory(path) && is_log(path);
    let enters = here.user.may(Right::Execute, directory);
    if path.exists() && enters {
        if !here.user.may(Right::Write, path) {
            return broken(format!("{user} may not write {shown}"), own.then(|| here.user.grant("w", path)));
        }
    } else if !enters || !here.user.may(Right::Write, directory) {
        let found = format!("{user} may not write into {}, where {shown} is to be", directory.display());
        return match own {
            true => broken(found, Some(here.user.grant("rwx", directory))),
            false => broken(format!("{found}; {ELSEWHERE}"), None),
        };
    }
    Finding::ok(ABOUT, format!("{user} may write {shown}"))
}

/// The command that makes a directory for the log.
pub(super) fn made(here: &Installation, directory: &Path) -> String {
    let group = quoted(&here.user.group);
    format!("mkdir -p {0} && chgrp {group} {0} && chmod g+rwx {0}", quoted(directory))
}
