//! Takes a table: finds its columns, makes a product of each row or a bad line, and stages the products.

use std::borrow::Cow;

use anyhow::{Context, Error, Result, bail, ensure};

use super::Options;
use super::bad::BadLines;
use super::headings::{Columns, Field, find};
use super::prices::Notation;
use super::stage::{Added, Stage};
use super::table::{Cell, Kind, Place, Row};
use crate::catalogue::product::{Price, trim};
use crate::settings::limits;

/// A product of a row.
pub(super) struct Product<'a> {
    pub(super) id: &'a str,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) price: Option<Price>,
    pub(super) further: Vec<&'a str>,
}

/// What a file gives.
pub(super) struct Intake<'a> {
    name: String,
    options: &'a Options,
    pub(super) columns: Option<Columns>,
    pub(super) notation: Notation,
    pub(super) stage: Stage,
    pub(super) bad: BadLines,
    /// Fields of the header row of a CSV, and what separates them.
    pub(super) separated: Option<(usize, u8)>,
    /// Shopify's handle of the row before, and the title of its first row.
    handle: (String, String),
}

impl<'a> Intake<'a> {
    /// For a file that messages call `name`.
    pub(super) fn new(name: &str, options: &'a Options) -> Result<Intake<'a>> {
        Ok(Intake {
            name: name.to_owned(),
            options,
            columns: None,
            notation: Notation::new(options.decimal),
            stage: Stage::new()?,
            bad: BadLines::default(),
            separated: None,
            handle: Default::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn options(&self) -> &Options {
        self.options
    }

    /// A place in the file, for a message.
    pub(super) fn at(&self, place: Place) -> String {
        format!("{}, {place}", self.name)
    }

    /// Takes the header; once more where a later row has brought headings.
    pub(super) fn header(&mut self, place: Option<Place>, headings: Vec<String>) -> Result<()> {
        let where_else = match place {
            Some(_) => "; if the headings stand further down, delete the lines above them",
            None => "; products must be in an array of objects, at the top or one level below",
        };
        let columns = find(headings, self.options, where_else)
            .with_context(|| place.map_or_else(|| self.name.clone(), |place| self.at(place)))?;
        if let Some(before) = &self.columns {
            let taken = |columns: &Columns| (columns.id, columns.name, columns.price);
            ensure!(
                taken(before) == taken(&columns),
                "{} has other columns than before; say with --id, --name and --price which are which",
                place.map_or_else(|| self.name.clone(), |place| self.at(place))
            );
        }
        let price = columns.price.map(|price| columns.headings[price].as_str());
        self.notation.head(price, columns.currency);
        self.stage.set_columns(columns.kept.iter().map(|&column| columns.headings[column].clone()).collect());
        self.columns = Some(columns);
        Ok(())
    }

    /// Takes a row below the header.
    pub(super) fn row(&mut self, place: Place, row: &Row) -> Result<()> {
        if row.is_blank() {
            return Ok(());
        }
        let columns = self.columns.take().context("a row comes before the header")?;
        let product = self.product(&columns, place, row);
        self.columns = Some(columns);
        match product {
            Ok(None) => {}
            Ok(Some(product)) => {
                if let Added::Other(before) = self.stage.add(&product, place.number())? {
                    let id: String = product.id.chars().take(limits::QUOTED_CHARS).collect();
                    let error =
                        anyhow::anyhow!("the id {id:?} came before, in {}, with other values", place.like(before));
                    self.bad(place, error);
                }
            }
            Err(error) => self.bad(place, error),
        }
        Ok(())
    }

    /// A row that cannot be read.
    pub(super) fn bad(&mut self, place: Place, reason: Error) {
        self.bad.add(format!("{}: {reason:#}", self.at(place)));
    }

    /// The product of a row; `None` where it is part of the one before.
    fn product<'r>(&mut self, columns: &Columns, place: Place, row: &'r Row) -> Result<Option<Product<'r>>> {
        self.ensure_within(columns, row)?;
        let title = self.title(columns, row);
        let is_empty = |column: usize| trim(row.cell(column).text).is_empty();
        if let (Some(_), Some(price)) = (&title, columns.price)
            && is_empty(price)
            && (is_empty(columns.id) || Some(columns.id) == columns.handle)
        {
            return Ok(None);
        }
        let id = self.id(columns, row)?;
        let name = match (columns.name, title) {
            (Some(_), Some(title)) => Some(Cow::Owned(title)),
            (Some(column), None) => Some(Cow::Borrowed(text(Field::Name, column, row)?)),
            (None, _) => None,
        };
        let price = columns.price.map(|column| {
            // A row of a sheet ends at its last value.
            if !matches!(place, Place::Row(_)) {
                ensure_there(Field::Price, column, row)?;
            }
            self.notation.read(row.cell(column), place)
        });
        let further = columns.kept.iter().map(|&column| row.cell(column).kept()).collect();
        Ok(Some(Product { id, name, price: price.transpose()?, further }))
    }

    fn id<'r>(&mut self, columns: &Columns, row: &'r Row) -> Result<&'r str> {
        let kind = row.cell(columns.id).kind;
        self.bad.has_spoilt_ids |= kind == Kind::Date;
        let mut id = text(Field::Id, columns.id, row)?;
        // An export has quotes around what looks so, below its own heading.
        if kind == Kind::Text || columns.headings[columns.id] != "id" {
            id = without_formula(id);
        }
        ensure!(!id.is_empty(), "the id is empty");
        let is_cut = kind == Kind::Cut || is_scientific(id);
        self.bad.has_spoilt_ids |= is_cut;
        ensure!(
            !is_cut,
            "the id {id:?} is a number that a spreadsheet has cut; import the shop's own export, not saved by a \
             spreadsheet, or make the column text there and type it again"
        );
        Ok(id)
    }

    /// Refuses a row that has more values than headings, or a decimal comma that nobody quoted.
    fn ensure_within(&self, columns: &Columns, row: &Row) -> Result<()> {
        let (width, fields) = (columns.headings.len(), row.len());
        let (header_fields, separator) = self.separated.unwrap_or((fields, 0));
        let beyond = (width..fields).find(|&column| !trim(row.cell(column).text).is_empty());
        if let Some(column) = beyond.filter(|_| fields <= header_fields) {
            bail!("column {} has a value and no heading; write one in the header row, or take it out", column + 1);
        }
        let takes_parts = |price| Some(price + 1) == columns.name && are_parts(row.cell(price), row.cell(price + 1));
        let is_split = separator == b',' && fields > header_fields && columns.price.is_some_and(takes_parts);
        ensure!(
            beyond.is_none() && !is_split,
            "the number of fields is {fields}, and the header's is {width}; a field that has a separator in it needs quotes"
        );
        Ok(())
    }

    /// The title of the first row with this handle, for a row that has none itself.
    fn title(&mut self, columns: &Columns, row: &Row) -> Option<String> {
        let (handle, title) = (row.cell(columns.handle?).text, row.cell(columns.name?).text);
        let (handle, title) = (trim(handle), trim(title));
        if self.handle.0 == handle && title.is_empty() && !self.handle.1.is_empty() {
            return Some(self.handle.1.clone());
        }
        self.handle = (handle.to_owned(), title.to_owned());
        None
    }
}

/// Could these be a price that a decimal comma has split?
fn are_parts(whole: Cell, fraction: Cell) -> bool {
    let digits = trim(fraction.text);
    whole.kind == Kind::Text
        && fraction.kind == Kind::Text
        && matches!(digits.len(), 1..=2)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A cell that must have a text.
fn text(field: Field, column: usize, row: &Row) -> Result<&str> {
    ensure_there(field, column, row)?;
    let Cell { text, kind } = row.cell(column);
    let (text, field) = (trim(text), field.name());
    match kind {
        Kind::Other => bail!("the {field} is neither a string nor a number"),
        Kind::Date => bail!("the {field} {text:?} is a date; a spreadsheet may have made it of something else"),
        Kind::Text | Kind::Quoted | Kind::Number | Kind::Cut => {}
    }
    ensure!(!text.is_empty(), "the {field} is empty");
    // SQLite would take two names for one that differ after a NUL.
    ensure!(!text.contains('\0'), "the {field} has a NUL character in it");
    let is_error = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"].contains(&text);
    let is_hidden = text.len() > 2 && text.bytes().all(|byte| byte == b'#');
    ensure!(!is_error && !is_hidden, "the {field} is {text:?}, which a spreadsheet shows where it has no value");
    Ok(text)
}

fn ensure_there(field: Field, column: usize, row: &Row) -> Result<()> {
    let fields = row.len();
    ensure!(column < fields, "the {} is missing; the number of fields is {fields}", field.name());
    Ok(())
}

/// Is this as a spreadsheet shows the first digits of a long number?
fn is_scientific(id: &str) -> bool {
    let parts = || {
        let (mantissa, exponent) = id.split_once(['E', 'e'])?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let exponent = exponent.strip_prefix(['+', '-']).filter(|exponent| digits(exponent))?;
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
        Some(whole.len() == 1 && digits(whole) && digits(fraction) && exponent.len() <= 3)
    };
    parts() == Some(true)
}

/// The text of `="0012"`, as which some write an id that a spreadsheet must not take for a number.
fn without_formula(id: &str) -> &str {
    let text = id.strip_prefix("=\"").and_then(|id| id.strip_suffix('"')).filter(|text| !text.contains('"'));
    text.map_or(id, trim)
}
