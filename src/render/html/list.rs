//! Pages with products, a row each, which are swapped in as they are.

use url::form_urlencoded;

use super::price::Parts;
use super::{ALL_PRODUCTS, Escaped, Frame, PAGE_BYTES, Page, address, quoted};
use crate::catalogue::{Column, Found, Product, Question, Search, marks};
use crate::counted;
use crate::render::Shown;
use crate::settings::limits;

/// Digits behind the point up to which prices stand one below the other.
const DECIMALS: usize = 6;

/// The products with some ids.
pub(crate) fn ids(products: &[&Product], missing: &[&str], columns: &[Column], frame: &Frame) -> String {
    let mut status = counted(products.len() as u64, "product");
    if !missing.is_empty() {
        let ids: Vec<String> = missing.iter().map(|id| quoted(id)).collect();
        status += &format!(". Not found: {}", ids.join(", "));
    }
    let results = table(products, columns, "", frame);
    Page { title: "Products", question: frame.question(), status, results, ..Page::default() }.write(frame)
}

/// A page of what a search found.
pub(crate) fn list(search: &Search, found: &Found, shown: &Shown) -> String {
    let frame = &shown.frame;
    let question = search.question.as_str();
    let mut results = match (&found.suggestion, found.products.as_slice()) {
        (Some(meant), _) => {
            let page = address([("q", meant.as_str()), ("format", "html")]);
            format!("<p><a class=\"button\" id=\"meant\" href=\"{page}\"><bdi>{}</bdi></a></p>", Escaped(meant))
        }
        (None, []) if question.is_empty() || search.after.is_some() => String::new(),
        (None, []) => format!("<p>{ALL_PRODUCTS}</p>"),
        (None, products) => table(&products.iter().collect::<Vec<_>>(), &shown.columns, question, frame),
    };
    results += &pages(search, found, shown);
    let title = super::cut(question);
    let status = status(search, found);
    Page { title: &title, question, focus: question.is_empty(), status, results }.write(frame)
}

/// Links to other pages of the list.
fn pages(search: &Search, found: &Found, shown: &Shown) -> String {
    let link = |after: Option<&str>, attribute, words| {
        let page = page_address(search, after, shown);
        format!("<a class=\"button\" {attribute} href=\"{}\">{words}</a>\n", Escaped(&page))
    };
    let first = search.after.as_ref().map(|_| link(None, "id=\"first\"", "First page"));
    let next = found.next.as_deref().map(|next| link(Some(next), "rel=\"next\"", "Show more"));
    match (first, next) {
        (None, None) => String::new(),
        (first, next) => {
            format!("<p class=\"pages\">{}{}</p>\n", first.unwrap_or_default(), next.unwrap_or_default())
        }
    }
}

/// What there is, in words. The script changes the number.
fn status(search: &Search, found: &Found) -> String {
    let (what, of) = match search.question.as_str() {
        "" => ("product", String::new()),
        question => ("result", format!(" for {}", quoted(question))),
    };
    let products = found.products.len() as u64;
    match (products, &search.after, &found.next, &found.suggestion) {
        (0, Some(_), ..) => format!("No more {what}s{of}"),
        (0, None, ..) if of.is_empty() => "There are no products yet.".to_owned(),
        (0, _, _, suggestion) => {
            let nothing = format!("No products match {}. ", quoted(&search.question));
            match suggestion {
                Some(meant) => nothing + &format!("Did you mean {}?", quoted(meant)),
                None => nothing + "Try fewer or shorter words.",
            }
        }
        (_, Some(_), ..) => format!("{}{of}", counted(products, &format!("more {what}"))),
        (_, None, Some(_), _) => format!("Showing the first {}{of}", counted(products, what)),
        (_, None, None, _) => format!("{}{of}", counted(products, what)),
    }
}

/// Products, with what a question found in them marked.
fn table(products: &[&Product], columns: &[Column], question: &str, frame: &Frame) -> String {
    let is_usual = matches!(columns, [] | [Column::Id, Column::Name, Column::Price]);
    let columns = if is_usual { &[Column::Name, Column::Id, Column::Price] } else { columns };
    let prices: Vec<String> = products.iter().map(|product| product.price.to_string()).collect();
    let prices: Vec<Parts> = prices.iter().map(|price| Parts::of(price)).collect();
    let decimals = prices.iter().map(Parts::decimals).max().unwrap_or_default().min(DECIMALS);
    let kind = if is_usual { "usual" } else { "wide" };
    let long = if prices.iter().any(Parts::is_long) { " long" } else { "" };
    let mut table = String::with_capacity(PAGE_BYTES);
    table += &format!("\n<table class=\"{kind}{long}\">\n<thead><tr>");
    table.extend(columns.iter().map(|column| head(column, is_usual, &frame.currency)));
    table += "</tr></thead>\n<tbody>\n";
    let row = Row { columns, question, asked: Question::new(question), decimals };
    table.extend(products.iter().zip(&prices).map(|(product, price)| row.of(product, price)));
    table + "</tbody>\n</table>\n"
}

fn head(column: &Column, is_usual: bool, currency: &str) -> String {
    let words = match (column, is_usual) {
        (Column::Id, true) => "Number",
        (Column::Name, true) => "Name",
        (Column::Price, true) => "Price",
        (column, _) => column.name(),
    };
    match column {
        Column::Price if !currency.is_empty() => {
            format!("<th scope=\"col\" class=\"price\">{words} ({})</th>", Escaped(currency))
        }
        Column::Price => format!("<th scope=\"col\" class=\"price\">{words}</th>"),
        _ => format!("<th scope=\"col\">{}</th>", Escaped(words)),
    }
}

/// What the rows of a table have in common.
struct Row<'a> {
    columns: &'a [Column],
    question: &'a str,
    asked: Question,
    /// Digits behind the point that there is room for.
    decimals: usize,
}

impl Row<'_> {
    /// Its first column leads to the product's page, which a screen reader announces with the price.
    fn of(&self, product: &Product, price: &Parts) -> String {
        let query = [("id", product.id.as_str()), ("q", self.question), ("format", "html")];
        let page = address(query.into_iter().filter(|(_, value)| !value.is_empty()));
        let unique: String = form_urlencoded::byte_serialize(product.id.as_bytes()).collect();
        let has_price = self.columns.contains(&Column::Price);
        let described = if has_price { format!(" aria-describedby=\"price-{unique}\"") } else { String::new() };
        let mut row = "<tr>".to_owned();
        for (number, column) in self.columns.iter().enumerate() {
            let attributes = match column {
                Column::Price => price.attributes(&unique, self.decimals),
                Column::Id => " class=\"id\"".to_owned(),
                _ => String::new(),
            };
            let value = match column {
                Column::Price => price.to_string(),
                column if column.is_searched() => format!("<bdi>{}</bdi>", marked(&self.asked, &column.of(product))),
                column => format!("<bdi>{}</bdi>", Escaped(&column.of(product))),
            };
            row += &match number {
                0 => format!("<th scope=\"row\"{attributes}><a href=\"{page}\"{described}>{value}</a></th>"),
                _ => format!("<td{attributes}>{value}</td>"),
            };
        }
        row + "</tr>\n"
    }
}

/// A text with what a question found in it.
pub(super) fn marked(question: &Question, text: &str) -> String {
    let mut marked = String::new();
    let mut end = 0;
    for mark in marks(question, text) {
        let (before, found) = (Escaped(&text[end..mark.start]), Escaped(&text[mark.clone()]));
        marked += &format!("{before}<mark>{found}</mark>");
        end = mark.end;
    }
    marked + &Escaped(&text[end..]).to_string()
}

/// The query of the address of a list's page, the first where nothing is before it.
pub(crate) fn page_address(search: &Search, after: Option<&str>, shown: &Shown) -> String {
    let limit = search.limit.to_string();
    // The usual one need not be in the address.
    let limit = (search.limit != limits::PAGE_DEFAULT).then_some(("limit", limit.as_str()));
    let after = after.map(|after| ("after", after));
    let columns = shown.fields.iter().map(|field| ("fields", field.as_str()));
    let fields = [Some(("q", search.question.as_str())), after, Some(("format", shown.format.name())), limit];
    let mut query = form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
    query.extend_pairs(fields.into_iter().flatten().chain(columns)).finish()
}
