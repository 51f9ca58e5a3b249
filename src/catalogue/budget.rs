//! What a question may cost: `limits::QUESTION` of time, from the store's first step on. Whoever reads a block of the
//! index or a product asks whether it may go on, and SQLite does every thousand steps; a database server is told.
//!
//! A question is asked by one thread, so what it has cost is kept there: connections are kept too, and are
//! each time another question's.

use std::cell::Cell;
use std::ffi::c_int;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Error;
use rusqlite::{Connection, ErrorCode};
use rustix::time::{ClockId, clock_gettime};

use crate::settings::limits;

/// Steps of SQLite's between two calls. With ten times as many some questions were never asked about.
const STEPS: c_int = 1000;

thread_local! {
    static COST: Cell<Cost> = const { Cell::new(Cost { limit: Duration::MAX, work: None, calls: 0, before: Duration::ZERO, since: None }) };
}

/// What the question at hand has cost.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    /// How long it may take.
    limit: Duration,
    /// How long this thread may work at it, and what it had worked before.
    work: Option<(Duration, Duration)>,
    calls: u64,
    /// What it took before the last pause, and since when it has gone on.
    before: Duration,
    since: Option<Instant>,
}

/// The question takes longer than one may.
#[derive(Debug)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the question took longer than {:?}", limits::QUESTION)
    }
}

impl std::error::Error for TooLong {}

/// A question begins, which this thread asks, and which may take so long.
pub(super) fn begin(limit: Duration) {
    COST.set(Cost { limit, work: None, calls: 0, before: Duration::ZERO, since: None });
}

/// A question begins, at which this thread may work so long. What it waits for the processor or the disk does not count:
/// on a busy machine others would take its place for that alone.
pub(super) fn begin_work(work: Duration) {
    begin(limits::QUESTION);
    COST.set(Cost { work: Some((work, worked())), ..COST.get() });
}

/// How long this thread has worked.
fn worked() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

/// What the question of this thread has cost.
pub(super) fn cost() -> Cost {
    COST.get()
}

/// A question that another thread has begun goes on in this one, and may take so long in all.
pub(super) fn go_on(cost: Cost, limit: Duration) {
    COST.set(Cost { limit, work: None, ..cost });
}

/// The question waits for somebody else, up to its next step.
pub(super) fn pause() {
    let cost = COST.get();
    let before = cost.before + cost.since.map_or(Duration::ZERO, |since| since.elapsed());
    COST.set(Cost { before, since: None, ..cost });
}

/// How long the question may still take, which is at work now; `None` where it is over.
pub(super) fn left() -> Option<Duration> {
    let cost = COST.get();
    let since = cost.since.unwrap_or_else(Instant::now);
    COST.set(Cost { since: Some(since), ..cost });
    let took = cost.before + since.elapsed();
    let left = cost.limit.checked_sub(took)?;
    match cost.work {
        Some((work, before)) if took >= work => work.checked_sub(worked().saturating_sub(before)),
        _ => Some(left),
    }
}

/// Ends a question that is over; to be called where no store asks, with each block and product that is read.
pub(super) fn check() -> Result<(), TooLong> {
    let cost = COST.get();
    COST.set(Cost { calls: cost.calls + 1, ..cost });
    left().map(drop).ok_or(TooLong)
}

/// How often the last question of this thread was asked about: each time a block or a product was read, or SQLite had
/// made a thousand steps.
pub fn calls() -> u64 {
    COST.get().calls
}

/// Has a connection ask.
pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.progress_handler(STEPS, Some(|| check().is_err()))
}

/// Says why it was interrupted, which SQLite's own error does not.
pub(super) fn explained(error: Error) -> Error {
    match error.downcast_ref().map(rusqlite::Error::sqlite_error_code) {
        Some(Some(ErrorCode::OperationInterrupted)) => TooLong.into(),
        _ => error,
    }
}
