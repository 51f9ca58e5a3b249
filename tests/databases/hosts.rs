//! Hosts that refuse, say nothing, end connections or are killed: lookups go on at another, and
//! where there is none, from when it is back.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use product_lookup::settings::limits;

use super::{assert_clock, clock, open};
use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::{Serving, Site};
use crate::servers::mariadb::Mariadb;
use crate::servers::process::{free_port, wait_for};

/// Lookups that go on until something has happened.
#[derive(Default)]
pub(super) struct Lookups {
    done: AtomicUsize,
    ended: AtomicBool,
}

impl Lookups {
    pub(super) fn repeat(&self, lookup: impl Fn()) {
        // One that fails ends all.
        let _end = self.end_with_this();
        while !self.ended.load(Ordering::Relaxed) {
            lookup();
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// So many more.
    pub(super) fn wait_for(&self, more: usize) {
        let now = self.done.load(Ordering::Relaxed);
        let enough = || self.done.load(Ordering::Relaxed) >= now + more || self.ended.load(Ordering::Relaxed);
        wait_for(|| enough().then_some(())).expect("lookups go on");
    }

    pub(super) fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    pub(super) fn end_with_this(&self) -> impl Drop {
        struct End<'a>(&'a AtomicBool);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        End(&self.ended)
    }
}

pub(super) fn ask(serving: &Serving) -> Answer {
    let mut connection = serving.connect();
    let pairs = [(b"QUERY_STRING".to_vec(), b"id=A001".to_vec())];
    connection.write_all(&fastcgi::request(1, false, &pairs, b"", WHOLE)).expect("it is read");
    Answer::of_document(&fastcgi::read_document(&mut connection, 1), false)
}

#[test]
fn a_server_that_was_killed_answers_again_without_a_restart() {
    let mut server = Mariadb::start(&[]);
    let url = clock(&server)(&[server.port]);
    let site = Site::new();
    let serving = site.serve(&[("PRODUCTS_DB", &url)]);
    assert_eq!(ask(&serving).body, br#"{"name":"Clock","price":12}"#);
    server.kill();
    let answer = ask(&serving);
    assert_eq!((answer.status, answer.field("Retry-After")), (503, Some("5")));
    assert_eq!(
        String::from_utf8_lossy(&answer.body),
        "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\
         \"detail\":\"The catalogue cannot be read at the moment; try again later.\"}"
    );
    server.restart(&[]);
    let again = wait_for(|| Some(ask(&serving)).filter(|answer| answer.status == 200));
    assert_eq!(again.expect("it is back").body, br#"{"name":"Clock","price":12}"#);
}

#[test]
fn connections_that_the_server_has_ended_cost_nothing() {
    let server = Mariadb::start(&[]);
    let catalogue = open(&clock(&server)(&[server.port]));
    for _ in 0..10 {
        assert_clock(&*catalogue);
        assert_eq!(server.lookups_connected(), 1);
        server.end_lookups();
    }
}

#[test]
fn a_host_that_refuses_connections() {
    let server = Mariadb::shared();
    let url = clock(&server);
    let closed = free_port();
    for ports in [[closed, server.port], [server.port, closed]] {
        let catalogue = open(&url(&ports));
        (0..100).for_each(|_| assert_clock(&*catalogue));
    }
}

/// It takes connections, and says nothing: the lookups that meet it wait for as long as one may,
/// and those after them do not.
#[test]
fn a_host_that_says_nothing_is_waited_for_once() {
    let server = Mariadb::shared();
    let url = clock(&server);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    for ports in [[port, server.port], [server.port, port]] {
        let catalogue = open(&url(&ports));
        let (start, mut lookups) = (Instant::now(), 0);
        // Longer than the first waits, and than it rests before it is tried again.
        while start.elapsed() < limits::DATABASE_ANSWER + 3 * limits::DATABASE_REST {
            assert_clock(&*catalogue);
            lookups += 1;
        }
        assert!(lookups > 20, "{lookups} in {:?}", start.elapsed());
    }
}

#[test]
fn more_lookups_at_once_than_connections() {
    let server = Mariadb::start(&["--max-connections=40"]);
    let catalogue = open(&clock(&server)(&[server.port]));
    let together = Barrier::new(300);
    thread::scope(|scope| {
        for _ in 0..300 {
            scope.spawn(|| {
                together.wait();
                (0..10).for_each(|_| assert_clock(&*catalogue));
            });
        }
    });
    let most: usize = server.status("Max_used_connections").parse().expect("a number");
    // The administrator's are two.
    assert!((2..=limits::DATABASE_CONNECTIONS + 2).contains(&most), "{most}");
}

/// Two servers that hold the same; each in turn is killed and comes back, and no lookup fails.
#[test]
fn servers_killed_among_lookups() {
    let mut servers = [Mariadb::start(&[]), Mariadb::start(&[])];
    let _ = clock(&servers[1]);
    let catalogue = open(&clock(&servers[0])(&servers.each_ref().map(|server| server.port)));
    let lookups = Lookups::default();
    thread::scope(|scope| {
        let _end = lookups.end_with_this();
        (0..4).for_each(|_| drop(scope.spawn(|| lookups.repeat(|| assert_clock(&*catalogue)))));
        let [one, other] = &mut servers;
        lookups.wait_for(200);
        let was_asked = one.lookups_connected() > 0;
        one.kill();
        lookups.wait_for(200);
        one.restart(&[]);
        // The other may be killed as soon as this one is known to be back.
        wait_for(|| (one.lookups_connected() > 0 || !was_asked).then_some(())).expect("it is tried again");
        lookups.wait_for(200);
        other.kill();
        lookups.wait_for(200);
        other.restart(&[]);
        lookups.wait_for(200);
    });
}
