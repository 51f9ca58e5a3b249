//! Pages for people. Each is the search page: a box that searches as one types (`page.js`), a line that says what there
//! is, and the results below it, which the script swaps for those of another page.

mod list;
mod price;
mod product;

pub(super) use list::{ids, list, page_address};
pub(super) use product::product;

use std::fmt::{self, Write as _};

use url::form_urlencoded;

use super::failure::Failure;
use crate::settings::limits;

/// Nothing is loaded but what the script asks of the program; style and script are the page's own, named by their
/// SHA-256.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
    style-src 'sha256-zkuS6yr4qVN1PzWC2IrOlIbf7Luu7cWGmtURrHuneyk='; \
    script-src 'sha256-Yt0g2uA356vae4PcICIfKUQXxOaXla1bOMjD4Ll0S4Y='; \
    connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A price tag, so that a browser asks for no other icon.
const ICON: &str = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2032%2032'%3E\
    %3Cpath%20d='M17%203h12v12L15%2029%203%2017z'%20fill='%230c5c59'/%3E\
    %3Ccircle%20cx='23'%20cy='9'%20r='2.5'%20fill='%23fff'/%3E%3C/svg%3E";

/// What a page is called where the shop has no name.
const NAMELESS: &str = "Find a product";

/// The way out of a page that has none.
const ALL_PRODUCTS: &str = "<a class=\"button\" href=\"?q=&amp;format=html\">See all products</a>";

/// Bytes that a page has room for from the start.
const PAGE_BYTES: usize = 16 << 10;

/// What is on every page of a reply.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The shop's name; empty where it has none.
    pub shop: String,
    /// What prices are in; empty where that is not said.
    pub currency: String,
    /// What was searched for, which the box keeps; `None` where there is no box.
    pub question: Option<String>,
}

/// What differs from page to page.
#[derive(Default)]
struct Page<'a> {
    /// Nothing where the page is the shop's first.
    title: &'a str,
    /// What is in the box.
    question: &'a str,
    /// Does the box have the focus? A phone's keyboard would cover an answer.
    focus: bool,
    /// What there is, in words. The script tells a screen reader what it changes there.
    status: String,
    results: String,
}

/// A lookup that failed, with words of `detail`.
pub(super) fn problem(failure: &Failure, detail: &str, frame: &Frame) -> String {
    let heading = failure.heading();
    let Some(question) = &frame.question else {
        return plain(heading, &format!("<p>{}</p>\n", Escaped(detail)));
    };
    let again = match failure.status() {
        500.. => "<a class=\"button\" href=\"\">Try again</a>",
        _ => ALL_PRODUCTS,
    };
    let results =
        format!("<section class=\"problem\"><h2>{heading}</h2>\n<p>{}</p>\n<p>{again}</p></section>", Escaped(detail));
    let question = if question.is_empty() { failure.asked().unwrap_or_default() } else { question };
    let question = &*cut(question);
    Page { title: heading, question, results, ..Page::default() }.write(frame)
}

/// A page of another kind, without the box.
pub(super) fn plain(title: &str, content: &str) -> String {
    format!("{}<body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n", head(title))
}

impl Frame {
    /// What was searched for, or nothing.
    fn question(&self) -> &str {
        self.question.as_deref().unwrap_or_default()
    }
}

impl Page<'_> {
    fn write(&self, frame: &Frame) -> String {
        let Page { question, status, results, .. } = self;
        let shop = if frame.shop.is_empty() { NAMELESS } else { &frame.shop };
        let title = match self.title {
            "" => shop.to_owned(),
            title => format!("{title} \u{2013} {shop}"),
        };
        let [shop, question] = [shop, question].map(Escaped);
        let focus = if self.focus { " autofocus=\"\"" } else { "" };
        let mut page = head(&title);
        // To write into memory cannot fail.
        let _ = write!(
            page,
            "<body>\n<main>\n<h1><a href=\"?q=&amp;format=html\">{shop}</a></h1>\n<form method=\"get\" role=\"search\">\n\
             <label for=\"q\">Name, number or part of one</label>\n\
             <div class=\"ask\"><input id=\"q\" name=\"q\" type=\"search\" value=\"{question}\" dir=\"auto\" \
             autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" enterkeyhint=\"search\"{focus}>\
             <button>Search</button></div>\n<input type=\"hidden\" name=\"format\" value=\"html\">\n</form>\n\
             <p id=\"status\">{status}</p>\n<p id=\"told\" class=\"unseen\" role=\"status\"></p>\n\
             <div id=\"results\">{results}</div>\n\
             <p id=\"again\" hidden=\"\"><span></span> <button type=\"button\">Try again</button></p>\n</main>\n\
             <script type=\"module\">\n{SCRIPT}</script>\n</body>\n</html>\n"
        );
        page
    }
}

/// What comes before the body of a page.
fn head(title: &str) -> String {
    let mut page = String::with_capacity(PAGE_BYTES);
    // As above.
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"description\" content=\"Find a product and its price by name or number.\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"{ICON}\">\n<style>\n{STYLE}</style>\n</head>\n",
        Escaped(title)
    );
    page
}

/// A query of the address that the page has, for an attribute.
fn address<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1).extend_pairs(fields).finish();
    Escaped(&query).to_string()
}

/// Words of a reader's own, as many as fit a heading.
fn cut(text: &str) -> String {
    match text.char_indices().nth(limits::QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A reader's own words in a sentence: between U+2068 and U+2069 text of any direction leaves the rest as it is.
fn quoted(text: &str) -> String {
    format!("“\u{2068}{}\u{2069}”", Escaped(&cut(text)))
}

/// Text in an element or in a quoted attribute.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // HTML has no way to write the others.
                control if control.is_control() && !control.is_ascii_whitespace() => f.write_str("\u{fffd}")?,
                other => fmt::Write::write_char(f, other)?,
            }
        }
        Ok(())
    }
}
