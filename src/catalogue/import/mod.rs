//! Imports a file of products, CSV or JSON: a catalogue then has all of them, or is as it was, and the error names
//! the first bad line.

mod csv;
mod input;
mod json;
mod stage;

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use self::input::Input;
use self::stage::Stage;
use super::open;
use super::source::Source;
use super::store::Change;

/// Which columns of a CSV file are which, counted from 1; what is `None` the header tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The column of the id.
    pub id: Option<usize>,
    /// The column of the name.
    pub name: Option<usize>,
    /// The column of the price.
    pub price: Option<usize>,
}

/// How to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which columns of a CSV file are which.
    pub columns: Columns,
    /// Is the file the whole catalogue? Otherwise it updates products and adds others.
    pub replace: bool,
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many products the file has; an id that comes twice counts twice.
    pub products: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// Imports `file` (`-`: CSV on stdin) into the catalogue `target`, which need not exist yet.
/// Whoever reads the catalogue meanwhile finds the old one, then the new one.
pub fn import(file: &Path, target: impl Into<Source>, options: &Options) -> Result<Imported> {
    let start = Instant::now();
    let json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let input = if file == OsStr::new("-") { Input::stdin() } else { Input::open(file)? };
    let catalogue = open(&target.into())?;
    catalogue.ensure_changeable()?;
    let mut stage = Stage::new()?;
    let products = match json {
        true => json::read(input, |product| stage.add(product)),
        false => csv::read(input, &options.columns, |product| stage.add(product)),
    }?;
    let change = Change { replace: options.replace, allow_shrink: true, ..Change::default() };
    catalogue.change(&change, &stage)?;
    Ok(Imported { products, elapsed: start.elapsed() })
}
