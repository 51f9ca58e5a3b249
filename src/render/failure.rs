//! What can go wrong with a lookup: each failure with its status and its public words, which
//! never hold a path, SQL or a backtrace. What caused it goes into the debug log.

use serde::Serialize;

use super::accept::Format;
use crate::catalogue::budget::TooLong;
use crate::form::FormError;
use crate::gateway::body::BodyError;
use crate::gateway::reply::reason;
use crate::lookup::LookupError;
use crate::settings::limits;

/// Why there is no product in the reply.
#[derive(Debug)]
pub enum Failure {
    /// The question is none.
    Lookup(LookupError),
    /// `format` names no format.
    UnknownFormat(String),
    /// There is no body, or not all of it.
    Body(BodyError),
    /// The body or the query is no form.
    Form(FormError),
    /// No product has that id.
    NoSuchId(String),
    /// No product is called so.
    NoSuchName(String),
    /// The app `status`, which is off.
    NoStatus,
    /// The method is none of `ALLOW`.
    MethodNotAllowed,
    /// The catalogue cannot be opened or read.
    Catalogue(anyhow::Error),
    /// A bug: something panicked, and said this.
    Panic(String),
}

/// A problem as RFC 9457 writes it.
#[derive(Serialize)]
pub struct Problem {
    /// `about:blank`: the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status' reason phrase.
    pub title: &'static str,
    /// The status code.
    pub status: u16,
    /// One sentence that a caller can act on.
    pub detail: String,
}

impl Failure {
    /// The status, and the sentence that everyone may read.
    fn public(&self) -> (u16, String) {
        match self {
            Failure::Lookup(LookupError::Nothing) => {
                (400, "Add one of: id (a product's id), ids (several), name (its exact name), q (a search).".into())
            }
            Failure::Lookup(LookupError::Limit(given)) => {
                (400, format!("`limit` must be a number from 1 to {}, not {}.", limits::PAGE_MOST, quote(given)))
            }
            Failure::Lookup(LookupError::Ids) => (400, format!("`ids` may have {} ids at most.", limits::IDS)),
            Failure::Lookup(LookupError::Field(given)) => (400, format!("No product has a column {}.", quote(given))),
            Failure::Lookup(LookupError::After) => {
                (400, "`after` must be a `next` value from an earlier reply.".into())
            }
            Failure::UnknownFormat(given) => {
                (400, format!("`format` must be {}, not {}.", Format::names(), quote(given)))
            }
            Failure::Body(error @ BodyError::TooLong { .. }) => (413, error.to_string()),
            Failure::Body(error @ BodyError::NoMemory) => (503, error.to_string()),
            Failure::Body(error) => (400, error.to_string()),
            Failure::Form(error) => (error.status(), error.to_string()),
            Failure::NoSuchId(id) => (404, format!("No product has the id {}.", quote(id))),
            Failure::NoSuchName(name) => (404, format!("No product is called {}.", quote(name))),
            Failure::NoStatus => (404, "The status is not shown here: STATUS is off.".into()),
            Failure::MethodNotAllowed => (405, "Use GET, HEAD or POST.".into()),
            Failure::Catalogue(error) if error.is::<TooLong>() => {
                (503, "The question took too long; try fewer or longer words.".into())
            }
            Failure::Catalogue(_) => (503, "The catalogue cannot be read at the moment; try again later.".into()),
            Failure::Panic(_) => (500, "The program failed to answer; its debug log says why.".into()),
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.public().0
    }

    /// What caused it, for the debug log and for develop mode; outermost first.
    pub fn causes(&self) -> String {
        match self {
            Failure::Catalogue(error) => crate::causes(error),
            Failure::Panic(message) => format!("panic: {message}"),
            failure => failure.public().1,
        }
    }

    /// The problem that tells it.
    pub fn problem(&self, causes: bool) -> Problem {
        let (status, detail) = self.public();
        let detail = match self {
            Failure::Catalogue(_) | Failure::Panic(_) if causes => format!("{detail} ({})", self.causes()),
            _ => detail,
        };
        Problem { kind: "about:blank", title: reason(status), status, detail: sentence(&detail) }
    }

    /// What happened, in a person's words.
    pub fn heading(&self) -> &'static str {
        match self {
            Failure::NoSuchId(_) | Failure::NoSuchName(_) => "Product not found",
            Failure::Body(_) | Failure::Form(_) => "This form cannot be read",
            Failure::Catalogue(error) if error.is::<TooLong>() => "This search took too long",
            Failure::Catalogue(_) => "The catalogue is unavailable right now",
            Failure::Panic(_) => "Something went wrong",
            Failure::Lookup(_) | Failure::UnknownFormat(_) | Failure::NoStatus | Failure::MethodNotAllowed => {
                "This link is broken"
            }
        }
    }

    /// What no product has, which a search may find.
    pub fn asked(&self) -> Option<&str> {
        match self {
            Failure::NoSuchId(asked) | Failure::NoSuchName(asked) => Some(asked),
            _ => None,
        }
    }

    /// The header field that its status asks for.
    pub fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Failure::MethodNotAllowed => Some(("Allow", super::ALLOW.to_owned())),
            Failure::Form(error) => error.header().map(|(name, value)| (name, value.to_owned())),
            Failure::Catalogue(_) | Failure::Body(BodyError::NoMemory) => {
                Some(("Retry-After", limits::RETRY_AFTER_SECONDS.to_string()))
            }
            _ => None,
        }
    }
}

/// A detail as it goes out: on one line, and not without end, whatever a client's words in it are.
fn sentence(detail: &str) -> String {
    let end = detail.char_indices().nth(limits::DETAIL_CHARS).map(|(end, _)| end);
    let line = super::one_line(&detail[..end.unwrap_or(detail.len())]);
    if end.is_some() { line + "..." } else { line }
}

/// A client's own words, cut, in quotes.
fn quote(text: &str) -> String {
    match text.char_indices().nth(limits::QUOTED_CHARS) {
        Some((end, _)) => format!("\"{}...\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn headings() {
        let form = FormError::Malformed(String::new());
        for (failure, heading) in [
            (Failure::NoSuchId("A".to_owned()), "Product not found"),
            (Failure::NoSuchName("A".to_owned()), "Product not found"),
            (Failure::Form(form), "This form cannot be read"),
            (Failure::Catalogue(TooLong.into()), "This search took too long"),
            (Failure::Catalogue(anyhow!("gone")), "The catalogue is unavailable right now"),
            (Failure::Panic("a bug".to_owned()), "Something went wrong"),
            (Failure::Lookup(LookupError::After), "This link is broken"),
        ] {
            assert_eq!(failure.heading(), heading);
        }
    }
}
