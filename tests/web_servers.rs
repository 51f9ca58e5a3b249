//! The table of cases through real web servers, set up with the files that a user takes.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::answer::{Answer, assert_none};
use crate::cases::{self, Case};
use crate::servers::http::{self, HttpReply};
use crate::servers::process::wait_for;
use crate::servers::{self, Connections, Door, Server, Site, Socket};

/// The table's catalogue where the web server's user can read it.
pub(crate) fn catalogue() -> (TempDir, Site) {
    let folder = servers::process::folder();
    let path = folder.path().join("products.db");
    cases::write_catalogue(&path);
    let site = Site { products_db: Some(path), ..Site::default() };
    (folder, site)
}

pub(crate) fn answer(reply: HttpReply) -> Answer {
    Answer { status: reply.status, fields: reply.headers, body: reply.body }
}

/// The bytes of a case's request.
pub(crate) fn request(case: &Case) -> Vec<u8> {
    let query = if case.query.is_empty() { String::new() } else { format!("?{}", case.query) };
    let mut bytes = format!("{} {}{query} HTTP/1.1\r\nHost: localhost\r\n", case.method, case.path).into_bytes();
    for (name, value) in &case.fields {
        bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    if let Some(body) = &case.body {
        bytes.extend(format!("Content-Length: {}\r\n", body.len()).bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(case.body.iter().flatten());
    bytes
}

fn get(server: &Server, target: &str) -> Answer {
    answer(http::get(server.addr, target))
}

fn whole_table(door: Door) {
    let (_folder, site) = catalogue();
    let server = servers::start(door, &site);
    let ask = |case: &Case| {
        let reply = http::try_send(server.addr, &request(case));
        let reply = reply.unwrap_or_else(|error| panic!("{door:?}, {}: {error}\n{}", case.name, server.error_log()));
        answer(reply).differences(case)
    };
    assert_none(&format!("{door:?}"), cases::table().iter().filter_map(ask).collect());
    chunked(&server, door);
}

/// An upload that does not say how long it is.
fn chunked(server: &Server, door: Door) {
    for filler in [10, 100_000, 2_000_000] {
        let value = "x".repeat(filler);
        let body = format!("5\r\nid=A0\r\n2\r\n02\r\n{:x}\r\n&x={value}\r\n0\r\n\r\n", filler + 3);
        let head = "POST /wsgi/myapp.py HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\
            Content-Type: application/x-www-form-urlencoded\r\n\r\n";
        let reply = answer(http::send(server.addr, format!("{head}{body}").as_bytes()));
        let expected = match door {
            // HAProxy 2.6 itself refuses what does not fit its buffer, unless its length is known.
            Door::HaProxy if filler > 16_384 => 400,
            _ if filler > 1_048_576 => 413,
            _ => 200,
        };
        assert_eq!(
            reply.status,
            expected,
            "{door:?}, chunked, {filler}: {} {}",
            reply.body.escape_ascii(),
            server.error_log()
        );
        if expected == 200 {
            assert_eq!(reply.body, br#"{"name":"Bi-Noculars","price":40}"#);
        }
    }
    if door == Door::HaProxy {
        return;
    }
    // Who does not want the body answers all the same, and no reply is cut by it.
    for (method, path, status) in [("POST", "/wsgi/sample.py", 200), ("PUT", "/wsgi/myapp.py", 405)] {
        let value = "x".repeat(2_000_000);
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        let reply = http::send(server.addr, format!("{head}{:x}\r\n{value}\r\n0\r\n\r\n", value.len()).as_bytes());
        assert_eq!(reply.status, status, "{door:?}, chunked, {method} {path}: {}", server.error_log());
    }
}

macro_rules! doors {
    ($($name:ident: $door:expr,)*) => {
        $(#[test] fn $name() { whole_table($door) })*
        #[test]
        fn every_door_is_tested() {
            assert_eq!([$($door),*], Door::ALL);
        }
    };
}

doors! {
    fcgid: Door::Fcgid,
    fcgid_set_handler: Door::FcgidSetHandler,
    fcgid_script_alias: Door::FcgidScriptAlias,
    fcgid_wrapper: Door::FcgidWrapper,
    cgid: Door::Cgid,
    cgi: Door::Cgi,
    proxy_unix: Door::Proxy(Socket::Unix, Connections::Closed),
    proxy_unix_reuse: Door::Proxy(Socket::Unix, Connections::Kept),
    proxy_tcp: Door::Proxy(Socket::Tcp, Connections::Closed),
    proxy_tcp_reuse: Door::Proxy(Socket::Tcp, Connections::Kept),
    balancer: Door::Balancer,
    proxy_set_handler: Door::ProxySetHandler,
    nginx_unix: Door::Nginx(Socket::Unix, Connections::Closed),
    nginx_unix_keep_conn: Door::Nginx(Socket::Unix, Connections::Kept),
    nginx_tcp: Door::Nginx(Socket::Tcp, Connections::Closed),
    nginx_tcp_keep_conn: Door::Nginx(Socket::Tcp, Connections::Kept),
    lighttpd: Door::Lighttpd,
    lighttpd_spawns: Door::LighttpdSpawns,
    caddy: Door::Caddy,
    haproxy: Door::HaProxy,
}

/// What the log holds after a GET and a POST through Apache.
#[test]
fn debug_log_through_apache() {
    let (_folder, mut site) = catalogue();
    for (develop, expected) in [
        ("off", &["content_len: 7", "no of lines: 1"][..]),
        (
            "on",
            &[
                "QUERY_STRING: id=A001",
                "qs: {'id': ['A001']}",
                "content_len: 7",
                "no of lines: 1",
                "wsgi.input: b'id=A002'",
                "POST data: {'id': 'A002'}",
            ],
        ),
    ] {
        site.settings = vec![("DEVELOP_MODE".to_owned(), develop.to_owned())];
        let server = servers::start(Door::Fcgid, &site);
        assert_eq!(get(&server, "/wsgi/myapp.py?id=A001").status, 200);
        let post = "POST /myapp HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\nCookie: secret=1\r\nAuthorization: Basic c2VjcmV0\r\n\
            Content-Type: application/x-www-form-urlencoded\r\n\r\nid=A002";
        assert_eq!(http::send(server.addr, post.as_bytes()).status, 200);
        let log = fs::read_to_string(&server.debug_log).expect("a log");
        assert_eq!(log.lines().map(|line| &line[20..]).collect::<Vec<_>>(), expected);
    }
}

/// A catalogue that comes, changes and goes while the program runs.
#[test]
fn the_catalogue_is_replaced_while_apache_runs() {
    let (folder, site) = catalogue();
    let server = servers::start(Door::Fcgid, &site);
    let path = folder.path().join("products.db");
    let price = |expected: &str| {
        let answer = get(&server, "/myapp?id=A001");
        assert_eq!(String::from_utf8_lossy(&answer.body), format!(r#"{{"name":"Clock","price":{expected}}}"#));
    };
    price("12");
    let edit = |path: &Path, price: &str| {
        let connection = rusqlite::Connection::open(path).expect("the catalogue");
        connection.execute("UPDATE product SET price = ?1 WHERE id = 'A001'", [price]).expect("an edit");
    };
    edit(&path, "13.00");
    price("13.00");
    let new = folder.path().join("new.db");
    cases::write_catalogue(&new);
    edit(&new, "14");
    fs::rename(&new, &path).expect("another file in its place");
    price("14");
    fs::remove_file(&path).expect("it goes");
    assert_eq!(get(&server, "/myapp?id=A001").status, 503);
    cases::write_catalogue(&path);
    price("12");
}

/// `apachectl graceful` in the middle of 2,000 requests at concurrency 8: none fails.
///
/// mod_fcgid has as many processes as requests that came at the same moment; short of one, it puts
/// a request to sleep for a second, asks its process manager for another, and where that manager
/// has just ended it waits for ever (2.3.9). So there are enough processes before it begins.
#[test]
fn graceful_restart_of_mod_fcgid_loses_no_request() {
    let (folder, site) = catalogue();
    let server = servers::start(Door::Fcgid, &site);
    let program = server.root().join("bin/product-lookup");
    let processes = || {
        let all = fs::read_dir("/proc").expect("processes").flatten();
        all.filter(|process| fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == program)).count()
    };
    // Requests meet while a writer locks the catalogue: each keeps its process for as long.
    let writer = rusqlite::Connection::open(folder.path().join("products.db")).expect("the catalogue");
    writer.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    let enough = || (processes() >= 10).then_some(());
    let ask = || {
        get(&server, "/myapp?id=A001");
        enough()
    };
    std::thread::scope(|scope| {
        (0..16).for_each(|_| drop(scope.spawn(|| wait_for(ask))));
        let enough = wait_for(enough);
        drop(writer);
        enough.expect("a process for each of the requests");
    });
    requests_around_gracefuls(&server, CLOCK, 2000, &[900]);
}

/// The same for mod_proxy_fcgi, whose responder runs on: again and again.
#[test]
fn graceful_restarts_of_mod_proxy_fcgi_lose_no_request() {
    let (_folder, site) = catalogue();
    let server = servers::start(Door::Proxy(Socket::Unix, Connections::Kept), &site);
    requests_around_gracefuls(&server, CLOCK, 2000, &[300, 900, 1500]);
}

/// What the catalogue answers to a path.
const CLOCK: (&str, &[u8]) = ("/wsgi/myapp.py?id=A001", br#"{"name":"Clock","price":12}"#);

/// So many requests for a path by 8 clients, and a graceful restart after each of these numbers: none gets another
/// answer than this.
pub(crate) fn requests_around_gracefuls(server: &Server, asked: (&str, &[u8]), count: usize, gracefuls: &[usize]) {
    requests_around(server, asked, count, gracefuls, || server.apachectl("graceful"));
}

/// The same with something else that happens.
pub(crate) fn requests_around(
    server: &Server,
    asked: (&str, &[u8]),
    count: usize,
    moments: &[usize],
    happens: impl Fn(),
) {
    let done = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", asked.0).into_bytes();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while done.fetch_add(1, Ordering::SeqCst) < count {
                    match http::try_send(server.addr, &request) {
                        Ok(reply) if reply.status == 200 && reply.body == asked.1 => {}
                        other => failed.lock().expect("a list").push(format!("{other:?}")),
                    }
                }
            });
        }
        for &at in moments {
            while done.load(Ordering::SeqCst) < at {
                std::thread::yield_now();
            }
            happens();
        }
    });
    let failed = failed.into_inner().expect("a list");
    assert!(failed.is_empty(), "{} failed: {}\n{}", failed.len(), failed[0], server.error_log());
}

/// Replies kept inside Apache: the second comes from there, with the same bytes.
#[test]
fn cached_by_apache() {
    let (_folder, mut site) = catalogue();
    site.cached = true;
    let server = servers::start(Door::Fcgid, &site);
    let cached = |answer: &Answer| answer.field("X-Cache").expect("CacheHeader On").starts_with("HIT");
    let [first, second] = [0, 1].map(|_| get(&server, "/wsgi/myapp.py?id=A001"));
    assert_eq!((cached(&first), cached(&second)), (false, true));
    assert_eq!((first.status, &first.body), (200, &second.body));
    assert_eq!(second.field("Cache-Control"), Some("public, max-age=60"));
    // What a client wants fresh comes from the program again, and is whole from the cache after that.
    let fresh = "GET /wsgi/myapp.py?id=A001 HTTP/1.1\r\nHost: localhost\r\nCache-Control: max-age=0\r\n\r\n";
    assert_eq!(http::send(server.addr, fresh.as_bytes()).body, first.body);
    for _ in 0..3 {
        assert_eq!(get(&server, "/wsgi/myapp.py?id=A001").body, first.body);
    }
    // Errors are not kept, and another format is another reply.
    let missing = [0, 1].map(|_| get(&server, "/wsgi/myapp.py?id=none"));
    assert!(missing.iter().all(|answer| answer.status == 404 && !cached(answer)));
    let text = "GET /wsgi/myapp.py?id=A001 HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n";
    assert_eq!(http::send(server.addr, text.as_bytes()).body, b"name: Clock\nprice: 12\n");
}
