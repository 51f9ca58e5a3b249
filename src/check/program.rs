//! The program that Apache starts: is it there, and may Apache's user run it?

use super::door::{Door, Kind};
use super::installation::Installation;
use super::own::{has_directory, is_in_a_home};
use super::user::Right;
use super::{Finding, quoted};

const ABOUT: &str = "Program";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    here.doors.iter().filter_map(|door| finding(here, door)).collect()
}

fn finding(here: &Installation, door: &Door) -> Option<Finding> {
    let Kind::Program(path) = &door.kind else { return None };
    let (shown, user) = (path.display(), &here.user.name);
    let named_ours = path.file_name().is_some_and(|name| name == "product-lookup");
    Some(if let Some(directory) = here.user.shut_out_by(path) {
        let found = format!("{user} may not enter {}, where {shown} is", directory.display());
        let own = path.parent() == Some(&directory) && named_ours && has_directory(path);
        door.broken(ABOUT, found, own.then(|| here.user.grant("x", &directory)).into_iter().collect())
    } else if !path.is_file() {
        let found = format!("{} names {shown}, and there is no such file", door.value);
        let free = named_ours && path.symlink_metadata().is_err() && !is_in_a_home(path);
        let install =
            || vec![format!("install -D -m 755 {} {}", quoted(&here.program), quoted(path)), here.server.reload()];
        door.broken(ABOUT, found, free.then(install).unwrap_or_default())
    } else if !here.user.may(Right::Execute, path) {
        let mend = named_ours.then(|| format!("chmod a+rx {}", quoted(path)));
        door.broken(ABOUT, format!("{user} may not run {shown}"), mend.into_iter().collect())
    } else {
        Finding::ok(ABOUT, format!("{user} may run {shown}"))
    })
}
