//! A limit on memory: in go large bodies, out comes 200, 413 or 503, and the next
//! request is answered.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;

use super::{CLOCK, Shop, answer, assert_clock};
use crate::fastcgi_client as fastcgi;
use crate::program::Serving;

/// `serve` with so many KiB of address space. glibc would reserve 64 MiB of it for each of the first
/// threads, and leave nothing for the others.
pub(super) fn limited(shop: &Shop, kib: u32, settings: &[(&str, &str)]) -> Serving {
    let mut command: Command = shop.command("sh");
    let limit = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
    command
        .env("MALLOC_ARENA_MAX", "1")
        .args(["-c", &limit])
        .arg(shop.path("product-lookup"))
        .envs(settings.iter().copied());
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
    assert!(answer.status != 200 || answer.body == CLOCK);
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
