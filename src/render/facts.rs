//! Facts about the program itself, by name, in every format.

use serde::Serializer as _;
use serde_json::Value;

use super::Format;
use super::html::{self, Escaped};
use crate::catalogue::export::csv_row;
use crate::gateway::reply::Reply;

/// A reply that lists them.
pub fn facts(facts: &[(String, Value)], format: Format) -> Reply {
    // As a person reads it, without JSON's quotes.
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let body = match format {
        Format::Json => {
            let mut body = Vec::new();
            // To write into memory cannot fail.
            let _ = serde_json::Serializer::new(&mut body).collect_map(facts.iter().map(|(name, value)| (name, value)));
            body
        }
        Format::Text => {
            let line = |(name, value): &(String, Value)| format!("{name}: {}\n", super::one_line(&shown(value)));
            facts.iter().map(line).collect::<String>().into()
        }
        Format::Html => {
            let row = |(name, value): &(String, Value)| {
                let value = shown(value);
                format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n", Escaped(&value))
            };
            let rows = facts.iter().map(row).collect::<String>();
            html::plain("Status", &format!("<table>\n{rows}</table>\n")).into()
        }
        Format::Csv => {
            let head = std::iter::once(["name".to_owned(), "value".to_owned()]);
            let rows = head.chain(facts.iter().map(|(name, value)| [name.clone(), shown(value)]));
            rows.map(|row| csv_row(row) + "\r\n").collect::<String>().into()
        }
    };
    let reply = Reply::new(200, format.content_type(), body);
    match format {
        Format::Html => reply.with("Content-Security-Policy", html::CONTENT_SECURITY_POLICY),
        _ => reply,
    }
}
