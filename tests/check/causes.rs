//! The causes that `check` knows of: a block each in the files beside this one. Its first line
//! breaks an installation, and the others are what is said of it, with the commands. Where there are
//! none, since only a person can mend it, a last line `mend: ` is what that person does.

use super::{Tree, broken, commands};
use crate::servers::process::{server_user, wait_for};

/// The causes one after the other in one installation: each is mended before the next.
fn try_all(door: &str, causes: &str) {
    let as_root = server_user().is_some();
    let tree = Tree::new(door);
    let (text, status) = tree.check("");
    assert_eq!((broken(&text).as_str(), status), ("", Some(0)), "{door}: {text}");
    let mut wrong = Vec::new();
    for cause in causes.trim_end().split("\n\n") {
        let (cause, by_hand) = cause.split_once("\nmend: ").map_or((cause, None), |(c, mend)| (c, Some(mend)));
        let (break_it, told) = cause.split_once('\n').expect("what is said");
        let Some(break_it) = break_it.strip_prefix("break: ").or_else(|| {
            // The others would be able to break or to mend it by themselves.
            break_it.strip_prefix("break as root: ").filter(|_| as_root)
        }) else {
            continue;
        };
        tree.done(break_it);
        let (text, status) = tree.check("");
        // Other users serve themselves, and have other commands.
        if as_root && broken(&text).trim_end() != told || status != Some(1) {
            wrong.push(format!("{break_it}:\n{}", broken(&text)));
        }
        for command in commands(&text).into_iter().chain(by_hand) {
            tree.done(&command.replace("$SOURCE", env!("CARGO_MANIFEST_DIR")));
        }
        // What a command has started in the background may not be there yet.
        if wait_for(|| (tree.check("").1 == Some(0)).then_some(())).is_none() {
            wrong.push(format!("{break_it} is not mended:\n{}", tree.check("").0));
        }
        tree.wait_until_it_answers();
    }
    assert!(wrong.is_empty(), "{door}:\n{}", wrong.join("\n"));
}

#[test]
fn behind_mod_fcgid() {
    try_all("fcgid", include_str!("fcgid.causes"));
}

#[test]
fn behind_mod_cgid() {
    try_all("cgi", include_str!("cgi.causes"));
}

#[test]
fn behind_mod_proxy_fcgi() {
    try_all("proxy_fcgi", include_str!("proxy_fcgi.causes"));
}
