//! Tables of figures in Markdown.

use crate::rounds::{Figures, Spread, median};

/// What a part has found: tables of figures, what has a target, and a chart (SVG).
#[derive(Default)]
pub struct Found {
    pub figures: String,
    pub goals: Vec<Goal>,
    pub chart: String,
}

/// Something with a target.
pub struct Goal {
    pub what: String,
    pub seen: f64,
    pub unit: &'static str,
    pub target: f64,
    pub at_least: bool,
}

impl Goal {
    pub fn at_most(what: impl Into<String>, seen: f64, target: f64) -> Goal {
        Goal { what: what.into(), seen, unit: "times", target, at_least: false }
    }

    pub fn at_least(what: impl Into<String>, seen: f64, target: f64) -> Goal {
        Goal { at_least: true, ..Goal::at_most(what, seen, target) }
    }

    fn reached(&self) -> bool {
        if self.at_least { self.seen >= self.target } else { self.seen <= self.target }
    }
}

pub fn goals_table(goals: &[Goal]) -> String {
    let mut table = "| what | seen | target | reached |\n| --- | --- | --- | --- |\n".to_owned();
    for goal in goals {
        let target = if goal.at_least { "at least" } else { "at most" };
        let reached = if goal.reached() { "yes" } else { "**no**" };
        let Goal { what, seen, unit, target: bound, .. } = goal;
        table += &format!("| {what} | {seen:.2} {unit} | {target} {bound} | {reached} |\n");
    }
    table
}

pub fn figures_table(names: impl IntoIterator<Item = impl AsRef<str>>, all: &[Vec<Figures>]) -> String {
    let mut table = "| what | requests/s: median (least to greatest) | p50, us | p99, us |\n\
                     | --- | --- | --- | --- |\n"
        .to_owned();
    for (name, figures) in names.into_iter().zip(all) {
        let Spread { median: rate, least, greatest } = Spread::rate(figures);
        let (p50, p99) = (median(figures, |figures| figures.p50), median(figures, |figures| figures.p99));
        let name = name.as_ref();
        table += &format!("| {name} | {rate:.0} ({least:.0} to {greatest:.0}) | {p50:.0} | {p99:.0} |\n");
    }
    table
}
