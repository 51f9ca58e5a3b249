//! The hosts of a database, which are asked one after the other until one answers. A host that fails is left alone
//! for a while, and the question goes to the next, since lookups may be repeated.
//!
//! The driver's own pool connects while it holds the lock that every lookup takes, so that one host
//! that does not answer would stop the lookups at all of them, one after the other.

use std::io::ErrorKind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, anyhow};
use mysql::Conn;

use super::url::Address;
use crate::settings::limits;

/// What each connection begins with. A search is one transaction, whose parts have to show one state.
const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/// The server ends a question that takes longer, in milliseconds, and the connection stays. MariaDB
/// and MySQL call this by two names, and leave out a comment that is for the other.
const QUESTION: &str =
    "SET autocommit = 1 /*M!100101 , max_statement_time = {s} */ /*!80000 , max_execution_time = {ms} */";

/// Says how long each of the next statements may take.
pub(super) fn limit_statements(limit: Duration) -> String {
    let milliseconds = limit.as_millis().to_string();
    QUESTION.replace("{s}", &limit.as_secs_f32().to_string()).replace("{ms}", &milliseconds)
}

/// Errors of a server that answers, and yet is of no use: too many connections, it joins or has lost
/// its cluster, it shuts down, it has ended this connection.
const AWAY: [u16; 4] = [1040, 1047, 1053, 1927];

pub(super) struct Hosts {
    hosts: Vec<Arc<Host>>,
    /// The host that this process asks first: processes share the hosts among them.
    first: usize,
}

struct Host {
    address: Address,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Conn>,
    /// Connections, idle or not.
    open: usize,
    /// When a host that has failed is tried again.
    retry: Option<Instant>,
}

impl Hosts {
    pub(super) fn new(addresses: Vec<Address>) -> Hosts {
        let first = std::process::id() as usize % addresses.len().max(1);
        let host = |address| Arc::new(Host { address, state: Mutex::default(), freed: Condvar::new() });
        Hosts { hosts: addresses.into_iter().map(host).collect(), first }
    }

    /// A connection for an import or export, which may take its time.
    pub(super) fn connect(&self) -> Result<Conn> {
        let mut failure = anyhow!("there is no host");
        for host in self.in_turn() {
            match host
                .address
                .options(limits::DATABASE_WRITE, vec![ISOLATION.to_owned()])
                .and_then(|options| Ok(Conn::new(options)?))
            {
                Ok(connection) => return Ok(connection),
                Err(error) => failure = error.context(host.address.name.clone()),
            }
        }
        Err(failure)
    }

    fn in_turn(&self) -> impl Iterator<Item = &Arc<Host>> {
        self.hosts.iter().cycle().skip(self.first).take(self.hosts.len())
    }

    /// Puts a question to one host after the other, until one answers.
    pub(super) fn ask<T>(&self, question: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        let mut failure = None;
        let mut due = Vec::new();
        let mut hosts = self.in_turn();
        while let Some(host) = hosts.next() {
            match host.availability() {
                Availability::Rests => {}
                Availability::Due => due.push(host),
                Availability::Up => match host.ask(&question) {
                    Ok(answer) => {
                        // While another answers, no lookup waits for one that may not; and those behind
                        // it are known to be back when they are needed.
                        due.extend(hosts.filter(|host| matches!(host.availability(), Availability::Due)));
                        due.into_iter().for_each(try_beside);
                        return Ok(answer);
                    }
                    Err(error) => failure = Some(error),
                },
            }
        }
        for host in due {
            match host.ask(&question) {
                Ok(answer) => return Ok(answer),
                Err(error) => failure = Some(error),
            }
        }
        let rests = || anyhow!("no host answers; it is tried again after {:?}", limits::DATABASE_REST);
        Err(failure.unwrap_or_else(rests))
    }
}

/// Whether a host is asked.
enum Availability {
    Up,
    /// It has failed before, and whoever learns this tries it again.
    Due,
    Rests,
}

/// Tries a host that has failed in a thread of its own.
fn try_beside(host: &Arc<Host>) {
    let host = Arc::clone(host);
    // Where there is no thread for it, the next rest ends as this one did.
    let _ = thread::Builder::new().spawn(move || host.ask(&|connection: &mut Conn| Ok(connection.ping()?)));
}

impl Host {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn availability(&self) -> Availability {
        let mut state = self.state();
        match state.retry {
            None => Availability::Up,
            Some(retry) if retry > Instant::now() => Availability::Rests,
            Some(_) => {
                // Whoever comes while it is tried leaves it alone.
                state.retry = Some(Instant::now() + limits::DATABASE_REST);
                Availability::Due
            }
        }
    }

    fn ask<T>(&self, question: &impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        loop {
            let mut lease = self.take()?;
            let (Some(connection), reused) = (lease.connection.as_mut(), lease.reused) else { continue };
            let error = match question(connection) {
                Ok(answer) => {
                    lease.keep();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            match Fault::of(&error) {
                Fault::Question => {
                    lease.keep();
                    return Err(self.named(error));
                }
                // The server has ended it since it was last used; it may well be there again.
                Fault::Connection if reused => drop(lease),
                Fault::Connection | Fault::Host => return Err(self.rest(error)),
            }
            self.state().forget_idle();
        }
    }

    /// A connection that is idle, or a new one; where there are as many as may be, one that
    /// another lookup gives back in time.
    fn take(&self) -> Result<Lease<'_>> {
        let mut deadline = None;
        let mut state = self.state();
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(Lease { host: self, connection: Some(connection), reused: true });
            }
            if state.open < limits::DATABASE_CONNECTIONS {
                state.open += 1;
                break;
            }
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + limits::DATABASE_CONNECT);
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.named(anyhow!("all {} connections are busy", limits::DATABASE_CONNECTIONS)));
            }
            state = self.freed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        let mut lease = Lease { host: self, connection: None, reused: false };
        let options = self
            .address
            .options(limits::DATABASE_ANSWER, vec![ISOLATION.to_owned(), limit_statements(limits::QUESTION)])
            .map_err(|error| self.rest(error))?;
        lease.connection = Some(Conn::new(options).map_err(|error| self.rest(error.into()))?);
        Ok(lease)
    }

    /// Leaves the host alone for a while.
    fn rest(&self, error: Error) -> Error {
        let mut state = self.state();
        state.forget_idle();
        state.retry = Some(Instant::now() + limits::DATABASE_REST);
        self.named(error)
    }

    fn named(&self, error: Error) -> Error {
        error.context(self.address.name.clone())
    }
}

impl State {
    fn forget_idle(&mut self) {
        self.open -= self.idle.len();
        self.idle.clear();
    }
}

/// Where an error comes from.
enum Fault {
    Question,
    Connection,
    Host,
}

impl Fault {
    fn of(error: &Error) -> Fault {
        match error.downcast_ref::<mysql::Error>() {
            None => Fault::Question,
            Some(mysql::Error::MySqlError(error)) if !AWAY.contains(&error.code) => Fault::Question,
            Some(mysql::Error::MySqlError(_)) => Fault::Host,
            // It has waited as long as one may.
            Some(mysql::Error::IoError(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                Fault::Host
            }
            Some(_) => Fault::Connection,
        }
    }
}

/// A connection in use. It is closed where it is not kept.
struct Lease<'a> {
    host: &'a Host,
    connection: Option<Conn>,
    reused: bool,
}

impl Lease<'_> {
    /// Keeps it for the next lookup. Its host has answered.
    fn keep(mut self) {
        let mut state = self.host.state();
        state.retry = None;
        state.idle.extend(self.connection.take());
        // What `drop` takes away.
        state.open += 1;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.host.state().open -= 1;
        self.host.freed.notify_one();
    }
}
