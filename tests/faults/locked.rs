//! The catalogue locked by a writer: answers wait for its end, or are a 503 where it does not end, and
//! others do not wait.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use product_lookup::settings::limits;
use rusqlite::Connection;

use super::{CLOCK, Shop, UNREADABLE, answer, ask, assert_clock, request};
use crate::program::Serving;

/// A writer that keeps everyone else away until it is dropped.
fn lock(shop: &Shop) -> Connection {
    let writer = Connection::open(shop.path("products.db")).expect("a catalogue");
    writer.busy_timeout(Duration::from_secs(5)).expect("patience");
    writer.execute_batch("BEGIN EXCLUSIVE; UPDATE product SET price = '13' WHERE id = 'A001'").expect("a lock");
    writer
}

/// A lookup that is on its way.
fn begin(serving: &Serving) -> UnixStream {
    let mut connection = serving.connect();
    connection.write_all(&request(&[("QUERY_STRING", "id=A001")], b"", false)).expect("it is read");
    connection
}

/// Is there still no answer, for all this time?
fn assert_waiting(connection: &mut UnixStream, time: Duration) {
    connection.set_read_timeout(Some(time)).expect("a time limit");
    let error = connection.take(1).read_to_end(&mut Vec::new()).expect_err("no answer yet");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
}

/// What needs none of the locked catalogue: another app, and another site.
fn assert_others_are_answered(serving: &Serving, other: &Shop) {
    let sample = ask(serving, &[("SCRIPT_NAME", "/sample")]);
    assert_eq!((sample.status, sample.body.as_slice()), (200, &b"Hello World!"[..]));
    let catalogue = other.path("products.db").display().to_string();
    let site = ask(serving, &[("QUERY_STRING", "id=A001"), ("PRODUCTS_DB", &catalogue)]);
    assert_eq!((site.status, site.body.as_slice()), (200, CLOCK));
}

#[test]
fn lookups_wait_for_a_writer_and_others_for_nobody() {
    let [shop, other] = [Shop::new(), Shop::new()];
    let serving = shop.serve(&[]);
    assert_clock(&serving);
    let writer = lock(&shop);
    let mut waiting: Vec<UnixStream> = (0..20).map(|_| begin(&serving)).collect();
    assert_others_are_answered(&serving, &other);
    // One after the other has no answer for this long, while those before it have none either.
    for connection in &mut waiting {
        assert_waiting(connection, Duration::from_millis(20));
    }
    assert_others_are_answered(&serving, &other);
    writer.execute_batch("COMMIT").expect("it is written");
    for connection in &mut waiting {
        assert_eq!(answer(connection).body, br#"{"name":"Clock","price":13}"#);
    }
    assert_eq!(shop.stderr(), "");
}

#[test]
fn a_writer_that_does_not_end_costs_lookups_only() {
    let [shop, other] = [Shop::new(), Shop::new()];
    let serving = shop.serve(&[]);
    assert_clock(&serving);
    let writer = lock(&shop);
    let start = Instant::now();
    let mut waiting: Vec<UnixStream> = (0..20).map(|_| begin(&serving)).collect();
    let mut answers = 0;
    // All the while, others are answered.
    while start.elapsed() < Duration::from_secs(4) {
        assert_others_are_answered(&serving, &other);
        answers += 1;
    }
    assert!(answers > 20, "{answers} in 4 seconds");
    for connection in &mut waiting {
        let answer = answer(connection);
        assert_eq!((answer.status, answer.field("Retry-After")), (503, Some("5")));
        assert_eq!(String::from_utf8_lossy(&answer.body), UNREADABLE);
    }
    let waited = start.elapsed();
    assert!(waited > Duration::from_millis(4500) && waited < Duration::from_secs(15), "{waited:?}");
    // So many ask at once, and the others wait until these give up.
    let at_once = limits::catalogue_connections_most().min(20);
    let causes = ["database is locked", "others were asking it all the time"];
    let cause = |cause| format!("the catalogue {} cannot be read: {cause}", shop.path("products.db").display());
    let (stderr, log) = (shop.stderr(), shop.log());
    let told = causes.map(|why| stderr.matches(&format!("product-lookup: {}\n", cause(why))).count());
    let logged = causes.map(|why| log.matches(&format!("error: 503: {}\n", cause(why))).count());
    assert!(told[0] >= at_once && told.iter().sum::<usize>() == 20, "{stderr}");
    assert_eq!((logged, stderr.lines().count()), (told, 20));
    drop(writer);
    assert_clock(&serving);
}

/// Who has waited for a turn first has less time left for the writer.
#[test]
fn no_lookup_waits_twice() {
    let shop = Shop::new();
    let serving = shop.serve(&[]);
    assert_clock(&serving);
    let _writer = lock(&shop);
    let mut first: Vec<UnixStream> = (0..limits::catalogue_connections_most()).map(|_| begin(&serving)).collect();
    // They have all the turns for another 2.5 seconds.
    assert_waiting(&mut first[0], limits::CATALOGUE_BUSY / 2);
    let start = Instant::now();
    let mut second = begin(&serving);
    assert_eq!(answer(&mut second).status, 503);
    let waited = start.elapsed();
    assert!(waited < limits::CATALOGUE_BUSY + limits::QUESTION, "{waited:?}");
}

/// `kill -9` of a writer in the middle of its transaction leaves half of it in the catalogue, and
/// a journal that takes it back. Who may only read cannot; the next import does.
#[test]
fn a_writer_that_is_killed_shows_nobody_its_half() {
    let shop = Shop::new();
    let serving = shop.serve(&[]);
    assert_clock(&serving);
    // A cache of one page: what is changed is written before the transaction's end.
    let sql = "PRAGMA cache_size = 1; BEGIN; UPDATE product SET price = '13', name = name || hex(zeroblob(9000));\n\
        SELECT 'half';\n";
    let mut writer = Command::new("sqlite3")
        .arg(shop.path("products.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sqlite3");
    writer.stdin.as_mut().expect("a pipe").write_all(sql.as_bytes()).expect("it reads");
    let mut said = [0; 5];
    writer.stdout.as_mut().expect("a pipe").read_exact(&mut said).expect("it says that it is there");
    assert_eq!(&said, b"half\n");
    writer.kill().expect("it runs");
    writer.wait().expect("it ends");
    assert!(shop.path("products.db-journal").exists());
    let answer = ask(&serving, &[("QUERY_STRING", "id=A001")]);
    assert_eq!((answer.status, String::from_utf8_lossy(&answer.body)), (503, UNREADABLE.into()));
    std::fs::write(shop.path("lamp.csv"), "id,name,price\nZ003,Lamp,7\n").expect("a file");
    // Whoever wrote it before may write it now.
    let mut import = Command::new(shop.path("product-lookup"));
    let import = import.arg("import").arg(shop.path("lamp.csv")).env("PRODUCTS_DB", shop.path("products.db"));
    assert!(import.stdout(Stdio::null()).status().expect("it ends").success());
    assert_clock(&serving);
    assert_eq!(ask(&serving, &[("QUERY_STRING", "id=Z003")]).body, br#"{"name":"Lamp","price":7}"#);
}
