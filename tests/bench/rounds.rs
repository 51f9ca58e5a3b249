//! Measures things in rounds that take turns, with the median and spread of each.

use std::env;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What one run showed: requests a second, and microseconds that half and 99 of 100 took at most.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub rate: f64,
    pub p50: f64,
    pub p99: f64,
    pub requests: u64,
}

/// The median of some figures, with the least and the greatest.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Spread {
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Spread { median: sorted[sorted.len() / 2], least: sorted[0], greatest: sorted[sorted.len() - 1] }
    }

    pub fn rate(figures: &[Figures]) -> Spread {
        Spread::of(figures.iter().map(|figures| figures.rate))
    }
}

/// The median of one of the figures.
pub fn median(figures: &[Figures], of: fn(&Figures) -> f64) -> f64 {
    Spread::of(figures.iter().map(of)).median
}

/// A number from the environment, which `make bench` sets.
pub fn variable(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}: {text} is no number")),
        Err(_) => default,
    }
}

/// How many seconds one run takes.
pub fn seconds() -> u64 {
    variable("SECONDS", 5)
}

static STOPPED: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| {
    let stopped = Arc::default();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        signal_hook::flag::register(signal.as_raw(), Arc::clone(&stopped)).expect("a signal handler");
    }
    stopped
});

/// Runs each of them `ROUNDS` times by turns, after one that does not count. Ctrl-C ends it
/// between two runs, so that everything that was started is ended too.
pub fn rounds<T>(contenders: &[T], mut run: impl FnMut(&T, u64) -> Figures) -> Vec<Vec<Figures>> {
    let mut all = vec![Vec::new(); contenders.len()];
    let rounds = variable("ROUNDS", 5);
    for round in 0..=rounds {
        for (contender, figures) in contenders.iter().zip(&mut all) {
            assert!(!STOPPED.load(Ordering::Relaxed), "stopped by a signal");
            // The first fills caches.
            let seen = run(contender, if round == 0 { 2 } else { seconds() });
            if round > 0 {
                assert!(seen.requests > 0, "nothing was answered");
                figures.push(seen);
            }
        }
        eprintln!("round {round} of {rounds} is done");
    }
    all
}
