//! Many clients at once that ask, wait, abort and vanish at random while the end is asked for at a
//! random moment: answers are whole, each its own, and the server ends. A seed decides on all of it.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use product_lookup::gateway::fastcgi::{Address, Listener};
use product_lookup::gateway::reply::Reply;
use product_lookup::gateway::request::{Params, Request};
use product_lookup::gateway::{Failure, Handler, Limits, Signals, serve};
use socket2::{SockAddr, Socket, Type};

use crate::answer::Answer;
use crate::fastcgi_client as fastcgi;

/// Bytes of a body that no socket holds.
const LONG: usize = 1 << 20;

const CLIENTS: u64 = 8;
const ROUNDS: u64 = 100;

/// No client and no server waits for longer than this for the other, except for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers with what it was asked.
struct Echo;

impl Handler for Echo {
    fn limits(&self) -> Limits {
        Limits { silence: PATIENCE * 100, ..Limits::default() }
    }

    fn max_body_bytes(&self, _: &Params) -> usize {
        LONG
    }

    fn handle(&self, request: &Request) -> Result<Reply, Failure> {
        let length = request.body.as_ref().map_or(0, |body| body.len());
        Ok(Reply::new(200, "text/plain", [request.query(), format!(" {length}").as_bytes()].concat()))
    }
}

/// SplitMix64: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

fn connect(address: &SockAddr) -> io::Result<Socket> {
    let socket = Socket::new(address.domain(), Type::STREAM, None)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.connect(address)?;
    Ok(socket)
}

/// All that comes up to END_REQUEST, or to the end of the connection.
fn read_reply(connection: &mut Socket) -> Vec<u8> {
    let mut reply = Vec::new();
    loop {
        let mut header = Vec::with_capacity(8);
        match connection.take(8).read_to_end(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("neither an answer nor an end"),
            Ok(8) => {}
            _ => return reply,
        }
        let start = reply.len() + 8;
        reply.extend(&header);
        reply.resize(start + usize::from(u16::from_be_bytes([header[4], header[5]])) + usize::from(header[6]), 0);
        if connection.read_exact(&mut reply[start..]).is_err() || header[1] == fastcgi::END_REQUEST {
            return reply;
        }
    }
}

/// One client's life, up to the server's end. What was sent before `ending` was set is answered.
fn client(client: u64, address: &SockAddr, random: &mut Random, ending: &AtomicBool, asked: &Sender<()>) {
    while let Ok(mut connection) = connect(address) {
        for number in 0.. {
            let keep = random.below(3) > 0;
            let length = [0, 0, 0, 10, 10, 10, 100_000, LONG][random.below(8)];
            let query = format!("{client}.{number}.{}", random.below(1 << 30));
            let variables = [(b"QUERY_STRING".to_vec(), query.clone().into_bytes())];
            let request = fastcgi::request(1, keep, &variables, &vec![b'x'; length], fastcgi::WHOLE);
            let cut = random.below(request.len());
            let sent = match random.below(20) {
                0..12 => connection.write_all(&request),
                12..15 => connection.write_all(&request[..cut]).and_then(|()| {
                    thread::yield_now();
                    connection.write_all(&request[cut..])
                }),
                // Vanishes, in the request, after it, or in the reply.
                15 => {
                    let _ = connection.write_all(&request[..cut]);
                    break;
                }
                16 => {
                    let _ = connection.write_all(&request);
                    let _ = connection.read(&mut [0]);
                    break;
                }
                17 => {
                    let begin = &fastcgi::begin(1, keep);
                    let abort = fastcgi::record(fastcgi::ABORT_REQUEST, 1, b"", 0);
                    let _ = connection.write_all(&[begin, &abort[..]].concat());
                    let reply = read_reply(&mut connection);
                    assert!(reply.is_empty() || reply[1] == fastcgi::END_REQUEST, "{reply:?}");
                    if !keep || reply.is_empty() {
                        break;
                    }
                    continue;
                }
                // Says nothing until it is closed; the others ask on.
                18 if client < 2 => {
                    assert_eq!(read_reply(&mut connection), b"");
                    break;
                }
                _ => {
                    // Asks for values, half before and half after a while.
                    let ask = fastcgi::record(9, 0, &fastcgi::pair(b"FCGI_MPXS_CONNS", b""), 0);
                    let _ = connection.write_all(&ask[..4]);
                    thread::yield_now();
                    let _ = connection.write_all(&ask[4..]);
                    let mut header = [0; 8];
                    if connection.read_exact(&mut header).is_err() {
                        break;
                    }
                    let _ = connection.read_exact(&mut vec![0; usize::from(header[5]) + usize::from(header[6])]);
                    continue;
                }
            };
            let before_the_end = !ending.load(Ordering::SeqCst);
            let reply = read_reply(&mut connection);
            let _ = asked.send(());
            if reply.is_empty() {
                assert!(!before_the_end, "no answer to {query} with {length} bytes: {sent:?}");
                break;
            }
            let document = fastcgi::read_document(&mut reply.as_slice(), 1);
            let answer = Answer::of_document(&document, false);
            assert_eq!(String::from_utf8_lossy(&answer.body), format!("{query} {length}"));
            if !keep {
                assert_eq!(read_reply(&mut connection), b"");
                break;
            }
        }
    }
}

/// A server, its clients, and its end.
fn round(seed: u64, folder: &Path) {
    let mut random = Random(seed);
    let inherited = random.below(4) == 0;
    let (file, port) = (folder.join(seed.to_string()), "127.0.0.1:0");
    let listener = match (inherited, random.below(2)) {
        (true, 0) => Listener::inherited(UnixListener::bind(file).expect("it listens")),
        (true, _) => Listener::inherited(TcpListener::bind(port).expect("it listens")),
        (false, 0) => Listener::bind(&Address::Unix(file)).expect("it listens"),
        (false, _) => Listener::bind(&Address::Tcp(port.to_owned())).expect("it listens"),
    };
    let address = listener.socket.local_addr().expect("an address");
    let stop = Signals::none().expect("no signal");
    let (asked, asking) = mpsc::channel();
    let ending = &AtomicBool::new(false);
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (address, mut random, asked) = (&address, Random(seed ^ (number + 1) << 32), asked.clone());
            scope.spawn(move || client(number, address, &mut random, ending, &asked));
        }
        let stop = &stop;
        scope.spawn(move || serve(&Echo, &listener, stop).expect("an end"));
        for _ in 0..random.below(60) {
            asking.recv().expect("clients go on");
        }
        ending.store(true, Ordering::SeqCst);
        stop.request();
    });
}

#[test]
fn whatever_clients_do_and_whenever_the_end_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let seed @ 0..ROUNDS = next.fetch_add(1, Ordering::SeqCst) {
                    round(seed, folder);
                }
            });
        }
    });
}
