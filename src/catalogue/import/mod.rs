//! Imports a file of products, of whatever kind a shop has: a catalogue then has all of them, or is as it was, and the
//! error names what is wrong.
//!
//! The bytes tell the format, which gives a header and rows; the header tells which column is what; each row is a
//! product or a bad line; the products are staged, and only then is the catalogue locked and changed.

mod bad;
mod csv;
mod format;
mod headings;
mod input;
mod intake;
mod json;
mod prices;
mod progress;
mod stage;
mod table;
mod workbook;

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use anyhow::{Result, bail, ensure};

pub use self::bad::BadLines;
pub use self::headings::{Field, KNOWN, Known};
use self::input::Input;
use self::intake::Intake;
use self::progress::{Progress, Unit};
use self::stage::Stage;
use super::open;
use super::source::Source;
use super::store::{Change, Changed, Row, Rows};

/// Bytes of one row, at most: a quote that is never closed would make one row of all that follows it, and that must
/// not fill the memory.
const ROW_BYTES: usize = 1 << 20;

/// How a column of a file is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Counted from 1.
    Number(usize),
    /// By its heading; where no column is headed so, it may be a number too.
    Heading(String),
}

/// Which columns of a file are which; what is `None` the header tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The column of the id.
    pub id: Option<Column>,
    /// The column of the name.
    pub name: Option<Column>,
    /// The column of the price.
    pub price: Option<Column>,
}

/// How decimals are set apart in prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// `1.299,00`
    Comma,
    /// `1,299.00`
    Point,
}

/// How to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which columns are which.
    pub columns: Columns,
    /// The headings of the further columns that are kept; all where it is `None`.
    pub only: Option<Vec<String>>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The label of a text's encoding, where no mark tells it.
    pub encoding: Option<String>,
    /// How prices are written, where they have more than a point.
    pub decimal: Option<Decimal>,
    /// Are bad lines left out? Otherwise nothing is changed where there is one.
    pub skip_bad: bool,
    /// Is the file the whole catalogue? Otherwise it updates products and adds others.
    pub replace: bool,
    /// May more than half of the products be removed?
    pub allow_shrink: bool,
    /// Are products changed only, and none added? Then the file may lack names or prices.
    pub update: bool,
    /// Does all stay as it is?
    pub dry_run: bool,
    /// Is it told on stderr how far it is?
    pub progress: bool,
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many products the file has.
    pub products: u64,
    /// What they were to the catalogue.
    pub changed: Changed,
    /// What was taken for what, and the headings.
    pub taken: Vec<(Field, String)>,
    /// The currency that all prices had.
    pub currency: Option<&'static str>,
    /// The headings of the further columns that were kept.
    pub kept: Vec<String>,
    /// And of those that could not be, since their headings are the id's, the name's or the price's.
    pub left_out: Vec<String>,
    /// The lines that were left out.
    pub bad: BadLines,
}

/// Imports `file` (`-`: stdin) into the catalogue `target`, which need not exist yet. Whoever reads the catalogue
/// meanwhile finds the old one, then the new one. Where lines are bad the error is `BadLines`.
pub fn import(file: &Path, target: impl Into<Source>, options: &Options) -> Result<Imported> {
    let catalogue = open(&target.into())?;
    catalogue.ensure_changeable()?;
    let progress = Progress::new(options.progress);
    let name = if file == OsStr::new("-") { "standard input".into() } else { file.display().to_string() };
    let is_address = name.contains("://") && !file.exists();
    ensure!(!is_address, "{name} is an address; curl -sSf ADDRESS | product-lookup import - gets it");
    let mut intake = Intake::new(&name, options)?;
    read(file, &progress, &mut intake).map_err(|error| match error.is::<io::Error>() {
        true => error.context(format!("{name} cannot be read")),
        false => error,
    })?;
    let Intake { columns, notation, stage, mut bad, .. } = intake;
    bad.has_other_prices = notation.has_other();
    if bad.count() > 0 && !options.skip_bad {
        bail!(bad);
    }
    notation.ensure_one()?;
    let is_empty = options.replace && stage.count() == 0 && !options.allow_shrink;
    ensure!(!is_empty, "{name} has no products, and would leave none; --allow-shrink says that this is meant");
    let change = Change {
        replace: options.replace,
        update_only: options.update,
        allow_shrink: options.allow_shrink,
        dry_run: options.dry_run,
    };
    let told = Told { stage: &stage, progress: &progress };
    let changed = catalogue.change(&change, &told)?;
    progress.end();
    let (taken, kept, left_out) = columns.map(|columns| columns.told()).unwrap_or_default();
    let currency = notation.taken_off();
    Ok(Imported { products: stage.count(), changed, taken, currency, kept, left_out, bad })
}

fn read(file: &Path, progress: &Progress, intake: &mut Intake) -> Result<()> {
    let input = if file == OsStr::new("-") { Input::stdin() } else { Input::open(file)? };
    format::read(input, progress, intake)
}

/// The staged products, of which it is told how many the store has taken.
struct Told<'a> {
    stage: &'a Stage,
    progress: &'a Progress,
}

impl Rows for Told<'_> {
    fn columns(&self) -> &[String] {
        self.stage.columns()
    }

    fn count(&self) -> u64 {
        self.stage.count()
    }

    fn each(&self, take: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.progress.begin("comparing it with the catalogue".to_owned(), Some(self.count()), Unit::Products);
        self.stage.each(&mut |row| {
            self.progress.advance(1);
            take(row)
        })?;
        self.progress.begin("finishing".to_owned(), None, Unit::Products);
        Ok(())
    }

    fn has(&self, id: &str) -> Result<bool> {
        self.stage.has(id)
    }
}
