//! The end of a responder, behind Apache and on a socket that others share, and no request that it loses.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;

use rustix::process::{Signal, kill_process};

use super::{EXAMPLES, example};
use crate::fastcgi_client as fastcgi;
use crate::faults::killed::responders;
use crate::servers::process::{self, wait_for};
use crate::servers::{Connections, Door, Server, Socket, http};
use crate::web_servers::{requests_around, requests_around_gracefuls};

/// None of 10,000 requests is lost where Apache restarts gracefully among them, which ends mod_fcgid's processes.
#[test]
fn the_end_loses_no_request() {
    requests_around_gracefuls(&ten_processes(), HELLO, 10_000, &[4_000]);
    let server = example("axum", Door::Proxy(Socket::Unix, Connections::Kept));
    requests_around_gracefuls(&server, HELLO, 10_000, &[2_000, 5_000, 8_000]);
}

/// Nor where somebody ends half of mod_fcgid's processes, of which mod_fcgid learns by their end alone.
#[test]
fn processes_that_somebody_ends_lose_no_request() {
    let server = ten_processes();
    requests_around(&server, HELLO, 10_000, &[2_000], || {
        for process in responders(&server).into_iter().take(5) {
            // A child of our own Apache's.
            kill_process(process, Signal::TERM).expect("it is there");
        }
    });
}

const HELLO: (&str, &[u8]) = ("/wsgi/hello", b"Hello you!\n");

/// mod_fcgid with so many processes that none of eight clients makes it sleep until it starts another.
fn ten_processes() -> Server {
    let server = example("axum", Door::Fcgid);
    let ask = || {
        http::get(server.addr, HELLO.0);
        (responders(&server).len() >= 10).then_some(())
    };
    std::thread::scope(|scope| (0..32).for_each(|_| drop(scope.spawn(|| wait_for(ask)))));
    server
}

/// Two processes on one socket, as spawn-fcgi and systemd start them: the end of one does not close it.
#[test]
fn a_socket_that_others_share_stays_open() {
    let folder = process::folder();
    let socket = folder.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let start = || {
        let shared = OwnedFd::from(listener.try_clone().expect("a descriptor"));
        process::Running::start_with(&mut Command::new(EXAMPLES.join("state")), shared.into())
    };
    let ask = || {
        let mut connection = UnixStream::connect(&socket).expect("it listens");
        connection.write_all(&fastcgi::request(1, false, &[], b"", fastcgi::WHOLE)).expect("a request");
        fastcgi::read_document(&mut connection, 1)
    };
    let mut first = start();
    ask();
    let _second = start();
    first.signal(Signal::TERM);
    assert_eq!(wait_for(|| first.ended()).expect("its end").code(), Some(0));
    assert!(ask().starts_with(b"Status: 200 OK\r\n"));
}
