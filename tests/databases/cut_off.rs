//! A host whose packets are dropped, in a network namespace: nobody says that it is away. It takes
//! root, so `make test-cluster` runs it.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use product_lookup::settings::limits;

use super::clock;
use super::hosts::ask;
use crate::program::{Serving, Site};
use crate::servers::mariadb::{Mariadb, PASSWORD_IN_URL};
use crate::servers::process::wait_for;

const CLIENTS: usize = 8;

fn ip(arguments: &str) {
    let mut ip = Command::new("ip");
    assert!(ip.args(arguments.split(' ')).status().expect("iproute2").success(), "ip {arguments}");
}

/// A namespace with two cables to this one, which ends with them.
struct Namespace {
    name: String,
}

impl Namespace {
    fn new() -> Namespace {
        let namespace = Namespace { name: format!("lookup{}", std::process::id()) };
        ip(&format!("netns add {}", namespace.name));
        for number in 0..2 {
            let (here, there) = (namespace.cable(number), format!("there{number}"));
            ip(&format!("link add {here} type veth peer name {there} netns {}", namespace.name));
            ip(&format!("address add {}/30 dev {here}", namespace.address(number)));
            ip(&format!("link set {here} up"));
            ip(&format!("-n {} address add 198.18.{number}.2/30 dev {there}", namespace.name));
            ip(&format!("-n {} link set {there} up", namespace.name));
        }
        namespace
    }

    /// Our end of a cable.
    fn cable(&self, number: usize) -> String {
        format!("pl{number}-{}", std::process::id())
    }

    /// Its address, of those that RFC 2544 keeps for tests.
    fn address(&self, number: usize) -> String {
        format!("198.18.{number}.1")
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.name]).status();
    }
}

#[test]
#[ignore = "make test-cluster"]
fn a_cluster_node_cut_off_is_waited_for_once() {
    let namespace = Namespace::new();
    let servers = [0, 1].map(|_| {
        let server = Mariadb::start(&["--bind-address=0.0.0.0"]);
        let _ = clock(&server);
        server
    });
    let hosts = [0, 1].map(|number| format!("{}:{}", namespace.address(number), servers[number].port)).join(",");
    let site = Site::new();
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &namespace.name]).arg(site.path("product-lookup"));
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("PRODUCTS_DB", format!("mysql://shop:{PASSWORD_IN_URL}@{hosts}/shop0"));
    let serving = Serving::start(command, &format!("unix:{}", site.path("socket").display()));
    let clock = || {
        let answer = ask(&serving);
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (200, super::CLOCK));
    };
    clock();
    let asked = servers.iter().position(|server| server.lookups_connected() > 0).expect("one is asked");
    ip(&format!("link set {} down", namespace.cable(asked)));
    let (waited, lookups) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let cut = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while cut.elapsed() < limits::DATABASE_ANSWER + 4 * limits::DATABASE_REST {
                    let start = Instant::now();
                    clock();
                    let waiting = start.elapsed() >= limits::DATABASE_CONNECT;
                    waited.fetch_add(usize::from(waiting), Ordering::Relaxed);
                    lookups.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let (waited, lookups) = (waited.into_inner(), lookups.into_inner());
    eprintln!("{waited} of {lookups} requests waited, of {CLIENTS} clients");
    assert!((1..=CLIENTS).contains(&waited) && lookups > 100, "{waited} of {lookups}");
    ip(&format!("link set {} up", namespace.cable(asked)));
    let again = || {
        clock();
        servers[asked].lookups_connected() > 0
    };
    // What the server still takes for connections of before the cut is none.
    servers[asked].end_lookups();
    wait_for(|| again().then_some(())).expect("it is asked again");
}
