//! Tables of figures in Markdown.

use crate::rounds::{Figures, Spread};

/// Something with a target.
pub struct Goal {
    pub what: String,
    pub seen: Spread,
    pub unit: &'static str,
    pub target: f64,
    pub at_least: bool,
}

impl Goal {
    pub fn at_most(what: impl Into<String>, seen: Spread, target: f64) -> Goal {
        Goal { what: what.into(), seen, unit: "times", target, at_least: false }
    }

    pub fn at_least(what: impl Into<String>, seen: Spread, target: f64) -> Goal {
        Goal { at_least: true, ..Goal::at_most(what, seen, target) }
    }

    pub fn reached(&self) -> bool {
        if self.at_least { self.seen.median >= self.target } else { self.seen.median <= self.target }
    }
}

pub fn goals_table(goals: &[Goal]) -> String {
    let mut table = "| what | median (least to greatest) | target | reached |\n| --- | --- | --- | --- |\n".to_owned();
    for goal in goals {
        let Spread { median, least, greatest } = goal.seen;
        let target = if goal.at_least { "at least" } else { "at most" };
        let reached = if goal.reached() { "yes" } else { "**no**" };
        table += &format!(
            "| {} | {median:.2} ({least:.2} to {greatest:.2}) {} | {target} {} | {reached} |\n",
            goal.what, goal.unit, goal.target
        );
    }
    table
}

pub fn figures_table(names: impl IntoIterator<Item = impl AsRef<str>>, all: &[Vec<Figures>]) -> String {
    let mut table = "| what | requests/s: median (least to greatest) | p50, us | p99, us |\n\
                     | --- | --- | --- | --- |\n"
        .to_owned();
    for (name, figures) in names.into_iter().zip(all) {
        let Spread { median, least, greatest } = Spread::rate(figures);
        let p50 = Spread::of(figures.iter().map(|figures| figures.p50)).median;
        let p99 = Spread::of(figures.iter().map(|figures| figures.p99)).median;
        let name = name.as_ref();
        table += &format!("| {name} | {median:.0} ({least:.0} to {greatest:.0}) | {p50:.0} | {p99:.0} |\n");
    }
    table
}
