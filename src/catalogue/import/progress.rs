//! What an import tells while it goes on: a bar on a terminal, elsewhere a line a phase.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::complain;

#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    /// On stderr, where that is wanted.
    pub(super) fn new(wanted: bool) -> Progress {
        let terminal = stderr().is_terminal();
        let bar = match wanted && terminal {
            true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        Progress { bar, lines: wanted && !terminal }
    }

    /// Something new begins, which has so many steps, or bytes, where that is known.
    pub(super) fn begin(&self, phase: String, length: Option<u64>, unit: Unit) {
        if self.lines {
            complain(format_args!("{phase}"));
        }
        let template = match (unit, length) {
            (Unit::Bytes, Some(_)) => "{msg} {percent:>3}% [{wide_bar}] {bytes} of {total_bytes}, {eta} left",
            (Unit::Bytes, None) => "{msg}: {bytes}, {bytes_per_sec}",
            (Unit::Products, Some(_)) => "{msg} {percent:>3}% [{wide_bar}] {eta} left",
            (Unit::Products, None) => "{msg}",
        };
        // A template that cannot be parsed, which a test would show, costs only the looks.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style.progress_chars("=> "));
        self.bar.set_position(0);
        match length {
            Some(length) => self.bar.set_length(length),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(phase);
    }

    pub(super) fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Bytes,
    Products,
}
