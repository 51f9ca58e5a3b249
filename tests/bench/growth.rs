//! How the cost of a lookup grows with the catalogue, on the FastCGI socket.

use std::fs;
use std::time::Duration;

use crate::contenders::Program;
use crate::programs::Site;
use crate::report::{Found, Goal, figures_table};
use crate::rounds::{median, rounds, variable};
use crate::socket::Target;
use crate::typical;
use crate::wire::request;

/// LARGEST=1000000 leaves out the catalogue that takes minutes to import.
pub fn run(site: &Site) -> Found {
    let mut sizes = vec![1_000, 1_000_000, 10_000_000];
    sizes.retain(|&size| size <= variable("LARGEST", 10_000_000) as usize);
    let path = |size: usize| site.path(&format!("data/{size}.db"));
    for &size in &sizes {
        typical::fill(&path(size), size);
        fs::remove_file(path(size).with_extension("csv")).expect("the CSV file");
    }
    let serving = site.serve(Program::Ours, &path(sizes[0]));
    let all = rounds(&sizes, |&size, seconds| {
        let request = request(&[("PRODUCTS_DB", path(size).to_str().expect("UTF-8"))], b"", true);
        let target = Target { socket: &serving.socket, request, products: size, hello: false };
        target.measure(8, Duration::from_secs(seconds))
    });
    let rate = |index: usize| median(&all[index], |figures| figures.rate);
    let largest = sizes.len() - 1;
    let what = format!("a lookup among {} products costs, against {}", sizes[largest], sizes[0]);
    let names = sizes.iter().map(|size| format!("{size} products"));
    Found {
        figures: format!("## Growth, on the same socket\n\n{}", figures_table(names, &all)),
        goals: vec![Goal::at_most(what, rate(0) / rate(largest), 1.5)],
        ..Found::default()
    }
}
