//! The debug log where it cannot be written: replies are the same, and there is one warning. And stderr,
//! which the warning goes to.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use rustix::fs::OFlags;
use rustix::io::ioctl_fionbio;
use rustix::process::Signal;

use super::{Shop, UNREADABLE, answer, ask, get, request};
use crate::program::{Serving, Site, run};
use crate::servers::process;

/// Four clients with ten requests each; all their replies, which are the same.
fn replies(serving: &Serving) -> Vec<String> {
    let posts = || {
        let variables = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/json")];
        let one = || format!("{:?}", ask(serving, &variables));
        (0..10).map(|_| one()).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(posts)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("no panic")).collect()
    });
    assert_eq!(all.len(), 40);
    all.dedup();
    all
}

/// Replies and complaints with a log there, beside those with one that is written.
fn unwritten(shop: &Shop, log: &Path, why: &str) {
    let mut serving = shop.serve(&[]);
    let expected = replies(&serving);
    assert_eq!(expected.len(), 1);
    assert_eq!(shop.stderr(), "");
    serving.signal(Signal::TERM);
    assert!(serving.child.wait().expect("an end").success());
    let serving = shop.serve(&[("DEBUG_LOG", &log.display().to_string())]);
    assert_eq!(replies(&serving), expected);
    assert_eq!(replies(&serving), expected);
    assert_warned(shop, log, why);
}

/// Once, and of nothing else.
fn assert_warned(shop: &Shop, log: &Path, why: &str) {
    let (log, directory) = (log.display(), log.parent().expect("a directory").display());
    assert_eq!(
        shop.stderr(),
        format!(
            "product-lookup: the debug log {log} cannot be written ({why}); to let the web server's user write it: \
             mkdir -p {directory} && chgrp www-data {directory} && chmod g+w {directory}\n"
        )
    );
}

#[test]
fn full() {
    unwritten(&Shop::new(), Path::new("/dev/full"), "No space left on device");
}

#[test]
fn its_directory_missing_where_none_can_be_made() {
    unwritten(&Shop::new(), Path::new("/proc/log/debug.log"), "No such file or directory");
}

#[test]
fn its_directory_read_only() {
    let shop = Shop::new();
    fs::create_dir(shop.path("fixed")).expect("a directory");
    fs::set_permissions(shop.path("fixed"), Permissions::from_mode(0o555)).expect("its rights");
    unwritten(&shop, &shop.path("fixed/debug.log"), "Permission denied");
    assert!(!shop.path("fixed/debug.log").exists());
}

#[test]
fn a_directory_in_its_place() {
    let shop = Shop::new();
    fs::create_dir(shop.path("debug.log")).expect("a directory");
    unwritten(&shop, &shop.path("debug.log"), "Is a directory");
}

/// A FIFO that the web server's user may write to.
fn fifo(shop: &Shop) -> std::path::PathBuf {
    let path = shop.path("fifo");
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo(1)").success());
    process::hand_over(&path);
    path
}

/// Reads and writes a FIFO without waiting; while this is open, it has a reader.
fn open_fifo(path: &Path) -> File {
    let flags = OFlags::NONBLOCK.bits() as i32;
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).expect("a FIFO")
}

/// All that is in a FIFO now.
fn drain(mut fifo: &File) -> String {
    let mut text = Vec::new();
    let error = fifo.read_to_end(&mut text).expect_err("it has no end");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    String::from_utf8(text).expect("UTF-8")
}

#[test]
fn a_fifo_that_nobody_reads() {
    let shop = Shop::new();
    unwritten(&shop, &fifo(&shop), "nobody reads it: No such device or address");
}

#[test]
fn a_socket_in_its_place() {
    let shop = Shop::new();
    let _listening = UnixListener::bind(shop.path("debug.log")).expect("a socket");
    process::hand_over(&shop.path("debug.log"));
    unwritten(&shop, &shop.path("debug.log"), "nobody reads it: No such device or address");
}

/// What the reader left no room for is not there, what it did is there in whole lines, and once it reads
/// again it gets all.
#[test]
fn a_fifo_whose_reader_is_slow() {
    let shop = Shop::new();
    let path = fifo(&shop);
    let mut reader = open_fifo(&path);
    let serving = shop.serve(&[("DEBUG_LOG", &path.display().to_string()), ("DEVELOP_MODE", "1")]);
    let post = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "text/plain")];
    let body = [b"\0\xe9".repeat(3000), b"end".to_vec()].concat();
    let post = || {
        let mut connection = serving.connect();
        connection.write_all(&request(&post, &body, false)).expect("it is read");
        assert_eq!(answer(&mut connection).status, 415);
    };
    let types = "multipart/form-data, application/x-www-form-urlencoded, application/json";
    let refused = format!("error: 415: The body's Content-Type must be one of {types}.");
    // A pipe's 4096 bytes, with the time and the line's end.
    let input = format!(r"wsgi.input: b'{}\x...", r"\x00\xe9".repeat(507));
    let told = ["content_len: 6003", "no of lines: 1", &input, &refused];
    post();
    let lines = |text: &str| text.lines().map(|line| line[20..].to_owned()).collect::<Vec<_>>();
    let first = drain(&reader);
    assert!(lines(&first) == told, "{first}");
    assert_eq!(shop.stderr(), "");
    // 64 KiB, unless there is less for it: full, and then with room for some lines.
    while reader.write(&[b'x'; 4096]).is_ok() {}
    (0..3).for_each(|_| post());
    assert_warned(&shop, &path, "who reads it is too slow: Resource temporarily unavailable");
    reader.read_exact(&mut [0; 3 * 4096]).expect("what was written");
    (0..9).for_each(|_| post());
    let text = drain(&reader);
    let written = text.trim_start_matches('x');
    assert!(written.len() > 4000 && written.ends_with('\n'), "{} bytes", written.len());
    assert!(lines(written).iter().all(|line| told.contains(&line.as_str())), "{written}");
    post();
    assert!(lines(&drain(&reader)) == told);
    assert_warned(&shop, &path, "who reads it is too slow: Resource temporarily unavailable");
}

/// As long as `ulimit -f` allows: two blocks of 512 bytes.
#[test]
fn a_limit_on_the_length_of_files() {
    let shop = Shop::new();
    let log = shop.path("log/debug.log");
    let limited = || {
        let mut command = shop.command("sh");
        command.args(["-c", "ulimit -f 2; exec \"$0\" \"$@\""]).arg(shop.path("product-lookup"));
        command
    };
    let serving = shop.start(limited());
    assert_eq!(replies(&serving).len(), 1);
    let written = shop.log();
    assert!(written.len() > 900 && written.len() <= 1024, "{} bytes", written.len());
    for lines in written.split_inclusive('\n').collect::<Vec<_>>().chunks(2) {
        assert!(lines[0].ends_with(" content_len: 0\n") && lines[1].ends_with(" no of lines: 1\n"), "{written}");
    }
    assert_warned(&shop, &log, "File too large");
    // Another warning: another process.
    let post = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/json"), ("CONTENT_LENGTH", "13")];
    let cgi = run(limited().envs(post), br#"{"id":"A001"}"#);
    assert!(cgi.status.success() && cgi.stdout.ends_with(super::CLOCK), "{cgi:?}");
    let told = String::from_utf8(cgi.stderr).expect("UTF-8");
    assert!(told.contains(" cannot be written (File too large); ") && told.lines().count() == 1, "{told}");
    assert_eq!(shop.log(), written);
}

/// What cannot be lost, and what is there for it.
#[test]
fn null_and_standard_error() {
    let site = Site::with_catalogue();
    let post = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/json"), ("CONTENT_LENGTH", "13")];
    for (log, lines) in [("/dev/null", &[][..]), ("/dev/stderr", &["content_len: 13", "no of lines: 1"])] {
        let output = run(site.command().envs(post).env("DEBUG_LOG", log), br#"{"id":"A001"}"#);
        assert!(output.stdout.ends_with(super::CLOCK), "{output:?}");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(told.lines().map(|line| &line[20..]).collect::<Vec<_>>(), lines);
    }
}

/// A pipe with no room in it.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut full) = io::pipe().expect("a pipe");
    ioctl_fionbio(&full, true).expect("a pipe that does not wait");
    while full.write(&[b'x'; 4096]).is_ok() {}
    ioctl_fionbio(&full, false).expect("a pipe that waits");
    (reader, full)
}

/// `serve` says to nobody that it is ready, and is.
#[test]
fn a_standard_output_that_nobody_reads() {
    let shop = Shop::new();
    let (_reader, full) = full_pipe();
    let listen = format!("unix:{}", shop.path("socket").display());
    let child = shop.program().args(["serve", "--listen", &listen]).stdout(full).spawn().expect("the program starts");
    let mut serving = Serving { child, address: listen };
    process::wait_for(|| UnixStream::connect(shop.path("socket")).ok()).expect("it listens");
    assert_eq!(get(&serving, "id=A001").body, super::CLOCK);
    serving.signal(Signal::TERM);
    assert!(serving.child.wait().expect("an end").success());
}

/// What there is no room for is lost, and nothing waits for it: no reply, and not the end.
#[test]
fn a_standard_error_that_nobody_reads() {
    let shop = Shop::new();
    let (mut reader, full) = full_pipe();
    let mut command = shop.program();
    command.env("PRODUCTS_DB", "/nowhere.db").stderr(full);
    let mut serving = shop.start(command);
    let refused = || assert_eq!(get(&serving, "id=A001").body, UNREADABLE.as_bytes());
    (0..3).for_each(|_| refused());
    reader.read_exact(&mut [0; 4096]).expect("what was written");
    refused();
    serving.signal(Signal::TERM);
    assert!(serving.child.wait().expect("an end").success());
    let mut told = String::new();
    reader.read_to_string(&mut told).expect("UTF-8");
    let missing = "the file cannot be found: No such file or directory";
    let expected = format!("product-lookup: the catalogue /nowhere.db cannot be read: {missing}\n");
    assert_eq!(told.trim_start_matches('x'), expected);
}
