//! Ours against the others: measures the two tables of `contenders`, and makes the table of figures and
//! the table of ratios.

use std::collections::HashMap;
use std::time::Duration;

use crate::apache::{self, Apache};
use crate::chart;
use crate::contenders::{COMPARISONS, CONTENDERS, Comparison, Front, Load, Measure, Program, name};
use crate::programs::{PRODUCTS, Serving, Site};
use crate::report::{Goal, figures_table, goals_table};
use crate::rounds::{Figures, Spread, rounds};
use crate::socket::Target;
use crate::wire;
use crate::wrk::Asked;

/// Everything that answers: all of it runs all the time.
struct Running {
    apaches: HashMap<String, Apache>,
    servings: HashMap<String, Serving>,
}

pub fn run(site: &Site) -> String {
    let mut running = Running { apaches: HashMap::new(), servings: HashMap::new() };
    for (_, load) in CONTENDERS {
        if let Load::Kept(program, _) | Load::Anew(program) = load {
            running.servings.entry(format!("{program:?}")).or_insert_with(|| site.serve(program));
        } else if let Some((front, mpm)) = load.apache() {
            running.apaches.entry(format!("{front:?} {mpm}")).or_insert_with(|| apache::start(site, front, mpm));
        }
    }
    // mod_fcgid starts a process only after a request has slept for a second, and wrk has a reply
    // before mod_fcgid knows that the process is free: with more clients there are enough of them.
    for (_, load) in CONTENDERS {
        if let Load::Get(Front::Fcgid(_) | Front::Cached(_)) | Load::GetWorker(Front::Cached(_)) = load {
            Asked { connections: 32, ..running.wrk(site, load) }.measure(5);
        }
    }
    let all = rounds(&CONTENDERS, |&(name, load), seconds| {
        let figures = running.measure(site, load, seconds);
        eprintln!("{name}: {:.0} a second, p99 {:.0} us", figures.rate, figures.p99);
        figures
    });
    let goals: Vec<Goal> = COMPARISONS.iter().map(|comparison| goal(comparison, &all)).collect();
    chart::write(&all);
    let names = CONTENDERS.map(|contender| contender.0);
    figures_table(names, &all) + "\n" + &goals_table(&goals)
}

impl Running {
    fn measure(&self, site: &Site, load: Load, seconds: u64) -> Figures {
        match load {
            Load::Get(_) | Load::GetWorker(_) | Load::Post(_) => self.wrk(site, load).measure(seconds),
            Load::Kept(program, connections) => self.socket(program, connections, true, seconds),
            Load::Anew(program) => self.socket(program, 8, false, seconds),
        }
    }

    fn socket(&self, program: Program, connections: usize, kept: bool, seconds: u64) -> Figures {
        let socket = &self.servings[&format!("{program:?}")].socket;
        let request = wire::request(&[], b"", kept);
        let target = Target { socket, request, products: PRODUCTS, canned: program != Program::Ours };
        target.measure(connections, kept, Duration::from_secs(seconds))
    }
}

impl Running {
    fn wrk(&self, site: &Site, load: Load) -> Asked {
        use Front::{Cached, Cgid, Fcgid, Proxy};
        let (front, mpm) = load.apache().expect("it is in Apache");
        let apache = &self.apaches[&format!("{front:?} {mpm}")];
        let program = match front {
            Fcgid(program) | Cached(program) | Proxy(program) | Cgid(program) => Some(program),
            _ => None,
        };
        let ours = program == Some(Program::Ours);
        let canned = !ours && !matches!(front, Front::WsgiEmbedded | Front::WsgiDaemon);
        // The cache has room for some 1,000 replies.
        let different = if matches!(front, Front::Cached(_)) { 100 } else { 10_000 };
        let form = matches!(load, Load::Post(_)).then(|| site.path("data/form"));
        Asked {
            to: apache.address,
            path: apache.path,
            form,
            products: PRODUCTS,
            different,
            connections: 8,
            canned,
            ours,
        }
    }
}

/// A line of the table of ratios.
fn goal(comparison: &Comparison, all: &[Vec<Figures>]) -> Goal {
    let what = format!("{} / {}", name(comparison.ours), name(comparison.theirs));
    let seen = ratio(comparison, all);
    match comparison.measure {
        Measure::Rate => Goal::at_least(what, seen, comparison.target),
        Measure::P99 => Goal::at_most(format!("99th percentile: {what}"), seen, comparison.target),
    }
}

/// The ratio of each round, since what disturbs a round disturbs both.
fn ratio(comparison: &Comparison, all: &[Vec<Figures>]) -> Spread {
    let figures = |load| &all[CONTENDERS.iter().position(|contender| contender.1 == load).expect("a contender")];
    let pairs = figures(comparison.ours).iter().zip(figures(comparison.theirs));
    Spread::of(pairs.map(|(ours, theirs)| match comparison.measure {
        Measure::Rate => ours.rate / theirs.rate,
        Measure::P99 => ours.p99 / theirs.p99,
    }))
}
