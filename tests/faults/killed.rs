//! Responders killed among requests behind Apache: as many fail as were killed at most with mod_fcgid, and
//! none with a balancer.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};

use super::CLOCK;
use crate::servers::{self, Door, Server, Site, http, process};

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 8;
const KILLS: usize = 8;

/// The responders that this Apache has started.
pub(crate) fn responders(server: &Server) -> Vec<Pid> {
    let program = server.root().join("bin/product-lookup");
    let all = fs::read_dir("/proc").expect("processes").flatten();
    let ours = all.filter(|process| fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == program));
    ours.filter_map(|process| Pid::from_raw(process.file_name().to_str()?.parse().ok()?)).collect()
}

#[test]
pub(super) fn responders_killed_among_10_000_requests() {
    let folder = process::folder();
    let catalogue = folder.path().join("products.db");
    crate::cases::write_catalogue(&catalogue);
    let server = servers::start(Door::Fcgid, &Site { products_db: Some(catalogue), ..Site::default() });
    let request = b"GET /wsgi/myapp.py?id=A001 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (begun, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let mut killed = 0;
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while begun.fetch_add(1, Ordering::SeqCst) < REQUESTS {
                    match http::try_send(server.addr, request) {
                        Ok(reply) if reply.status == 200 && reply.body == CLOCK => {}
                        other => failed.lock().expect("a list").push(format!("{other:?}")),
                    }
                }
            });
        }
        for kill in 1..=KILLS {
            let at = kill * REQUESTS / (KILLS + 1);
            process::wait_for(|| (begun.load(Ordering::SeqCst) >= at).then_some(())).expect("requests go on");
            let Some(&responder) = responders(&server).first() else { continue };
            // It is a child of our Apache's, of which nobody else ends one.
            kill_process(responder, Signal::KILL).expect("it is there");
            killed += 1;
        }
    });
    let failed = failed.into_inner().expect("a list");
    assert_eq!(killed, KILLS);
    assert!(failed.len() <= KILLS, "{} failed: {failed:?}\n{}", failed.len(), server.error_log());
    // What fails, fails as the gateway's, and never with something that looks like an answer.
    assert!(failed.iter().all(|reply| reply.contains("status: 50")), "{failed:?}");
    for _ in 0..100 {
        assert_eq!(http::send(server.addr, request).body, CLOCK);
    }
}

/// The one that is left takes the requests of the other, also those that it had begun.
#[test]
fn a_responder_behind_a_balancer_killed_and_started_again_among_20_000_requests() {
    let folder = process::folder();
    let catalogue = folder.path().join("products.db");
    crate::cases::write_catalogue(&catalogue);
    let mut server = servers::start(Door::Balancer, &Site { products_db: Some(catalogue), ..Site::default() });
    let request = b"GET /wsgi/myapp.py?id=A001 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (begun, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let to = server.addr;
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while begun.fetch_add(1, Ordering::SeqCst) < 2 * REQUESTS {
                    match http::try_send(to, request) {
                        Ok(reply) if reply.status == 200 && reply.body == CLOCK => {}
                        other => failed.lock().expect("a list").push(format!("{other:?}")),
                    }
                }
            });
        }
        for change in 1..=2 * KILLS {
            let at = change * 2 * REQUESTS / (2 * KILLS + 1);
            process::wait_for(|| (begun.load(Ordering::SeqCst) >= at).then_some(())).expect("requests go on");
            match change % 2 {
                1 => server.kill_responder(0),
                _ => server.restart_responder(0),
            }
        }
    });
    let failed = failed.into_inner().expect("a list");
    assert!(failed.is_empty(), "{} failed: {failed:?}\n{}", failed.len(), server.error_log());
}
