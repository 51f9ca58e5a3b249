//! Who is measured, and against whom: two tables.

/// A program that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Ours,
    Libfcgi,
    FastcgiCrate,
    Canned,
    Go,
    CgiC,
    CgiPython,
}

/// What stands in front of it in Apache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// A file that Apache itself reads.
    Static,
    /// apache/fcgid.conf
    Fcgid(Program),
    /// apache/fcgid.conf and apache/cache.conf
    Cached(Program),
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
    /// Is a process started for each request?
    pub fn is_cgi(self) -> bool {
        matches!(self, Front::Cgid(_))
    }
}

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Over HTTP by 8 connections of wrk, from an Apache with Debian's own choice, mpm_event.
    Get(Front),
    /// The same from one with mpm_worker, where a kept connection stays with its thread.
    GetWorker(Front),
    /// The same with a multipart form.
    Post(Front),
    /// FastCGI over a unix socket, so many connections, each kept.
    Kept(Program, usize),
    /// FastCGI over a unix socket, 8 clients, a connection for each request.
    Anew(Program),
}

impl Load {
    /// What is in Apache, where it is asked, and which module has Apache's threads.
    pub fn apache(self) -> Option<(Front, &'static str)> {
        match self {
            Load::Get(front) | Load::Post(front) => Some((front, "mpm_event")),
            Load::GetWorker(front) => Some((front, "mpm_worker")),
            Load::Kept(..) | Load::Anew(_) => None,
        }
    }
}

use Front::{Cached, Cgid, Fcgid, PhpFpm, Proxy, Static, WsgiDaemon, WsgiEmbedded};
use Load::{Anew, Get, GetWorker, Kept, Post};
use Program::{Canned, CgiC, CgiPython, FastcgiCrate, Go, Libfcgi, Ours};

/// Every contender with its name.
pub const CONTENDERS: [(&str, Load); 25] = [
    ("ours, mod_fcgid, GET", Get(Fcgid(Ours))),
    ("canned libfcgi, mod_fcgid, GET", Get(Fcgid(Libfcgi))),
    ("ours, mod_fcgid + cache.conf, GET", Get(Cached(Ours))),
    ("static file, GET", Get(Static)),
    ("mod_wsgi embedded, GET", Get(WsgiEmbedded)),
    ("mod_wsgi daemon, GET", Get(WsgiDaemon)),
    ("ours, mod_fcgid + cache.conf, mpm_worker, GET", GetWorker(Cached(Ours))),
    ("static file, mpm_worker, GET", GetWorker(Static)),
    ("mod_wsgi embedded, mpm_worker, GET", GetWorker(WsgiEmbedded)),
    ("ours, mod_fcgid, POST", Post(Fcgid(Ours))),
    ("mod_wsgi embedded, POST", Post(WsgiEmbedded)),
    ("mod_wsgi daemon, POST", Post(WsgiDaemon)),
    ("ours, mod_proxy_fcgi, GET", Get(Proxy(Ours))),
    ("PHP-FPM, mod_proxy_fcgi, GET", Get(PhpFpm)),
    ("Go, mod_proxy_fcgi, GET", Get(Proxy(Go))),
    ("ours, mod_cgid, GET", Get(Cgid(Ours))),
    ("canned C, mod_cgid, GET", Get(Cgid(CgiC))),
    ("Python, mod_cgid, GET", Get(Cgid(CgiPython))),
    ("ours, socket, kept", Kept(Ours, 8)),
    ("canned Rust, socket, kept", Kept(Canned, 8)),
    ("fastcgi crate, socket, kept", Kept(FastcgiCrate, 8)),
    ("Go, socket, kept", Kept(Go, 8)),
    ("ours, socket, anew", Anew(Ours)),
    ("canned libfcgi, socket, anew", Anew(Libfcgi)),
    ("fastcgi crate, socket, anew", Anew(FastcgiCrate)),
];

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests a second: ours over theirs, at least.
    Rate,
    /// The 99th percentile of the time a request takes: ours over theirs, at most.
    P99,
}

/// One line of the table of ratios: what, ours, theirs, the target.
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
pub const COMPARISONS: [Comparison; 18] = [
    rate(Get(Fcgid(Ours)), Get(Fcgid(Libfcgi)), 0.95),
    rate(Get(Fcgid(Ours)), Get(WsgiDaemon), 1.2),
    rate(Get(Cached(Ours)), Get(WsgiEmbedded), 2.0),
    rate(Get(Cached(Ours)), Get(Static), 1.5),
    rate(GetWorker(Cached(Ours)), GetWorker(WsgiEmbedded), 2.0),
    rate(GetWorker(Cached(Ours)), GetWorker(Static), 1.5),
    rate(Post(Fcgid(Ours)), Post(WsgiEmbedded), 1.5),
    rate(Post(Fcgid(Ours)), Post(WsgiDaemon), 2.5),
    rate(Get(Proxy(Ours)), Get(PhpFpm), 1.1),
    rate(Get(Proxy(Ours)), Get(Proxy(Go)), 2.0),
    rate(Get(Cgid(Ours)), Get(Cgid(CgiC)), 0.8),
    rate(Get(Cgid(Ours)), Get(Cgid(CgiPython)), 10.0),
    rate(Kept(Ours, 8), Kept(Canned, 8), 0.6),
    rate(Kept(Ours, 8), Kept(FastcgiCrate, 8), 3.0),
    rate(Kept(Ours, 8), Kept(Go, 8), 6.0),
    rate(Anew(Ours), Anew(Libfcgi), 1.1),
    rate(Anew(Ours), Anew(FastcgiCrate), 2.0),
    Comparison { ours: Get(Fcgid(Ours)), theirs: Get(Fcgid(Libfcgi)), measure: Measure::P99, target: 1.2 },
];

/// The name of a contender.
pub fn name(load: Load) -> &'static str {
    CONTENDERS.iter().find(|contender| contender.1 == load).expect("it is a contender").0
}
