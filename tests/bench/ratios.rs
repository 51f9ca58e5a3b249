//! Ours against the others: measures the contenders, and makes tables of figures and ratios.

use std::collections::HashMap;
use std::time::Duration;

use crate::apache::{self, Apache};
use crate::chart;
use crate::contenders::{COMPARISONS, CONTENDERS, Comparison, Front, Load, Measure, Program};
use crate::programs::{PRODUCTS, Serving, Site};
use crate::report::{Found, Goal, figures_table};
use crate::rounds::{Figures, median, rounds};
use crate::socket::Target;
use crate::wire;
use crate::wrk::Asked;

/// Everything that answers: all of it runs all the time.
struct Running {
    apaches: HashMap<Front, Apache>,
    servings: HashMap<Program, Serving>,
}

pub fn run(site: &Site) -> Found {
    let all = measure(site, &CONTENDERS);
    let goals = COMPARISONS.iter().map(|comparison| goal(comparison, &all)).collect();
    let table = |title: &str, belongs: fn(Load) -> bool| {
        let (names, figures): (Vec<&str>, Vec<Vec<Figures>>) = CONTENDERS
            .iter()
            .zip(&all)
            .filter(|((_, load), _)| belongs(*load))
            .map(|((name, _), figures)| (*name, figures.clone()))
            .unzip();
        format!("## {title}\n\n{}", figures_table(names, &figures))
    };
    let apache = table("Through Apache, 8 connections", |load| load.front().is_some());
    let socket = table("On a unix socket, 8 connections that are kept", |load| load.front().is_none());
    Found { figures: format!("{apache}\n{socket}"), goals, chart: chart::draw(&all) }
}

/// Asks all of them in turn, once the replies of each have been compared.
pub fn measure(site: &Site, contenders: &[(&'static str, Load)]) -> Vec<Vec<Figures>> {
    let mut running = Running { apaches: HashMap::new(), servings: HashMap::new() };
    for &(_, load) in contenders {
        if let Some(front) = load.front() {
            let apache = running.apaches.entry(front).or_insert_with(|| apache::warm(site, front));
            Asked { site, to: apache.address, load, connections: 8 }.check();
        } else if let Load::Socket(program) = load {
            running.servings.insert(program, site.serve(program, &site.path("data/typical.db")));
        }
    }
    rounds(contenders, |&(name, load), seconds| {
        let figures = running.measure(site, load, seconds);
        eprintln!("{name}: {:.0} a second, p99 {:.0} us", figures.rate, figures.p99);
        figures
    })
}

impl Running {
    fn measure(&self, site: &Site, load: Load, seconds: u64) -> Figures {
        match load {
            Load::Socket(program) => {
                let socket = &self.servings[&program].socket;
                let request = wire::request(&[], b"", true);
                let target = Target { socket, request, products: PRODUCTS, hello: program.is_hello() };
                target.measure(8, Duration::from_secs(seconds))
            }
            Load::Get(front) | Load::Post(front) | Load::Search(front) | Load::Unranked(front) => {
                Asked { site, to: self.apaches[&front].address, load, connections: 8 }.measure(seconds)
            }
        }
    }
}

/// A line of the table of targets.
fn goal(comparison: &Comparison, all: &[Vec<Figures>]) -> Goal {
    let found = |load| {
        let index = CONTENDERS.iter().position(|contender| contender.1 == load).expect("a contender");
        (CONTENDERS[index].0, &all[index])
    };
    let ((ours, our_figures), (theirs, their_figures)) = (found(comparison.ours), found(comparison.theirs));
    let what = format!("{ours} / {theirs}");
    let ratio = |of: fn(&Figures) -> f64| median(our_figures, of) / median(their_figures, of);
    match comparison.measure {
        Measure::Rate => Goal::at_least(what, ratio(|figures| figures.rate), comparison.target),
        Measure::P99 => {
            Goal::at_most(format!("99th percentile: {what}"), ratio(|figures| figures.p99), comparison.target)
        }
    }
}
