//! Which pages elsewhere may read the replies (CORS, in the Fetch standard), as `ALLOW_ORIGIN` says.

use crate::gateway::reply::Reply;
use crate::gateway::request::Request;
use crate::render;

/// What a page needs to read beside what each may.
const EXPOSED: &str = "Link, ETag, Retry-After, Allow, Accept-Post, Accept-Encoding";

/// A reply that a page of one of these origins may read; `*` is any page.
pub(super) fn allow(reply: Reply, request: &Request, origins: &str) -> Reply {
    let any = origins.trim() == "*";
    let asks = request.params.value("HTTP_ORIGIN").unwrap_or_default();
    let allowed = origins.split_ascii_whitespace().find(|origin| any || origin.as_bytes() == asks);
    // Who is in no list gets another reply than who is, and a cache has to know.
    let reply = if any { reply } else { varies(reply) };
    let Some(allowed) = allowed else { return reply };
    let reply = reply.with("Access-Control-Allow-Origin", allowed.to_owned());
    let preflight =
        request.method() == b"OPTIONS" && request.params.value("HTTP_ACCESS_CONTROL_REQUEST_METHOD").is_some();
    match preflight {
        true => reply
            .with("Access-Control-Allow-Methods", render::ALLOW)
            .with("Access-Control-Allow-Headers", "content-type"),
        false => reply.with("Access-Control-Expose-Headers", EXPOSED),
    }
}

/// The same reply, which another origin might not get.
fn varies(mut reply: Reply) -> Reply {
    match reply.headers.iter_mut().find(|(name, _)| name == "Vary") {
        Some((_, value)) => *value = format!("{value}, Origin").into(),
        None => return reply.with("Vary", "Origin"),
    }
    reply
}
