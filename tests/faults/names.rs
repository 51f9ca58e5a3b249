//! One file by more names than catalogues are kept open: whoever reads it with locks keeps them.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime};

use product_lookup::settings::limits;
use rusqlite::Connection;

use super::{answer, request};
use crate::budget;
use crate::program::{Serving, Site};
use crate::servers::process::wait_for;

/// Asks the catalogue of this name.
fn begin(serving: &Serving, catalogue: &str, query: &str) -> UnixStream {
    let mut connection = serving.connect();
    let variables = [("PRODUCTS_DB", catalogue), ("QUERY_STRING", query)];
    connection.write_all(&request(&variables, b"", false)).expect("it is read");
    connection
}

/// Does a thread search whose priority is low?
fn searches_slowly(serving: &Serving) -> bool {
    let tasks = fs::read_dir(format!("/proc/{}/task", serving.child.id())).expect("its threads");
    tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("stat")).ok()).any(|stat| {
        // The 19th field (proc_pid_stat(5)), of which the second ends with a parenthesis.
        stat.rsplit(')').next().and_then(|fields| fields.split_whitespace().nth(16)) == Some("15")
    })
}

/// With any descriptor of a file that is closed a process gives up all its locks on that file (POSIX). So a snapshot
/// of it may not be closed while a search by another name goes on.
#[test]
fn a_search_keeps_its_lock_where_a_snapshot_of_the_same_file_is_closed() {
    let site = Site::new();
    budget::write_catalogue(&site, 300_000);
    // Without an index all products are looked at, which takes long.
    let edit = Connection::open(site.path("products.db")).expect("a catalogue");
    edit.execute_batch("DROP TABLE product_lookup_block").expect("it is dropped");
    drop(edit);
    let serving = site.serve(&[]);
    let path = site.path("products.db");
    fs::create_dir(site.path("one")).expect("a folder");
    let name = |number: usize| site.path(&("one/../".repeat(number) + "products.db")).display().to_string();
    let writer = Connection::open(&path).expect("a catalogue");
    writer.busy_timeout(Duration::ZERO).expect("no patience");
    let may_write = || writer.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").is_ok();
    let look_up = |number| answer(&mut begin(&serving, &name(number), "id=P000007")).status;
    // A snapshot answers beside a writer that keeps everyone else away.
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(fs::metadata(&path).expect("a file").ctime() as u64 + 1);
    wait_for(|| changed.elapsed().is_ok_and(|age| age > Duration::from_millis(50)).then_some(())).expect("it is old");
    assert_eq!([look_up(0), look_up(0)], [200, 200]);
    writer.execute_batch("BEGIN EXCLUSIVE").expect("nobody reads");
    assert_eq!(look_up(0), 200);
    writer.execute_batch("ROLLBACK").expect("nothing is written");
    for number in 1..limits::CATALOGUES - 1 {
        assert_eq!(look_up(number), 200);
    }
    let mut search = begin(&serving, &name(limits::CATALOGUES - 1), "q=nowhere");
    wait_for(|| (searches_slowly(&serving) && !may_write()).then_some(())).expect("it reads with locks");
    // As many as are kept open are: now all are closed.
    let mut one_more = begin(&serving, &name(limits::CATALOGUES), "id=P000007");
    // It may wait for the search's end, which comes later.
    one_more.set_read_timeout(Some(Duration::from_millis(30))).expect("a time limit");
    let mut first = [0];
    let answered = one_more.read(&mut first).is_ok();
    assert!(!may_write(), "the lock is lost; answered: {answered}");
    assert!(matches!(answer(&mut search).status, 200 | 503));
    assert_eq!(look_up(limits::CATALOGUES), 200);
}
