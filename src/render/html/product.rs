//! The page of one product.

use super::list::marked;
use super::price::{self, Parts};
use super::{Escaped, Frame, Page, address, quoted};
use crate::catalogue::{Column, Product, Question};

/// A product, with these columns or else all. What was searched for is marked in it.
pub(crate) fn product(product: &Product, columns: &[Column], frame: &Frame) -> String {
    let further = product.further.iter().map(|(name, _)| Column::Further(name.clone()));
    let all = [Column::Price, Column::Id].into_iter().chain(further);
    let all: Vec<Column> = all.filter(|column| !column.of(product).is_empty()).collect();
    let columns = if columns.is_empty() { &all } else { columns };
    let asked = frame.question();
    let question = (!asked.is_empty()).then(|| Question::new(asked));
    let shown = |column: &Column| {
        let value = column.of(product);
        match (column, &question) {
            (Column::Price, _) => price::with_currency(&value, &frame.currency),
            (column, Some(question)) if column.is_searched() => format!("<bdi>{}</bdi>", marked(question, &value)),
            _ => format!("<bdi>{}</bdi>", Escaped(&value)),
        }
    };
    let mut results = back(asked);
    results +=
        &format!("<section class=\"product\"><div class=\"value\"><h2>{}</h2></div>\n<dl>\n", shown(&Column::Name));
    for column in columns.iter().filter(|column| **column != Column::Name) {
        let (class, label) = match column {
            Column::Price if Parts::of(&column.of(product)).is_long() => ("value price long", "Price"),
            Column::Price => ("value price", "Price"),
            Column::Id => ("value", "Number"),
            other => ("value", other.name()),
        };
        results += &format!("<dt><bdi>{}</bdi></dt><dd class=\"{class}\">{}</dd>\n", Escaped(label), shown(column));
    }
    results += "</dl></section>";
    Page { title: &product.name, question: asked, results, ..Page::default() }.write(frame)
}

/// Where the reader has come from.
fn back(question: &str) -> String {
    let page = address([("q", question), ("format", "html")]);
    let words = match question {
        "" => "All products".to_owned(),
        question => format!("Results for {}", quoted(question)),
    };
    format!("<p class=\"back\"><a href=\"{page}\">{words}</a></p>\n")
}
