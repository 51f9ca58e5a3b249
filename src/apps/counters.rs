//! What a process counts: requests by status and how long lookups took, in atomics that cost a
//! request some nanoseconds; out comes a line for the debug log.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::gateway::Connections;

/// The statuses that are counted: 100 to 599.
const STATUSES: usize = 500;

/// Steps between a time and the double of it, so that a time is known to an eighth.
const STEPS: usize = 8;

/// Times of up to 2^40 ns, which is 18 minutes.
const BUCKETS: usize = 40 * STEPS;

/// The counters of a process.
pub(super) struct Counters {
    since: Instant,
    statuses: [AtomicU64; STATUSES],
    lookups: [AtomicU64; BUCKETS],
}

impl Counters {
    pub(super) fn new() -> Counters {
        Counters {
            since: Instant::now(),
            statuses: [const { AtomicU64::new(0) }; STATUSES],
            lookups: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }

    /// A request was answered; `lookup` is how long the catalogue took, where it was asked.
    pub(super) fn count(&self, status: u16, lookup: Option<Duration>) {
        let counter = self.statuses.get(usize::from(status).saturating_sub(100));
        counter.map(|counter| counter.fetch_add(1, Ordering::Relaxed));
        lookup.map(|time| self.lookups[bucket(time)].fetch_add(1, Ordering::Relaxed));
    }

    /// All of it on one line.
    pub(super) fn line(&self, connections: &Connections) -> String {
        let counts = load(&self.statuses);
        let Connections { open, accepted } = connections;
        let mut line = format!(
            "counters: up {} s; connections: {accepted}, open: {open}; requests: {}",
            self.since.elapsed().as_secs(),
            counts.iter().sum::<u64>()
        );
        for (number, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let _ = write!(line, ", {}: {count}", number + 100);
        }
        let lookups = load(&self.lookups);
        let _ = write!(line, "; lookups: {}", lookups.iter().sum::<u64>());
        for percent in [50, 99] {
            if let Some(time) = percentile(&lookups, percent) {
                let _ = write!(line, ", p{percent}: {:.3} ms", time.as_secs_f64() * 1000.0);
            }
        }
        line
    }
}

fn load(counters: &[AtomicU64]) -> Vec<u64> {
    counters.iter().map(|counter| counter.load(Ordering::Relaxed)).collect()
}

/// The bucket of a time: which power of two it has reached, and which eighth of the way to the next.
fn bucket(time: Duration) -> usize {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(STEPS as u64);
    let power = nanos.ilog2() as usize;
    let step = (nanos >> (power - STEPS.ilog2() as usize)) as usize - STEPS;
    (power * STEPS + step).min(BUCKETS - 1)
}

/// What that percentage of all times is not above, as far as the bucket tells: its end.
fn percentile(counts: &[u64], percent: u64) -> Option<Duration> {
    let all: u64 = counts.iter().sum();
    let mut left = (all * percent).div_ceil(100);
    let bucket = counts.iter().position(|&count| {
        left = left.saturating_sub(count);
        left == 0
    });
    let bucket = bucket.filter(|_| all > 0)?;
    let (power, step) = (bucket / STEPS, bucket % STEPS);
    Some(Duration::from_nanos(((STEPS + step + 1) as u64) << (power - STEPS.ilog2() as usize)))
}
