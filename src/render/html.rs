//! Pages for people: in goes a result, out comes a page that needs nothing but itself.

use std::fmt::{self, Write as _};

use url::form_urlencoded;

use super::failure::Problem;
use crate::catalogue::{Found, Product, Search};
use crate::settings::limits;

/// Nothing is loaded, nothing runs; the one style is the page's own, named by its SHA-256. The icon
/// is an empty `data:` URL, so that a browser asks for none.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-nN0ivzWnuWdEUAUnAF2qmel5UtGezohAcirPgr8V33s='; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What `html/index.html` has too.
const STYLE: &str = include_str!("page.css");

/// Bytes that a page has room for from the start.
const PAGE_BYTES: usize = 8192;

/// What to do where there is nothing to show.
const HINT: &str = "<p class=\"hint\">Type the start of any word of its name, or of its id; \
    or see <a href=\"?q=&amp;format=html\">all products</a>.</p>";

/// A product.
pub(super) fn product(product: &Product) -> String {
    let (name, price) = (Escaped(&product.name), product.price);
    let form = Form("");
    page(
        &product.name,
        format_args!(
            "{form}<section class=\"product\"><h1><bdi>{name}</bdi></h1>\
             <dl><dt>Price</dt><dd>{price}</dd></dl></section>"
        ),
    )
}

/// A page of what a search found.
pub(super) fn list(search: &Search, found: &Found) -> String {
    let form = Form(&search.question);
    if found.products.is_empty() {
        let nothing = match search.question.as_str() {
            "" => "There are no products.".to_owned(),
            question => format!("Nothing found for “<bdi>{}</bdi>”.", Escaped(&cut(question))),
        };
        return page(&title(search), format_args!("<h1>Find a product</h1>\n{form}<p>{nothing}</p>{HINT}"));
    }
    let count = match found.products.len() {
        1 => "1 product".to_owned(),
        count => format!("{count} products"),
    };
    let more = if found.next.is_some() { ", more on the next page" } else { "" };
    let mut rows = String::with_capacity(PAGE_BYTES);
    rows.extend(found.products.iter().map(row));
    let next = found.next.as_deref().map(|after| next(search, after)).unwrap_or_default();
    page(
        &title(search),
        format_args!(
            "<h1>Find a product</h1>\n{form}<p class=\"status\">{count}{more}</p>\n<table>\n<thead>\
             <tr><th scope=\"col\">Name</th><th scope=\"col\">Id</th><th scope=\"col\">Price</th></tr>\
             </thead>\n<tbody>\n{rows}</tbody>\n</table>\n{next}"
        ),
    )
}

/// A lookup that failed.
pub(super) fn problem(problem: &Problem) -> String {
    let (title, detail) = (problem.title, Escaped(&problem.detail));
    let (look, after) = match problem.status {
        500.. => (" class=\"alarm\"", "<p><a class=\"button\" href=\"\">Try again</a></p>"),
        _ => ("", HINT),
    };
    page(title, format_args!("{}<h1>{title}</h1><p{look}>{detail}</p>{after}", Form("")))
}

/// A lookup that asked nothing.
pub(super) fn search() -> String {
    page("Find a product", format_args!("<h1>Find a product</h1>\n{}{HINT}", Form("")))
}

fn page(title: &str, content: fmt::Arguments) -> String {
    let mut page = String::with_capacity(PAGE_BYTES);
    // To write into memory cannot fail.
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{content}\n</main>\n</body>\n</html>\n",
        Escaped(title)
    );
    page
}

fn title(search: &Search) -> String {
    match search.question.as_str() {
        "" => "All products".to_owned(),
        question => format!("“{}”: products", cut(question)),
    }
}

fn row(product: &Product) -> String {
    let page = address([("id", product.id.as_str()), ("format", "html")]);
    let (id, name, price) = (Escaped(&product.id), Escaped(&product.name), product.price);
    format!(
        "<tr><th scope=\"row\"><a href=\"{page}\"><bdi>{name}</bdi></a></th>\
         <td><bdi>{id}</bdi></td><td>{price}</td></tr>\n"
    )
}

fn next(search: &Search, after: &str) -> String {
    let limit = search.limit.to_string();
    // The usual one need not be in the address.
    let limit = (search.limit != limits::PAGE_DEFAULT).then_some(("limit", limit.as_str()));
    let fields = [("q", search.question.as_str()), ("after", after), ("format", "html")];
    format!(
        "<p><a class=\"button\" rel=\"next\" href=\"{}\">Next page</a></p>",
        address(fields.into_iter().chain(limit))
    )
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

/// The search box, with what was asked in it: an ordinary form, which asks the page it stands on.
struct Form<'a>(&'a str);

impl fmt::Display for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "<form method=\"get\" role=\"search\">\n<label for=\"q\">Part of a name, or an id</label>\n\
             <div class=\"ask\"><input id=\"q\" name=\"q\" type=\"search\" value=\"{}\" dir=\"auto\" \
             autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" enterkeyhint=\"search\">\
             <button>Search</button></div>\n<input type=\"hidden\" name=\"format\" value=\"html\">\n</form>\n",
            Escaped(self.0)
        )
    }
}

/// Text in an element or in a quoted attribute.
struct Escaped<'a>(&'a str);

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
