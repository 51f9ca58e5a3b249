//! The program as a responder of its own: connections, signals, sockets.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::{Serving, Site, run};

const CLOCK: &[u8] = br#"{"name":"Clock","price":12}"#;

fn request(keep: bool) -> Vec<u8> {
    fastcgi::request(1, keep, &[("QUERY_STRING".into(), "id=A001".into())], b"", WHOLE)
}

/// One request and its answer.
fn ask(connection: &mut (impl Read + Write), keep: bool) -> Answer {
    fastcgi::send(connection, &request(keep), usize::MAX);
    Answer::of_document(&fastcgi::read_document(connection, 1), false)
}

/// 300 idle connections that are kept, and one that says nothing: a new one is answered.
#[test]
fn idle_connections_starve_nobody() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let silent = serving.connect();
    let mut kept: Vec<UnixStream> = (0..300).map(|_| serving.connect()).collect();
    for connection in &mut kept {
        assert_eq!(ask(connection, true).body, CLOCK);
    }
    assert_eq!(ask(&mut serving.connect(), false).body, CLOCK);
    for connection in &mut kept {
        assert_eq!(ask(connection, true).body, CLOCK);
    }
    drop(silent);
}

/// A peer that says nothing, or stops in the middle, is dropped after SILENCE_SECONDS; one that is
/// kept between two requests may say nothing for longer.
#[test]
fn silent_peers_are_dropped() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[("SILENCE_SECONDS", "3")]);
    let mut kept = serving.connect();
    assert_eq!(ask(&mut kept, true).body, CLOCK);
    let mut stopped = serving.connect();
    stopped.write_all(&request(true)[..20]).expect("half a request");
    for mut silent in [serving.connect(), stopped] {
        assert_eq!(fastcgi::read_record(&mut silent), None);
    }
    assert_eq!(ask(&mut kept, true).body, CLOCK);
}

/// Out of descriptors: idle connections are closed to make room, and accepting goes on.
#[test]
fn descriptors_run_out() {
    let site = Site::with_catalogue();
    let mut command = Command::new("sh");
    command.env_clear().args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]).arg(site.path("product-lookup"));
    command.stderr(Stdio::null());
    let serving = Serving::start(command, &format!("unix:{}", site.path("socket").display()));
    let mut kept = Vec::new();
    for _ in 0..200 {
        let mut connection = serving.connect();
        assert_eq!(ask(&mut connection, true).body, CLOCK);
        kept.push(connection);
    }
}

/// Idle, it leaves at once, with 0, and takes its socket along; kept connections are closed.
#[test]
fn signals_end_an_idle_server() {
    for signal in [Signal::TERM, Signal::INT, Signal::USR1, Signal::HUP] {
        let site = Site::with_catalogue();
        let mut serving = site.serve(&[]);
        let mut kept = serving.connect();
        assert_eq!(ask(&mut kept, true).body, CLOCK);
        serving.signal(signal);
        assert!(serving.child.wait().expect("an end").success());
        assert_eq!(fastcgi::read_record(&mut kept), None);
        assert!(!site.path("socket").exists());
    }
}

/// A request that has begun is finished, whatever signal comes.
#[test]
fn requests_in_flight_are_finished() {
    let site = Site::with_catalogue();
    let mut serving = site.serve(&[]);
    let mut begun = serving.connect();
    let request = request(true);
    let (first, rest) = request.split_at(20);
    begun.write_all(first).expect("half a request");
    // An answer on another connection shows that what was sent before has been accepted.
    assert_eq!(ask(&mut serving.connect(), false).body, CLOCK);
    serving.signal(Signal::TERM);
    begun.write_all(rest).expect("the other half");
    assert_eq!(Answer::of_document(&fastcgi::read_document(&mut begun, 1), false).body, CLOCK);
    assert!(serving.child.wait().expect("an end").success());
}

#[test]
fn a_peer_that_does_not_speak_fastcgi_harms_nobody() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    for bytes in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], b"\x01", b"", b"\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01"]
    {
        let mut connection = serving.connect();
        connection.write_all(bytes).expect("bytes");
        drop(connection);
        assert_eq!(ask(&mut serving.connect(), false).body, CLOCK);
    }
}

/// A peer that sends on after an early end still gets to read it.
#[test]
fn an_early_end_is_not_destroyed_by_a_reset() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let mut connection = serving.connect();
    let unknown_role = fastcgi::record(fastcgi::BEGIN_REQUEST, 1, &[0, 9, 0, 0, 0, 0, 0, 0], 0);
    let body = fastcgi::record(fastcgi::STDIN, 1, &[b'x'; 65_535], 0);
    connection.write_all(&[unknown_role, body].concat()).expect("the server still reads");
    let end = fastcgi::read_record(&mut connection).expect("END_REQUEST");
    assert_eq!((end.kind, end.content[4]), (fastcgi::END_REQUEST, 3));
}

#[test]
fn sockets_stale_taken_and_none() {
    let site = Site::with_catalogue();
    let socket = site.path("socket");
    let listen = format!("unix:{}", socket.display());
    drop(UnixListener::bind(&socket).expect("a socket that nobody answers on any more"));
    let serving = site.serve(&[]);
    let refused = |listen: &str| {
        let output = run(site.command().args(["serve", "--listen", listen]), b"");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"), output.stdout)
    };
    let taken = format!("product-lookup: something answers on {listen} already\n");
    assert_eq!(refused(&listen), (Some(1), taken, vec![]));
    symlink(site.path("products.db"), site.path("link")).expect("a link");
    for name in ["products.db", "link"] {
        let path = site.path(name);
        let no_socket = format!("product-lookup: {} exists and is not a socket\n", path.display());
        assert_eq!(refused(&format!("unix:{}", path.display())), (Some(1), no_socket, vec![]));
        assert!(path.exists());
    }
    assert_eq!(ask(&mut serving.connect(), false).body, CLOCK);
}

#[test]
fn tcp_and_the_addresses_that_may_connect() {
    let site = Site::with_catalogue();
    let start = |addresses: Option<&str>, listen| {
        let mut command = site.command();
        command.envs(addresses.map(|addresses| ("FCGI_WEB_SERVER_ADDRS", addresses)));
        Serving::start(command, listen)
    };
    for (addresses, answered) in [
        (None, true),
        (Some("10.0.0.1, 127.0.0.1"), true),
        (Some("::ffff:127.0.0.1"), true),
        (Some("10.0.0.1,::1"), false),
    ] {
        let serving = start(addresses, "127.0.0.1:0");
        let mut connection = TcpStream::connect(&serving.address).expect("a connection");
        if answered {
            assert_eq!(ask(&mut connection, false).body, CLOCK, "{addresses:?}");
        } else {
            // Closed without a word, by an end or by a reset.
            let _ = connection.write_all(&request(false));
            assert!(!matches!(connection.read(&mut [0]), Ok(1..)), "{addresses:?}");
        }
    }
    let refused = |addresses: &OsStr, listen: &str| {
        let mut command = site.command();
        command.env("FCGI_WEB_SERVER_ADDRS", addresses).args(["serve", "--listen", listen]);
        let output = run(&mut command, b"");
        (output.status.code(), output.stdout, String::from_utf8(output.stderr).expect("UTF-8"))
    };
    // Nobody is let in by what names nobody.
    for (addresses, shown) in [
        (&b"localhost"[..], "localhost"),
        (b"", ""),
        (b" ", " "),
        (b"127.0.0.1,", "127.0.0.1,"),
        (b"127.0.0.1 10.0.0.1", "127.0.0.1 10.0.0.1"),
        (b"127.0.0.1\xff", "127.0.0.1\\xFF"),
    ] {
        let why = format!(
            "product-lookup: FCGI_WEB_SERVER_ADDRS=\"{shown}\" is not a comma-separated list of IP addresses\n"
        );
        for listen in ["127.0.0.1:0", "0.0.0.0:0"] {
            assert_eq!(refused(OsStr::from_bytes(addresses), listen), (Some(1), vec![], why.clone()));
        }
    }
}

/// Over TCP anybody who reaches the port could send settings, and they name any file: they count only from who
/// is named.
#[test]
fn settings_over_tcp() {
    let site = Site::with_catalogue();
    let ask = |addresses: Option<&str>| {
        let mut command = site.command();
        command.envs(addresses.map(|addresses| ("FCGI_WEB_SERVER_ADDRS", addresses))).env("CACHE_SECONDS", "7");
        command.stderr(File::create(site.path("stderr")).expect("a file"));
        let serving = Serving::start(command, "127.0.0.1:0");
        let log = site.path("made/by/nobody.log").display().to_string();
        let sent = [
            ("QUERY_STRING", "id=A001"),
            ("REQUEST_METHOD", "POST"),
            ("PRODUCTS_DB", "/nowhere"),
            ("PRODUCTS_DB_PASSWORD_FILE", "/etc/shadow"),
            ("DEBUG_LOG", &log),
            ("DEVELOP_MODE", "1"),
            ("CACHE_SECONDS", "99"),
            ("MAX_BODY_BYTES", "1"),
        ];
        let pairs: Vec<_> = sent.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        let mut connection = TcpStream::connect(&serving.address).expect("a connection");
        let body = b"{\"id\":\"A001\"}";
        let pairs = [pairs, vec![("CONTENT_TYPE".into(), "application/json".into())]].concat();
        fastcgi::send(&mut connection, &fastcgi::request(1, false, &pairs, body, WHOLE), usize::MAX);
        let answer = Answer::of_document(&fastcgi::read_document(&mut connection, 1), false);
        let cached = answer.field("Cache-Control").unwrap_or_default().to_owned();
        let told = std::fs::read_to_string(site.path("stderr")).expect("a file");
        (answer.status, cached, answer.field("Server-Timing").is_some(), site.path("made").exists(), told)
    };
    let told = "product-lookup: FCGI_WEB_SERVER_ADDRS names no web server, so settings are taken from this process's \
                environment alone\n";
    assert_eq!(ask(None), (200, "public, max-age=7".to_owned(), false, false, told.to_owned()));
    assert_eq!(ask(Some("127.0.0.1")), (413, "no-cache".to_owned(), true, true, String::new()));
}

/// Nor does it listen where others than this machine's reach it, unless it is said who may.
#[test]
fn other_addresses_than_loopback() {
    let site = Site::with_catalogue();
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let output = run(site.command().args(["serve", "--listen", listen]), b"");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{told}");
        let start = format!("product-lookup: whoever reaches {}", listen.trim_end_matches('0'));
        let end = " could send requests: name those who may, the web servers, as FCGI_WEB_SERVER_ADDRS=ADDRESS,... in \
                   the environment\n";
        assert!(told.starts_with(&start) && told.ends_with(end), "{told}");
    }
    // The same for a socket that it was started with.
    let listener = TcpListener::bind("0.0.0.0:0").expect("a socket");
    let output = site.command().stdin(OwnedFd::from(listener)).output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let mut command = site.command();
    command.env("FCGI_WEB_SERVER_ADDRS", "127.0.0.1");
    let serving = Serving::start(command, "0.0.0.0:0");
    let port = serving.address.rsplit(':').next().expect("a port");
    let mut connection = TcpStream::connect(format!("127.0.0.1:{port}")).expect("a connection");
    assert_eq!(ask(&mut connection, false).body, CLOCK);
}

/// As mod_fcgid, spawn-fcgi and systemd start it: descriptor 0 listens, arguments mean nothing.
#[test]
fn descriptor_0_listens() {
    let site = Site::with_catalogue();
    for (name, signal) in [("zero", Signal::TERM), ("hangup", Signal::HUP)] {
        let listener = UnixListener::bind(site.path(name)).expect("a socket");
        let mut command = site.command();
        command.args(["--help"]).env("QUERY_STRING", "id=A002").stdin(OwnedFd::from(listener));
        let mut child = command.spawn().expect("the program starts");
        let mut connection = UnixStream::connect(site.path(name)).expect("a connection");
        assert_eq!(ask(&mut connection, false).body, CLOCK);
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).expect("the process is there");
        assert!(child.wait().expect("an end").success());
    }

    let listener = TcpListener::bind("[::1]:0").or_else(|_| TcpListener::bind("127.0.0.1:0")).expect("a socket");
    let address = listener.local_addr().expect("an address");
    let mut child = site.command().stdin(OwnedFd::from(listener)).spawn().expect("the program starts");
    assert_eq!(ask(&mut TcpStream::connect(address).expect("a connection"), false).body, CLOCK);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, Signal::INT).expect("the process is there");
    assert!(child.wait().expect("an end").success());
}

/// Under mod_cgid descriptor 0 is a connected socket, and that is CGI.
#[test]
fn descriptor_0_is_connected() {
    let site = Site::with_catalogue();
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    (&ours).write_all(b"id=A002").expect("a body");
    let mut command = site.command();
    command.envs([
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("REQUEST_METHOD", "POST"),
        ("CONTENT_LENGTH", "7"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
    ]);
    let output = command.stdin(OwnedFd::from(theirs)).output().expect("the program runs");
    assert_eq!(Answer::of_document(&output.stdout, false).body, br#"{"name":"Bi-Noculars","price":40}"#);
}

/// One process serves several sites, each with the settings that come with its requests.
#[test]
fn several_sites() {
    let [one, other] = [Site::with_catalogue(), Site::with_catalogue()];
    let path = other.path("products.db");
    let edited = rusqlite::Connection::open(&path).expect("a catalogue");
    edited.execute("UPDATE product SET price = '13.00' WHERE id = 'A001'", []).expect("an edit");
    let serving = one.serve(&[("CACHE_SECONDS", "5")]);
    let mut connection = serving.connect();
    let mut ask = |settings: &[(&str, &str)]| {
        let pairs = [&[("QUERY_STRING", "id=A001")], settings].concat();
        let pairs: Vec<_> = pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        fastcgi::send(&mut connection, &fastcgi::request(1, true, &pairs, b"", WHOLE), usize::MAX);
        let answer = Answer::of_document(&fastcgi::read_document(&mut connection, 1), false);
        let cached = answer.field("Cache-Control").expect("a field").to_owned();
        (answer.status, String::from_utf8(answer.body).expect("UTF-8"), cached)
    };
    let other = path.display().to_string();
    let clock = |price: &str| format!(r#"{{"name":"Clock","price":{price}}}"#);
    for _ in 0..3 {
        assert_eq!(ask(&[]), (200, clock("12"), "public, max-age=5".to_owned()));
        let settings = [("PRODUCTS_DB", other.as_str()), ("CACHE_SECONDS", "0")];
        assert_eq!(ask(&settings), (200, clock("13.00"), "no-cache".to_owned()));
        assert_eq!(ask(&[("PRODUCTS_DB", "/nowhere")]).0, 503);
        assert_eq!(ask(&[("PRODUCTS_DB", "mysql://shop")]).0, 503);
        // What the client sends as a header is no setting.
        assert_eq!(ask(&[("HTTP_PRODUCTS_DB", "/nowhere")]).0, 200);
    }
}
