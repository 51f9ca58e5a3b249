//! Workbooks: the first byte says of which kind, and what follows is the XML of a sheet's rows, or the file itself.

use super::import;
use crate::import::workbooks::made;

pub fn check(input: &[u8]) {
    let (&kind, rest) = input.split_first().unwrap_or((&0, b""));
    let rows = String::from_utf8_lossy(rest);
    let file = match kind % 3 {
        0 => made::xlsx(&[("Sheet", &rows)]),
        1 => made::ods(&rows),
        _ => rest.to_vec(),
    };
    // With no option.
    import::file(&[&[0][..], &file].concat());
}
