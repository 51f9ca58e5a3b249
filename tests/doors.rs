//! The table of cases through the doors that need no web server: a shell and raw FastCGI.

use std::io::Read;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use crate::answer::{Answer, assert_none};
use crate::cases::{self, Case};
use crate::fastcgi_client::{self as fastcgi, Cut, WHOLE};
use crate::program::Site;
use crate::servers::process::Running;
use crate::variables::{Split, variables, variables_by};

#[test]
fn shell() {
    use std::os::unix::ffi::OsStringExt;
    let site = Site::with_catalogue();
    let ask = |case: &Case| {
        let variables = variables(case)
            .into_iter()
            .map(|(name, value)| (std::ffi::OsString::from_vec(name), std::ffi::OsString::from_vec(value)));
        let mut command = site.command();
        // As Apache does for a query without `=`.
        command.envs(variables).args(["--help", "-x"]);
        let output = crate::program::run(&mut command, case.body.as_deref().unwrap_or_default());
        assert!(output.status.success(), "{}: {output:?}", case.name);
        Answer::of_document(&output.stdout, case.method == "HEAD")
    };
    let differences = cases::table().iter().filter_map(|case| ask(case).differences(case)).collect();
    assert_none("shell", differences);
}

/// The table on one connection a case, or on one connection for all.
fn raw(cut: Cut, write_bytes: usize, keep: bool, most_body: usize) {
    raw_by(Split::Script, cut, write_bytes, keep, most_body);
}

fn raw_by(split: Split, cut: Cut, write_bytes: usize, keep: bool, most_body: usize) {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let mut connection = serving.connect();
    let mut differences = Vec::new();
    for (number, case) in cases::table().iter().enumerate() {
        let body = case.body.as_deref().unwrap_or_default();
        if body.len() > most_body {
            continue;
        }
        let id = number as u16 * 7 + 1;
        let request = fastcgi::request(id, keep, &variables_by(case, split), body, cut);
        fastcgi::send(&mut connection, &request, write_bytes);
        let document = fastcgi::read_document(&mut connection, id);
        differences.extend(Answer::of_document(&document, case.method == "HEAD").differences(case));
        if !keep {
            assert_eq!(fastcgi::read_record(&mut connection), None, "{}: closed without KEEP_CONN", case.name);
            connection = serving.connect();
        }
    }
    assert_none("raw FastCGI", differences);
}

#[test]
fn raw_fastcgi_one_request_a_connection() {
    raw(WHOLE, usize::MAX, false, usize::MAX);
}

#[test]
fn raw_fastcgi_kept_connection() {
    raw(Cut { record_bytes: 16_384, padding: 7 }, usize::MAX, true, usize::MAX);
}

#[test]
fn raw_fastcgi_in_writes_of_one_byte() {
    raw(Cut { record_bytes: 65_535, padding: 255 }, 1, true, 200_000);
}

#[test]
fn raw_fastcgi_in_records_of_1_to_8_bytes() {
    for record_bytes in 1..=8 {
        raw(Cut { record_bytes, padding: record_bytes as u8 - 1 }, usize::MAX, record_bytes % 2 == 0, 200_000);
    }
}

#[test]
fn raw_fastcgi_however_the_path_is_split() {
    for split in [Split::ScriptName, Split::PathInfo(""), Split::PathInfo("/")] {
        raw_by(split, WHOLE, usize::MAX, true, usize::MAX);
    }
}

/// A body that ends before its CONTENT_LENGTH, or whose length is no number: web servers do not
/// let these through, a broken connection does.
#[test]
fn content_length_that_lies() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let incomplete = |announced: &str, received: &str| {
        format!("The body ended after {received} of the {announced} bytes that its Content-Length announces.")
    };
    let malformed = "The Content-Length is not a number.".to_owned();
    for (length, detail) in [
        ("8", incomplete("8", "7")),
        ("1048576", incomplete("1048576", "7")),
        ("+7", malformed.clone()),
        ("-7", malformed.clone()),
        ("7 ", malformed.clone()),
        ("7,7", malformed.clone()),
        ("\u{667}", malformed),
    ] {
        let expected = format!(r#"{{"type":"about:blank","title":"Bad Request","status":400,"detail":"{detail}"}}"#);
        for answer in both_doors(&site, &serving, length, b"id=A002") {
            assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (400, expected.as_str()));
        }
    }
    for length in ["1048577", "18446744073709551616", "99999999999999999999999999"] {
        for answer in both_doors(&site, &serving, length, b"id=A002") {
            assert_eq!(answer.status, 413, "{length}");
        }
    }
    // Bytes beyond the announced length are no part of the body; leading zeros change nothing.
    for length in ["7", "007"] {
        for answer in both_doors(&site, &serving, length, b"id=A002&id=%00") {
            assert_eq!(answer.body, br#"{"name":"Bi-Noculars","price":40}"#);
        }
    }
}

fn both_doors(site: &Site, serving: &crate::program::Serving, length: &str, body: &[u8]) -> [Answer; 2] {
    let variables =
        [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/x-www-form-urlencoded"), ("CONTENT_LENGTH", length)];
    let shell = Answer::of_document(&site.run(&variables, body).stdout, false);
    let pairs: Vec<_> = variables.map(|(name, value)| (name.into(), value.into())).into();
    let mut connection = serving.connect();
    fastcgi::send(&mut connection, &fastcgi::request(1, false, &pairs, body, WHOLE), usize::MAX);
    connection.shutdown(Shutdown::Write).expect("half a connection");
    [shell, Answer::of_document(&fastcgi::read_document(&mut connection, 1), false)]
}

/// FastCGI needs no CONTENT_LENGTH (Apache sends none for a chunked request), CGI does.
#[test]
fn a_body_without_content_length() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    let variables = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/x-www-form-urlencoded")];
    let pairs: Vec<_> = variables.map(|(name, value)| (name.into(), value.into())).into();
    let ask = |body: &[u8]| {
        let mut connection = serving.connect();
        fastcgi::send(&mut connection, &fastcgi::request(1, false, &pairs, body, WHOLE), usize::MAX);
        Answer::of_document(&fastcgi::read_document(&mut connection, 1), false)
    };
    assert_eq!(ask(b"id=A002").body, br#"{"name":"Bi-Noculars","price":40}"#);
    assert_eq!(ask(&[b'x'; 1_048_577]).status, 413);
    assert_eq!(Answer::of_document(&site.run(&variables, b"id=A002").stdout, false).status, 400);
}

/// A CGI program must not read more than CONTENT_LENGTH (RFC 3875, section 4.2): what follows in a
/// shell's stdin is for the next program.
#[test]
fn stdin_is_read_to_content_length_and_no_further() {
    let site = Site::with_catalogue();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "\"$0\" | tail -n 1; echo; cat"]).arg(site.path("product-lookup"));
    shell.env_clear().envs([
        ("PATH", "/usr/bin:/bin"),
        ("REQUEST_METHOD", "POST"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("CONTENT_LENGTH", "7"),
    ]);
    let output = crate::program::run(&mut shell, b"id=A002and the rest");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"name\":\"Bi-Noculars\",\"price\":40}\nand the rest");
}

/// mod_cgid gives a program one socket for stdin and stdout: what it does not read there cuts no reply.
#[test]
fn a_reply_on_a_socket_is_whole() {
    let site = Site::with_catalogue();
    let chunked = ("HTTP_TRANSFER_ENCODING", "chunked");
    for (variables, status) in [
        (vec![("REQUEST_METHOD", "GET"), ("QUERY_STRING", "id=A001")], 200),
        (vec![("REQUEST_METHOD", "PUT"), chunked], 405),
        (vec![("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "text/plain")], 400),
        (vec![("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "text/plain"), chunked], 413),
    ] {
        let (mut ours, theirs) = UnixStream::pair().expect("a socket");
        let mut command = site.command();
        command.envs(variables.iter().copied()).stdout(OwnedFd::from(theirs.try_clone().expect("a descriptor")));
        let running = Running::start_with(&mut command, OwnedFd::from(theirs).into());
        // What was started alone has the other end now.
        drop(command);
        fastcgi::send(&mut ours, &[b'x'; 1_500_000], usize::MAX);
        ours.shutdown(Shutdown::Write).expect("half a socket");
        let mut document = Vec::new();
        ours.read_to_end(&mut document).expect("no reset");
        assert_eq!(Answer::of_document(&document, false).status, status, "{variables:?}");
        drop(running);
    }
}

/// The same answers from a catalogue in a database server.
#[cfg(feature = "mysql")]
#[test]
fn mariadb() {
    crate::store::on_mariadb(&[shell, raw_fastcgi_kept_connection]);
}
