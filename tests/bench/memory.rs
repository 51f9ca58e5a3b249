//! How much memory a responder takes of its own: RssAnon, which is what is resident less what is
//! mapped from files and shared by all of its processes.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::apache;
use crate::contenders::{Front, Load, Program};
use crate::programs::{PRODUCTS, Site};
use crate::report::{Found, Goal};
use crate::rounds::seconds;
use crate::socket::{Client, Target};
use crate::wire::request;
use crate::wrk::Asked;

/// How many requests a process has answered when it is looked at again.
const REQUESTS: u64 = 100_000;

/// How many connections are kept.
const CONNECTIONS: usize = 1_000;

pub fn run(site: &Site) -> Found {
    let kib = |what: String, seen, target| Goal { unit: "KiB", ..Goal::at_most(what, seen, target) };
    let goals = vec![
        kib(format!("a responder under mod_fcgid after {REQUESTS} requests has"), under_fcgid(site), 6144.0),
        kib(format!("each of {CONNECTIONS} connections that `serve` keeps takes"), kept(site), 32.0),
    ];
    Found { goals, ..Found::default() }
}

/// One connection of wrk, so that one process answers all; every other run posts.
fn under_fcgid(site: &Site) -> f64 {
    let front = Front::Fcgid(Program::Ours);
    let apache = apache::start(site, front);
    let loads = [Load::Get(front), Load::Post(front)].into_iter().cycle();
    let mut answered = 0;
    for load in loads {
        answered += Asked { site, to: apache.address, load, connections: 1 }.measure(seconds()).requests;
        if answered >= REQUESTS {
            break;
        }
    }
    own_kib(&site.program(Program::Ours))
}

/// What each of so many connections adds that has asked once.
fn kept(site: &Site) -> f64 {
    let serving = site.serve(Program::Ours, &site.path("data/typical.db"));
    let target = Target { socket: &serving.socket, request: request(&[], b"", true), products: PRODUCTS, hello: false };
    let mut client = Client::new(&target, 1);
    let mut connect = || {
        let mut stream = client.connect();
        client.ask(&mut stream);
        stream
    };
    let first = connect();
    let before = own_kib(&site.program(Program::Ours));
    let connections: Vec<UnixStream> = (0..CONNECTIONS).map(|_| connect()).collect();
    let after = own_kib(&site.program(Program::Ours));
    drop((first, connections));
    (after - before) / CONNECTIONS as f64
}

/// The processes that run this program, as folders of /proc.
pub fn processes(program: &Path) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").expect("Linux's list of processes").flatten().map(|entry| entry.path());
    processes.filter(|process| fs::read_link(process.join("exe")).is_ok_and(|exe| exe == program)).collect()
}

/// RssAnon of the one process that runs this program.
fn own_kib(program: &Path) -> f64 {
    let [process] = &processes(program)[..] else { panic!("one process serves") };
    let status = fs::read_to_string(process.join("status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("RssAnon");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number")
}
