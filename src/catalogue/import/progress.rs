//! What an import tells while it goes on: a bar on a terminal, elsewhere a line a phase.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::complain;

/// How long between two times that the bar is drawn by itself.
const TICK: Duration = Duration::from_millis(200);

/// Characters of a phase that are shown beside the bar, of the 80 that a terminal has at least.
const PHASE_CHARS: usize = 32;

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
        bar.set_style(style("{msg}"));
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
            (Unit::Products, None) => "{spinner} {msg}, {elapsed}",
        };
        let cut = phase.char_indices().nth(PHASE_CHARS).map(|(end, _)| format!("{}...", &phase[..end]));
        self.bar.set_message(cut.unwrap_or(phase));
        self.bar.set_style(style(template));
        self.bar.set_position(0);
        self.bar.reset_elapsed();
        match length {
            Some(length) => self.bar.set_length(length),
            None => self.bar.unset_length(),
        }
        // It moves while a phase goes on of which no steps are told.
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(TICK);
        }
    }

    pub(super) fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// A template that cannot be parsed, which a test would show, costs only the looks.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ")
}

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Bytes,
    Products,
}
