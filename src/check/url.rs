//! A live lookup by GET and by POST: at which hop does it fail, if it does?

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::Instant;

use serde_json::Value;
use url::form_urlencoded;

use super::http::{Hop, Reply, Target};
use super::installation::Installation;
use super::{Finding, State};

/// What is asked where the URL has no query: any catalogue has an answer.
const QUERY: &str = "q=&limit=1";

/// What is said of a URL that leads elsewhere.
const LOOKUPS: &str = "the URL of lookups is like http://HOST/wsgi/myapp.py";

/// Bytes at the end of Apache's error log that are looked through.
const LOG_BYTES: u64 = 64 << 10;

/// A boundary that no value holds.
const BOUNDARY: &str = "product-lookup-check-7d1f0c";

pub(super) fn findings(here: &Installation, url: &Target) -> Vec<Finding> {
    let query = query(url);
    let got = live(here, "Live GET", url, || url.ask(&query, None));
    // The POST would go the same way.
    if got.state == State::Broken {
        return vec![got];
    }
    let mut body = String::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        body += &format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!("--{BOUNDARY}--\r\n");
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    vec![got, live(here, "Live POST", url, || url.ask("", Some((&content_type, &body))))]
}

/// What the URL asks, as the usual columns in JSON, in which it is told whose a reply is.
fn query(url: &Target) -> String {
    let mut asked: Vec<_> = url.0.query_pairs().collect();
    asked.retain(|(name, _)| !matches!(name.as_ref(), "format" | "fields" | "fields[]"));
    if asked.is_empty() {
        asked = form_urlencoded::parse(QUERY.as_bytes()).collect();
    }
    form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).append_pair("format", "json").finish()
}

fn live(here: &Installation, about: &'static str, url: &Target, ask: impl FnOnce() -> Result<Reply, Hop>) -> Finding {
    let start = Instant::now();
    let found = match ask() {
        Ok(reply) => return judged(here, about, &reply, start.elapsed().as_secs_f64() * 1000.0),
        Err(Hop::Name(error)) => {
            format!("the name {} cannot be resolved: {error}", url.0.host_str().unwrap_or_default())
        }
        Err(Hop::Connection(address, error)) => format!("no web server answers at {address}: {error}"),
        Err(Hop::Reply(error)) => format!("the web server took the connection and gave no reply: {error}"),
    };
    Finding::broken(about, found, Vec::new())
}

/// Says of a reply whose it is, and what it tells.
fn judged(here: &Installation, about: &'static str, reply: &Reply, took: f64) -> Finding {
    let Reply { status, body, .. } = reply;
    let json: Option<Value> = serde_json::from_slice(body).ok();
    // The program's own replies say this; a web server's error pages do not.
    let own = reply.header("X-Content-Type-Options") == "nosniff";
    if own && *status == 200 && body == b"Hello World!" {
        return Finding::broken(about, format!("the program answers there, as its app sample; {LOOKUPS}"), Vec::new());
    }
    if let Some(json) = json.filter(|_| own) {
        let detail = json["detail"].as_str().unwrap_or_default();
        let is_lookup = json["products"].is_array() || (json["name"].is_string() && json["price"].is_number());
        return match status {
            200 if is_lookup => Finding::ok(about, format!("a lookup answers in {took:.1} ms")),
            200 => Finding::broken(about, format!("what answers there is not a lookup; {LOOKUPS}"), Vec::new()),
            400..=499 => Finding::note(about, format!("the program answers {status}: {detail}")),
            503 => {
                Finding::broken(about, format!("the program answers, and cannot read its catalogue: {detail}"), vec![])
            }
            _ => Finding::broken(about, format!("the program fails with {status}: {detail}"), vec![]),
        };
    }
    // Without version and modules: `Apache/2.4.71 (Debian) mod_fcgid/2.3.9`.
    let by = reply.header("Server").split('/').next().filter(|name| !name.is_empty()).unwrap_or("the web server");
    let found = match status {
        301..=308 => format!("{by} redirects to {}, which is not looked at", reply.header("Location")),
        401 | 403 => {
            format!("{by} itself refuses with {status}: no Require lets this in, or its user may not reach the program")
        }
        404 => format!(
            "{by} answered 404 by itself: this URL does not reach the program. Is the configuration enabled, and {by} reloaded?"
        ),
        411 | 413 => format!("{by} itself refuses the body with {status}"),
        500 | 502..=504 => {
            let step = if *status == 500 { "start" } else { "reach" };
            let told = told(here);
            format!("{by} itself answers {status}: it could not {step} the program, or had no reply from it{told}")
        }
        _ if body.starts_with(b"\x7fELF") => format!("{by} gives out the program's file, and does not run it"),
        _ => format!("{by} answers {status}, and not by this program; {LOOKUPS}"),
    };
    Finding::broken(about, found, Vec::new())
}

/// The last words of Apache's error log, where they can be read.
fn told(here: &Installation) -> String {
    let last = || {
        let mut log = File::open(&here.apache.as_ref()?.error_log).ok()?;
        let end = log.metadata().ok()?.len();
        log.seek(SeekFrom::Start(end.saturating_sub(LOG_BYTES))).ok()?;
        let mut bytes = Vec::new();
        log.take(LOG_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).lines().rfind(|line| line.contains(":error]"))?.to_owned())
    };
    last().map(|line| format!("; the last error in its log: {line}")).unwrap_or_default()
}
