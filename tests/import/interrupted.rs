//! Changes of an administrator's catalogue that are killed, or whose disk fails, at calls that change a file: the
//! catalogue is as before or as after, and all that he has added to it is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::Shop;
use super::kept::{FIRST_VERSION, HIS, ask, found, is_whole, run};
use super::running::without_phases;

/// The command, what it reads on stdin, and the `state` afterwards.
type Change = (&'static [&'static str], &'static str, &'static str);

const CHANGES: [Change; 12] = [
    (
        &["import", "-"],
        "id,name,price\nA001,Sundial,13\nA002,Bi-Noculars,40\n",
        "A001,Sundial,13,1,Smith A002,Bi-Noculars,40,1,; left right; A001,name A001,price; 42",
    ),
    (
        &["import", "-"],
        "id,name,price\nA003,Lamp,7\nA004,Mug,8\nA005,Cup,9\n",
        "A001,Clock,12,1,Smith A002,Bi-Noculars,40,1, A003,Lamp,7,7, A004,Mug,8,7, A005,Cup,9,7,; left right; \
         A003,new A004,new A005,new; 45",
    ),
    (
        &["import", "-", "--replace", "--allow-shrink"],
        "id,name,price\nA001,Clock,13\nA003,Lamp,7\n",
        "A001,Clock,13,1,Smith A003,Lamp,7,7,; left; A001,price A002,gone A003,new; 2",
    ),
    (
        &["import", "-", "--update"],
        "id,price\nA001,13\nA009,7\n",
        "A001,Clock,13,1,Smith A002,Bi-Noculars,40,1,; left right; A001,price; 42",
    ),
    (
        &["import", "-", "--only", "stock"],
        "id,name,price,stock,ean\nA001,Clock,12,5,400\n",
        "A001,Clock,12,5,Smith A002,Bi-Noculars,40,1,; left right; ; 42",
    ),
    (
        &["import", "-"],
        "id,name,price,ean\nA001,Clock,13,400\n",
        "A001,Clock,13,1,Smith,400 A002,Bi-Noculars,40,1,,; left right; A001,price; 42",
    ),
    (
        &["set", "A001", "--name", "Sundial"],
        "",
        "A001,Sundial,12,1,Smith A002,Bi-Noculars,40,1,; left right; A001,name; 42",
    ),
    (&["set", "A001", "--price", "14"], "", "A001,Clock,14,1,Smith A002,Bi-Noculars,40,1,; left right; A001,price; 42"),
    (&["set", "A001", "stock=5"], "", "A001,Clock,12,5,Smith A002,Bi-Noculars,40,1,; left right; ; 42"),
    (
        &["set", "A003", "--name", "Lamp", "--price", "7"],
        "",
        "A001,Clock,12,1,Smith A002,Bi-Noculars,40,1, A003,Lamp,7,7,; left right; A003,new; 43",
    ),
    (&["remove", "A002"], "", "A001,Clock,12,1,Smith; left; A002,gone; 41"),
    INDEX,
];

const INDEX: Change = (&["index"], "", "A001,Clock,12,1,Smith A002,Bi-Noculars,40,1,; left right; ; 42");

/// An administrator's, of the first version or this one, with forty products that nothing here names.
fn catalogue(first_version: bool, journal_mode: &str) -> Shop {
    let shop = if first_version { Shop::new() } else { Shop::with_two_products() };
    if first_version {
        run(&shop.catalogue(), FIRST_VERSION);
    }
    let more = "WITH number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 40)
        INSERT INTO product (id, name, price) SELECT 'N' || n, 'Product ' || n, '5' FROM number";
    run(&shop.catalogue(), more);
    run(&shop.catalogue(), HIS);
    if !first_version {
        shop.store.open().index().expect("an index");
    }
    ask(&shop.catalogue(), &format!("PRAGMA journal_mode = {journal_mode}"));
    shop
}

fn copy(old: &Shop) -> Shop {
    let shop = Shop::new();
    fs::copy(old.catalogue(), shop.catalogue()).expect("a copy");
    shop
}

/// The products that changes name, what refers to them, what his triggers wrote, and how many products there are.
fn state(path: &Path) -> String {
    // The first version had its own column among them.
    let columns = "SELECT '\"' || name || '\"' FROM pragma_table_info('product') WHERE name <> 'position'";
    let products = format!("SELECT {} FROM product WHERE id LIKE 'A%' ORDER BY id", ask(path, columns).join(", "));
    let parts = [
        products.as_str(),
        "SELECT shelf FROM place ORDER BY shelf",
        "SELECT * FROM history WHERE id LIKE 'A%' ORDER BY id, what",
        "SELECT count(*) || '' FROM product",
    ];
    parts.map(|sql| ask(path, sql).join(" ")).join("; ")
}

/// Makes a change under strace(1) with these options. The exit status, `None` after a kill, and what is said on stderr.
fn traced(shop: &Shop, change: &Change, options: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(shop.path("calls")).args(options);
    made(shop, change, command.arg(env!("CARGO_BIN_EXE_product-lookup")))
}

fn made(shop: &Shop, (arguments, stdin, _): &Change, command: &mut Command) -> (Option<i32>, String) {
    command.args(*arguments).env_clear().env("PRODUCTS_DB", shop.catalogue());
    let output = crate::program::run(command, stdin.as_bytes());
    (output.status.code(), without_phases(&String::from_utf8(output.stderr).expect("UTF-8")))
}

/// At which of these calls of main() a change is interrupted: of each the first, the last, and those at thirds between
/// them.
fn moments(old: &Shop, change: &Change, calls: &[&'static str]) -> Vec<(&'static str, usize)> {
    let shop = copy(old);
    let traced_calls = format!("poll,{}", calls.join(","));
    assert_eq!(traced(&shop, change, &["-e", &traced_calls]), (Some(0), String::new()), "{change:?}");
    let traced = fs::read_to_string(shop.path("calls")).expect("strace writes it");
    // Rust looks at descriptors 0 to 2 by poll(2) before it calls main().
    let (before, main) = traced.split_once(" poll(").expect("a process begins");
    let moments = calls.iter().flat_map(|&call| {
        let [before, all] = [before, main].map(|part| part.matches(&format!(" {call}(")).count());
        let when = BTreeSet::from([1, all / 3, all * 2 / 3, all]);
        when.into_iter().filter(move |when| (1..=all).contains(when)).map(move |when| (call, before + when))
    });
    moments.collect()
}

/// After a change that was interrupted the catalogue is as `before` or as after, and the same change makes it that.
/// Was it made before its interruption?
fn assert_whole(shop: &Shop, before: &str, change: &Change, what: &str) -> bool {
    let now = state(&shop.catalogue());
    assert!(now == before || now == change.2, "{what}: {now}");
    // What a kill has left beside the catalogue is removed by the next change, whichever that is.
    let next = if now == before { change } else { &INDEX };
    let made = made(shop, next, &mut Command::new(env!("CARGO_BIN_EXE_product-lookup")));
    assert_eq!(made, (Some(0), String::new()), "{what}");
    assert_eq!(found(shop, "A001"), ["A001"], "{what}");
    assert_eq!(state(&shop.catalogue()), change.2, "{what}");
    is_whole(&shop.catalogue());
    assert_eq!(shop.files(), ["calls", "products.db"], "{what}");
    now == change.2
}

#[test]
fn kill_9_leaves_a_whole_catalogue_with_all_that_an_administrator_added() {
    let imports = &CHANGES[..3];
    let catalogues =
        [(false, "delete", &CHANGES[..]), (false, "wal", imports), (true, "delete", imports), (true, "wal", imports)];
    for (first_version, journal_mode, changes) in catalogues {
        let old = catalogue(first_version, journal_mode);
        let before = state(&old.catalogue());
        for change in changes {
            let (mut killed, mut made) = (0, 0);
            for (call, when) in moments(&old, change, &["fcntl", "pwrite64", "fchmod", "fsync", "renameat", "unlink"]) {
                let shop = copy(&old);
                let ended = traced(&shop, change, &["-e", &format!("inject={call}:signal=KILL:when={when}")]);
                killed += usize::from(ended.0.is_none());
                made += usize::from(assert_whole(&shop, &before, change, &format!("{change:?}, {call} {when}")));
            }
            assert!(killed > 8 && made > 0, "{change:?}: {killed} killed, {made} of them afterwards");
        }
    }
}

/// From some call on, as where a disk is full.
#[test]
fn a_disk_that_fails_loses_nothing_and_is_named() {
    let old = catalogue(false, "delete");
    let before = state(&old.catalogue());
    let errors = [
        ("ENOSPC", ["database or disk is full", "disk I/O error", "No space left on device"]),
        ("EIO", ["disk I/O error", "disk I/O error", "Input/output error"]),
    ];
    for change in &CHANGES {
        for (call, when) in moments(&old, change, &["pwrite64", "fsync", "renameat", "unlink"]) {
            for (error, causes) in errors {
                let shop = copy(&old);
                let (status, said) =
                    traced(&shop, change, &["-e", &format!("inject={call}:error={error}:when={when}+")]);
                let what = format!("{change:?}, {call} {when}, {error}: {status:?}, {said}");
                let causes = causes.map(|cause| format!("product-lookup: products.db cannot be written: {cause}\n"));
                let said = shop.message(&said);
                // `index` changes nothing that can be seen.
                match said.contains("products.db is written, but ") {
                    true => assert!(status == Some(0) && said.lines().count() == 1, "{what}"),
                    false => assert!(status == Some(1) && causes.contains(&said), "{what}"),
                }
                let made = assert_whole(&shop, &before, change, &what);
                assert!(made == (status == Some(0)) || change.2 == before, "{what}");
            }
        }
    }
}

/// One call that fails, as where a signal comes or a disk is about to break: the status says whether the change is
/// made, and a change that is made stays so.
#[test]
fn an_error_that_passes_leaves_the_old_catalogue_and_status_1_or_the_new_one_and_0() {
    let calls = &[
        "close",
        "fchmod",
        "fcntl",
        "fdatasync",
        "flock",
        "fstat",
        "fsync",
        "ftruncate",
        "getdents64",
        "lseek",
        "newfstatat",
        "openat",
        "pread64",
        "pwrite64",
        "read",
        "renameat",
        "statx",
        "unlink",
        "unlinkat",
        "write",
    ];
    for (journal_mode, changes) in [("delete", &[0, 2, 6, 10][..]), ("wal", &[6])] {
        let old = catalogue(false, journal_mode);
        let before = state(&old.catalogue());
        for change in changes.iter().map(|&index: &usize| &CHANGES[index]) {
            let moments = moments(&old, change, calls);
            for ((call, when), error) in moments.into_iter().zip(["ENOSPC", "EIO", "EINTR"].into_iter().cycle()) {
                let shop = copy(&old);
                let inject = format!("inject={call}:error={error}:when={when}");
                let (status, said) = traced(&shop, change, &["-e", &inject]);
                let what = format!("{journal_mode}, {change:?}, {call} {when}, {error}: {status:?}, {said}");
                let lines = said.lines().filter(|line| line.starts_with("product-lookup: ")).count();
                assert_eq!(lines, said.lines().count(), "{what}");
                match assert_whole(&shop, &before, change, &what) {
                    true => assert!(status == Some(0) && lines <= 1, "{what}"),
                    false => assert!(status == Some(1) && lines == 1, "{what}"),
                }
            }
        }
    }
}

#[test]
fn what_fails_after_a_change_is_made_is_told() {
    const UNTOLD: &str = "the change is made, but standard output cannot be written: No space left on device";
    let old = catalogue(false, "delete");
    let before = state(&old.catalogue());
    let cases = [
        (2, "fsync", "EIO", "products.db is written, but a power cut may undo that: Input/output error"),
        (
            2,
            "pread64",
            "EIO",
            "products.db is written, but who has the old one open may still change that: Input/output error",
        ),
        (0, "write", "ENOSPC", UNTOLD),
        (6, "write", "ENOSPC", UNTOLD),
        (10, "write", "ENOSPC", UNTOLD),
    ];
    for (change, call, error, message) in cases {
        let change = &CHANGES[change];
        let moments = moments(&old, change, &[call]);
        let (_, last) = moments[moments.len() - 1];
        let shop = copy(&old);
        let (status, said) = traced(&shop, change, &["-e", &format!("inject={call}:error={error}:when={last}")]);
        assert_eq!(
            (status, shop.message(&said)),
            (Some(0), format!("product-lookup: {message}\n")),
            "{change:?}, {call}"
        );
        assert!(assert_whole(&shop, &before, change, call));
    }
}

/// SQLite gives its locks back after a change is on disk, and its statement fails where it cannot.
#[test]
fn a_lock_that_cannot_be_given_back_undoes_nothing() {
    let old = catalogue(false, "delete");
    let before = state(&old.catalogue());
    let change = &CHANGES[6];
    let shop = copy(&old);
    assert_eq!(traced(&shop, change, &["-e", "fcntl,unlink"]), (Some(0), String::new()));
    let calls = fs::read_to_string(shop.path("calls")).expect("strace writes it");
    let (to_its_end, _) = calls.split_once(" unlink(").expect("a journal");
    let locks = to_its_end.matches(" fcntl(").count();
    for when in [locks + 1, locks + 2] {
        let shop = copy(&old);
        let ended = traced(&shop, change, &["-e", &format!("inject=fcntl:error=EIO:when={when}")]);
        assert_eq!(ended, (Some(0), String::new()), "{when}");
        assert!(assert_whole(&shop, &before, change, "fcntl"));
    }
}
