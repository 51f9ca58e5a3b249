//! What was probably meant where nothing was asked: the mistakes that clients make most.

use super::{Form, NAMES, list_name};

const AS_JSON: &str = "What was sent looks like JSON: send it by POST, with the Content-Type application/json.";
const AS_FORM: &str = "The body looks like a form: send it with the Content-Type application/x-www-form-urlencoded.";
const AS_MULTIPART: &str =
    "The body looks like multipart/form-data: send it with that as its Content-Type, and its boundary.";

impl Form {
    /// How what was sent nearly asks something, in a sentence that says what to change.
    pub fn near_miss(&self) -> Option<String> {
        let file = self.file.map(|name| format!("The {name} came as a file: send it as a field without a file name."));
        file.or_else(|| self.pairs().find_map(|(name, _)| near(name)))
    }
}

fn near(name: &str) -> Option<String> {
    let name = name.trim();
    if name.starts_with(['{', '[']) {
        return Some(AS_JSON.to_owned());
    }
    if name.starts_with("--") && name.contains("form-data") {
        return Some(AS_MULTIPART.to_owned());
    }
    if let Some(known) = NAMES.iter().find(|known| name.strip_prefix("amp;") == Some(known)) {
        return Some(format!("What stands before {known} is &amp;, which means & in HTML alone: send &."));
    }
    let (start, rest) = name.split_once('=').unwrap_or((name, ""));
    if !rest.is_empty() && NAMES.contains(&start) {
        return Some(format!("The = after {start} was encoded: send {start}=... with only its value encoded."));
    }
    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(list_name(name)) && **known != list_name(name))?;
    Some(format!("The parameter is called {known}, in small letters."))
}

/// The same for a body that is no JSON.
pub(super) fn instead_of_json(body: &[u8]) -> Option<String> {
    let body = body.trim_ascii_start();
    if body.starts_with(b"--") {
        return Some(AS_MULTIPART.to_owned());
    }
    let form = body.first().is_some_and(u8::is_ascii_alphabetic) && body.contains(&b'=');
    form.then(|| AS_FORM.to_owned())
}
