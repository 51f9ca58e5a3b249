//! A lean FastCGI client on a unix socket, which asks for a product by its id over connections that are kept, and
//! compares every reply. A request is one write, its reply one read.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::RwLock;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::PATIENCE;
use crate::rounds::Figures;
use crate::typical::{self, ID};

const END_REQUEST: u8 = 3;
const STDOUT: u8 = 6;
const STDERR: u8 = 7;

/// What a canned responder answers.
pub const HELLO: &str = "Hello you!\n";

/// What is sent, and where.
pub struct Target<'a> {
    pub socket: &'a Path,
    pub request: Vec<u8>,
    /// How many products there are to choose from.
    pub products: usize,
    /// Does it answer [`HELLO`] to everything?
    pub hello: bool,
}

impl Target<'_> {
    /// Asks over so many connections at once, each with a thread of its own, which waits for one
    /// reply before it asks again.
    pub fn measure(&self, connections: usize, time: Duration) -> Figures {
        // Closed until every client has had its first reply.
        let gate = RwLock::new(());
        let (send_ready, ready) = mpsc::channel();
        let (mut times, elapsed) = thread::scope(|scope| {
            let closed = gate.write().expect("a new lock");
            let spawn = |seed| {
                let (ready, gate) = (send_ready.clone(), &gate);
                let work = move || self.ask_for(seed, time, &ready, gate);
                thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, work).expect("a thread")
            };
            let clients: Vec<_> = (1..=connections as u64).map(spawn).collect();
            for _ in 0..connections {
                ready.recv_timeout(PATIENCE).expect("every client has a reply");
            }
            let start = Instant::now();
            drop(closed);
            let times: Vec<u32> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
            (times, start.elapsed())
        });
        let requests = times.len();
        let mut percentile = |of_100: usize| {
            let at = requests * of_100 / 100;
            f64::from(*times.select_nth_unstable(at).1) / 1e3
        };
        let (p50, p99) = (percentile(50), percentile(99));
        Figures { rate: requests as f64 / elapsed.as_secs_f64(), p50, p99, requests: requests as u64 }
    }

    /// One thread's part: how many nanoseconds each request took.
    fn ask_for(&self, seed: u64, time: Duration, ready: &Sender<()>, gate: &RwLock<()>) -> Vec<u32> {
        let mut client = Client::new(self, seed);
        let mut stream = client.connect();
        client.ask(&mut stream);
        ready.send(()).expect("it is waited for");
        drop(gate.read());
        let mut times = Vec::with_capacity(1 << 16);
        let mut start = Instant::now();
        let until = start + time;
        while start < until {
            client.ask(&mut stream);
            let end = Instant::now();
            times.push((end - start).as_nanos() as u32);
            start = end;
        }
        times
    }
}

/// A thread's request and what it expects.
pub struct Client<'a> {
    target: &'a Target<'a>,
    request: Vec<u8>,
    /// Where in the request the id is.
    places: Vec<usize>,
    answer: Vec<u8>,
    buffer: Vec<u8>,
    random: u64,
}

impl<'a> Client<'a> {
    pub fn new(target: &'a Target, seed: u64) -> Client<'a> {
        let request = target.request.clone();
        let places = request.windows(ID.len()).enumerate().filter(|(_, bytes)| *bytes == ID.as_bytes());
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        assert!(!places.is_empty(), "the request names a product");
        let answer = if target.hello { HELLO.to_owned() } else { typical::answer(0) }.into_bytes();
        Client {
            target,
            request,
            places,
            answer,
            buffer: vec![0; 8192],
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }

    pub fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.target.socket).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream
    }

    /// Asks for a product by chance, and looks at the reply.
    pub fn ask(&mut self, stream: &mut UnixStream) {
        self.choose();
        stream.write_all(&self.request).expect("the request is taken");
        let mut filled = 0;
        while !self.complete(filled) {
            let read = stream.read(&mut self.buffer[filled..]).expect("a reply");
            assert!(read > 0, "the connection ended before the reply: {:?}", self.text(filled));
            filled += read;
        }
    }

    /// Puts another id into the request, and its name into the answer that is expected.
    fn choose(&mut self) {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let mut number = self.random as usize % self.target.products;
        let mut digits = [b'0'; 7];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        for place in &self.places {
            self.request[place + 1..place + 8].copy_from_slice(&digits);
        }
        if !self.target.hello {
            let name = br#"{"name":"Product "#.len();
            self.answer[name..name + 7].copy_from_slice(&digits);
        }
    }

    /// Is END_REQUEST there? If so, status and body were right, or this panics.
    fn complete(&self, filled: usize) -> bool {
        let (mut rest, mut status, mut body) = (&self.buffer[..filled], false, false);
        while let Some((&[_, kind, _, _, high, low, padding, _], after)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some((content, after)) = after.split_at_checked(length) else { return false };
            match kind {
                STDOUT => {
                    status |= content.starts_with(b"Status: 200");
                    body |= content.ends_with(&self.answer);
                }
                END_REQUEST => {
                    assert!(status && body, "a wrong reply: {:?}", self.text(filled));
                    return true;
                }
                // libfcgi ends this stream too.
                STDERR if content.is_empty() => {}
                other => panic!("a record of type {other}: {:?}", self.text(filled)),
            }
            let Some(after) = after.get(usize::from(padding)..) else { return false };
            rest = after;
        }
        false
    }

    fn text(&self, filled: usize) -> String {
        String::from_utf8_lossy(&self.buffer[..filled]).into_owned()
    }
}
