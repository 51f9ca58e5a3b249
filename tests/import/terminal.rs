//! How far an import is: a bar on a terminal of 80 columns, which script(1) is, and a line for each phase elsewhere.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Shop, many};

/// A name that is longer than the terminal is wide.
const LONG: &str = "prices-of-the-shop-and-of-all-its-suppliers-as-they-were-exported-on-the-first-of-november.csv";

const PHASES: [&str; 3] = ["reading ", "comparing it with the catalogue", "finishing"];

/// All that is shown, where the import runs by this shell line.
fn shown(shop: &Shop, program: &str, line: &str) -> String {
    let mut command = Command::new(program);
    command.args(["-qec", line, "/dev/null"]).env("PRODUCTS_DB", shop.catalogue()).current_dir(shop.folder.path());
    let output = command.output().expect("a terminal");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What stands on a line of the terminal at some moment: between two orders to begin it anew.
fn states(shown: &str) -> Vec<&str> {
    shown
        .split(['\r', '\n'])
        .flat_map(|piece| piece.split("\x1b[2K"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn a_bar_that_moves() {
    for name in ["prices.csv", LONG] {
        let shop = Shop::new();
        shop.write(name, many(30_000, 5));
        let program = env!("CARGO_BIN_EXE_product-lookup");
        let shown = shown(&shop, "script", &format!("stty cols 80 && TERM=xterm {program} import {name}"));
        let states = states(&shown);
        for phase in PHASES {
            let of_phase: BTreeSet<_> = states.iter().filter(|state| state.contains(phase)).collect();
            assert!(of_phase.len() >= 3, "{phase}: {of_phase:?}");
        }
        let bars = states.iter().take_while(|state| !state.starts_with("imported "));
        let is_whole = |state: &&&str| state.chars().count() <= 80 && PHASES.iter().any(|phase| state.contains(phase));
        assert_eq!(bars.filter(|state| !is_whole(state)).collect::<Vec<_>>(), [&""; 0]);
        // In their order, and gone at the end.
        let place = |phase: &str| shown.find(phase).expect("a phase");
        assert!(PHASES.map(place).is_sorted(), "{shown}");
        let (_, last) = shown.rsplit_once("finishing").expect("a phase");
        let (_, rest) = last.split_once("\x1b[2K").expect("it is wiped off");
        assert!(rest.trim_start().starts_with("imported 30,000 products into "), "{last:?}");
    }
}

#[test]
fn a_line_for_each_phase() {
    let shop = Shop::new();
    shop.write("prices.csv", many(100, 5));
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    command.args(["import", "prices.csv"]).env("PRODUCTS_DB", shop.catalogue()).current_dir(shop.folder.path());
    let output = command.output().expect("it starts");
    let expected = "product-lookup: reading prices.csv\n\
                    product-lookup: comparing it with the catalogue\n\
                    product-lookup: finishing\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
}
