//! `make bench`: our program and its peers side by side. The parts are ratios, growth, memory,
//! import and startup; those that are named are run, or all of them.

mod apache;
mod chart;
mod contenders;
mod growth;
#[path = "../servers/http.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod http;
mod import;
mod memory;
#[path = "../servers/process.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod process;
mod programs;
mod ratios;
mod report;
mod rounds;
mod socket;
mod startup;
mod typical;
mod wire;
mod wrk;

use std::fs;
use std::process::Command;

use programs::Site;

/// A part writes what it has found as Markdown.
type Part = fn(&Site) -> String;

const PARTS: [(&str, &str, Part); 5] = [
    ("ratios", "Ours and its peers", ratios::run),
    ("growth", "How cost grows", growth::run),
    ("memory", "Memory of its own", memory::run),
    ("import", "Import", import::run),
    ("startup", "Start-up as a CGI program", startup::run),
];

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/results.md");

/// All parts together write the results that the README shows; fewer are for whoever works on one.
fn main() {
    // Cargo adds --bench.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let site = Site::new();
    let mut results = format!("# What `make bench` has shown\n\n{}\n", circumstances());
    for (name, title, part) in PARTS {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            let found = format!("\n## {title}\n\n{}", part(&site));
            println!("{found}");
            results += &found;
        }
    }
    if named.is_empty() {
        fs::write(RESULTS, results).expect("the results are written");
    }
}

/// Which machine, when, of what.
fn circumstances() -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().expect("it starts");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let processors = fs::read_to_string("/proc/cpuinfo").expect("Linux's list of processors");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().expect("a number of processors");
    let (date, commit) = (said("date", &["+%Y-%m-%d"]), said("git", &["describe", "--always", "--dirty"]));
    format!("{cores} cores of {}, {date}, commit {commit}", model.trim_start_matches(['\t', ' ', ':']))
}
