//! What a caller gets: in goes a result, out comes a reply as JSON, text or HTML.

mod accept;
mod failure;
mod html;

pub use accept::Format;
pub use failure::Failure;
pub use html::SEARCH_FORM;

use twox_hash::XxHash3_128;

use crate::catalogue::Product;
use crate::gateway::reply::Reply;

/// The methods that a lookup knows, as `Allow` lists them.
pub const ALLOW: &str = "GET, HEAD, POST, OPTIONS";

/// A product that was found, to be kept by caches for `cache_seconds`.
pub fn product(product: &Product, format: Format, cache_seconds: u32) -> Reply {
    let body = match format {
        Format::Json => json(product),
        Format::Text => format!("name: {}\nprice: {}\n", one_line(&product.name), product.price),
        Format::Html => html::product(product),
    };
    let cache_control = match cache_seconds {
        0 => "no-cache".to_owned(),
        seconds => format!("public, max-age={seconds}"),
    };
    // A strong validator (RFC 9110, section 8.8.1) that every process and machine gives to the
    // same bytes: a hash that is specified, of them and of nothing else.
    let tag = format!("\"{:032x}\"", XxHash3_128::oneshot(body.as_bytes()));
    finish(Reply::new(200, format.content_type(), body), format, &cache_control).with("ETag", tag)
}

/// A lookup that failed. `causes` are shown to the caller; that is for develop mode.
pub fn failure(failure: &Failure, format: Format, causes: bool) -> Reply {
    let problem = failure.problem(causes);
    let reply = match (failure, format) {
        // As the Python application answered.
        (Failure::MethodNotAllowed, _) => Reply::new(405, Format::Json.content_type(), json(&Product::default())),
        (_, Format::Json) => Reply::new(problem.status, "application/problem+json", json(&problem)),
        (_, Format::Text) => {
            let body = format!("error: {}\ndetail: {}\n", problem.title, one_line(&problem.detail));
            Reply::new(problem.status, format.content_type(), body)
        }
        (Failure::NothingAsked, Format::Html) => Reply::new(400, format.content_type(), html::search(&problem)),
        (_, Format::Html) => Reply::new(problem.status, format.content_type(), html::problem(&problem)),
    };
    let reply = finish(reply, format, "no-cache");
    match failure.header() {
        Some((name, value)) => reply.with(name, value),
        None => reply,
    }
}

/// The answer to OPTIONS.
pub fn options() -> Reply {
    Reply::empty(204).with("Allow", ALLOW)
}

/// The 304 that stands for a reply whose `ETag` the client has, where `if_none_match` (RFC 9110,
/// section 13.1.2) says so. It keeps what a cache needs, and has no content.
pub fn not_modified(reply: &Reply, if_none_match: &[u8]) -> Option<Reply> {
    let header = |wanted| reply.headers.iter().find(|(name, _)| *name == wanted);
    let (_, tag) = header("ETag")?;
    // The comparison is weak: caches on the way may have added `W/`. No tag of ours has a comma.
    let matches = if_none_match
        .split(|&byte| byte == b',')
        .map(<[u8]>::trim_ascii)
        .any(|given| given == b"*" || given.strip_prefix(b"W/").unwrap_or(given) == tag.as_bytes());
    let headers = ["ETag", "Cache-Control", "Vary"].into_iter().filter_map(header).cloned();
    matches.then(|| Reply { headers: headers.collect(), ..Reply::empty(304) })
}

fn finish(reply: Reply, format: Format, cache_control: &str) -> Reply {
    let reply = reply.with("Vary", "Accept").with("Cache-Control", cache_control);
    match format {
        Format::Html => reply.with("Content-Security-Policy", html::CONTENT_SECURITY_POLICY),
        _ => reply,
    }
}

fn json(value: &impl serde::Serialize) -> String {
    // Strings and numbers cannot fail; an empty body would show in every test.
    serde_json::to_string(value).unwrap_or_default()
}

/// In text a value is a line, whatever is in it.
fn one_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ")
}
