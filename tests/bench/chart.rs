//! The chart `tests/bench/results.svg`, readable on light and dark.

use std::fmt::Write as _;

use crate::CIRCUMSTANCES;
use crate::contenders::{CONTENDERS, Front, Load};
use crate::rounds::{Figures, median};

/// Pixels: a bar with its gap, the names, the longest bar, the figure behind it.
const LINE: usize = 20;
const NAMES: usize = 340;
const BARS: usize = 380;
const WIDTH: usize = NAMES + BARS + 90;

const STYLE: &str = "text { font: 13px sans-serif; fill: #222 } .title { font-weight: bold } \
    .ours { fill: #2468b4 } .theirs { fill: #9aa5b1 } .end { text-anchor: end } \
    @media (prefers-color-scheme: dark) { text { fill: #ddd } .ours { fill: #6aa9f0 } .theirs { fill: #68737f } }";

/// Some bars with a scale of their own: their title, and which they are.
type Group = (&'static str, fn(Load) -> bool);

const GROUPS: [Group; 5] = [
    ("GET of a product through Apache, requests a second", |load| is_get(load, false)),
    ("POST of a form through Apache", |load| matches!(load, Load::Post(_))),
    ("A search through Apache, as one types", |load| matches!(load, Load::Search(_) | Load::Unranked(_))),
    ("GET of a product as a CGI program", |load| is_get(load, true)),
    ("FastCGI on a unix socket, no web server", |load| matches!(load, Load::Socket(_))),
];

fn is_get(load: Load, cgi: bool) -> bool {
    matches!(load, Load::Get(front) if matches!(front, Front::Cgid(_)) == cgi)
}

pub fn draw(all: &[Vec<Figures>]) -> String {
    let mut bars = String::new();
    let mut y = LINE;
    for (title, belongs) in GROUPS {
        let _ = writeln!(bars, "<text class=\"title\" x=\"0\" y=\"{y}\">{title}</text>");
        let members = CONTENDERS.iter().zip(all).filter(|((_, load), _)| belongs(*load));
        let members: Vec<(&str, f64)> =
            members.map(|((name, _), figures)| (*name, median(figures, |figures| figures.rate))).collect();
        let longest = members.iter().map(|member| member.1).fold(1.0, f64::max);
        for (name, rate) in members {
            y += LINE;
            let width = (rate / longest * BARS as f64).max(1.0);
            let class = if name.starts_with("our") { "ours" } else { "theirs" };
            let (left, top, after) = (NAMES, y - 13, NAMES as f64 + width + 6.0);
            let _ = writeln!(
                bars,
                "<text class=\"end\" x=\"{}\" y=\"{y}\">{name}</text>\
                 <rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width:.0}\" height=\"16\"/>\
                 <text x=\"{after:.0}\" y=\"{y}\">{rate:.0}</text>",
                NAMES - 8
            );
        }
        y += 2 * LINE;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" width=\"{WIDTH}\" role=\"img\" \
         aria-label=\"Requests a second of product-lookup and its peers\">\n<style>{STYLE}</style>\n{bars}\
         <text x=\"0\" y=\"{y}\">{}</text>\n</svg>\n",
        y + LINE / 2,
        *CIRCUMSTANCES
    )
}
