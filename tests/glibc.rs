//! The program runs where glibc is 2.34 or newer, as in the Linux distributions of 2022 and later.

use std::process::Command;

use crate::program::run;

#[test]
fn asks_for_no_newer_one() {
    let output = run(Command::new("objdump").args(["-p", env!("CARGO_BIN_EXE_product-lookup")]), b"");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let versions = text.split_whitespace().filter_map(|word| {
        let (major, minor) = word.strip_prefix("GLIBC_")?.split_once('.')?;
        // 2.2.5 has three parts.
        let minor = minor.split('.').next()?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    });
    // What starts a program is of 2.34.
    assert_eq!(versions.max(), Some((2, 34)), "{text}");
}
