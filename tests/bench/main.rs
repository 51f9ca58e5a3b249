//! `make bench`: our program and its peers side by side. The parts are ratios, growth, memory and
//! import; those that are named are run, or all of them. `before` is run where it is named.

mod apache;
mod before;
mod chart;
mod contenders;
mod growth;
#[path = "../servers/http.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod http;
mod import;
mod memory;
mod names;
#[path = "../servers/process.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod process;
mod programs;
mod ratios;
mod report;
mod rounds;
mod socket;
mod typical;
mod wire;
mod wrk;

use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use programs::Site;
use report::{Found, goals_table};

type Part = fn(&Site) -> Found;

/// What all of the bench is.
const PARTS: [(&str, Part); 4] =
    [("ratios", ratios::run), ("growth", growth::run), ("memory", memory::run), ("import", import::run)];

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/results");

/// All parts together write the results that the README shows; fewer are for whoever works on one.
fn main() {
    // Cargo adds --bench.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let chosen: Vec<Part> = match &named[..] {
        [] => PARTS.map(|(_, part)| part).to_vec(),
        [one] if one == "before" => return println!("{}", before::run(&Site::new())),
        _ => PARTS.iter().filter(|(name, _)| named.iter().any(|wanted| wanted == name)).map(|part| part.1).collect(),
    };
    LazyLock::force(&CIRCUMSTANCES);
    assert!(!chosen.is_empty(), "{named:?}: ratios, growth, memory, import or before");
    let site = Site::new();
    let (mut figures, mut goals, mut chart) = (Vec::new(), Vec::new(), String::new());
    for part in chosen {
        let found = part(&site);
        figures.extend((!found.figures.is_empty()).then_some(found.figures));
        goals.extend(found.goals);
        chart += &found.chart;
    }
    let results = format!(
        "# What `make bench` has shown\n\n{}\n\n## Targets\n\n{}\n{}",
        *CIRCUMSTANCES,
        goals_table(&goals),
        figures.join("\n")
    );
    println!("{results}");
    if named.is_empty() {
        fs::write(format!("{RESULTS}.md"), results).expect("the results are written");
        fs::write(format!("{RESULTS}.svg"), chart).expect("the chart is written");
    }
}

/// As they were before the first program was started.
static CIRCUMSTANCES: LazyLock<String> = LazyLock::new(circumstances);

/// Which machine, how busy with other things, when, of what.
fn circumstances() -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().expect("it starts");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let processors = fs::read_to_string("/proc/cpuinfo").expect("Linux's list of processors");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().expect("a number of processors");
    let load = fs::read_to_string("/proc/loadavg").expect("Linux's load average");
    let load = load.split(' ').next().unwrap_or_default();
    let (date, commit) = (said("date", &["+%Y-%m-%d"]), said("git", &["describe", "--always", "--dirty"]));
    let model = model.trim_start_matches(['\t', ' ', ':']);
    format!("{cores} cores of {model}, load average {load} before, {date}, commit {commit}")
}
