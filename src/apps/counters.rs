//! What a process counts: requests by status and how long they and their lookups took, in atomics that cost a
//! request some nanoseconds.

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
    /// Nanoseconds that the requests of each status took in all.
    nanos: [AtomicU64; STATUSES],
    lookups: [AtomicU64; BUCKETS],
    lookup_nanos: AtomicU64,
}

/// The requests of one status.
pub(super) struct Requests {
    pub(super) status: usize,
    pub(super) count: u64,
    pub(super) took: Duration,
}

/// How long lookups took.
pub(super) struct Lookups {
    buckets: Vec<u64>,
    pub(super) took: Duration,
}

impl Counters {
    pub(super) fn new() -> Counters {
        Counters {
            since: Instant::now(),
            statuses: [const { AtomicU64::new(0) }; STATUSES],
            nanos: [const { AtomicU64::new(0) }; STATUSES],
            lookups: [const { AtomicU64::new(0) }; BUCKETS],
            lookup_nanos: AtomicU64::new(0),
        }
    }

    /// A request was answered; `lookup` is how long the catalogue took, where it was asked.
    pub(super) fn count(&self, status: u16, took: Duration, lookup: Option<Duration>) {
        let add = |counter: &AtomicU64, more| _ = counter.fetch_add(more, Ordering::Relaxed);
        let status = usize::from(status).saturating_sub(100).min(STATUSES - 1);
        add(&self.nanos[status], took.as_nanos() as u64);
        add(&self.statuses[status], 1);
        if let Some(time) = lookup {
            add(&self.lookup_nanos, time.as_nanos() as u64);
            add(&self.lookups[bucket(time)], 1);
        }
    }

    /// How long it has counted.
    pub(super) fn up(&self) -> Duration {
        self.since.elapsed()
    }

    /// The requests by their statuses, of which there were any.
    pub(super) fn requests(&self) -> Vec<Requests> {
        let counts = load(&self.statuses).into_iter().zip(load(&self.nanos)).enumerate();
        let requests = counts.map(|(number, (count, nanos))| Requests {
            status: number + 100,
            count,
            took: Duration::from_nanos(nanos),
        });
        requests.filter(|requests| requests.count > 0).collect()
    }

    pub(super) fn lookups(&self) -> Lookups {
        let took = Duration::from_nanos(self.lookup_nanos.load(Ordering::Relaxed));
        Lookups { buckets: load(&self.lookups), took }
    }

    /// All of it on one line.
    pub(super) fn line(&self) -> String {
        let requests = self.requests();
        let Connections { open, accepted } = Connections::now();
        let mut line = format!(
            "counters: up {} s; connections: {accepted}, open: {open}; requests: {}",
            self.up().as_secs(),
            requests.iter().map(|requests| requests.count).sum::<u64>()
        );
        for Requests { status, count, .. } in requests {
            let _ = write!(line, ", {status}: {count}");
        }
        let lookups = self.lookups();
        let _ = write!(line, "; lookups: {}", lookups.count());
        for percent in [50, 99] {
            if let Some(time) = lookups.percentile(percent) {
                let _ = write!(line, ", p{percent}: {:.3} ms", time.as_secs_f64() * 1000.0);
            }
        }
        line
    }
}

impl Lookups {
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How many took less than 2^power ns, of at least 8 and at most 2^40.
    pub(super) fn below(&self, power: usize) -> u64 {
        self.buckets[..power * STEPS].iter().sum()
    }

    /// What that percentage of all times is not above, as far as the bucket tells: its end.
    pub(super) fn percentile(&self, percent: u64) -> Option<Duration> {
        let all = self.count();
        let mut left = (all * percent).div_ceil(100);
        let bucket = self.buckets.iter().position(|&count| {
            left = left.saturating_sub(count);
            left == 0
        });
        let bucket = bucket.filter(|_| all > 0)?;
        let (power, step) = (bucket / STEPS, bucket % STEPS);
        Some(Duration::from_nanos(((STEPS + step + 1) as u64) << (power - STEPS.ilog2() as usize)))
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
