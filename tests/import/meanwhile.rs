//! What others do during an import: readers, writers, other imports, and a kill.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use product_lookup::catalogue::import::Options;
use product_lookup::catalogue::{Catalogues, Source};
use rusqlite::{Connection, ErrorCode};
use rustix::process::{Pid, getpriority_process};

use super::running::{Running, without_phases};
use super::{Row, Shop, many, row};
use crate::servers::process::wait_for;

fn first_two(shop: &Shop) -> Vec<Row> {
    shop.rows().into_iter().take(2).collect()
}

fn two() -> [Row; 2] {
    [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]
}

#[test]
fn kill_9_leaves_the_old_catalogue_and_the_next_import_works() {
    for arguments in [["-"].as_slice(), &["-", "--replace", "--allow-shrink"]] {
        let shop = Shop::with_two_products();
        let before = shop.bytes();
        Running::begun(&shop, arguments, "").kill();
        let files = shop.files();
        assert!(matches!(&files[..], [left, _] if left.starts_with(".products.db.import-")), "{files:?}");
        assert!(shop.bytes() == before);
        assert_eq!(shop.rows(), two());
        let (done, out, err) = Running::begun(&shop, arguments, "").end();
        assert!(done && out.starts_with("imported 20,000 products into "), "{out}{err}");
        assert_eq!(without_phases(&err), "");
        assert_eq!(shop.files(), ["products.db"]);
        assert_eq!(shop.rows().len(), if arguments.len() == 1 { 20_002 } else { 20_000 });
    }
}

#[test]
fn kill_9_leaves_an_old_catalogue_in_wal_mode_too() {
    let shop = Shop::with_two_products();
    let connection = Connection::open(shop.catalogue()).expect("the catalogue");
    connection.execute_batch("PRAGMA journal_mode = WAL").expect("the mode");
    drop(connection);
    Running::begun(&shop, &["-", "--replace", "--allow-shrink"], "").kill();
    assert_eq!(shop.rows(), two());
    let (done, _, err) = Running::begun(&shop, &["-"], "").end();
    assert!(done, "{err}");
    assert_eq!(shop.rows().len(), 20_002);
    assert_eq!(first_two(&shop), two());
}

#[test]
pub(super) fn a_second_import_waits_and_adds_to_the_first() {
    let shop = Shop::with_two_products();
    let first = Running::begun(&shop, &["-"], "A001,Clock,1\nA002,Bi-Noculars,1\n");
    let mut second = Running::start(&shop, &["-"]);
    second.send("id,name,price\nA001,Clock,2\nA003,Lamp,2\n");
    second.sent();
    assert_eq!(second.complaint(), "product-lookup: waiting for another import to end\n");
    let (done, _, err) = first.end();
    assert!(done, "{err}");
    let (done, _, err) = second.end();
    assert!(done, "{err}");
    let rows: Vec<Row> = shop.rows().into_iter().filter(|row| row.0.starts_with('A')).collect();
    assert_eq!(rows, [row("A001", "Clock", "2"), row("A002", "Bi-Noculars", "1"), row("A003", "Lamp", "2")]);
    assert_eq!(shop.rows().len(), 20_003);
    assert_eq!(shop.files(), ["products.db"]);
}

#[test]
fn an_import_that_waits_goes_on_when_the_first_is_killed() {
    let shop = Shop::with_two_products();
    let first = Running::begun(&shop, &["-"], "");
    let mut second = Running::start(&shop, &["-"]);
    second.send("id,name,price\nA003,Lamp,7\n");
    second.sent();
    assert_eq!(second.complaint(), "product-lookup: waiting for another import to end\n");
    first.kill();
    let (done, _, err) = second.end();
    assert!(done, "{err}");
    assert_eq!(shop.rows().len(), 3);
    assert_eq!(first_two(&shop), two());
    assert_eq!(shop.files(), ["products.db"]);
}

/// What is still read keeps nobody from writing, and no other import waiting.
#[test]
fn a_file_is_read_before_the_catalogue_is_locked() {
    let shop = Shop::with_two_products();
    let mut slow = Running::start(&shop, &["-"]);
    slow.send(&many(20_000, 5));
    let shell = Connection::open(shop.catalogue()).expect("the catalogue");
    shell.busy_timeout(std::time::Duration::ZERO).expect("no patience");
    shell.execute("UPDATE product SET price = '13' WHERE id = 'A001'", []).expect("nobody else writes");
    assert_eq!(shop.import("lamp.csv", "id,name,price\nA003,Lamp,7\n"), Ok(1));
    slow.send("A002,Bi-Noculars,dear\n");
    let (done, _, err) = slow.end();
    let expected = "product-lookup: standard input, line 20002: the price \"dear\" is not a decimal number (write 30 or 30.00)\n\
        product-lookup: nothing was imported; --skip-bad leaves out what is not a product\n";
    assert_eq!((done, err.as_str()), (false, expected));
    assert_eq!(shop.rows(), [row("A001", "Clock", "13"), row("A002", "Bi-Noculars", "40"), row("A003", "Lamp", "7")]);
}

#[test]
fn a_writer_is_told_that_it_cannot_write_during_an_import() {
    let shop = Shop::with_two_products();
    let shell = Connection::open(shop.catalogue()).expect("the catalogue");
    shell.busy_timeout(std::time::Duration::ZERO).expect("no patience");
    shell.execute("UPDATE product SET price = '13' WHERE id = 'A001'", []).expect("nobody else writes");
    let import = Running::begun(&shop, &["-"], "");
    let write = || shell.execute("UPDATE product SET price = '14' WHERE id = 'A002'", []);
    assert_eq!(write().expect_err("busy").sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    let price = |id: &str| shell.query_row("SELECT price FROM product WHERE id = ?1", [id], |row| row.get(0));
    assert_eq!(price("A001"), Ok("13".to_owned()));
    let (done, _, err) = import.end();
    assert!(done, "{err}");
    // Its file is no longer the catalogue: SQLITE_READONLY.
    let moved = write().expect_err("moved");
    assert_eq!(moved.sqlite_error().map(|error| error.extended_code), Some(8));
    assert_eq!(first_two(&shop), [row("A001", "Clock", "13"), row("A002", "Bi-Noculars", "40")]);
}

#[test]
fn an_import_waits_for_a_writer_and_keeps_what_it_wrote() {
    let shop = Shop::with_two_products();
    let shell = Connection::open(shop.catalogue()).expect("the catalogue");
    shell.execute_batch("BEGIN IMMEDIATE; UPDATE product SET price = '13' WHERE id = 'A001'").expect("a lock");
    thread::scope(|scope| {
        let import = scope.spawn(|| shop.import("lamp.csv", "id,name,price\nA003,Lamp,7\n"));
        shell.execute_batch("COMMIT").expect("nobody else has it");
        assert_eq!(import.join().expect("no panic"), Ok(1));
    });
    let expected = [row("A001", "Clock", "13"), row("A002", "Bi-Noculars", "40"), row("A003", "Lamp", "7")];
    assert_eq!(shop.rows(), expected);
}

/// Imports a new price again and again, while four threads look it up: none ever fails, and none
/// sees an old price after a new one.
#[test]
fn an_import_gives_way_to_lookups() {
    let shop = Shop::with_two_products();
    let nice = |process| getpriority_process(process).expect("it runs");
    let import = Running::start(&shop, &["-"]);
    let process = Pid::from_raw(import.id().cast_signed());
    let ours = nice(None);
    wait_for(|| (nice(process) == ours + 10).then_some(())).expect("its priority is lower");
    import.kill();
}

fn lookups_during_imports(journal_mode: Option<&str>) {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", many(2000, 0)), Ok(2000));
    if let Some(mode) = journal_mode {
        let connection = Connection::open(shop.catalogue()).expect("the catalogue");
        connection.pragma_update(None, "journal_mode", mode).expect("the mode");
    }
    let catalogues = Catalogues::default();
    let ended = AtomicBool::new(false);
    let look = || {
        let (mut last, mut lookups) = ("0".parse().expect("a price"), 0);
        while !ended.load(Ordering::Relaxed) || lookups == 0 {
            let catalogue = catalogues.at(Source::from(&shop.store)).expect("a catalogue");
            for id in ["N000000", "N001999"] {
                let found = catalogue.by_id(id).expect("no error");
                let price = found.expect("it is always there").price;
                assert!(price >= last, "{price} after {last}");
                last = price;
            }
            lookups += 1;
        }
        lookups
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(look)).collect();
        for price in 1..=20 {
            let options = Options { replace: price % 2 == 0, ..Options::default() };
            assert_eq!(shop.import_with("many.csv", many(2000, price), &options), Ok(2000));
        }
        ended.store(true, Ordering::Relaxed);
        for thread in threads {
            assert!(thread.join().expect("no panic") > 0);
        }
    });
}

#[test]
pub(super) fn lookups_go_on_during_imports() {
    lookups_during_imports(None);
}

#[test]
fn lookups_go_on_during_imports_in_wal_mode() {
    lookups_during_imports(Some("wal"));
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let shop = Shop::new();
    let mut import = Running::start(&shop, &["-"]);
    import.send("id,name,price\n");
    let name = "x".repeat(1_000_000);
    for number in 0..100 {
        import.send(&format!("A{number},{name},{number}\n"));
    }
    let kib = crate::servers::process::peak_memory(import.id());
    assert!(kib < 64 << 10, "{kib} KiB");
    let (done, _, err) = import.end();
    assert!(done, "{err}");
}
