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
