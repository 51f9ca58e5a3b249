//! The commands for one product at a time: ask for it, look for it, change it, take it out.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use product_lookup::catalogue::{Catalogue, Catalogues, Product, Row, Search, Source, add_column};
use product_lookup::gateway::request::Params;
use product_lookup::settings::Environment;
use product_lookup::{complain, products};

/// The catalogue that lookups ask.
fn asked() -> Result<Arc<dyn Catalogue>> {
    Catalogues::default().at(Environment::of_process().products(&Params::default()))
}

/// The one that an import writes.
fn written() -> Result<(Source, Arc<dyn Catalogue>)> {
    let source = Environment::of_process().products_file();
    Ok((source.clone(), Catalogues::default().at(source)?))
}

/// Writes products with all their columns, a line each.
pub(crate) fn get(ids: &[String]) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut missing = Vec::new();
    for (id, product) in ids.iter().zip(asked()?.by_ids(ids)?) {
        match product {
            Some(product) => line(&mut out, "", &product)?,
            None => missing.push(format!("{id:?}")),
        }
    }
    out.flush()?;
    ensure!(missing.is_empty(), "no product has the id {}", missing.join(" or "));
    Ok(())
}

/// Writes what a search finds, as a table.
pub(crate) fn find(question: String, limit: usize) -> Result<()> {
    let found = asked()?.search(&Search { question: question.clone(), limit, after: None })?;
    let one_line = |text: &str| text.replace(char::is_control, " ");
    let rows: Vec<[String; 3]> = found
        .products
        .iter()
        .map(|product| [one_line(&product.id), one_line(&product.name), product.price.to_string()])
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [id_width, name_width, price_width] = [width(0), width(1), width(2)];
    let mut out = BufWriter::new(io::stdout().lock());
    for [id, name, price] in &rows {
        writeln!(out, "{id:id_width$}  {name:name_width$}  {price:>price_width$}")?;
    }
    out.flush()?;
    if rows.is_empty() {
        complain(format_args!("no products match {question:?}"));
    }
    if found.next.is_some() {
        complain(format_args!("there are more; --limit shows up to 100"));
    }
    Ok(())
}

/// Changes a product, or adds one, and shows what it was and is.
pub(crate) fn set(id: &str, name: Option<&str>, price: Option<&str>, values: &[(String, String)]) -> Result<()> {
    // What is not given has its rules from what is there.
    let rules = Product::new(id, name.unwrap_or("-"), price.unwrap_or("0"))?;
    let (source, catalogue) = written()?;
    let columns: Vec<String> = values.iter().map(|(column, _)| column.clone()).collect();
    let there = catalogue.columns()?;
    let is_unknown = |column: &&String| !there.iter().any(|other| other.eq_ignore_ascii_case(column));
    if let Some(unknown) = columns.iter().find(is_unknown) {
        bail!("the catalogue has no column {unknown:?}; {}", add_column(&source, unknown));
    }
    let values: Vec<Option<&str>> = values.iter().map(|(_, value)| Some(value.as_str())).collect();
    let row = Row {
        id: &rules.id,
        name: name.map(|_| rules.name.as_str()),
        price: price.map(|_| rules.price),
        values: &values,
    };
    let (old, new) = catalogue.set(&columns, row)?;
    let mut told = Vec::new();
    old.map_or(Ok(()), |old| line(&mut told, "old: ", &old))?;
    line(&mut told, "new: ", &new)?;
    tell(&told);
    Ok(())
}

/// Takes products out, and shows what they were.
pub(crate) fn remove(ids: &[String]) -> Result<()> {
    let mut told = Vec::new();
    written()?.1.remove(ids)?.iter().try_for_each(|product| line(&mut told, "removed: ", product))?;
    tell(&told);
    Ok(())
}

/// Makes the index of words anew.
pub(crate) fn index() -> Result<()> {
    let (_, catalogue) = written()?;
    catalogue.index()?;
    tell(format!("indexed {}\n", products(catalogue.count()?)).as_bytes());
    Ok(())
}

/// Says on stdout what a change has done; that it cannot be said does not undo it.
pub(crate) fn tell(done: &[u8]) {
    match io::stdout().write_all(done) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(format_args!("the change is made, but standard output cannot be written: {error}"));
        }
        _ => {}
    }
}

fn line(out: &mut impl Write, before: &str, product: &Product) -> Result<()> {
    let product = serde_json::to_string(product).context("a product cannot be written as JSON")?;
    Ok(writeln!(out, "{before}{product}")?)
}
