//! How much memory a responder takes of its own: RssAnon, which is what is resident less what is
//! mapped from files and shared by all of its processes.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::apache;
use crate::contenders::{Front, Program};
use crate::programs::{PRODUCTS, Site};
use crate::report::{Goal, goals_table};
use crate::rounds::{Spread, seconds};
use crate::socket::{Client, Target};
use crate::wire::request;
use crate::wrk::Asked;

/// How many requests a process has answered when it is looked at again.
const REQUESTS: u64 = 100_000;

/// How many connections are kept.
const CONNECTIONS: usize = 1_000;

pub fn run(site: &Site) -> String {
    let kib =
        |what: &str, seen: Vec<f64>, target: f64| Goal { unit: "KiB", ..Goal::at_most(what, Spread::of(seen), target) };
    let (rest, used) = under_fcgid(site);
    goals_table(&[
        kib("a responder under mod_fcgid at rest", rest, 6144.0),
        kib(&format!("the same after {REQUESTS} requests"), used, 6144.0),
        kib(&format!("each of {CONNECTIONS} kept connections"), kept(site), 32.0),
    ])
}

/// Before and after. One connection of wrk, so that one process answers all.
fn under_fcgid(site: &Site) -> (Vec<f64>, Vec<f64>) {
    let apache = apache::start(site, Front::Fcgid(Program::Ours), "mpm_event");
    let mut asked = Asked {
        to: apache.address,
        path: apache.path,
        form: None,
        products: PRODUCTS,
        different: 10_000,
        connections: 1,
        canned: false,
        ours: true,
    };
    asked.check(0);
    let program = site.program(Program::Ours);
    let rest = own_kib(&program);
    let mut answered = 0;
    while answered < REQUESTS {
        // Every other run posts.
        asked.form = asked.form.xor(Some(site.path("data/form")));
        answered += asked.measure(seconds()).requests;
    }
    (rest, own_kib(&program))
}

fn kept(site: &Site) -> Vec<f64> {
    let serving = site.serve(Program::Ours);
    let target =
        Target { socket: &serving.socket, request: request(&[], b"", true), products: PRODUCTS, canned: false };
    let mut client = Client::new(&target, 1);
    client.ask(None);
    let program = site.program(Program::Ours);
    let [before] = own_kib(&program)[..] else { panic!("one process serves") };
    let connections: Vec<UnixStream> = (0..CONNECTIONS)
        .map(|_| {
            let mut stream = client.connect();
            client.ask(Some(&mut stream));
            stream
        })
        .collect();
    let [after] = own_kib(&program)[..] else { panic!("one process serves") };
    vec![(after - before) / connections.len() as f64]
}

/// RssAnon of each process that runs this program.
fn own_kib(program: &Path) -> Vec<f64> {
    let processes = fs::read_dir("/proc").expect("Linux's list of processes").flatten().map(|entry| entry.path());
    let ours = processes.filter(|process| fs::read_link(process.join("exe")).is_ok_and(|exe| exe == program));
    let sizes = ours.map(|process| {
        let status = fs::read_to_string(process.join("status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("RssAnon");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    });
    sizes.collect()
}
