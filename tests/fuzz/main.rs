//! The fuzzer: libFuzzer makes bytes up until the check of the target `FUZZ_TARGET` fails on some, or they take
//! more memory than they may. It begins with the target's seeds, which are written into the folder `FUZZ_SEEDS`.

#![no_main]
#![allow(dead_code)]

#[path = "../answer.rs"]
mod answer;
#[path = "../cases.rs"]
mod cases;
mod checks;
#[path = "../fastcgi_client.rs"]
mod fastcgi_client;
#[path = "../import/shapes/files.rs"]
mod files;
#[path = "../import/workbooks/made.rs"]
mod made;
mod seeds;
#[path = "../variables.rs"]
mod variables;

/// As they are called among the tests.
mod import {
    pub mod shapes {
        pub(crate) use crate::files;
    }
    pub mod workbooks {
        pub(crate) use crate::made;
    }
}

use std::{env, fs, panic};
use std::sync::LazyLock;

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes of memory that any input may take, besides those that are in proportion to it.
const MEMORY_BYTES: usize = 2 << 20;

/// Bytes of memory that a byte of input may take: two bytes make a field of a form, and a check
/// asks up to six times.
const MEMORY_FACTOR: usize = 200;

/// The same where a file is imported: a row has 1 MiB, of which there are some copies while it is read.
const FILE_BYTES: usize = 32 << 20;

/// And for a workbook: its cells, of which a few bytes make many.
const WORKBOOK_BYTES: usize = 800 << 20;

/// The target's check, and what it may take.
static CHECK: LazyLock<(checks::Check, usize)> = LazyLock::new(|| {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let named = checks::TARGETS.iter().find(|target| target.0 == name);
    // What the first input makes once and for all is not counted.
    let check = named.unwrap_or_else(|| panic!("FUZZ_TARGET={name} is none of the targets")).1;
    check(b"");
    let bytes = match name.as_str() {
        "csv" | "jsonimport" => FILE_BYTES,
        "workbook" => WORKBOOK_BYTES,
        _ => MEMORY_BYTES,
    };
    (check, bytes)
});

/// Before libFuzzer reads its folders, and after it has seen to it that a panic ends it: those of `calamine` an import
/// catches.
fn write_seeds() {
    let end = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.location().is_some_and(|place| place.file().contains("/calamine-")) {
            end(info);
        }
    }));
    let [target, folder] = ["FUZZ_TARGET", "FUZZ_SEEDS"].map(|name| env::var(name).unwrap_or_default());
    for (number, seed) in seeds::of(&target).iter().enumerate() {
        fs::write(format!("{folder}/{number}"), seed).expect("a file");
    }
}

libfuzzer_sys::fuzz_target!(init: write_seeds(), |input: &[u8]| {
    let (check, bytes) = *CHECK;
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    check(input);
    let most = MEMORY.peak_usage() - before;
    assert!(most <= bytes + MEMORY_FACTOR * input.len(), "{most} bytes of memory for {} bytes", input.len());
});
