//! The table of apps, of which a request's path names one.

mod cors;
mod counters;
pub mod myapp;
pub mod sample;
mod slow;
pub mod status;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::catalogue::Catalogues;
use crate::complain;
use crate::debug_log::DebugLog;
use crate::gateway::reply::Reply;
use crate::gateway::request::{Params, Request};
use crate::gateway::{self, Handler, Limits};
use crate::render::{self, Failure, Format, Frame};
use crate::settings::{Environment, limits};
use counters::Counters;

/// An app: a function from a request to a reply.
pub type App = fn(&mut Call) -> Reply;

/// The apps by the name that a path gives them, without an extension.
pub const APPS: &[(&str, App)] = &[("myapp", myapp::answer), ("sample", sample::answer), ("status", status::answer)];

/// How the names of scripts end.
const SCRIPT_EXTENSIONS: [&str; 3] = [".py", ".fcgi", ".cgi"];

/// What answers where a path names no app.
const DEFAULT: App = myapp::answer;

/// One request on its way through an app.
pub struct Call<'a> {
    /// The request.
    pub request: &'a Request,
    /// What follows the app's name in the path.
    pub path: String,
    /// The settings, of which the request's own parameters may set some.
    pub environment: &'a Environment,
    /// The limits of the process.
    pub limits: &'a Limits,
    /// The open catalogues.
    pub catalogues: &'a Catalogues,
    /// The request's lines in the debug log.
    pub log: DebugLog<'a>,
    /// What was searched for, which the pages of the reply keep; `None` where nothing can be.
    pub question: Option<String>,
    /// How long the catalogue took, where it was asked.
    pub lookup: Option<Duration>,
    counters: &'a Counters,
    /// Does this process answer all requests that there are?
    alone: bool,
}

impl Call<'_> {
    /// What is on every page of the reply; of another format's nothing is looked up for it.
    pub fn frame(&self, format: Format) -> Frame {
        if format != Format::Html {
            return Frame::default();
        }
        let params = &self.request.params;
        let [shop, currency] = [self.environment.shop_name(params), self.environment.currency(params)];
        Frame { shop, currency, question: self.question.clone() }
    }

    /// Logs a failure, and answers with it.
    pub fn fail(&mut self, failure: &Failure, format: Format) -> Reply {
        let status = failure.status();
        if status >= 500 || self.log.develop_mode() {
            let causes = failure.causes();
            self.log.always(format_args!("error: {status}: {causes}"));
            if status >= 500 {
                complain(format_args!("{causes}"));
            }
        }
        render::failure(failure, format, self.log.develop_mode(), &self.frame(format))
    }
}

/// The apps with what they share: one a process.
pub struct Apps {
    table: &'static [(&'static str, App)],
    limits: Limits,
    environment: Environment,
    catalogues: Catalogues,
    log_warned: AtomicBool,
    counters: Counters,
    alone: bool,
}

impl Apps {
    /// Answers with the apps of a table, which is `APPS` but for tests.
    pub fn new(table: &'static [(&'static str, App)], environment: Environment) -> Apps {
        Apps {
            table,
            limits: limits::of_gateway(environment.silence()),
            environment,
            catalogues: Catalogues::default(),
            log_warned: AtomicBool::new(false),
            counters: Counters::new(),
            alone: false,
        }
    }

    /// No other process answers beside this one, so that what it counts is all there is.
    pub fn alone(self, alone: bool) -> Apps {
        Apps { alone, ..self }
    }

    /// The app that a request's path names, and its own part of the path. The path is read as one, since servers
    /// split it differently between SCRIPT_NAME and PATH_INFO. Its first segment that names an app, or looks like
    /// a script, decides: what follows is data, whatever is in it.
    fn app(&self, params: &Params) -> (App, String) {
        let path = params.path();
        let mut end = 0;
        for segment in path.split('/') {
            end += segment.len();
            let stem = segment.split_once('.').map_or(segment, |(stem, _)| stem);
            let named = self.table.iter().find(|(name, _)| *name == stem).map(|&(_, app)| app);
            if named.is_some() || SCRIPT_EXTENSIONS.iter().any(|extension| segment.ends_with(extension)) {
                return (named.unwrap_or(DEFAULT), path[end..].to_owned());
            }
            end += 1;
        }
        (DEFAULT, params.text("PATH_INFO").into_owned())
    }
}

impl Handler for Apps {
    fn limits(&self) -> Limits {
        self.limits.clone()
    }

    fn complain(&self, message: fmt::Arguments) {
        complain(message);
    }

    fn max_body_bytes(&self, params: &Params) -> usize {
        self.environment.max_body_bytes(params)
    }

    /// A panic costs its own request a 500, and nobody else anything.
    fn handle(&self, request: &Request) -> Result<Reply, gateway::Failure> {
        let begun = Instant::now();
        let (app, path) = self.app(&request.params);
        let environment = &self.environment;
        let log = DebugLog::new(environment.debug_log(&request.params), environment.develop_mode(&request.params));
        let (limits, catalogues) = (&self.limits, &self.catalogues);
        let (counters, alone) = (&self.counters, self.alone);
        let mut call =
            Call { request, path, environment, limits, catalogues, log, question: None, lookup: None, counters, alone };
        let mut reply = catch_unwind(AssertUnwindSafe(|| app(&mut call))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let message = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            call.fail(&Failure::Panic(message.to_owned()), Format::Json)
        });
        if let Some(origins) = environment.allow_origin(&request.params) {
            reply = cors::allow(reply, request, origins);
        }
        let took = begun.elapsed();
        if call.log.develop_mode() {
            reply = reply.with("Server-Timing", server_timing(call.lookup, took));
        }
        if environment.slow(&request.params).is_some_and(|most| took > most) {
            call.log.always(slow::line(request, took, call.lookup));
        }
        self.counters.count(reply.status, took, call.lookup);
        call.log.write(&self.log_warned);
        Ok(reply)
    }

    /// One line in the debug log of the process.
    fn report(&self) {
        let none = Params::default();
        let mut log = DebugLog::new(self.environment.debug_log(&none), false);
        log.always(self.counters.line());
        log.write(&self.log_warned);
    }
}

/// What browsers show of where the time went (W3C Server Timing), in ms.
fn server_timing(lookup: Option<Duration>, total: Duration) -> String {
    let metric = |name, time: Duration| format!("{name};dur={:.3}", time.as_secs_f64() * 1000.0);
    let metrics: Vec<String> = lookup.map(|time| metric("lookup", time)).into_iter().collect();
    [metrics, vec![metric("total", total)]].concat().join(", ")
}
