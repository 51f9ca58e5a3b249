//! The program that Apache starts: is it there, and may Apache's user run it?

use super::installation::{Door, Installation, Kind};
use super::user::Right;
use super::{Finding, RELOAD, quoted};

const ABOUT: &str = "Program";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    here.doors.iter().filter_map(|door| finding(here, door)).collect()
}

fn finding(here: &Installation, door: &Door) -> Option<Finding> {
    let Kind::Program(path) = &door.kind else { return None };
    let (shown, user) = (path.display(), &here.user.name);
    Some(if let Some(directory) = here.user.shut_out_by(path) {
        let found = format!("{user} may not enter {}, where {shown} is", directory.display());
        Finding::broken(ABOUT, found, vec![here.user.admit(&directory)])
    } else if !path.is_file() {
        let found = format!("{} names {shown}, and there is no such file", door.value);
        let install = format!("install -D -m 755 {} {}", quoted(&here.program), quoted(path));
        Finding::broken(ABOUT, found, vec![install, RELOAD.to_owned()])
    } else if !here.user.may(Right::Execute, path) {
        Finding::broken(ABOUT, format!("{user} may not run {shown}"), vec![format!("chmod a+rx {}", quoted(path))])
    } else {
        Finding::ok(ABOUT, format!("{user} may run {shown}"))
    })
}
