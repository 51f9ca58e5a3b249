//! Lookups from `serve` while 200,000 products are imported into the catalogue that it asks: what they take before and
//! during that. None fails, and none has an old price after a new one.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::faults::{answer, request};
use crate::program::{Serving, Site};

const PRODUCTS: u32 = 200_000;

const CLIENTS: u32 = 4;

/// How long lookups go on without an import.
const ALONE: Duration = Duration::from_secs(3);

/// Looks products up on one connection until `done`, at least once; how long each took. Their price is no less than
/// `price`, and never less than before.
fn look_up(serving: &Serving, client: u32, mut price: u64, done: &AtomicBool) -> Vec<Duration> {
    let mut connection = serving.connect();
    let mut took = Vec::new();
    for turn in 0.. {
        if turn > 0 && done.load(Ordering::Relaxed) {
            break;
        }
        let number = (client + turn * 7_919) % PRODUCTS;
        let query = format!("id=N{number:06}");
        let start = Instant::now();
        connection.write_all(&request(&[("QUERY_STRING", &query)], b"", true)).expect("it is read");
        let answer = answer(&mut connection);
        took.push(start.elapsed());
        let shown = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{query}: {shown}");
        let found: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(found["name"], format!("Product {number}"), "{query}");
        let now = found["price"].as_u64().expect("a price");
        assert!(now >= price, "{query}: {now} after {price}");
        price = now;
    }
    took
}

/// Lookups by all clients at once, while `meanwhile` goes on: what half of them took, 99 of 100, and the longest.
fn lookups(serving: &Serving, price: u64, meanwhile: impl FnOnce()) -> String {
    let done = AtomicBool::new(false);
    let mut took = thread::scope(|scope| {
        let done = &done;
        let clients = (0..CLIENTS).map(|client| scope.spawn(move || look_up(serving, client, price, done)));
        let clients: Vec<_> = clients.collect();
        meanwhile();
        done.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|client| client.join().expect("no lookup fails")).collect::<Vec<_>>()
    });
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    format!("{} lookups, p50 {:?}, p99 {:?}, longest {:?}", took.len(), at(50), at(99), at(100))
}

/// All products at this price.
fn import(site: &Site, price: u32, options: &[&str]) {
    let file = site.path("prices.csv");
    fs::write(&file, crate::import::many(PRODUCTS, price)).expect("a file");
    let mut command = site.command();
    command.arg("import").arg(&file).args(options).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().expect("the program runs").success());
}

#[test]
#[ignore = "make load runs it"]
fn lookups_during_imports() {
    let site = Site::new();
    import(&site, 1, &[]);
    let serving = site.serve(&[]);
    println!("alone: {}", lookups(&serving, 1, || thread::sleep(ALONE)));
    println!("while all are changed: {}", lookups(&serving, 1, || import(&site, 2, &[])));
    println!("while all are replaced: {}", lookups(&serving, 2, || import(&site, 3, &["--replace"])));
    println!("alone again: {}", lookups(&serving, 3, || thread::sleep(ALONE)));
}
