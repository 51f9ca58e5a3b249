//! The parameters of a header field, such as `form-data; name="id"`, as names and values.

use std::iter;

/// All that have a value, in order.
pub(super) fn parameters(field: &str) -> impl Iterator<Item = (&str, String)> {
    let mut rest = field;
    iter::from_fn(move || {
        let (name, value) = loop {
            rest = rest.split_once(';')?.1;
            let end = rest.find(['=', ';'])?;
            if rest[end..].starts_with('=') {
                break (&rest[..end], rest[end + 1..].trim_start());
            }
        };
        let value = match value.strip_prefix('"') {
            None => value.split(';').next().unwrap_or_default().trim_end().to_owned(),
            Some(quoted) => {
                let (value, after) = quoted.split_at(closing_quote(quoted)?);
                rest = after;
                value.replace("\\\"", "\"")
            }
        };
        Some((name.trim(), value))
    })
}

/// Where a quoted value ends. A backslash escapes a quote, except at the end of a value: browsers
/// send backslashes as they are.
fn closing_quote(quoted: &str) -> Option<usize> {
    let mut quotes = quoted.match_indices('"').map(|(at, _)| at);
    quotes.find(|&at| {
        let next = quoted[at + 1..].trim_start();
        !quoted[..at].ends_with('\\') || next.is_empty() || next.starts_with(';')
    })
}
