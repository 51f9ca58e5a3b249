//! The lines of a file that are no products.

use std::error::Error;
use std::fmt;

/// Bad lines that are named; so many are enough to see what a supplier's file has.
const NAMED: usize = 20;

/// Lines that are no products: the first of them with their reasons, a line of text each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadLines {
    named: Vec<String>,
    count: u64,
    /// Is one of them bad for its id, of which a spreadsheet has lost something?
    pub(super) has_spoilt_ids: bool,
    /// Or for its price, which is written in another notation?
    pub(super) has_other_prices: bool,
}

impl BadLines {
    pub(super) fn add(&mut self, line: String) {
        if self.named.len() < NAMED {
            self.named.push(line);
        }
        self.count += 1;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What can be done, where nothing was imported for them. To leave out what can be read otherwise is no way.
    pub fn way_out(&self) -> &'static str {
        match (self.has_other_prices, self.has_spoilt_ids) {
            (true, _) => "--decimal comma or --decimal point says how prices are written",
            (false, true) => "the shop's own export, not saved by a spreadsheet, has the ids",
            (false, false) => "--skip-bad leaves out what is not a product",
        }
    }

    /// What is to be said of them, line by line.
    pub fn told(&self) -> impl Iterator<Item = String> {
        let more = self.count - self.named.len() as u64;
        let more = (more > 0).then(|| format!("and {more} more bad line{}", if more == 1 { "" } else { "s" }));
        self.named.iter().cloned().chain(more)
    }
}

impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.told().collect::<Vec<_>>().join("\n"))
    }
}

impl Error for BadLines {}
