//! The catalogue in an SQLite file: opened read-only, with other processes that may write it.

use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension};
use rustix::process::setpriority_process;

use super::budget::{self, TooLong};
use super::file::{self, Snapshot, State};
use super::turns::Turns;
use super::{Catalogue, Found, Product, built_in, places, schema, search};
use crate::lookup::Search;
use crate::settings::limits;

/// The priority of a thread with a question that takes long, as nice(1) counts: 0 is everybody's, 19 the lowest.
const SLOWLY: i32 = 15;

/// A file, or the built-in catalogue, and connections to it that wait for the next lookup. A lookup
/// has a connection to itself, so that several run at once; a connection for each of 1,000 threads
/// would hold 1,000 caches, and have no more processors.
pub(super) struct SqliteCatalogue {
    path: Option<PathBuf>,
    idle: Mutex<Idle>,
    lookups: Turns,
    searches: Turns,
    slow_searches: Turns,
}

/// Those that have been idle for longest come first: each then has its turn, and soon all that it needs,
/// rather than a few all the work and the others now and then.
#[derive(Default)]
struct Idle {
    snapshots: Vec<Open<Snapshot>>,
    connections: Vec<Open<Connection>>,
}

/// A connection, and the file's state when it was opened.
struct Open<C> {
    connection: C,
    state: State,
}

impl SqliteCatalogue {
    pub(super) fn file(path: &Path) -> SqliteCatalogue {
        SqliteCatalogue::new(Some(path.to_owned()))
    }

    pub(super) fn built_in() -> SqliteCatalogue {
        SqliteCatalogue::new(None)
    }

    fn new(path: Option<PathBuf>) -> SqliteCatalogue {
        SqliteCatalogue {
            path,
            idle: Mutex::default(),
            lookups: Turns::new(limits::catalogue_connections_most()),
            searches: Turns::new(limits::catalogue_searches()),
            slow_searches: Turns::new(limits::slow_searches()),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connections to what lay there before.
    fn close_stale(&self, state: &State) {
        let mut idle = self.idle();
        let snapshots: Vec<_> = idle.snapshots.extract_if(.., |open| open.state != *state).collect();
        let connections: Vec<_> = idle.connections.extract_if(.., |open| open.state != *state).collect();
        drop(idle);
        drop(snapshots);
        if !connections.is_empty() {
            file::close(connections);
        }
    }

    /// Puts a question that is soon answered.
    fn look_up<T>(&self, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        self.named(self.ask(&self.lookups, limits::QUESTION, patience(), question))
    }

    /// Puts a question that may take long.
    fn search_for<T: Send>(&self, question: impl Fn(&Connection) -> Result<T> + Sync) -> Result<T> {
        let patience = patience();
        let answer = match self.ask(&self.searches, limits::QUICK_SEARCH, patience, &question) {
            Err(error) if error.is::<TooLong>() => self.ask_slowly(patience, question),
            answer => answer,
        };
        self.named(answer)
    }

    fn ask<T>(
        &self,
        turns: &Turns,
        limit: Duration,
        patience: Instant,
        question: impl Fn(&Connection) -> Result<T>,
    ) -> Result<T> {
        let turn = turns.take(left(patience));
        let _turn = turn.context("others were asking it all the time")?;
        budget::begin(limit);
        self.ask_in_turn(patience, question)
    }

    /// Asks again, from the beginning, with the time that is left: a few such questions at once, each in a
    /// thread whose priority is low, so that lookups come first, those of other processes too. A thread
    /// cannot have its priority back.
    fn ask_slowly<T: Send>(&self, patience: Instant, question: impl Fn(&Connection) -> Result<T> + Sync) -> Result<T> {
        let cost = budget::cost();
        budget::go_on(cost, limits::QUESTION);
        let _turn = self.slow_searches.take(budget::left().unwrap_or_default()).ok_or(TooLong)?;
        // Half of the time is left for the search itself.
        let _place = places::take(budget::left().unwrap_or_default() / 2);
        let cost = budget::cost();
        let ask = || {
            // It is slower for others, and no worse.
            let _ = setpriority_process(None, SLOWLY);
            budget::go_on(cost, limits::QUESTION);
            (self.ask_in_turn(patience, &question), budget::cost())
        };
        let (answer, cost) = thread::scope(|scope| {
            let thread = Builder::new().stack_size(limits::STACK_BYTES).spawn_scoped(scope, ask)?;
            thread.join().map_or_else(|panic| resume_unwind(panic), Ok::<_, io::Error>)
        })?;
        budget::go_on(cost, limits::QUESTION);
        answer
    }

    fn ask_in_turn<T>(&self, patience: Instant, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        match &self.path {
            Some(path) => self.ask_file(path, patience, |connection| question(connection).map_err(budget::explained)),
            None => self.ask_built_in(question),
        }
    }

    fn named<T>(&self, answer: Result<T>) -> Result<T> {
        answer.with_context(|| match &self.path {
            Some(path) => file::unreadable(path),
            None => "the built-in catalogue cannot be read".to_owned(),
        })
    }

    fn ask_file<T>(&self, path: &Path, patience: Instant, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let idle = take(&mut self.idle().snapshots);
        if let Some(open) = idle {
            let answer = question(&open.connection);
            if State::of(path).is_ok_and(|now| now == open.state) {
                self.idle().snapshots.push(open);
                return answer;
            }
            // A writer has come: the answer may be old, or half of what is being written.
        }
        budget::pause();
        let state = State::of(path).context("the file cannot be found")?;
        self.close_stale(&state);
        let idle = take(&mut self.idle().connections);
        let locking = file::locking();
        let again = idle.is_some();
        let open = match idle {
            Some(open) => open,
            None => Open { connection: file::open(path, left(patience))?, state },
        };
        open.connection.busy_timeout(left(patience))?;
        let answer = question(&open.connection);
        if answer.as_ref().is_err_and(|error| !error.is::<TooLong>()) {
            return answer;
        }
        // What is asked twice is asked more often; what is asked once is a CGI program.
        let snapshot = if again { file::snapshot(path, &open.connection, &open.state) } else { None };
        match snapshot {
            Some(connection) => {
                self.idle().snapshots.push(Open { connection, state: open.state });
                // While the lock is held, as it was opened.
                drop(open.connection);
            }
            None => self.idle().connections.push(open),
        }
        drop(locking);
        answer
    }

    fn ask_built_in<T>(&self, question: impl Fn(&Connection) -> Result<T>) -> Result<T> {
        let open = match take(&mut self.idle().connections) {
            Some(open) => open,
            None => Open { connection: built_in::connection()?, state: State::default() },
        };
        let answer = question(&open.connection)?;
        self.idle().connections.push(open);
        Ok(answer)
    }
}

/// Until when a question that comes now waits, for its turns and for writers: in all, however often it waits.
fn patience() -> Instant {
    Instant::now() + limits::CATALOGUE_BUSY
}

fn left(patience: Instant) -> Duration {
    patience.saturating_duration_since(Instant::now())
}

/// The first, where there is one.
fn take<C>(idle: &mut Vec<Open<C>>) -> Option<Open<C>> {
    (!idle.is_empty()).then(|| idle.remove(0))
}

impl Catalogue for SqliteCatalogue {
    fn by_id(&self, id: &str) -> Result<Option<Product>> {
        self.look_up(|connection| {
            let query = "SELECT name, price FROM product WHERE id = ?1 COLLATE NOCASE AND id = ?1";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_row([id], schema::product).optional()?.transpose()
        })
    }

    fn by_name(&self, name: &str) -> Result<Option<Product>> {
        // No product has one, and SQLite ends texts there where case does not count.
        if name.contains('\0') {
            return Ok(None);
        }
        if let Some(phrase) = search::phrase_of_name(name)? {
            return self.search_for(|connection| search::by_name(connection, name, &phrase));
        }
        self.look_up(|connection| {
            let query = "SELECT name, price FROM product WHERE name = ?1 COLLATE NOCASE
                ORDER BY id COLLATE NOCASE, id LIMIT 1";
            let mut statement = connection.prepare_cached(query)?;
            statement.query_row([name], schema::product).optional()?.transpose()
        })
    }

    fn search(&self, search: &Search) -> Result<Found> {
        self.search_for(|connection| search::search(connection, search))
    }
}
