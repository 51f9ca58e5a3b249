//! Pages for people. Each is the search page: a box that searches as one types (`page.js`), a line that says
//! what there is, and the results below it, which the script swaps for those of another page.

use std::fmt::{self, Write as _};

use url::form_urlencoded;

use super::accept::Format;
use super::failure::Problem;
use crate::catalogue::{Column, Found, Product, Question, Search, marks};
use crate::settings::limits;

/// Nothing is loaded but what the script asks of the program; style and script are the page's own, named by their
/// SHA-256. The icon is an empty `data:` URL, so that a browser asks for none.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
    style-src 'sha256-aIQ4i0RPbTT/3FHHkmiRwakZ1Ez2bolA0pjQ4MhnDLU='; \
    script-src 'sha256-lsls4xR+66Yna8XVNcJlsLogoDWbUgld0hVxxb7oLas='; \
    connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Bytes that a page has room for from the start.
const PAGE_BYTES: usize = 16 << 10;

/// What to do where there is nothing to show.
const HINT: &str = "<p class=\"hint\">Type the start of any word of its name, or of its id; \
    or see <a href=\"?q=&amp;format=html\">all products</a>.</p>";

/// What differs from page to page.
#[derive(Default)]
struct Page<'a> {
    title: &'a str,
    /// What is in the box.
    question: &'a str,
    /// Does the box have the focus? A phone's keyboard would cover an answer.
    focus: bool,
    /// What a screen reader is told, too, where the script changes it.
    status: String,
    /// Is that an alarm?
    alarm: bool,
    results: String,
}

/// A product, with these columns or else all.
pub(super) fn product(product: &Product, columns: &[Column]) -> String {
    let name = Escaped(&product.name);
    let item = |column: &str, value: &str| {
        format!("<dt><bdi>{}</bdi></dt><dd><bdi>{}</bdi></dd>", Escaped(column), Escaped(value))
    };
    let items: String = match columns {
        [] => product.further.iter().map(|(column, value)| item(column, value)).collect(),
        columns => columns.iter().map(|column| item(column.name(), &column.of(product))).collect(),
    };
    let price =
        if columns.is_empty() { format!("<dl><dt>Price</dt><dd>{}</dd></dl>", product.price) } else { String::new() };
    let items = if items.is_empty() { items } else { format!("<dl class=\"columns\">{items}</dl>") };
    let results = format!("<section class=\"product\"><h2><bdi>{name}</bdi></h2>{price}{items}</section>");
    Page { title: &product.name, results, ..Page::default() }.write()
}

/// The products with some ids.
pub(super) fn ids(products: &[&Product], missing: &[&str], columns: &[Column]) -> String {
    let mut status = format!("{} found", products.len());
    if !missing.is_empty() {
        let ids: Vec<String> = missing.iter().map(|id| format!("\u{2068}{}\u{2069}", Escaped(&cut(id)))).collect();
        status += &format!("; there is no product {}", ids.join(", "));
    }
    Page { title: "Products", status, results: table(products.iter().copied(), columns, None), ..Page::default() }
        .write()
}

/// A page of what a search found.
pub(super) fn list(search: &Search, found: &Found, columns: &[Column]) -> String {
    let question = search.question.as_str();
    let title = match question {
        "" => "Find a product".to_owned(),
        question => format!("“{}”: products", cut(question)),
    };
    let status = match (found.products.len(), &found.next, question) {
        (0, _, "") => "There are no products.".to_owned(),
        // Between U+2068 and U+2069 text of any direction leaves the rest as it is.
        (0, ..) => {
            let meant = found.suggestion.as_deref().map(cut);
            let meant = meant.map(|meant| format!(" Did you mean “\u{2068}{}\u{2069}”?", Escaped(&meant)));
            let question = cut(question);
            let nothing = format!("Nothing found for “\u{2068}{}\u{2069}”.", Escaped(&question));
            nothing + meant.as_deref().unwrap_or_default()
        }
        (count, None, _) => format!("{count} found"),
        (count, Some(_), _) => format!("{count} found, more below"),
    };
    let mut results = match (&found.suggestion, found.products.as_slice()) {
        (None, []) => HINT.to_owned(),
        (Some(meant), _) => {
            let page = address([("q", meant.as_str()), ("format", "html")]);
            format!("<p><a class=\"button\" id=\"meant\" href=\"{page}\"><bdi>{}</bdi></a></p>", Escaped(meant))
        }
        (None, products) => table(products, columns, Some(&Question::new(question))),
    };
    results.extend(found.next.iter().map(|after| {
        let next = next_page(search, after, columns, Format::Html);
        format!("<p><a class=\"button\" rel=\"next\" href=\"{}\">Show more</a></p>", Escaped(&next))
    }));
    Page { title: &title, question, focus: question.is_empty(), status, results, alarm: false }.write()
}

/// A lookup that failed.
pub(super) fn problem(problem: &Problem) -> String {
    let alarm = problem.status >= 500;
    let results = if alarm { "<p><a class=\"button\" href=\"\">Try again</a></p>" } else { HINT };
    let status = Escaped(&problem.detail).to_string();
    Page { title: problem.title, status, alarm, results: results.to_owned(), ..Page::default() }.write()
}

impl Page<'_> {
    fn write(&self) -> String {
        let Page { question, status, results, .. } = self;
        let [title, question] = [self.title, question].map(Escaped);
        let look = if self.alarm { "alarm" } else { "status" };
        let focus = if self.focus { " autofocus=\"\"" } else { "" };
        let mut page = String::with_capacity(PAGE_BYTES);
        // To write into memory cannot fail.
        let _ = write!(
            page,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1>Find a product</h1>\n<form method=\"get\" role=\"search\">\n\
             <label for=\"q\">Part of a name, or an id</label>\n\
             <div class=\"ask\"><input id=\"q\" name=\"q\" type=\"search\" value=\"{question}\" dir=\"auto\" \
             autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" enterkeyhint=\"search\"{focus}>\
             <button>Search</button></div>\n<input type=\"hidden\" name=\"format\" value=\"html\">\n</form>\n\
             <p id=\"status\" class=\"{look}\" role=\"status\">{status}</p>\n\
             <div id=\"results\">{results}</div>\n\
             <button id=\"again\" type=\"button\" hidden=\"\">Try again</button>\n</main>\n\
             <script type=\"module\">\n{SCRIPT}</script>\n</body>\n</html>\n"
        );
        page
    }
}

/// Products, with what a question found in them marked.
fn table<'a>(
    products: impl IntoIterator<Item = &'a Product>,
    columns: &[Column],
    question: Option<&Question>,
) -> String {
    let usual = [Column::Name, Column::Id, Column::Price];
    let usual_heads = ["Name", "Id", "Price"];
    let (columns, heads) = match columns {
        [] | [Column::Id, Column::Name, Column::Price] => (&usual[..], usual_heads.to_vec()),
        columns => (columns, columns.iter().map(Column::name).collect()),
    };
    let mut table = String::with_capacity(PAGE_BYTES);
    table += "\n<table>\n<thead><tr>";
    table.extend(heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", Escaped(head))));
    table += "</tr></thead>\n<tbody>\n";
    table.extend(products.into_iter().map(|product| row(product, columns, question)));
    table + "</tbody>\n</table>\n"
}

/// Its first column leads to the product's page.
fn row(product: &Product, columns: &[Column], question: Option<&Question>) -> String {
    let page = address([("id", product.id.as_str()), ("format", "html")]);
    let mut row = "<tr>".to_owned();
    for (number, column) in columns.iter().enumerate() {
        let value = column.of(product);
        let value = match question.filter(|_| matches!(column, Column::Name | Column::Id)) {
            Some(question) => marked(question, &value),
            None => Escaped(&value).to_string(),
        };
        row += &match (number, column) {
            (0, _) => format!("<th scope=\"row\"><a href=\"{page}\"><bdi>{value}</bdi></a></th>"),
            (_, Column::Price) => format!("<td>{value}</td>"),
            _ => format!("<td><bdi>{value}</bdi></td>"),
        };
    }
    row + "</tr>\n"
}

/// A text with what a question found in it.
fn marked(question: &Question, text: &str) -> String {
    let mut marked = String::new();
    let mut end = 0;
    for mark in marks(question, text) {
        let (before, found) = (Escaped(&text[end..mark.start]), Escaped(&text[mark.clone()]));
        marked += &format!("{before}<mark>{found}</mark>");
        end = mark.end;
    }
    marked + &Escaped(&text[end..]).to_string()
}

/// The query of the next page's address.
pub(super) fn next_page(search: &Search, after: &str, columns: &[Column], format: Format) -> String {
    let limit = search.limit.to_string();
    // The usual one need not be in the address.
    let limit = (search.limit != limits::PAGE_DEFAULT).then_some(("limit", limit.as_str()));
    let fields = [("q", search.question.as_str()), ("after", after), ("format", format.name())];
    let columns = columns.iter().map(|column| ("fields", column.name()));
    let mut query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
    query.extend_pairs(fields.into_iter().chain(limit).chain(columns)).finish()
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
