//! Clients that go away at any point of a request, and one that is slow: all others are answered, and
//! nothing of it is left.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use product_lookup::catalogue::import::{Options, import};
use socket2::SockRef;

use super::crowd::{descriptors, descriptors_at_rest, threads};
use super::killed::responders;
use super::{CLOCK, Shop, answer, assert_clock, request};
use crate::program::Serving;
use crate::servers::process::wait_for;
use crate::servers::{self, Connections, Door, Server, Site, Socket, http, process};

const FORM: &str = "application/x-www-form-urlencoded";

/// A catalogue whose first page is longer than what sockets hold: 100 names of 20,000 characters.
pub(crate) fn write_long_catalogue(folder: &Path) {
    let name = "x".repeat(20_000);
    let lines = (0..100).map(|number| format!("N{number:03},{number} {name},{number}\n"));
    fs::write(folder.join("long.csv"), format!("id,name,price\nA001,Clock,12\n{}", lines.collect::<String>()))
        .expect("a file");
    import(&folder.join("long.csv"), &folder.join("products.db"), &Options::default()).expect("an import");
}

/// Where to cut off a request: at each of its first bytes, then here and there, then at its end.
fn cuts(request: &[u8]) -> impl Iterator<Item = &[u8]> {
    let length = request.len();
    (0..length.min(100)).chain((100..length).step_by(997)).chain([length]).map(|cut| &request[..cut])
}

fn connect(serving: &Serving) -> TcpStream {
    let connection = TcpStream::connect(&serving.address).expect("a connection");
    connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    connection
}

fn assert_answered(serving: &Serving) {
    let mut connection = connect(serving);
    connection.write_all(&request(&[("QUERY_STRING", "id=A001")], b"", false)).expect("it is read");
    assert_eq!(answer(&mut connection).body, CLOCK);
}

/// With a reset, what was sent and not yet read is gone too; without one, an end is read after it.
fn go_away(connection: TcpStream, reset: bool) {
    if reset {
        SockRef::from(&connection).set_linger(Some(Duration::ZERO)).expect("no linger");
    }
    drop(connection);
}

#[test]
fn serve_outlives_clients_that_go_away() {
    let shop = Shop::new();
    write_long_catalogue(shop.folder.path());
    let mut command = shop.program();
    command.env("FCGI_WEB_SERVER_ADDRS", "127.0.0.1");
    let serving = Serving::start(command, "127.0.0.1:0");
    let before = descriptors_at_rest(&serving, connect(&serving));
    let post = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", FORM), ("CONTENT_LENGTH", "20007")];
    let post = request(&post, &[&b"id=A001"[..], &[b'&'; 20_000]].concat(), true);
    let long = request(&[("QUERY_STRING", "q=x&limit=100&format=html")], b"", true);
    for reset in [false, true] {
        for sent in cuts(&post).chain(cuts(&long)) {
            let mut connection = connect(&serving);
            connection.write_all(sent).expect("it is read");
            go_away(connection, reset);
        }
        assert_answered(&serving);
        // In the reply: its first bytes have been read, and the last are still to come.
        for bytes in [1, 8, 9, 1000, 100_000] {
            let mut connection = connect(&serving);
            connection.write_all(&long).expect("it is read");
            connection.read_exact(&mut vec![0; bytes]).expect("a part of the reply");
            go_away(connection, reset);
        }
        assert_answered(&serving);
        // After the reply, on a connection that is kept.
        let mut connection = connect(&serving);
        connection.write_all(&post).expect("it is read");
        assert_eq!(answer(&mut connection).body, CLOCK);
        go_away(connection, reset);
        assert_answered(&serving);
    }
    let left = || (descriptors(&serving).0 == before.0 && threads(&serving) <= 10).then_some(());
    let now = || format!("{before:?}, then {:?} with {} threads", descriptors(&serving), threads(&serving));
    wait_for(left).unwrap_or_else(|| panic!("{}", now()));
    assert_eq!(shop.stderr(), "");
}

#[test]
fn serve_takes_a_request_byte_by_byte_and_others_meanwhile() {
    let shop = Shop::new();
    let serving = shop.serve(&[]);
    let mut slow = serving.connect();
    for byte in request(&[("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", FORM)], b"id=A002", false) {
        slow.write_all(&[byte]).expect("it is read");
        assert_clock(&serving);
    }
    assert_eq!(answer(&mut slow).body, br#"{"name":"Bi-Noculars","price":40}"#);
}

const DOORS: [Door; 3] =
    [Door::Fcgid, Door::Proxy(Socket::Unix, Connections::Closed), Door::Proxy(Socket::Unix, Connections::Kept)];

/// Does something behind each of the doors, with the long catalogue.
fn behind_apache(act: impl Fn(&Server)) {
    for door in DOORS {
        let folder = process::folder();
        write_long_catalogue(folder.path());
        let site = Site { products_db: Some(folder.path().join("products.db")), ..Site::default() };
        act(&servers::start(door, &site));
    }
}

fn assert_answered_by(server: &Server) {
    let reply = http::get(server.addr, "/myapp?id=A001");
    assert_eq!(reply.body, CLOCK, "{:?}: {}", server.door, server.error_log());
}

#[test]
fn clients_of_apache_that_go_away() {
    behind_apache(|server| {
        let connect = || TcpStream::connect(server.addr).expect("a connection");
        let body = "&".repeat(20_000);
        let post = format!(
            "POST /myapp HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 20007\r\n\r\nid=A001{body}"
        );
        let long = b"GET /myapp?q=x&limit=100&format=html HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert_answered_by(server);
        let before = responders(server);
        for reset in [false, true] {
            for sent in cuts(post.as_bytes()).chain([&long[..]; 5]) {
                let mut connection = connect();
                connection.write_all(sent).expect("it is read");
                go_away(connection, reset);
            }
            for bytes in [1, 1000, 100_000] {
                let mut connection = connect();
                connection.write_all(long).expect("it is read");
                connection.read_exact(&mut vec![0; bytes]).expect("a part of the reply");
                go_away(connection, reset);
            }
            (0..20).for_each(|_| assert_answered_by(server));
        }
        let after = responders(server);
        assert!(!before.is_empty() && before.iter().all(|pid| after.contains(pid)), "{before:?}, then {after:?}");
        assert!(!server.error_log().contains("product-lookup: "), "{}", server.error_log());
    });
}

#[test]
fn a_client_of_apache_that_sends_byte_by_byte() {
    behind_apache(|server| {
        let mut slow = TcpStream::connect(server.addr).expect("a connection");
        slow.set_nodelay(true).expect("each byte by itself");
        slow.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        let head = "POST /myapp HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n";
        for byte in format!("{head}Content-Type: {FORM}\r\n\r\nid=A001").bytes() {
            slow.write_all(&[byte]).expect("it is read");
            assert_answered_by(server);
        }
        let mut reply = Vec::new();
        slow.read_to_end(&mut reply).expect("a reply");
        let reply = String::from_utf8(reply).expect("UTF-8");
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
        assert!(reply.ends_with("\r\n\r\n{\"name\":\"Clock\",\"price\":12}"), "{reply}");
    });
}
