//! What must hold whatever comes in: each target with its check. The fuzzer makes the bytes up; `tests/replay.rs`
//! has them from the table of cases and from files.

mod accept;
mod conversation;
mod import;
mod log;
mod model;
mod name;
mod page;
mod pairs;
mod reply;
mod request;
mod script;
mod search;
mod site;
mod workbook;

/// Takes any bytes, and panics where something does not hold.
pub type Check = fn(&[u8]);

/// The targets, by the names of their folders in `corpus` and `findings`.
pub const TARGETS: [(&str, Check); 12] = [
    ("accept", accept::check),
    ("conversation", conversation::check),
    ("csv", import::file),
    ("get", request::get),
    ("json", request::json),
    ("jsonimport", import::file),
    ("multipart", request::multipart),
    ("name", name::check),
    ("pairs", pairs::check),
    ("search", search::check),
    ("urlencoded", request::urlencoded),
    ("workbook", workbook::check),
];
