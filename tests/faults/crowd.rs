//! 2,000 connections at once: each has its answer, and afterwards there are no more descriptors and
//! threads than before.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::memory::limited;
use super::{CLOCK, Shop, answer, assert_clock, fastcgi, request};
use crate::program::Serving;
use crate::servers::process::wait_for;

/// Descriptors for both ends' processes: the tests' own limit, which `serve` takes over.
fn allow_descriptors(count: u64) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < count) {
        let maximum = maximum.map(|maximum| maximum.max(count));
        setrlimit(Resource::Nofile, Rlimit { current: Some(count), maximum }).expect("5,000 descriptors");
    }
}

/// How many sockets a process has open, and how many descriptors in all.
pub(super) fn descriptors(serving: &Serving) -> (usize, usize) {
    let links = fs::read_dir(format!("/proc/{}/fd", serving.child.id())).expect("its descriptors");
    let links: Vec<_> = links.flatten().filter_map(|link| fs::read_link(link.path()).ok()).collect();
    let sockets = links.iter().filter(|link| link.to_string_lossy().starts_with("socket:")).count();
    (sockets, links.len())
}

/// The same once a first request has been answered, on this connection, and its connection closed.
pub(super) fn descriptors_at_rest(serving: &Serving, mut connection: impl Read + Write) -> (usize, usize) {
    connection.write_all(&request(&[("QUERY_STRING", "id=A001")], b"", false)).expect("it is read");
    assert_eq!(answer(&mut connection).body, CLOCK);
    assert_eq!(fastcgi::read_record(&mut connection), None);
    descriptors(serving)
}

pub(super) fn threads(serving: &Serving) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).expect("its status");
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).expect("a number");
    threads.trim().parse().expect("a number")
}

/// Every connection has half of its request on its way before one gets the other half.
fn crowd(serving: &Serving, keep: bool) -> Vec<UnixStream> {
    let request = request(&[("QUERY_STRING", "id=A001")], b"", keep);
    let (first, rest) = request.split_at(20);
    let mut connections: Vec<UnixStream> = (0..2000).map(|_| serving.connect()).collect();
    for connection in &mut connections {
        connection.write_all(first).expect("it is read");
    }
    wait_for(|| (threads(serving) > 2000).then_some(())).expect("a thread for each");
    for connection in &mut connections {
        connection.write_all(rest).expect("it is read");
    }
    for connection in &mut connections {
        assert_eq!(answer(connection).body, CLOCK);
    }
    connections
}

#[test]
fn two_thousand_connections_at_once() {
    allow_descriptors(5000);
    let shop = Shop::new();
    let serving = shop.serve(&[]);
    let before = descriptors_at_rest(&serving, serving.connect());
    for keep in [false, true, false] {
        let mut connections = crowd(&serving, keep);
        if keep {
            // Kept connections are there for another request, and others for new ones.
            assert_clock(&serving);
            for connection in &mut connections {
                connection.write_all(&request(&[("QUERY_STRING", "id=A001")], b"", true)).expect("it is read");
            }
            for connection in &mut connections {
                assert_eq!(answer(connection).body, CLOCK);
            }
        } else {
            for connection in &mut connections {
                assert_eq!(fastcgi::read_record(connection), None);
            }
        }
        drop(connections);
        // No socket stays; 8 threads do, which wait at an epoll instance each, and 16 connections
        // to the catalogue.
        let settled = || {
            let now = (descriptors(&serving), threads(&serving));
            (now.0.0 == before.0 && now.0.1 <= before.1 + 24 && now.1 <= 10).then_some(())
        };
        let now = || format!("{before:?}, then {:?} with {} threads", descriptors(&serving), threads(&serving));
        wait_for(settled).unwrap_or_else(|| panic!("{}", now()));
        assert_clock(&serving);
    }
    assert_eq!(shop.stderr(), "");
}

/// 128 MiB of address space make 64 connections the most that are served at once. Of 130 that have
/// begun, those over the limit wait, and are served as others end or become idle.
#[test]
fn more_connections_than_are_served_at_once() {
    let shop = Shop::new();
    let serving = limited(&shop, 128 << 10, &[]);
    for keep in [false, true, false] {
        let request = request(&[("QUERY_STRING", "id=A001")], b"", keep);
        let (first, rest) = request.split_at(20);
        // At once: one that says nothing would be closed for another after a while.
        let begin = |_| {
            let mut connection = serving.connect();
            connection.write_all(first).expect("it is read");
            connection
        };
        let mut connections: Vec<UnixStream> = (0..130).map(begin).collect();
        wait_for(|| (threads(&serving) > 64).then_some(())).expect("a thread for each");
        connections.iter_mut().for_each(|connection| connection.write_all(rest).expect("it is read"));
        for connection in &mut connections {
            assert_eq!(answer(connection).body, CLOCK, "{}", shop.stderr());
        }
    }
    // Those who say nothing make room for those who do.
    let silent: Vec<UnixStream> = (0..100).map(|_| serving.connect()).collect();
    assert_clock(&serving);
    drop(silent);
    assert_eq!(shop.stderr(), "");
}
