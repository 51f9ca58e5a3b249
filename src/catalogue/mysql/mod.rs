//! The catalogue in a database server or cluster that speaks MySQL's protocol, which answers what an SQLite
//! catalogue of the same products would.

mod change;
mod hosts;
mod schema;
mod search;
mod url;

use std::ops::ControlFlow;

use anyhow::{Context, Error, Result, anyhow};
use mysql::Conn;

use self::hosts::Hosts;
use self::url::Address;
use super::budget::{self, TooLong};
use super::product::Product;
use super::search::page::{Found, Search};
use super::source::DatabaseUrl;
use super::sqlite::change::{index, remove, set, store};
use super::store::{Catalogue, Change, Changed, Row, Rows};
use crate::settings::limits;

/// A database server, or several that hold the same.
pub(super) struct MysqlCatalogue {
    name: String,
    hosts: Hosts,
}

impl MysqlCatalogue {
    /// Nothing is connected until the first question.
    pub(super) fn at(url: &DatabaseUrl) -> Result<MysqlCatalogue> {
        Ok(MysqlCatalogue { name: url.to_string(), hosts: Hosts::new(Address::all(url)?) })
    }

    fn ask<T>(&self, question: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        budget::begin(limits::QUESTION);
        self.named(self.hosts.ask(question))
    }

    fn named<T>(&self, answer: Result<T>) -> Result<T> {
        answer.map_err(explained).with_context(|| format!("the catalogue {} cannot be read", self.name))
    }
}

/// Says what is wrong with a database in which nobody has imported anything, and why a server has ended
/// a question.
fn explained(error: Error) -> Error {
    if schema::is_missing(&error) {
        return anyhow!("it has no catalogue yet; product-lookup import makes one");
    }
    if schema::is_timeout(&error) { error.context(TooLong) } else { error }
}

impl Catalogue for MysqlCatalogue {
    fn by_id(&self, id: &str) -> Result<Option<Product>> {
        self.ask(|connection| search::by_id(connection, id))
    }

    fn by_ids(&self, ids: &[String]) -> Result<Vec<Option<Product>>> {
        self.ask(|connection| search::by_ids(connection, ids))
    }

    fn columns(&self) -> Result<Vec<String>> {
        self.ask(search::columns)
    }

    fn by_name(&self, name: &str) -> Result<Option<Product>> {
        if name.len() > schema::NAME_BYTES {
            return Ok(None);
        }
        self.ask(|connection| search::by_name(connection, name))
    }

    fn search(&self, search: &Search) -> Result<Found> {
        self.ask(|connection| search::search(connection, search))
    }

    fn each(&self, take: &mut dyn FnMut(Product) -> ControlFlow<()>) -> Result<()> {
        let connection = self.hosts.connect();
        self.named(connection.and_then(|mut connection| search::each(&mut connection, take)))
    }

    fn count(&self) -> Result<u64> {
        self.ask(search::count)
    }

    fn ensure_changeable(&self) -> Result<()> {
        self.hosts.connect().map(drop).with_context(|| format!("the catalogue {} cannot be written", self.name))
    }

    fn change(&self, change: &Change, rows: &dyn Rows) -> Result<Changed> {
        change::change(&self.hosts, &self.name, &store(change, rows))
    }

    fn set(&self, columns: &[String], row: Row) -> Result<(Option<Product>, Product)> {
        change::change(&self.hosts, &self.name, &set(columns, row))
    }

    fn remove(&self, ids: &[String]) -> Result<Vec<Product>> {
        change::change(&self.hosts, &self.name, &remove(ids))
    }

    fn index(&self) -> Result<()> {
        change::change(&self.hosts, &self.name, &index())
    }
}
