//! Counts its requests: a process serves many at once, each on a thread of its own, so what they share is `Sync`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use cgi_responder::Request;

fn main() -> ExitCode {
    let asked = AtomicU64::new(0);
    cgi_responder::run(|_: &Request| {
        format!("This process was asked {} times.\n", asked.fetch_add(1, Ordering::Relaxed) + 1)
    })
}
