//! The catalogue in an SQLite file: opened read-only, with other processes that may write it.

mod blocks;
mod built_in;
mod by_id;
pub(super) mod change;
pub(super) mod file;
mod first_version;
pub(super) mod index;
mod permits;
mod places;
mod pool;
pub(super) mod schema;
mod search;

use std::io;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::{self, Builder};
use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;
use rustix::process::setpriority_process;

use self::permits::Permits;
use self::pool::{Pool, Question};
use super::budget::{self, TooLong};
use super::columns;
use super::product::Product;
use super::search::page::{Found, Search};
use super::store::{Catalogue, Change, Changed, Row, Rows};
use crate::settings::limits;

/// The priority of a thread with a question that takes long, as nice(1) counts: 0 is everybody's, 19 the lowest.
const SLOWLY: i32 = 15;

/// A file, or the built-in catalogue.
pub(super) struct SqliteCatalogue {
    path: Option<PathBuf>,
    pool: Pool,
    lookups: Permits,
    searches: Permits,
    slow_searches: Permits,
}

impl SqliteCatalogue {
    /// The file at a path, or else the built-in catalogue.
    pub(super) fn new(path: Option<PathBuf>) -> SqliteCatalogue {
        SqliteCatalogue {
            path,
            pool: Pool::default(),
            lookups: Permits::new(limits::catalogue_connections_most()),
            searches: Permits::new(limits::catalogue_searches()),
            slow_searches: Permits::new(limits::slow_searches()),
        }
    }

    /// Puts a question that is soon answered.
    fn look_up<T>(&self, ask: impl Fn(&Connection) -> Result<T> + Sync) -> Result<T> {
        self.named(self.ask(&self.lookups, &Question::new(&ask), || budget::begin(limits::QUESTION)))
    }

    /// Puts a question that may take long.
    fn search_for<T: Send>(&self, ask: impl Fn(&Connection) -> Result<T> + Sync) -> Result<T> {
        let question = Question::new(&ask);
        let answer = match self.ask(&self.searches, &question, || budget::begin_work(limits::QUICK_SEARCH)) {
            Err(error) if error.is::<TooLong>() => self.ask_slowly(&question),
            answer => answer,
        };
        self.named(answer)
    }

    fn ask<T>(&self, permits: &Permits, question: &Question<T>, begin: impl FnOnce()) -> Result<T> {
        let permit = permits.take(question.patience());
        let _permit = permit.context("others were asking it all the time")?;
        begin();
        self.ask_now(question)
    }

    /// Asks again, from the beginning, with the time that is left: a few such questions at once, each in a
    /// thread whose priority is low, so that lookups come first, those of other processes too. A thread
    /// cannot have its priority back.
    fn ask_slowly<T: Send>(&self, question: &Question<T>) -> Result<T> {
        let cost = budget::cost();
        budget::go_on(cost, limits::QUESTION);
        let _permit = self.slow_searches.take(budget::left().unwrap_or_default()).ok_or(TooLong)?;
        // Half of the time is left for the search itself.
        let _place = places::take(budget::left().unwrap_or_default() / 2);
        let cost = budget::cost();
        let ask = || {
            // It is slower for others, and no worse.
            let _ = setpriority_process(None, SLOWLY);
            budget::go_on(cost, limits::QUESTION);
            (self.ask_now(question), budget::cost())
        };
        let (answer, cost) = thread::scope(|scope| {
            let thread = Builder::new().stack_size(limits::STACK_BYTES).spawn_scoped(scope, ask)?;
            thread.join().map_or_else(|panic| resume_unwind(panic), Ok::<_, io::Error>)
        })?;
        budget::go_on(cost, limits::QUESTION);
        answer
    }

    fn ask_now<T>(&self, question: &Question<T>) -> Result<T> {
        match &self.path {
            Some(path) => self.pool.ask_file(path, question),
            None => self.pool.ask_built_in(question),
        }
    }

    /// Reads by a connection of its own, for as long as that takes.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        budget::begin(Duration::MAX);
        let connection = match &self.path {
            Some(path) => file::open(path, limits::CATALOGUE_BUSY),
            None => built_in::connection(),
        };
        self.named(connection.and_then(|connection| read(&connection)))
    }

    /// The file that may be changed.
    fn file(&self) -> Result<&Path> {
        self.path.as_deref().context("the built-in catalogue cannot be changed")
    }

    fn named<T>(&self, answer: Result<T>) -> Result<T> {
        answer.with_context(|| match &self.path {
            Some(path) => format!("the catalogue {} cannot be read", path.display()),
            None => "the built-in catalogue cannot be read".to_owned(),
        })
    }
}

impl Catalogue for SqliteCatalogue {
    fn by_id(&self, id: &str) -> Result<Option<Product>> {
        self.look_up(|connection| search::by_id(connection, id))
    }

    fn by_ids(&self, ids: &[String]) -> Result<Vec<Option<Product>>> {
        self.look_up(|connection| search::by_ids(connection, ids))
    }

    fn columns(&self) -> Result<Vec<String>> {
        self.look_up(columns::further)
    }

    fn by_name(&self, name: &str) -> Result<Option<Product>> {
        // No product has one, and SQLite ends texts there where case does not count.
        if name.contains('\0') {
            return Ok(None);
        }
        self.search_for(|connection| search::by_name(connection, name))
    }

    fn search(&self, search: &Search) -> Result<Found> {
        self.search_for(|connection| search::search(connection, search))
    }

    fn each(&self, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()> {
        self.read(|connection| schema::each(connection, take))
    }

    fn count(&self) -> Result<u64> {
        self.read(schema::count)
    }

    fn ensure_changeable(&self) -> Result<()> {
        change::ensure_changeable(self.file()?)
    }

    fn change(&self, change: &Change, rows: &dyn Rows) -> Result<Changed> {
        change::change(self.file()?, &change::store(change, rows))
    }

    fn set(&self, columns: &[String], row: Row) -> Result<(Option<Product>, Product)> {
        change::change(self.file()?, &change::set(columns, row))
    }

    fn remove(&self, ids: &[String]) -> Result<Vec<Product>> {
        change::change(self.file()?, &change::remove(ids))
    }

    fn index(&self) -> Result<()> {
        change::change(self.file()?, &change::index())
    }
}
