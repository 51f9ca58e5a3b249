//! What a question may cost: `limits::QUESTION` of time, from the store's first step on. SQLite asks every
//! thousand steps whether it may go on, also within the index of words; a database server is told.
//!
//! A question is asked by one thread, so what it has cost is kept there: connections are kept too, and are
//! each time another question's.

use std::cell::RefCell;
use std::ffi::c_int;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Error;
use rusqlite::{Connection, ErrorCode};

use crate::settings::limits;

/// Steps of SQLite's between two calls. With ten times as many some questions were never asked about.
const STEPS: c_int = 1000;

thread_local! {
    static COST: RefCell<Cost> = const { RefCell::new(Cost { bounded: false, calls: 0, before: Duration::ZERO, since: None }) };
}

/// What the question at hand has cost.
struct Cost {
    /// Is a question asked? An import or export takes as long as it takes.
    bounded: bool,
    calls: u64,
    /// What it took before the last pause, and since when it has gone on.
    before: Duration,
    since: Option<Instant>,
}

/// The question took longer than `limits::QUESTION`.
#[derive(Debug)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the question took longer than {:?}", limits::QUESTION)
    }
}

impl std::error::Error for TooLong {}

/// A question begins, which this thread asks.
pub(super) fn begin() {
    COST.set(Cost { bounded: true, calls: 0, before: Duration::ZERO, since: None });
}

/// The question waits for somebody else, up to its next step.
pub(super) fn pause() {
    COST.with_borrow_mut(|cost| cost.before += cost.since.take().map_or(Duration::ZERO, |since| since.elapsed()));
}

/// How long the question may still take.
pub(super) fn left() -> Option<Duration> {
    COST.with_borrow_mut(|cost| {
        let since = *cost.since.get_or_insert_with(Instant::now);
        limits::QUESTION.checked_sub(cost.before + since.elapsed())
    })
}

/// How often the last question of this thread was asked about; each time SQLite had made a thousand steps.
pub fn calls() -> u64 {
    COST.with_borrow(|cost| cost.calls)
}

/// Has a connection ask.
pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<()> {
    let is_over = || {
        let bounded = COST.with_borrow_mut(|cost| {
            cost.calls += 1;
            cost.bounded
        });
        bounded && left().is_none()
    };
    connection.progress_handler(STEPS, Some(is_over))
}

/// Says what SQLite's own error does not: why it was interrupted.
pub(super) fn explained(error: Error) -> Error {
    match error.downcast_ref().map(rusqlite::Error::sqlite_error_code) {
        Some(Some(ErrorCode::OperationInterrupted)) => error.context(TooLong),
        _ => error,
    }
}
