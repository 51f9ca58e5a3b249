//! Sixteen clients that post as much as is read, all the time: what an ordinary lookup takes beside them where
//! their questions are made to be slow, next to where they are not; and what the program holds meanwhile.

use std::fmt::Write as _;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use product_lookup::catalogue::import::{Options, import};

use crate::faults::killed::responders;
use crate::servers::{self, Connections, Door, Server, Site, Socket, http, process};

const CLIENTS: usize = 16;

const LOOKUPS: usize = 400;

/// Of the same length, which is what a body may have.
const BODY_BYTES: usize = 1 << 20;

/// A million products whose names have few words, in any order.
fn write_catalogue(path: &std::path::Path) {
    const WORDS: [&str; 5] = ["left", "right", "clock", "lamp", "table"];
    let mut csv = String::from("id,name,price\n");
    for number in 0..1_000_000_usize {
        let [one, two, three] = [number, number / 5, number / 25].map(|number| WORDS[number % 5]);
        let _ = writeln!(csv, "P{number:07},{one} {two} {three} {number},1");
    }
    let file = path.with_extension("csv");
    fs::write(&file, csv).expect("a file");
    import(&file, path, &Options::default()).expect("an import");
    fs::remove_file(file).expect("a file");
}

/// A form of `BODY_BYTES`: what it begins with, and what fills it up.
fn body(question: &str, fill: &str) -> Vec<u8> {
    let mut body = format!("q={question}{fill}").into_bytes();
    let more = fill.as_bytes().iter().cycle().take(BODY_BYTES - body.len()).copied();
    body.extend(more);
    body
}

/// Microseconds that half and 99 of 100 lookups took, one after the other, while others post this.
fn lookups_beside(server: &Server, body: Option<&[u8]>) -> [u128; 2] {
    let done = AtomicBool::new(false);
    let posting = || {
        let form = "application/x-www-form-urlencoded";
        while let Some(body) = body.filter(|_| !done.load(Ordering::Relaxed)) {
            let status = http::post(server.addr, "/myapp", form, body).status;
            assert!(matches!(status, 200 | 503), "{status}: {}", server.error_log());
        }
    };
    let mut took: Vec<u128> = Vec::new();
    thread::scope(|scope| {
        (0..CLIENTS).for_each(|_| drop(scope.spawn(posting)));
        for number in 0..LOOKUPS {
            let start = Instant::now();
            let reply = http::get(server.addr, &format!("/myapp?id=P{:07}", number * 2_477));
            took.push(start.elapsed().as_micros());
            assert_eq!(reply.status, 200, "{}", server.error_log());
        }
        done.store(true, Ordering::Relaxed);
    });
    took.sort_unstable();
    [took[LOOKUPS / 2], took[LOOKUPS * 99 / 100]]
}

fn hostile(door: Door, directives: &str, most_kib: u64) {
    let folder = process::folder();
    let path = folder.path().join("products.db");
    write_catalogue(&path);
    let server =
        servers::start(door, &Site { products_db: Some(path), directives: directives.to_owned(), ..Site::default() });
    let honest = body("left+lamp&x=", "honest");
    let questions =
        [body("left", ".left"), body("l+r+c+t+le+ri+cl+ta+lef", "+righ+cloc+tabl"), body("p&after=6&x=", "y")];
    // mod_fcgid starts its processes by and by.
    lookups_beside(&server, Some(&honest));
    println!("{door:?}: p50 and p99 of a lookup in us; alone {:?}", lookups_beside(&server, None));
    for round in 1..=3 {
        let beside = lookups_beside(&server, Some(&honest));
        println!("round {round}: beside honest posts {beside:?}");
        for hostile in &questions {
            let took = lookups_beside(&server, Some(hostile));
            let ratio = |at: usize| took[at] as f64 / beside[at] as f64;
            let shown = String::from_utf8_lossy(&hostile[..20]);
            println!("  beside {shown}...: {took:?}, {:.2} and {:.2} times as long", ratio(0), ratio(1));
        }
    }
    let peaks: Vec<u64> =
        responders(&server).into_iter().map(|pid| process::peak_memory(pid.as_raw_nonzero())).collect();
    println!("most memory of a process: {:?} KiB", peaks.iter().max());
    assert!(peaks.iter().all(|&peak| peak < most_kib), "{peaks:?}");
}

#[test]
#[ignore = "make load runs it"]
fn hostile_questions_through_mod_fcgid() {
    let processes = "Define PRODUCT_LOOKUP_MIN_PROCESSES 24\nDefine PRODUCT_LOOKUP_MAX_PROCESSES 24\n";
    hostile(Door::Fcgid, processes, 64 << 10);
}

#[test]
#[ignore = "make load runs it"]
fn hostile_questions_to_serve() {
    hostile(Door::Proxy(Socket::Unix, Connections::Closed), "", 128 << 10);
}
