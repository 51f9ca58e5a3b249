//! What the fuzzer has found, again: every file of its corpus and of its past findings, through the
//! check of its target, on threads with no more stack than the server's.

#[path = "fuzz/checks/mod.rs"]
mod checks;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::thread::Builder;

use product_lookup::settings::limits::STACK_BYTES;

/// The files of one target, in `corpus` or in `findings`.
fn files(of: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(of).join(target);
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// The files that a check fails on.
fn failing(files: Vec<PathBuf>, check: checks::Check) -> Vec<PathBuf> {
    let fails = move |file: &PathBuf| {
        let input = fs::read(file).expect("a file");
        catch_unwind(|| check(&input)).inspect_err(|_| eprintln!("that was {}", file.display())).is_err()
    };
    let thread = Builder::new().stack_size(STACK_BYTES).spawn(move || files.into_iter().filter(fails).collect());
    thread.expect("a thread").join().expect("its end")
}

#[test]
fn corpus() {
    let failing = checks::TARGETS.map(|(target, check)| {
        let files = files("corpus", target);
        assert!(!files.is_empty(), "{target} has a corpus");
        failing(files, check)
    });
    assert_eq!(failing.concat(), Vec::<PathBuf>::new());
}

#[test]
fn past_findings() {
    let failing = checks::TARGETS.map(|(target, check)| failing(files("findings", target), check));
    assert_eq!(failing.concat(), Vec::<PathBuf>::new());
}
