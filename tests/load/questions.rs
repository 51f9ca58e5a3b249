//! What a responder holds of its own once it has been asked all that `budget.rs` has nobody ask who wants an answer, and
//! then 10,000 searches of which no two are the same.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use url::form_urlencoded::Serializer;

use crate::budget::{self, Question};
use crate::faults::killed::responders;
use crate::program;
use crate::servers::{self, Connections, Door, Server, Site, Socket, http};

const CLIENTS: usize = 4;

/// 32 MiB, in KiB.
const MOST_KIB: u64 = 32 << 10;

/// KiB of a process that are no file's (proc(5)).
fn own_memory(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn ask(server: &Server, questions: &[Question]) {
    let next = AtomicUsize::new(0);
    let client = || {
        while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
            let body = Serializer::new(String::new()).extend_pairs(question).finish();
            let form = "application/x-www-form-urlencoded";
            let status = http::post(server.addr, "/myapp", form, body.as_bytes()).status;
            assert!(matches!(status, 200 | 404 | 413 | 503), "{status}: {body:.200} {}", server.error_log());
        }
    };
    thread::scope(|scope| (0..CLIENTS).for_each(|_| drop(scope.spawn(client))));
}

fn hold(door: Door) {
    let folder = program::Site::new();
    budget::write_catalogue(&folder, 100_000);
    let server = servers::start(door, &Site { products_db: Some(folder.path("products.db")), ..Site::default() });
    let words = ["pear", "left", "right", "koln", "ete"];
    let different = |number: usize| vec![("q", format!("{} {number}", words[number % words.len()]))];
    let different: Vec<Question> = (0..10_000).map(different).collect();
    for (what, questions) in [("hostile questions", budget::hostile()), ("different searches", different)] {
        ask(&server, &questions);
        let held: Vec<u64> =
            responders(&server).into_iter().map(|pid| own_memory(pid.as_raw_nonzero().get())).collect();
        println!("{door:?}: after {} {what}: {held:?} KiB", questions.len());
        assert!(!held.is_empty() && held.iter().all(|&kib| kib <= MOST_KIB), "{door:?} after {what}: {held:?} KiB");
    }
}

#[test]
#[ignore = "make load runs it"]
fn held_by_processes_of_mod_fcgid() {
    hold(Door::Fcgid);
}

#[test]
#[ignore = "make load runs it"]
fn held_by_serve() {
    hold(Door::Proxy(Socket::Unix, Connections::Closed));
}
