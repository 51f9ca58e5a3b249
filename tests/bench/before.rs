//! `BEFORE=path/to/another/product-lookup cargo bench --bench peers -- before`: this program against another one of it,
//! each with the catalogue that its own import has made of the same file.

use std::path::PathBuf;
use std::{env, fs};

use crate::contenders::Front::{Cgid, Fcgid};
use crate::contenders::Load::{self, Get, Post, Search};
use crate::contenders::Program::{Before, Ours};
use crate::programs::Site;
use crate::ratios;
use crate::report::figures_table;
use crate::rounds::median;

/// The one that is here, and the other.
const PAIRS: [(&str, &str, Load, Load); 4] = [
    ("mod_fcgid, GET", "the same before", Get(Fcgid(Ours)), Get(Fcgid(Before))),
    ("mod_fcgid, POST", "the same before", Post(Fcgid(Ours)), Post(Fcgid(Before))),
    ("mod_fcgid, search", "the same before", Search(Fcgid(Ours)), Search(Fcgid(Before))),
    ("CGI, GET", "the same before", Get(Cgid(Ours)), Get(Cgid(Before))),
];

pub fn run(site: &Site) -> String {
    let before = PathBuf::from(env::var_os("BEFORE").expect("BEFORE, the path of the other program"));
    fs::copy(&before, site.program(Before)).unwrap_or_else(|error| panic!("{}: {error}", before.display()));
    site.import(Before);
    let contenders: Vec<(&str, Load)> =
        PAIRS.iter().flat_map(|&(name, before, ours, theirs)| [(name, ours), (before, theirs)]).collect();
    let all = ratios::measure(site, &contenders);
    let mut figures = figures_table(contenders.iter().map(|contender| contender.0), &all) + "\n";
    for (pair, figures_of) in PAIRS.iter().zip(all.chunks(2)) {
        let ratio = median(&figures_of[0], |figures| figures.rate) / median(&figures_of[1], |figures| figures.rate);
        figures += &format!("{}: {ratio:.3} times as many requests a second as before\n", pair.0);
    }
    figures
}
