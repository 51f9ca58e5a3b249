//! The debug log's line of a request that took longer than `SLOW_MS`.

use std::time::Duration;

use crate::debug_log::Lossy;
use crate::gateway::request::Request;
use crate::settings::limits;

/// `slow: 512 ms (lookup 498 ms): GET /wsgi/myapp.py?id=A001`, and who asked, where the server has told.
pub(super) fn line(request: &Request, took: Duration, lookup: Option<Duration>) -> String {
    let lookup = lookup.map(|time| format!(" (lookup {} ms)", time.as_millis())).unwrap_or_default();
    let mut line = format!("slow: {} ms{lookup}: {}", took.as_millis(), words(request.method()));
    line += &format!(" {}", words(request.path().as_bytes()));
    if !request.query().is_empty() {
        line += &format!("?{}", words(request.query()));
    }
    for name in ["REMOTE_USER", "UNIQUE_ID"] {
        if let Some(value) = request.params.value(name) {
            line += &format!("; {name}: {}", words(value));
        }
    }
    line
}

/// What was sent, cut, and without a blank, so that it cannot look like what follows it.
fn words(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(limits::SLOW_BYTES)];
    let cut = if shown.len() < bytes.len() { "..." } else { "" };
    Lossy(shown).to_string().replace(' ', "%20") + cut
}
