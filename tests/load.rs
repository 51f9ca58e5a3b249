//! Load, which `make load` runs: as many requests as REQUESTS says, 64 at once, through Apache. Each answer
//! is compared to the byte with the table of cases, and responders hold no more memory and descriptors at the
//! end than after the first 10,000.

mod hostile;
mod imports;
mod questions;
mod responders;
mod slow;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cases::{self, Case};
use crate::servers::{self, Connections, Door, Server, Site, Socket, http, process};
use crate::web_servers::{answer, catalogue, request};
use responders::Responders;

/// Clients that always have a request on its way.
const CLIENTS: usize = 64;

/// After so many, memory has what it needs.
const FIRST: usize = 10_000;

/// One process of Apache with twice as many threads as there are clients: as soon as all are busy,
/// or a process is one too many, mpm_event closes kept connections without a word.
const MPM: &str = "StartServers 1\nThreadLimit 128\nThreadsPerChild 128\nMinSpareThreads 1\nMaxSpareThreads 128\n\
    MaxRequestWorkers 128\n";

/// How many requests in all.
fn count() -> usize {
    let count = std::env::var("REQUESTS").unwrap_or("1000000".to_owned());
    count.parse().expect("REQUESTS is a number")
}

/// Sends so many requests of the table, and says how long that took; a wrong answer fails.
fn send(server: &Server, table: &[(Vec<u8>, Case)], count: usize) -> Duration {
    let (begun, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let client = || {
        let mut client = http::Client::new(server.addr);
        loop {
            let number = begun.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            let (request, case) = &table[number % table.len()];
            let differs = match client.send(request) {
                Ok(reply) => answer(reply).differences(case),
                Err(error) => Some(format!("{}: no answer: {error}", case.name)),
            };
            if let Some(differs) = differs {
                wrong.lock().expect("a list").push(differs);
            }
        }
    };
    let start = Instant::now();
    thread::scope(|scope| (0..CLIENTS).for_each(|_| drop(scope.spawn(client))));
    let wrong = wrong.into_inner().expect("a list");
    let few = &wrong[..wrong.len().min(10)];
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}\n{}", wrong.len(), few.join("\n"), server.error_log());
    start.elapsed()
}

fn load(door: Door, directives: &str) {
    let count = count();
    let (_folder, site) = catalogue();
    let server = servers::start(door, &Site { directives: format!("{MPM}{directives}"), ..site });
    // Long bodies are for tests that do not count requests.
    let table = cases::table().into_iter().filter(|case| case.body.as_ref().is_none_or(|body| body.len() < 10_000));
    let table: Vec<(Vec<u8>, Case)> = table.map(|case| (request(&case), case)).collect();
    http::get(server.addr, "/myapp?id=A001");
    let before = Responders::of(&server);
    send(&server, &table, FIRST);
    let first = Responders::of(&server);
    let took = send(&server, &table, count - FIRST);
    let last = Responders::of(&server);
    let rate = (count - FIRST) as f64 / took.as_secs_f64();
    println!("{door:?}: {count} requests of {} cases, {CLIENTS} at once: 0 wrong, {rate:.0} a second", table.len());
    println!("after 1: {before}\nafter {FIRST}: {first}\nafter all: {last}: {:+.1} %", last.growth(&first));
    // Without Apache's own connections to them, where it keeps any.
    if door != Door::Fcgid {
        server.apachectl("stop");
    }
    process::wait_for(|| Responders::of(&server).have_outlived(&before).then_some(()))
        .unwrap_or_else(|| panic!("{before}, then {}", Responders::of(&server)));
    assert!(last.growth(&first) < 10.0, "memory has grown");
}

/// Processes stay, so that the same ones can be compared.
#[test]
#[ignore = "make load runs it"]
fn through_mod_fcgid() {
    load(Door::Fcgid, "Define PRODUCT_LOOKUP_MIN_PROCESSES 64\nDefine PRODUCT_LOOKUP_MAX_PROCESSES 64\n");
}

#[test]
#[ignore = "make load runs it"]
fn through_mod_proxy_fcgi() {
    load(Door::Proxy(Socket::Unix, Connections::Kept), "");
}
