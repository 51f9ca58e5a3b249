//! What a caller gets: a product, a list or a failure as JSON, text, HTML or CSV, with the header fields that go with it.

mod accept;
mod facts;
mod failure;
mod html;
mod product;

pub use accept::Format;
pub use facts::facts;
pub use failure::Failure;
pub use html::Frame;

use std::borrow::Cow;

use twox_hash::XxHash3_128;

use self::product::{IdsJson, ListJson, ProductJson, csv, lines};
use crate::catalogue::{Column, Found, Product, Search};
use crate::gateway::reply::Reply;
use crate::settings::limits;

/// The methods that a lookup knows, as `Allow` lists them.
pub const ALLOW: &str = "GET, HEAD, POST, OPTIONS";

/// What the Python application answered to other methods.
const NO_PRODUCT: &str = "{\"name\":\"\",\"price\":0}";

/// Bytes that a body has room for from the start; a product's fits.
const BODY_BYTES: usize = 1024;

/// What a reply shows, and how.
pub struct Shown {
    /// Which columns, in this order; none: the usual ones.
    pub columns: Vec<Column>,
    /// How they were asked for, as the next page's address has it.
    pub fields: Vec<String>,
    /// In which format.
    pub format: Format,
    /// For how long caches may keep it.
    pub cache_seconds: u64,
    /// What is on every page for a person.
    pub frame: Frame,
}

impl Shown {
    /// A product that was found.
    pub fn product(&self, product: &Product) -> Reply {
        let usual = [Column::Name, Column::Price];
        let columns = if self.columns.is_empty() { &usual[..] } else { &self.columns };
        let body = match self.format {
            Format::Json => json(&ProductJson { product, columns }),
            Format::Text => {
                let line =
                    |column: &Column| format!("{}: {}\n", one_line(column.name()), one_line(&column.of(product)));
                columns.iter().map(line).collect::<String>().into()
            }
            Format::Html => html::product(product, &self.columns, &self.frame).into(),
            Format::Csv => csv([product], self.of_list()),
        };
        self.found(body)
    }

    /// The products with these ids, of which some may be missing.
    pub fn ids(&self, ids: &[String], found: &[Option<Product>]) -> Reply {
        let products: Vec<&Product> = found.iter().flatten().collect();
        let missing = ids.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(id, _)| id.as_str());
        let missing: Vec<&str> = missing.collect();
        let columns = self.of_list();
        let body = match self.format {
            Format::Json => json(&IdsJson::of(&products, &missing, columns)),
            Format::Text => {
                let mut body = lines(products, columns);
                body.extend(missing.iter().map(|id| format!("missing: {}\n", one_line(id))));
                body.into()
            }
            Format::Html => html::ids(&products, &missing, columns, &self.frame).into(),
            Format::Csv => csv(products, columns),
        };
        self.found(body)
    }

    /// A page of what a search found.
    pub fn list(&self, search: &Search, page: &Found) -> Reply {
        let columns = self.of_list();
        let body = match self.format {
            Format::Json => json(&ListJson::of(page, columns)),
            Format::Text => {
                let mut body = lines(&page.products, columns);
                body.extend(page.next.iter().map(|next| format!("next: {}\n", one_line(next))));
                body.extend(page.suggestion.iter().map(|meant| format!("suggestion: {}\n", one_line(meant))));
                body.into()
            }
            Format::Html => html::list(search, page, self).into(),
            Format::Csv => csv(&page.products, columns),
        };
        let reply = self.found(body);
        let next = page.next.as_ref().map(|after| html::page_address(search, Some(after), self));
        match next.map(|next| format!("<{next}>; rel=\"next\"")).filter(|link| link.len() <= limits::LINK_BYTES) {
            Some(link) => reply.with("Link", link),
            None => reply,
        }
    }

    fn of_list(&self) -> &[Column] {
        if self.columns.is_empty() { &OF_LIST } else { &self.columns }
    }

    fn found(&self, body: Vec<u8>) -> Reply {
        found(body, self.format, self.cache_seconds)
    }
}

/// The usual columns of a list.
const OF_LIST: [Column; 3] = [Column::Id, Column::Name, Column::Price];

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
pub fn failure(failure: &Failure, format: Format, causes: bool, frame: &Frame) -> Reply {
    let problem = failure.problem(causes);
    // As the Python application answered, in no other format.
    let format = if matches!(failure, Failure::MethodNotAllowed) { Format::Json } else { format };
    let reply = match (failure, format) {
        (Failure::MethodNotAllowed, _) => Reply::new(405, Format::Json.content_type(), NO_PRODUCT),
        (_, Format::Json | Format::Csv) => Reply::new(problem.status, "application/problem+json", json(&problem)),
        (_, Format::Text) => {
            let body = format!("error: {}\ndetail: {}\n", problem.title, one_line(&problem.detail));
            Reply::new(problem.status, format.content_type(), body)
        }
        (_, Format::Html) => {
            let page = html::problem(failure, &problem.detail, frame);
            Reply::new(problem.status, format.content_type(), page)
        }
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
