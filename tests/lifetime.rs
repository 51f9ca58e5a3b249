//! How a `serve` begins and ends: whoever reads what it says, whoever else begins, whatever signal comes,
//! and whatever its peers are doing then.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::faults::clients::write_long_catalogue;
use crate::faults::killed::responders;
use crate::program::{Serving, Site, run};
use crate::servers::process::wait_for;
use crate::servers::{self, Door, http, process};

const CLOCK: &[u8] = br#"{"name":"Clock","price":12}"#;

fn request(query: &str) -> Vec<u8> {
    fastcgi::request(1, false, &[("QUERY_STRING".into(), query.into())], b"", WHOLE)
}

/// The answer on a connection of its own.
fn assert_clock(mut connection: UnixStream) {
    fastcgi::send(&mut connection, &request("id=A001"), usize::MAX);
    assert_eq!(Answer::of_document(&fastcgi::read_document(&mut connection, 1), false).body, CLOCK);
}

fn listen(site: &Site) -> String {
    format!("unix:{}", site.path("socket").display())
}

/// Nobody reads its line: it serves, and ends when it is told to.
#[test]
fn the_ready_line_is_a_courtesy() {
    let assert_serves = |site: &Site, command: &mut Command| {
        let child = command.args(["serve", "--listen", &listen(site)]).spawn().expect("the program starts");
        let mut serving = Serving { child, address: listen(site) };
        let connection = wait_for(|| UnixStream::connect(site.path("socket")).ok());
        assert_clock(connection.expect("it listens"));
        assert!(serving.child.try_wait().expect("a child").is_none());
        serving.signal(Signal::TERM);
        assert!(serving.child.wait().expect("an end").success());
    };
    let site = Site::with_catalogue();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert_serves(&site, site.command().stdout(writer));
    let mut closed = Command::new("sh");
    closed.env_clear().args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(site.path("product-lookup"));
    assert_serves(&site, &mut closed);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    assert_serves(&site, site.command().stdout(full));
}

/// nohup(1) starts it with SIGHUP ignored, and so it stays, to the end that SIGTERM asks for.
#[test]
fn a_hangup_that_is_ignored_ends_nothing() {
    let site = Site::with_catalogue();
    let mut command = Command::new("nohup");
    command.env_clear().arg(site.path("product-lookup")).stdin(Stdio::null()).stderr(Stdio::null());
    let mut serving = Serving::start(command, &listen(&site));
    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).expect("its status");
    let mask = |name: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix(name)).expect("a mask");
        u64::from_str_radix(mask.trim(), 16).expect("a number")
    };
    // SIGHUP is 1, SIGTERM 15.
    assert_eq!((mask("SigIgn:") & 1, mask("SigCgt:") & 1, mask("SigCgt:") >> 14 & 1), (1, 0, 1));
    serving.signal(Signal::HUP);
    assert_clock(serving.connect());
    serving.signal(Signal::TERM);
    assert!(serving.child.wait().expect("an end").success());
    assert!(!site.path("socket").exists());
}

/// Of many that find one stale socket, one gets it, and the others say so.
#[test]
fn one_of_many_begins_on_a_stale_socket() {
    let site = Site::with_catalogue();
    drop(UnixListener::bind(site.path("socket")).expect("a socket that nobody answers on any more"));
    let begin = || {
        let mut command = site.command();
        command.args(["serve", "--listen", &listen(&site)]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    for round in 0..30 {
        let begun: Vec<Child> = (0..8).map(|_| begin()).collect();
        let mut ready = Vec::new();
        for mut child in begun {
            let mut line = String::new();
            BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line, or none");
            if line.is_empty() {
                let output = child.wait_with_output().expect("an end");
                let told = String::from_utf8(output.stderr).expect("UTF-8");
                let taken = format!("product-lookup: something answers on {} already\n", listen(&site));
                assert_eq!((output.status.code(), told), (Some(1), taken), "round {round}");
            } else {
                assert_eq!(line, format!("product-lookup: ready on {}\n", listen(&site)));
                ready.push(Serving { child, address: listen(&site) });
            }
        }
        assert_eq!(ready.len(), 1, "round {round}");
        assert_clock(ready[0].connect());
        // Killed as it goes, it leaves its socket to the next round.
    }
    assert!(site.path("socket").exists());
}

/// A directory that another process has locked is waited for, and not for ever.
#[test]
fn a_directory_that_stays_locked() {
    let site = Site::with_catalogue();
    let directory = fs::File::open(site.folder.path()).expect("a directory");
    directory.lock().expect("nobody else has it");
    let output = run(site.command().args(["serve", "--listen", &listen(&site)]), b"");
    let told = format!(
        "product-lookup: cannot listen on {}: another process keeps a lock on the directory {}\n",
        listen(&site),
        site.folder.path().display()
    );
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).expect("UTF-8")), (Some(1), told));
    assert!(!site.path("socket").exists());
    let mut command = site.command();
    command.args(["serve", "--listen", &listen(&site)]).stdout(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let mut serving = Serving { child, address: listen(&site) };
    directory.unlock().expect("it is locked");
    let mut line = String::new();
    let stdout = serving.child.stdout.as_mut().expect("stdout");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    assert_eq!(line, format!("product-lookup: ready on {}\n", listen(&site)));
    assert_clock(serving.connect());
}

/// The directory is a FIFO, or missing: it is said, and not waited for.
#[test]
fn a_directory_that_is_none() {
    let site = Site::new();
    let fifo = site.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo(1)").success());
    for (directory, why) in [(fifo, "Not a directory"), (site.path("none"), "No such file or directory")] {
        let directory = directory.display();
        let listen = format!("unix:{directory}/socket");
        let output = run(site.command().args(["serve", "--listen", &listen]), b"");
        let told = format!("product-lookup: cannot listen on {listen}: cannot read the directory {directory}: {why}\n");
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).expect("UTF-8")), (Some(1), told));
    }
}

/// How long the slow ones below go on at most, where nobody ends them.
const TRICKLE: Duration = Duration::from_secs(40);

/// Sends a byte every now and then.
fn trickle(connection: &mut UnixStream, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    bytes.iter().try_for_each(|byte| {
        thread::sleep(pause);
        connection.write_all(&[*byte])
    })
}

/// After SIGTERM, peers that are slow for ever are cut off after 7 s, and one that is slow, but not for so
/// long, gets its answer. The process leaves with 0.
#[test]
fn slow_peers_do_not_keep_it() {
    let site = Site::new();
    write_long_catalogue(site.folder.path());
    let mut serving = site.serve(&[]);
    let pause = Duration::from_millis(100);
    let request_bytes = request("id=A001");
    let begin = |bytes: &[u8]| {
        let mut connection = serving.connect();
        connection.write_all(bytes).expect("it is read");
        connection
    };
    let mut sender = begin(&[&fastcgi::begin(1, false)[..], &[1, fastcgi::PARAMS, 0, 1, 0xff, 0xff, 0, 0]].concat());
    let mut reader = begin(&request("q=x&limit=100&format=html"));
    reader.read_exact(&mut [0; 8]).expect("the reply has begun");
    let (first, rest) = request_bytes.split_at(request_bytes.len() - 30);
    let mut slow = begin(first);
    // An answer on another connection shows that what was sent before has been accepted.
    assert_clock(serving.connect());
    let asked = Instant::now();
    serving.signal(Signal::TERM);
    thread::scope(|scope| {
        let sent = scope.spawn(|| {
            let bytes = vec![0; (TRICKLE.as_millis() / pause.as_millis()) as usize];
            trickle(&mut sender, &bytes, pause).expect_err("it is cut off").kind()
        });
        let read = scope.spawn(|| {
            let mut byte = [0];
            // What has been written before is there to be read.
            while asked.elapsed() < Duration::from_secs(9) {
                thread::sleep(pause);
                reader.read_exact(&mut byte).expect("a byte");
            }
            reader.read_to_end(&mut Vec::new()).expect("an end")
        });
        let answered = scope.spawn(|| {
            trickle(&mut slow, rest, pause).expect("it is read");
            let document = fastcgi::read_document(&mut slow, 1);
            (Answer::of_document(&document, false), asked.elapsed())
        });
        let (answer, after) = answered.join().expect("no panic");
        assert_eq!(answer.body, CLOCK);
        assert!(after > Duration::from_secs(3), "it was slow: {after:?}");
        assert!(serving.child.wait().expect("an end").success());
        let left = asked.elapsed();
        assert!(left > Duration::from_millis(6900) && left < Duration::from_secs(15), "{left:?}");
        assert_eq!(sent.join().expect("no panic"), std::io::ErrorKind::BrokenPipe);
        let rest = read.join().expect("no panic");
        assert!(rest < 1_000_000, "{rest} bytes, of 2,000,000");
    });
    assert!(!site.path("socket").exists());
}

/// Nor do lookups that wait for a writer's lock. Each gets an answer, or the end of its connection.
#[test]
fn a_locked_catalogue_does_not_keep_it() {
    let site = Site::with_catalogue();
    let mut serving = site.serve(&[]);
    assert_clock(serving.connect());
    let writer = rusqlite::Connection::open(site.path("products.db")).expect("a catalogue");
    writer.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    let begin = || {
        let mut connection = serving.connect();
        connection.write_all(&request("id=A001")).expect("it is read");
        connection
    };
    let mut waiting: Vec<UnixStream> = (0..100).map(|_| begin()).collect();
    serving.signal(Signal::TERM);
    let asked = Instant::now();
    assert!(serving.child.wait().expect("an end").success());
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    for connection in &mut waiting {
        let mut reply = Vec::new();
        connection.read_to_end(&mut reply).expect("an end");
        if !reply.is_empty() {
            assert_eq!(Answer::of_document(&fastcgi::read_document(&mut reply.as_slice(), 1), false).status, 503);
        }
    }
}

/// mod_fcgid takes that end for an end like others, and starts another.
#[test]
fn a_hangup_under_mod_fcgid() {
    let folder = process::folder();
    let catalogue = folder.path().join("products.db");
    crate::cases::write_catalogue(&catalogue);
    let server = servers::start(Door::Fcgid, &servers::Site { products_db: Some(catalogue), ..Default::default() });
    let assert_answered = || assert_eq!(http::get(server.addr, "/myapp?id=A001").body, CLOCK, "{}", server.error_log());
    assert_answered();
    let begun = responders(&server);
    assert!(!begun.is_empty());
    for &responder in &begun {
        kill_process(responder, Signal::HUP).expect("it is there");
    }
    wait_for(|| responders(&server).iter().all(|responder| !begun.contains(responder)).then_some(())).expect("an end");
    assert_answered();
    assert!(!server.error_log().contains("signal"), "{}", server.error_log());
}
