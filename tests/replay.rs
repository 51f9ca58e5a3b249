//! What the fuzzer begins with and has found, again: its seeds, every file of its corpus and of its past findings,
//! through the check of its target, on threads with no more stack than the server's.

#[path = "fuzz/checks/mod.rs"]
mod checks;
#[path = "fuzz/seeds.rs"]
mod seeds;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::thread::Builder;

use product_lookup::settings::limits::STACK_BYTES;

/// An input, and what it is called.
type Input = (String, Vec<u8>);

/// The files of one target, in `corpus` or in `findings`.
fn files(of: &str, target: &str) -> Vec<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(of).join(target);
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let read = |file: PathBuf| (file.display().to_string(), fs::read(&file).expect("a file"));
    files.into_iter().map(read).collect()
}

/// The inputs that a check fails on.
fn failing(inputs: Vec<Input>, check: checks::Check) -> Vec<String> {
    let fails = move |(name, input): Input| {
        catch_unwind(|| check(&input)).inspect_err(|_| eprintln!("that was {name}")).is_err().then_some(name)
    };
    let thread = Builder::new().stack_size(STACK_BYTES).spawn(move || inputs.into_iter().filter_map(fails).collect());
    thread.expect("a thread").join().expect("its end")
}

#[test]
fn corpus() {
    let failing = checks::TARGETS.map(|(target, check)| {
        let seed = |seed: Vec<u8>| (format!("{target}: {}", seed.escape_ascii()), seed);
        let seeds = seeds::of(target).into_iter().map(seed);
        let inputs: Vec<Input> = seeds.chain(files("corpus", target)).collect();
        assert!(!inputs.is_empty(), "{target} has a corpus");
        failing(inputs, check)
    });
    assert_eq!(failing.concat(), Vec::<String>::new());
}

#[test]
fn past_findings() {
    let failing = checks::TARGETS.map(|(target, check)| failing(files("findings", target), check));
    assert_eq!(failing.concat(), Vec::<String>::new());
}
