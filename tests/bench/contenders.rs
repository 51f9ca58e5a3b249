//! Who is measured, and against whom: two tables. Whoever looks something up does the same work: the same file, by a
//! prepared statement where the language can keep one, the same answer, and for a POST the same lines in a log.

/// A program that answers; the peers are in `peers/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    Ours,
    /// The one that ours is compared with, see `before`.
    Before,
    /// libfcgi
    C,
    /// net/http/fcgi
    Go,
    /// tokio-fastcgi
    Rust,
    Python,
    /// The example of our own library for FastCGI.
    HelloGateway,
    HelloC,
    HelloGo,
    HelloRust,
}

impl Program {
    /// Does it answer the same to everything?
    pub fn is_hello(self) -> bool {
        matches!(self, Program::HelloGateway | Program::HelloC | Program::HelloGo | Program::HelloRust)
    }
}

/// What stands in front of it in Apache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Front {
    /// A file that Apache itself reads.
    Static,
    /// apache/fcgid.conf
    Fcgid(Program),
    /// apache/proxy_fcgi.conf with connections kept
    Proxy(Program),
    /// apache/cgi.conf
    Cgid(Program),
    WsgiEmbedded,
    WsgiDaemon,
    /// mod_proxy_fcgi with connections kept
    PhpFpm,
}

impl Front {
    /// Whose program it is.
    pub fn program(self) -> Option<Program> {
        match self {
            Front::Fcgid(program) | Front::Proxy(program) | Front::Cgid(program) => Some(program),
            _ => None,
        }
    }
}

/// How it is asked: over HTTP by 8 connections of wrk, or over 8 connections to a FastCGI socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// A product by its id.
    Get(Front),
    /// The same by a multipart form.
    Post(Front),
    /// A search, as people type: after each letter. The best come first.
    Search(Front),
    /// The same where any that are found will do, as they lie.
    Unranked(Front),
    /// A product by its id, or a greeting.
    Socket(Program),
}

impl Load {
    /// What is in Apache, where it is asked.
    pub fn front(self) -> Option<Front> {
        match self {
            Load::Get(front) | Load::Post(front) | Load::Search(front) | Load::Unranked(front) => Some(front),
            Load::Socket(_) => None,
        }
    }
}

use Front::{Cgid, Fcgid, PhpFpm, Proxy, Static, WsgiDaemon, WsgiEmbedded};
use Load::{Get, Post, Search, Socket, Unranked};
use Program::{C, Go, HelloC, HelloGateway, HelloGo, HelloRust, Ours, Python, Rust};

/// Every contender with its name.
pub const CONTENDERS: [(&str, Load); 30] = [
    ("ours, mod_fcgid, GET", Get(Fcgid(Ours))),
    ("C on libfcgi, mod_fcgid, GET", Get(Fcgid(C))),
    ("mod_wsgi embedded, GET", Get(WsgiEmbedded)),
    ("mod_wsgi daemon, GET", Get(WsgiDaemon)),
    ("ours, mod_proxy_fcgi, GET", Get(Proxy(Ours))),
    ("PHP-FPM, mod_proxy_fcgi, GET", Get(PhpFpm)),
    ("Go, mod_proxy_fcgi, GET", Get(Proxy(Go))),
    ("Rust on tokio-fastcgi, mod_proxy_fcgi, GET", Get(Proxy(Rust))),
    ("the limit: canned C on libfcgi, mod_fcgid", Get(Fcgid(HelloC))),
    ("the limit: a static file", Get(Static)),
    ("ours, mod_fcgid, POST", Post(Fcgid(Ours))),
    ("C on libfcgi, mod_fcgid, POST", Post(Fcgid(C))),
    ("mod_wsgi embedded, POST", Post(WsgiEmbedded)),
    ("mod_wsgi daemon, POST", Post(WsgiDaemon)),
    ("ours, mod_proxy_fcgi, POST", Post(Proxy(Ours))),
    ("PHP-FPM, mod_proxy_fcgi, POST", Post(PhpFpm)),
    ("Go, mod_proxy_fcgi, POST", Post(Proxy(Go))),
    ("Rust on tokio-fastcgi, mod_proxy_fcgi, POST", Post(Proxy(Rust))),
    ("ours, mod_fcgid, search", Search(Fcgid(Ours))),
    ("PHP-FPM with FTS5, search", Search(PhpFpm)),
    ("PHP-FPM with FTS5, search in no order", Unranked(PhpFpm)),
    ("ours, CGI", Get(Cgid(Ours))),
    ("C, CGI", Get(Cgid(C))),
    ("Python, CGI", Get(Cgid(Python))),
    ("ours, lookup", Socket(Ours)),
    ("Go, lookup", Socket(Go)),
    ("our gateway, hello", Socket(HelloGateway)),
    ("C on libfcgi, 8 processes, hello", Socket(HelloC)),
    ("Go, hello", Socket(HelloGo)),
    ("Rust on tokio-fastcgi, hello", Socket(HelloRust)),
];

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests a second: ours over theirs, at least.
    Rate,
    /// The 99th percentile of the time a request takes: ours over theirs, at most.
    P99,
}

/// One line of the table of ratios.
pub struct Comparison {
    pub ours: Load,
    pub theirs: Load,
    pub measure: Measure,
    pub target: f64,
}

const fn rate(ours: Load, theirs: Load, target: f64) -> Comparison {
    Comparison { ours, theirs, measure: Measure::Rate, target }
}

/// Every comparison.
pub const COMPARISONS: [Comparison; 14] = [
    rate(Get(Fcgid(Ours)), Get(Fcgid(C)), 1.03),
    rate(Get(Fcgid(Ours)), Get(WsgiEmbedded), 1.3),
    rate(Get(Fcgid(Ours)), Get(WsgiDaemon), 1.7),
    rate(Post(Fcgid(Ours)), Post(WsgiEmbedded), 1.4),
    rate(Post(Fcgid(Ours)), Post(WsgiDaemon), 2.1),
    rate(Get(Proxy(Ours)), Get(PhpFpm), 1.8),
    rate(Get(Proxy(Ours)), Get(Proxy(Go)), 2.3),
    rate(Get(Proxy(Ours)), Get(Proxy(Rust)), 1.1),
    rate(Get(Cgid(Ours)), Get(Cgid(C)), 0.95),
    rate(Get(Cgid(Ours)), Get(Cgid(Python)), 10.0),
    rate(Socket(Ours), Socket(Go), 4.0),
    rate(Socket(HelloGateway), Socket(HelloGo), 4.0),
    rate(Search(Fcgid(Ours)), Search(PhpFpm), 1.5),
    Comparison { ours: Get(Fcgid(Ours)), theirs: Get(Fcgid(C)), measure: Measure::P99, target: 1.3 },
];
