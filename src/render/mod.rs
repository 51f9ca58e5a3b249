//! What a caller gets: a product, a list or a failure as JSON, text or HTML, with the header fields that go with it.

mod accept;
mod failure;
mod html;
mod product;

pub use accept::Format;
pub use failure::Failure;

use std::borrow::Cow;

use twox_hash::XxHash3_128;

use self::product::{ListJson, ProductJson};
use crate::catalogue::{Found, Product, Search};
use crate::gateway::reply::Reply;

/// The methods that a lookup knows, as `Allow` lists them.
pub const ALLOW: &str = "GET, HEAD, POST, OPTIONS";

/// Bytes that a body has room for from the start; a product's fits.
const BODY_BYTES: usize = 1024;

/// A product that was found.
pub fn product(product: &Product, format: Format, cache_seconds: u64) -> Reply {
    let body = match format {
        Format::Json => json(&ProductJson::from(product)),
        Format::Text => format!("name: {}\nprice: {}\n", one_line(&product.name), product.price).into(),
        Format::Html => html::product(product).into(),
    };
    found(body, format, cache_seconds)
}

/// A page of what a search found.
pub fn list(search: &Search, page: &Found, format: Format, cache_seconds: u64) -> Reply {
    let body = match format {
        Format::Json => json(&ListJson::from(page)),
        Format::Text => {
            let line = |product: &Product| {
                format!("{}\t{}\t{}\n", one_line(&product.id), one_line(&product.name), product.price)
            };
            let next = page.next.iter().map(|next| format!("next: {}\n", one_line(next)));
            let mut body = String::with_capacity(BODY_BYTES);
            body.extend(page.products.iter().map(line).chain(next));
            body.into()
        }
        Format::Html => html::list(search, page).into(),
    };
    found(body, format, cache_seconds)
}

/// Replies with what there is, to be kept by caches for `cache_seconds`.
fn found(body: Vec<u8>, format: Format, cache_seconds: u64) -> Reply {
    let cache_control = match cache_seconds {
        0 => Cow::Borrowed("no-cache"),
        seconds => format!("public, max-age={seconds}").into(),
    };
    // A strong validator (RFC 9110, section 8.8.1) that every process and machine gives to the
    // same bytes: a hash that is specified, of them and of nothing else.
    let tag = format!("\"{:032x}\"", XxHash3_128::oneshot(&body));
    finish(Reply::new(200, format.content_type(), body), format, cache_control).with("ETag", tag)
}

/// The same reply to one user, which no cache may keep for others.
pub fn private(mut reply: Reply) -> Reply {
    for (_, value) in reply.headers.iter_mut().filter(|(name, _)| name == "Cache-Control") {
        *value = value.replace("public", "private").into();
    }
    reply
}

/// A lookup that failed. `causes` are shown to the caller; that is for develop mode.
pub fn failure(failure: &Failure, format: Format, causes: bool) -> Reply {
    let problem = failure.problem(causes);
    // As the Python application answered, in no other format.
    let format = if matches!(failure, Failure::MethodNotAllowed) { Format::Json } else { format };
    let reply = match (failure, format) {
        (Failure::MethodNotAllowed, _) => Reply::new(405, Format::Json.content_type(), json(&ProductJson::default())),
        (_, Format::Json) => Reply::new(problem.status, "application/problem+json", json(&problem)),
        (_, Format::Text) => {
            let body = format!("error: {}\ndetail: {}\n", problem.title, one_line(&problem.detail));
            Reply::new(problem.status, format.content_type(), body)
        }
        (_, Format::Html) => Reply::new(problem.status, format.content_type(), html::problem(&problem)),
    };
    let reply = finish(reply, format, "no-cache".into());
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
    let opaque = tag.strip_suffix('"')?.as_bytes();
    // The comparison is weak: caches on the way may have added `W/`, and Apache what it has compressed with. No tag
    // of ours has a comma.
    let is_ours = |given: &[u8]| {
        let rest = given.strip_prefix(b"W/").unwrap_or(given).strip_prefix(opaque);
        matches!(rest, Some(b"\"" | b"-gzip\"" | b"-br\""))
    };
    let mut given = if_none_match.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let matches = given.any(|given| given == b"*" || is_ours(given));
    let headers = ["ETag", "Cache-Control", "Vary"].into_iter().filter_map(header).cloned();
    matches.then(|| Reply { headers: headers.collect(), ..Reply::empty(304) })
}

fn finish(reply: Reply, format: Format, cache_control: Cow<'static, str>) -> Reply {
    let reply = reply.with("Vary", "Accept").with("Cache-Control", cache_control);
    match format {
        Format::Html => reply.with("Content-Security-Policy", html::CONTENT_SECURITY_POLICY),
        _ => reply,
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut body = Vec::with_capacity(BODY_BYTES);
    // Strings and numbers cannot fail; half a body would show in every test.
    let _ = serde_json::to_writer(&mut body, value);
    body
}

/// Text on one line, whatever is in it.
fn one_line(text: &str) -> String {
    text.replace(|character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'), " ")
}
