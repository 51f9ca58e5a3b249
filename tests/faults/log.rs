//! The debug log where it cannot be written: in goes such a place, out come the same replies and
//! one warning.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use super::{Shop, ask};
use crate::program::Serving;

/// Four clients with ten requests each; all their replies, which are the same.
fn replies(serving: &Serving) -> Vec<String> {
    let posts = || {
        let variables = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/json")];
        let one = || format!("{:?}", ask(serving, &variables));
        (0..10).map(|_| one()).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(posts)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("no panic")).collect()
    });
    assert_eq!(all.len(), 40);
    all.dedup();
    all
}

/// Replies and complaints with a log there, beside those with one that is written.
fn unwritten(shop: &Shop, log: &Path, why: &str) {
    let mut serving = shop.serve(&[]);
    let expected = replies(&serving);
    assert_eq!(expected.len(), 1);
    assert_eq!(shop.stderr(), "");
    serving.signal(rustix::process::Signal::TERM);
    assert!(serving.child.wait().expect("an end").success());
    let serving = shop.serve(&[("DEBUG_LOG", &log.display().to_string())]);
    assert_eq!(replies(&serving), expected);
    assert_eq!(replies(&serving), expected);
    let (log, directory) = (log.display(), log.parent().expect("a directory").display());
    assert_eq!(
        shop.stderr(),
        format!(
            "product-lookup: the debug log {log} cannot be written ({why}); to let the web server's user write it: \
             mkdir -p {directory} && chgrp www-data {directory} && chmod g+w {directory}\n"
        )
    );
}

#[test]
fn full() {
    unwritten(&Shop::new(), Path::new("/dev/full"), "No space left on device (os error 28)");
}

#[test]
fn its_directory_missing_where_none_can_be_made() {
    unwritten(&Shop::new(), Path::new("/proc/log/debug.log"), "No such file or directory (os error 2)");
}

#[test]
fn its_directory_read_only() {
    let shop = Shop::new();
    fs::create_dir(shop.path("fixed")).expect("a directory");
    fs::set_permissions(shop.path("fixed"), Permissions::from_mode(0o555)).expect("its rights");
    unwritten(&shop, &shop.path("fixed/debug.log"), "Permission denied (os error 13)");
    assert!(!shop.path("fixed/debug.log").exists());
}

#[test]
fn a_directory_in_its_place() {
    let shop = Shop::new();
    fs::create_dir(shop.path("debug.log")).expect("a directory");
    unwritten(&shop, &shop.path("debug.log"), "Is a directory (os error 21)");
}
