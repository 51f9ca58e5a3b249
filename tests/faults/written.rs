//! The catalogue read while transactions change every product: pages are of one transaction each, and none
//! is older than the last.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::{Shop, answer, request};
use crate::program::Serving;

/// The prices of all products, a page of them by one question.
fn prices(connection: &mut std::os::unix::net::UnixStream) -> Vec<u32> {
    connection.write_all(&request(&[("QUERY_STRING", "q=&limit=100")], b"", true)).expect("it is read");
    let page: serde_json::Value = serde_json::from_slice(&answer(connection).body).expect("JSON");
    let products = page["products"].as_array().unwrap_or_else(|| panic!("{page}"));
    products.iter().map(|product| product["price"].as_u64().expect("a price") as u32).collect()
}

#[test]
fn pages_are_of_one_transaction_and_never_old() {
    let shop = Shop::new();
    let path = shop.path("products.db");
    let mut writer = Connection::open(&path).expect("a catalogue");
    writer.busy_timeout(Duration::from_secs(60)).expect("a time");
    // Long names: a hundred products lie on many pages of the file.
    let fill = "DELETE FROM product;
        WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100)
        INSERT INTO product (id, name, price) SELECT 'N' || n, hex(zeroblob(2000)), '0' FROM number";
    writer.execute_batch(fill).expect("products");
    let serving: &Serving = &shop.serve(&[("DEVELOP_MODE", "1")]);
    let (written, done) = (&AtomicU32::new(0), &AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(move || {
                let mut connection = serving.connect();
                while !done.load(Ordering::SeqCst) {
                    let least = written.load(Ordering::SeqCst);
                    let prices = prices(&mut connection);
                    assert_eq!(prices, vec![prices[0]; 100]);
                    assert!(prices[0] >= least, "{} after {least}", prices[0]);
                }
            });
        }
        let mut connection = serving.connect();
        for generation in 1..=100 {
            let transaction = writer.transaction().expect("a transaction");
            transaction.execute("UPDATE product SET price = ?1", [generation.to_string()]).expect("an update");
            transaction.commit().expect("a commit");
            written.store(generation, Ordering::SeqCst);
            assert_eq!(prices(&mut connection), vec![generation; 100]);
            // About when the file counts as one that nobody writes, and snapshots of it begin.
            thread::sleep(Duration::from_micros(48_000 + u64::from(generation) * 100));
        }
        done.store(true, Ordering::SeqCst);
    });
}
