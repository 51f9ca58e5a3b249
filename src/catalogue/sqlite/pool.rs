//! Connections to an SQLite file, or to the built-in catalogue, that wait for the next question.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::Connection;

use super::built_in;
use super::file::{self, State};
use crate::catalogue::budget::{self, TooLong};
use crate::settings::limits;

/// A question on its way, and until when it waits, for its permits and for writers: in all, however often it waits.
pub(super) struct Question<'a, T> {
    ask: &'a (dyn Fn(&Connection) -> Result<T> + Sync),
    until: Instant,
}

impl<T> Question<'_, T> {
    pub(super) fn new(ask: &(dyn Fn(&Connection) -> Result<T> + Sync)) -> Question<'_, T> {
        Question { ask, until: Instant::now() + limits::CATALOGUE_BUSY }
    }

    /// How long it still waits.
    pub(super) fn patience(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    fn put(&self, connection: &Connection) -> Result<T> {
        (self.ask)(connection).map_err(budget::explained)
    }
}

/// A lookup has a connection to itself, so that several run at once; a connection for each of 1,000 threads
/// would hold 1,000 caches, and have no more processors.
#[derive(Default)]
pub(super) struct Pool(Mutex<Idle>);

/// Those that have been idle for longest come first: each then has its turn, and soon all that it needs,
/// rather than a few all the work and the others now and then.
#[derive(Default)]
struct Idle {
    snapshots: Vec<Pooled>,
    connections: Vec<Pooled>,
}

/// A connection, and the file's state when it was opened.
struct Pooled {
    connection: Connection,
    state: State,
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connections to what lay there before.
    fn close_stale(&self, state: &State) {
        let mut idle = self.idle();
        idle.snapshots.retain(|pooled| pooled.state == *state);
        idle.connections.retain(|pooled| pooled.state == *state);
    }

    pub(super) fn ask_file<T>(&self, path: &Path, question: &Question<T>) -> Result<T> {
        let idle = first(&mut self.idle().snapshots);
        if let Some(pooled) = idle {
            let answer = question.put(&pooled.connection);
            if State::of(path).is_ok_and(|now| now == pooled.state) {
                self.idle().snapshots.push(pooled);
                return answer;
            }
            // A writer has come: the answer may be old, or half of what is being written.
        }
        budget::pause();
        let state = State::of(path).context("the file cannot be found")?;
        self.close_stale(&state);
        let idle = first(&mut self.idle().connections);
        let again = idle.is_some();
        let pooled = match idle {
            Some(pooled) => pooled,
            None => Pooled { connection: file::open(path, question.patience())?, state },
        };
        pooled.connection.busy_timeout(question.patience())?;
        let answer = question.put(&pooled.connection);
        if answer.as_ref().is_err_and(|error| !error.is::<TooLong>()) {
            return answer;
        }
        // What is asked twice is asked more often; what is asked once is a CGI program.
        let snapshot = if again { file::snapshot(path, &pooled.connection, &pooled.state) } else { None };
        match snapshot {
            Some(connection) => self.idle().snapshots.push(Pooled { connection, state: pooled.state }),
            None => self.idle().connections.push(pooled),
        }
        answer
    }

    pub(super) fn ask_built_in<T>(&self, question: &Question<T>) -> Result<T> {
        let pooled = match first(&mut self.idle().connections) {
            Some(pooled) => pooled,
            None => Pooled { connection: built_in::connection()?, state: State::default() },
        };
        let answer = question.put(&pooled.connection)?;
        self.idle().connections.push(pooled);
        Ok(answer)
    }
}

/// The first, where there is one.
fn first(idle: &mut Vec<Pooled>) -> Option<Pooled> {
    (!idle.is_empty()).then(|| idle.remove(0))
}
