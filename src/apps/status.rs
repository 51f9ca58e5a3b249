//! Tells of this process: what it has answered, how long lookups took, and whether the catalogue answers.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::Builder;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::Call;
use super::counters::Requests;
use crate::catalogue::Catalogue;
use crate::form::{Form, FormError};
use crate::gateway::Connections;
use crate::gateway::reply::Reply;
use crate::render::{self, Failure, Format};
use crate::settings::limits;

const OPENMETRICS: &str = "openmetrics";

/// What is said where there are, or may be, other processes.
const OF_ONE_PROCESS: &str = "of this process alone: the web server may have others, each of which counts for itself";

/// Answers any method.
pub fn answer(call: &mut Call) -> Reply {
    let params = &call.request.params;
    let query = Form::of_query(call.request.query()).unwrap_or_default();
    let accept = params.value("HTTP_ACCEPT").unwrap_or_default();
    let openmetrics = match query.value("format") {
        Some(format) => format == OPENMETRICS,
        // Prometheus asks so.
        None => accept.starts_with(b"application/openmetrics-text"),
    };
    let format = if openmetrics { Ok(None) } else { Format::of_parameter(&query) };
    let by_accept = Format::of_accept(accept);
    let reply = match format {
        _ if !call.environment.status(params) => Err(Failure::NoStatus),
        Err(unknown) => Err(Failure::UnknownFormat(unknown)),
        Ok(_) if query.values("ready").next().is_some() => ready(call),
        Ok(_) if openmetrics && !call.alone => {
            let how = format!("OpenMetrics are for serve; here they would be {OF_ONE_PROCESS}.");
            Err(Failure::Form(FormError::Malformed(how)))
        }
        Ok(_) if openmetrics => Ok(metrics(call)),
        Ok(format) => Ok(render::facts(&facts(call), format.unwrap_or(by_accept))),
    };
    match reply {
        Ok(reply) => reply.with("Cache-Control", "no-store"),
        Err(failure) => {
            let format = Format::of_parameter(&query).ok().flatten();
            call.fail(&failure, format.unwrap_or(by_accept))
        }
    }
}

/// 200 where the catalogue answers a question in time.
fn ready(call: &Call) -> Result<Reply, Failure> {
    asked(call, |catalogue| catalogue.by_id("").map(drop)).map_err(Failure::Catalogue)?;
    Ok(Reply::new(200, Format::Text.content_type(), "ready\n"))
}

/// One of the questions to the catalogue that are on their way, until it goes.
struct Asking;

static ASKING: AtomicUsize = AtomicUsize::new(0);

impl Asking {
    /// `None` where there are as many as may be.
    fn begin() -> Option<Asking> {
        let others = ASKING.fetch_add(1, Ordering::SeqCst);
        let asking = Asking;
        (others < limits::READY_AT_ONCE).then_some(asking)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What the catalogue answers within `limits::READY`. A question that takes longer ends by itself, as a lookup's does,
/// in a thread of its own.
fn asked<T: Send + 'static>(call: &Call, ask: impl FnOnce(&dyn Catalogue) -> Result<T> + Send + 'static) -> Result<T> {
    let catalogue = call.catalogues.at(call.environment.products(&call.request.params))?;
    let asking = Asking::begin().context("others have asked for its status, and are not answered yet")?;
    let (sender, answer) = mpsc::sync_channel(1);
    let ask = move || {
        let _asking = asking;
        // Nobody may wait for it any more.
        let _ = sender.send(ask(&*catalogue));
    };
    Builder::new().stack_size(limits::STACK_BYTES).spawn(ask)?;
    let late = |_| anyhow!("it did not answer within {:?}", limits::READY);
    answer.recv_timeout(limits::READY).map_err(late)?
}

/// All there is to say, by name.
fn facts(call: &Call) -> Vec<(String, Value)> {
    let source = call.environment.products(&call.request.params);
    let (requests, lookups, connections) = (call.counters.requests(), call.counters.lookups(), Connections::now());
    let mut facts: Vec<(String, Value)> = Vec::new();
    let mut tell = |name: &str, value: Value| facts.push((name.to_owned(), value));
    tell("version", env!("CARGO_PKG_VERSION").into());
    tell("process", std::process::id().into());
    tell("uptime_seconds", call.counters.up().as_secs().into());
    tell("connections", connections.accepted.into());
    tell("connections_open", connections.open.into());
    tell("requests", requests.iter().map(|requests| requests.count).sum::<u64>().into());
    for Requests { status, count, .. } in requests {
        tell(&format!("requests_{status}"), count.into());
    }
    tell("lookups", lookups.count().into());
    for percent in [50, 99] {
        let time = lookups.percentile(percent).map(|time| (time.as_secs_f64() * 1e6).round() / 1e3);
        tell(&format!("lookup_p{percent}_ms"), time.into());
    }
    tell("catalogue", source.to_string().into());
    match asked(call, |catalogue| catalogue.count()) {
        Ok(products) => tell("products", products.into()),
        Err(error) => tell("catalogue_error", crate::causes(&error).into()),
    }
    if !call.alone {
        tell("note", OF_ONE_PROCESS.into());
    }
    facts
}

/// The same as OpenMetrics, of which all is in the older format of Prometheus too: a request's status is a label
/// of a summary, as a counter has a name of its own in each.
fn metrics(call: &Call) -> Reply {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, String)]| {
        // To write into memory cannot fail.
        let _ = writeln!(text, "# TYPE product_lookup_{name} {kind}\n# HELP product_lookup_{name} {help}");
        for (sample, value) in samples {
            let _ = writeln!(text, "product_lookup_{name}{sample} {value}");
        }
    };
    let one = |value: String| [(String::new(), value)];
    let version = [(format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), "1".to_owned())];
    family("build_info", "gauge", "What it is.", &version);
    family("uptime_seconds", "gauge", "How long it has answered.", &one(call.counters.up().as_secs().to_string()));
    family("connections", "gauge", "FastCGI connections that are open.", &one(Connections::now().open.to_string()));
    let requests: Vec<_> = call.counters.requests().iter().flat_map(of_status).collect();
    family("request_seconds", "summary", "Requests by status, and how long they took.", &requests);
    family("lookup_seconds", "histogram", "How long the catalogue took.", &lookups(call));
    if let Ok(products) = asked(call, |catalogue| catalogue.count()) {
        family("products", "gauge", "Products in the catalogue.", &one(products.to_string()));
    }
    text += "# EOF\n";
    Reply::new(200, "application/openmetrics-text; version=1.0.0; charset=utf-8", text)
}

fn of_status(requests: &Requests) -> [(String, String); 2] {
    let Requests { status, count, took } = requests;
    [("sum", took.as_secs_f64().to_string()), ("count", count.to_string())]
        .map(|(sample, value)| (format!("_{sample}{{status=\"{status}\"}}"), value))
}

/// Buckets from 16 µs to 4 s, each with times of four times the last.
fn lookups(call: &Call) -> Vec<(String, String)> {
    let lookups = call.counters.lookups();
    let bucket = |power: usize| {
        let seconds = (1_u64 << power) as f64 / 1e9;
        (format!("_bucket{{le=\"{seconds}\"}}"), lookups.below(power).to_string())
    };
    let all = lookups.count().to_string();
    let mut samples: Vec<_> = (14..=32).step_by(2).map(bucket).collect();
    samples.push(("_bucket{le=\"+Inf\"}".to_owned(), all.clone()));
    samples.push(("_sum".to_owned(), lookups.took.as_secs_f64().to_string()));
    samples.push(("_count".to_owned(), all));
    samples
}
