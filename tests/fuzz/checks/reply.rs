//! An answer, whatever was asked: its status, its header and its body must be what the interface
//! promises.

use serde_json::Value;

use super::page;
use crate::answer::Answer;

/// The statuses that a request can be the reason of.
const STATUSES: [u16; 8] = [200, 204, 304, 400, 404, 405, 413, 415];

/// Looks at one whole answer; the body of one to HEAD is empty.
pub fn check(answer: &Answer) {
    let body = || String::from_utf8_lossy(&answer.body);
    assert!(STATUSES.contains(&answer.status), "{answer:?}\n{}", body());
    for (index, (name, value)) in answer.fields.iter().enumerate() {
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{name}");
        assert!(!value.contains(char::is_control) && value.trim() == value, "{name}: {value:?}");
        let again = answer.fields[..index].iter().any(|field| field.0.eq_ignore_ascii_case(name));
        assert!(!again, "{name} comes once");
    }
    assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(answer.field("Allow").is_some(), matches!(answer.status, 204 | 405));
    let told = ["Accept-Post", "Accept-Encoding"].into_iter().filter(|name| answer.field(name).is_some()).count();
    assert_eq!(told, usize::from(answer.status == 415));
    let content_type = answer.field("Content-Type");
    assert_eq!(content_type.is_none(), matches!(answer.status, 204 | 304));
    let sample = content_type == Some("text/plain");
    assert_eq!(answer.field("Vary").is_some(), !sample && answer.status != 204);
    assert_eq!(answer.field("ETag").is_some(), !sample && matches!(answer.status, 200 | 304));
    let page = content_type.is_some_and(|content_type| content_type.starts_with("text/html"));
    assert!(!page || answer.field("Content-Security-Policy").is_some());
    if answer.body.is_empty() {
        return;
    }
    let text = str::from_utf8(&answer.body).expect("UTF-8");
    match content_type {
        Some("application/json") => json(text),
        Some("application/problem+json") => problem(text, answer.status),
        Some("text/plain; charset=utf-8") => lines(text, answer.status),
        Some("text/html; charset=utf-8") => page::check(text),
        Some("text/plain") => assert_eq!((text, answer.status), ("Hello World!", 200)),
        other => panic!("{other:?}"),
    }
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn json(text: &str) {
    let value: Value = serde_json::from_str(text).expect("JSON");
    if value.get("products").is_none() {
        assert_eq!(members(&value), ["name", "price"]);
        assert!(value["name"].is_string() && value["price"].is_number(), "{text}");
        return;
    }
    assert_eq!(members(&value), ["next", "products"]);
    assert!(value["next"].is_string() || value["next"].is_null(), "{text}");
    for product in value["products"].as_array().expect("an array") {
        assert_eq!(members(product), ["id", "name", "price"]);
        assert!(product["id"].is_string() && product["name"].is_string() && product["price"].is_number(), "{text}");
    }
}

fn problem(text: &str, status: u16) {
    let value: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(members(&value), ["detail", "status", "title", "type"]);
    assert_eq!((value["type"].as_str(), value["status"].as_u64()), (Some("about:blank"), Some(status.into())));
    let detail = value["detail"].as_str().expect("a string");
    assert!(!detail.contains(['\r', '\n']) && detail.ends_with('.') && detail.len() < 1000, "{detail:?}");
}

/// A product and a failure have two lines, a search one for each product and the next page.
fn lines(text: &str, status: u16) {
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let lines: Vec<&str> = text.split_terminator('\n').collect();
    let starts =
        |first: &str, second: &str| lines.len() == 2 && lines[0].starts_with(first) && lines[1].starts_with(second);
    if status >= 400 {
        assert!(starts("error: ", "detail: "), "{text:?}");
    } else if !starts("name: ", "price: ") {
        let products = lines.iter().take_while(|line| line.split('\t').count() == 3).count();
        let rest = &lines[products..];
        assert!(rest.is_empty() || rest.len() == 1 && rest[0].starts_with("next: "), "{text:?}");
    }
    assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{text:?}");
}
