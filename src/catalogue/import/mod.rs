//! Import: in goes a file of products, CSV or JSON, out comes a catalogue that has all of them,
//! or an error that names the first bad line and a catalogue that is as it was.

mod csv;
mod input;
mod json;

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rusqlite::Connection;

use self::input::Input;
use super::product::Product;
use super::source::Source;
use super::sqlite::change::{change, old};

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
    let bytes = input.length();
    let load = |connection: &Connection, path: &Path| {
        let mut insert = connection.prepare(UPSERT).map_err(old::unwritten(path))?;
        let store = |product: &Product| {
            insert.execute((&product.id, &product.name, product.price.to_string())).map_err(old::unwritten(path))?;
            Ok(())
        };
        match json {
            true => json::read(input, store),
            false => csv::read(input, &options.columns, store),
        }
    };
    let products = match target.into() {
        Source::File(path) => change(&path, options.replace, bytes, |connection| load(connection, &path)),
        #[cfg(feature = "mysql")]
        Source::Url(url) => {
            let temporary = Path::new("a temporary file");
            super::mysql::change(&url, options.replace, |connection| load(connection, temporary))
        }
        #[cfg(not(feature = "mysql"))]
        Source::Url(_) => bail!(super::NO_DATABASES),
        Source::BuiltIn => bail!("the built-in catalogue cannot be changed"),
    }?;
    Ok(Imported { products, elapsed: start.elapsed() })
}

const UPSERT: &str = "INSERT INTO product (id, name, price) VALUES (?1, ?2, ?3)
    ON CONFLICT (id COLLATE NOCASE, id) DO UPDATE SET name = excluded.name, price = excluded.price";
