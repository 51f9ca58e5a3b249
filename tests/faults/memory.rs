//! Large bodies under a limit on memory: each gets 200, 413 or 503, and the next request is answered.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::thread;

use super::{CLOCK, Shop, answer, assert_clock};
use crate::fastcgi_client as fastcgi;
use crate::program::Serving;

/// The program with so many KiB of address space.
fn command(shop: &Shop, kib: u32) -> Command {
    let mut command: Command = shop.command("sh");
    let limit = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
    command.args(["-c", &limit]).arg(shop.path("product-lookup"));
    command
}

/// `serve` so.
pub(super) fn limited(shop: &Shop, kib: u32, settings: &[(&str, &str)]) -> Serving {
    let mut command = command(shop, kib);
    command.envs(settings.iter().copied());
    shop.start(command)
}

/// Sends a form up to its last record, and says whether all of it was taken.
fn begin(connection: &mut UnixStream, bytes: usize) -> bool {
    let pairs = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/x-www-form-urlencoded")];
    let pairs: Vec<u8> =
        pairs.iter().flat_map(|(name, value)| fastcgi::pair(name.as_bytes(), value.as_bytes())).collect();
    let mut head = fastcgi::begin(1, false);
    head.extend(fastcgi::record(fastcgi::PARAMS, 1, &pairs, 0));
    head.extend(fastcgi::record(fastcgi::PARAMS, 1, b"", 0));
    head.extend(fastcgi::record(fastcgi::STDIN, 1, b"id=A001&x=", 0));
    let piece = fastcgi::record(fastcgi::STDIN, 1, &[b'y'; 50_000], 0);
    connection.write_all(&head).is_ok() && (0..bytes / 50_000).all(|_| connection.write_all(&piece).is_ok())
}

/// Sends the last record; the status, and none where the connection ended.
fn end(mut connection: UnixStream) -> Option<u16> {
    connection.write_all(&fastcgi::record(fastcgi::STDIN, 1, b"", 0)).ok()?;
    let mut reply = Vec::new();
    connection.read_to_end(&mut reply).ok()?;
    if reply.is_empty() {
        return None;
    }
    let answer = answer(&mut reply.as_slice());
    let told = String::from_utf8_lossy(&answer.body);
    assert!(answer.status != 200 || answer.body == CLOCK);
    assert!(
        answer.status != 503 || told.contains("There is no memory for the body at the moment; try again later."),
        "{told}"
    );
    Some(answer.status)
}

/// 128 MiB hold ten threads and their bodies.
#[test]
fn bodies_one_after_the_other() {
    let shop = Shop::new();
    let mut serving = limited(&shop, 128 << 10, &[]);
    for (bytes, status) in [(1_000_000, 200), (1_100_000, 413), (50_000_000, 413), (1_000_000, 200)] {
        let mut connection = serving.connect();
        assert!(begin(&mut connection, bytes));
        assert_eq!(end(connection), Some(status), "{bytes} bytes");
    }
    assert_clock(&serving);
    assert!(serving.child.try_wait().expect("a child").is_none());
    assert_eq!(shop.stderr(), "");
}

/// 100 bodies of a megabyte where there is memory for sixteen: the others are told to come again, and
/// those which do are answered.
#[test]
fn more_bodies_at_once_than_there_is_memory_for() {
    let shop = Shop::new();
    let mut serving = limited(&shop, 256 << 10, &[]);
    for _ in 0..3 {
        let mut connections: Vec<UnixStream> = (0..100).map(|_| serving.connect()).collect();
        connections.retain_mut(|connection| begin(connection, 1_000_000));
        let statuses: Vec<u16> = connections.into_iter().filter_map(end).collect();
        let (answered, refused): (Vec<u16>, Vec<u16>) = statuses.iter().partition(|&&status| status == 200);
        assert!(answered.len() >= 10 && refused.iter().all(|&status| status == 503), "{statuses:?}\n{}", shop.stderr());
        assert!(refused.len() >= 10, "{statuses:?}");
        let mut alone = serving.connect();
        assert!(begin(&mut alone, 1_000_000));
        assert_eq!(end(alone), Some(200));
        assert_clock(&serving);
    }
    assert!(serving.child.try_wait().expect("a child").is_none());
}

/// Parameters of nearly a mebibyte each, for which a quarter of the memory is not enough.
#[test]
fn more_parameters_at_once_than_there_is_memory_for() {
    let shop = Shop::new();
    let serving = limited(&shop, 256 << 10, &[]);
    let mut connections: Vec<UnixStream> = (0..100).map(|_| serving.connect()).collect();
    let pair = fastcgi::pair(b"HTTP_X", &[b'x'; 900_000]);
    let records = |pieces: std::slice::Chunks<u8>| -> Vec<u8> {
        pieces.flat_map(|piece| fastcgi::record(fastcgi::PARAMS, 1, piece, 0)).collect()
    };
    for connection in &mut connections {
        connection.write_all(&[fastcgi::begin(1, false), records(pair.chunks(60_000))].concat()).expect("room");
    }
    let ends = [fastcgi::record(fastcgi::PARAMS, 1, b"", 0), fastcgi::record(fastcgi::STDIN, 1, b"", 0)].concat();
    let refused = connections.iter_mut().filter_map(|connection| {
        connection.write_all(&ends).ok()?;
        let mut reply = Vec::new();
        connection.read_to_end(&mut reply).ok()?;
        String::from_utf8_lossy(&reply)
            .contains("There is no memory for the request at the moment; try again later.")
            .then_some(())
    });
    assert!(refused.count() >= 10, "{}", shop.stderr());
    assert_clock(&serving);
}

/// A body that is allowed to be longer than there is memory for costs itself an answer, and
/// others none.
#[test]
fn a_body_longer_than_there_is_memory_for() {
    let shop = Shop::new();
    let mut serving = limited(&shop, 256 << 10, &[("MAX_BODY_BYTES", "1073741824")]);
    let kept = serving.connect();
    for _ in 0..3 {
        let mut connection = serving.connect();
        if begin(&mut connection, 300_000_000) {
            assert!(matches!(end(connection), None | Some(413 | 503)));
        }
        assert_clock(&serving);
    }
    drop(kept);
    assert!(serving.child.try_wait().expect("a child").is_none());
}

/// The least that it starts with, in KiB.
const LEAST: u32 = 128 << 10;

#[test]
fn less_memory_than_is_needed() {
    let shop = Shop::new();
    let listen = format!("unix:{}", shop.path("socket").display());
    for arguments in [&["serve", "--listen", &listen][..], &[]] {
        let mut command = command(&shop, LEAST - 1);
        let output = command.args(arguments).env("QUERY_STRING", "id=A001").output().expect("it ends");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{arguments:?}");
    }
    let told = "product-lookup: memory is limited to 131071 KiB (ulimit -v); 131072 are needed\n";
    assert_eq!(shop.stderr(), told.repeat(2));
    let output = command(&shop, LEAST).env("QUERY_STRING", "id=A001").output().expect("it ends");
    assert!(output.stdout.ends_with(CLOCK), "{output:?}");
}

/// All else of how it was started stays as it was.
#[test]
fn one_arena_whatever_was_chosen() {
    let shop = Shop::new();
    for (name, value) in
        [("MALLOC_ARENA_MAX", "8"), ("MALLOC_ARENA_MAX", ""), ("GLIBC_TUNABLES", "glibc.malloc.arena_max=8")]
    {
        let serving = limited(&shop, LEAST, &[(name, value), ("TWO", "a  b\nc")]);
        let read = |what: &str| {
            let text = fs::read_to_string(format!("/proc/{}/{what}", serving.child.id())).expect("text");
            text.split_terminator('\0').map(str::to_owned).collect::<Vec<_>>()
        };
        let environment = read("environ");
        for variable in ["MALLOC_ARENA_MAX=1", "TWO=a  b\nc"] {
            assert_eq!(environment.iter().filter(|&other| other == variable).count(), 1, "{environment:?}");
        }
        let (program, listen) = (shop.path("product-lookup"), format!("unix:{}", shop.path("socket").display()));
        assert_eq!(read("cmdline"), [&program.display().to_string(), "serve", "--listen", &listen]);
        assert_clock(&serving);
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Requests of which more is made than was sent, as near to all that is read as they come: what they are, their
/// type, and their body.
fn dense() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let fill = |piece: &str| piece.repeat((1 << 20) / piece.len()).into_bytes();
    let part = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
    vec![
        ("members", "application/json", [b"{\"\":0", &fill(",\"\":0")[8..], b"}"].concat()),
        ("numbers in a member", "application/json", [b"{\"a\":[0", &fill(",0")[16..], b"]}"].concat()),
        ("a text in a member", "application/json", [b"{\"q\":\"", &fill("\\u00e9")[16..], b"\"}"].concat()),
        ("one in the other", "application/json", fill("[")),
        ("fields", FORM, "a&".repeat(10_000).into_bytes()),
        ("more fields than are read", FORM, fill("a&")),
        ("no UTF-8", FORM, [b"q=", &vec![0xff; (1 << 20) - 2][..]].concat()),
        ("no UTF-8 in many fields", FORM, b"q=\xff\xff\xff&".repeat(9_999)),
        ("a question", FORM, [b"q=", &fill("left.")[2..]].concat()),
        ("parts", "multipart/form-data; boundary=B", [part.repeat(10_000).as_bytes(), b"--B--\r\n"].concat()),
    ]
}

/// With the least memory: as many requests of each kind at once as there are threads for, and none ends the
/// process, also those that come in PARAMS.
#[test]
fn more_is_made_of_a_request_than_was_sent() {
    let shop = Shop::new();
    let mut serving = limited(&shop, LEAST, &[("DEVELOP_MODE", "1")]);
    let mut whole = Vec::new();
    for (_, kind, body) in dense() {
        let length = body.len().to_string();
        let variables = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", kind), ("CONTENT_LENGTH", &length)];
        whole.push(super::request(&variables, &body, false));
    }
    for params in [vec![0; (1 << 20) - 8], vec![0; 20_000], [vec![0; 20_000], vec![0x80, 0, 0, 0, 0]].concat()] {
        let records = params.chunks(65_535).map(|piece| fastcgi::record(fastcgi::PARAMS, 1, piece, 0));
        let ends = [fastcgi::record(fastcgi::PARAMS, 1, b"", 0), fastcgi::record(fastcgi::STDIN, 1, b"", 0)];
        whole.push([vec![fastcgi::begin(1, false)], records.collect(), ends.to_vec()].concat().concat());
    }
    for (number, request) in whole.iter().enumerate() {
        // All but the last record: all of them are there before the first is answered.
        let (first, last) = request.split_at(request.len() - 8);
        let mut begun: Vec<UnixStream> = (0..28).map(|_| serving.connect()).collect();
        thread::scope(|scope| {
            let answers: Vec<_> =
                begun.iter_mut().map(|connection| scope.spawn(move || connection.write_all(first).is_ok())).collect();
            assert!(answers.into_iter().all(|sent| sent.join().expect("no panic")));
        });
        for connection in &mut begun {
            connection.write_all(last).expect("it is read");
        }
        for connection in &mut begun {
            let status = answer(connection).status;
            assert!(matches!(status, 200 | 400 | 404 | 413 | 503), "request {number}: {status}");
        }
        assert_clock(&serving);
    }
    assert!(serving.child.try_wait().expect("a child").is_none());
}
