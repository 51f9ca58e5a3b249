//! How cost grows with the catalogue, with connections and with bodies: all on the FastCGI socket.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::contenders::Program;
use crate::programs::{PRODUCTS, Serving, Site};
use crate::report::{Goal, figures_table, goals_table};
use crate::rounds::{Figures, Spread, rounds, variable};
use crate::socket::Target;
use crate::typical;
use crate::wire::request;

pub fn run(site: &Site) -> String {
    let serving = site.serve(Program::Ours);
    [catalogues(site, &serving), connections(&serving), bodies(&serving)].join("\n")
}

fn measure(serving: &Serving, request: Vec<u8>, products: usize, connections: usize, seconds: u64) -> Figures {
    let target = Target { socket: &serving.socket, request, products, canned: false };
    target.measure(connections, true, Duration::from_secs(seconds))
}

/// What a request costs in each round, one thing against the other.
fn cost(of: &[Figures], against: &[Figures]) -> Spread {
    Spread::of(of.iter().zip(against).map(|(of, against)| against.rate / of.rate))
}

/// LARGEST=1000000 leaves out the catalogue that takes minutes to import.
fn catalogues(site: &Site, serving: &Serving) -> String {
    let mut sizes = vec![1_000, 1_000_000, 10_000_000];
    sizes.retain(|&size| size <= variable("LARGEST", 10_000_000) as usize);
    let path = |size: usize| site.path(&format!("data/{size}.db"));
    for &size in &sizes {
        typical::fill(&path(size), size);
        fs::remove_file(path(size).with_extension("csv")).expect("the CSV file");
    }
    let all = rounds(&sizes, |&size, seconds| measure(serving, in_catalogue(&path(size)), size, 8, seconds));
    let names = sizes.iter().map(|size| format!("{size} products"));
    let largest = all.len() - 1;
    let what = format!("a lookup among {} products costs, against {}", sizes[largest], sizes[0]);
    figures_table(names, &all) + "\n" + &goals_table(&[Goal::at_most(what, cost(&all[largest], &all[0]), 1.5)])
}

fn in_catalogue(path: &Path) -> Vec<u8> {
    request(&[("PRODUCTS_DB", path.to_str().expect("UTF-8"))], b"", true)
}

fn connections(serving: &Serving) -> String {
    let counts = [1, 8, 64, 2_000];
    let all = rounds(&counts, |&count, seconds| measure(serving, request(&[], b"", true), PRODUCTS, count, seconds));
    figures_table(counts.map(|count| format!("{count} kept connections")), &all)
}

/// From one length to four times that, a request may cost at most four times as much, but for what
/// differs between two runs. The shortest ones cost what a request costs anyhow.
fn bodies(serving: &Serving) -> String {
    let lengths = [1 << 10, 1 << 14, 1 << 16, 1 << 18, 1 << 20];
    let all = rounds(&lengths, |&length, seconds| {
        measure(serving, request(&[], &typical::multipart(length), true), PRODUCTS, 8, seconds)
    });
    let goals: Vec<Goal> = (1..lengths.len())
        .map(|index| {
            let (length, shorter) = (lengths[index] >> 10, lengths[index - 1] >> 10);
            let what = format!("a body of {length} KiB costs, against {shorter} KiB");
            let growth = lengths[index] / lengths[index - 1];
            Goal::at_most(what, cost(&all[index], &all[index - 1]), growth as f64 * 1.1)
        })
        .collect();
    figures_table(lengths.map(|length| format!("multipart body of {} KiB", length >> 10)), &all)
        + "\n"
        + &goals_table(&goals)
}
