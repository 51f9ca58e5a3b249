//! Findings as text for people, and as JSON for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::{Finding, State};

/// Writes what a person reads: a heading for each thing, and below what is broken the commands, a
/// line each, that mend it. `colour` is for a terminal.
pub fn text(findings: &[Finding], colour: bool, out: &mut impl Write) -> io::Result<()> {
    let mut heading = "";
    for Finding { about, state, found, mend } in findings {
        if heading != *about {
            writeln!(out, "{about}")?;
            heading = about;
        }
        let (word, code) = match state {
            State::Ok => ("ok", 32),
            State::Note => ("note", 33),
            State::Broken => ("broken", 31),
        };
        match colour {
            true => writeln!(out, "  \x1b[{code}m{word:<6}\x1b[0m  {found}")?,
            false => writeln!(out, "  {word:<6}  {found}")?,
        }
        for command in mend {
            writeln!(out, "    $ {command}")?;
        }
    }
    let notes = match findings.iter().filter(|finding| finding.state == State::Note).count() {
        0 => String::new(),
        1 => "; 1 note".to_owned(),
        many => format!("; {many} notes"),
    };
    let wrong = findings.iter().filter(|finding| finding.state == State::Broken);
    let by_hand = wrong.filter(|finding| finding.mend.is_empty()).count();
    match (broken(findings), by_hand) {
        (0, _) => writeln!(out, "No problems found{notes}."),
        (1, 0) => writeln!(out, "1 thing is broken. What follows a $ mends it."),
        (1, 1) => writeln!(out, "1 thing is broken. {BY_HAND}"),
        (many, 0) => writeln!(out, "{many} things are broken. What follows a $ mends them, from the top."),
        (many, by_hand) if many == by_hand => writeln!(out, "{many} things are broken. {BY_HAND}"),
        (many, _) => writeln!(out, "{many} things are broken. What follows a $ mends some, from the top. {BY_HAND}"),
    }
}

/// What is said of what has no commands.
const BY_HAND: &str =
    "Where no $ follows, you have to decide: it may not be this program's, or what was meant is not known.";

/// Writes one JSON object.
pub fn json(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Report<'a> {
        broken: usize,
        findings: &'a [Finding],
    }
    serde_json::to_writer_pretty(&mut *out, &Report { broken: broken(findings), findings })?;
    writeln!(out)
}

/// How many things are broken.
pub fn broken(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.state == State::Broken).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_line(states: &[(State, bool)]) -> String {
        let mend = |has: bool| if has { vec!["true".to_owned()] } else { Vec::new() };
        let findings: Vec<_> = states.iter().map(|&(state, has)| Finding::new("A", state, "b", mend(has))).collect();
        let mut out = Vec::new();
        text(&findings, false, &mut out).expect("memory");
        String::from_utf8_lossy(&out).lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn how_it_ends() {
        const DECIDE: &str =
            "Where no $ follows, you have to decide: it may not be this program's, or what was meant is not known.";
        let (note, mended, other) = ((State::Note, false), (State::Broken, true), (State::Broken, false));
        assert_eq!(last_line(&[(State::Ok, false)]), "No problems found.");
        assert_eq!(last_line(&[note]), "No problems found; 1 note.");
        assert_eq!(last_line(&[note, note]), "No problems found; 2 notes.");
        assert_eq!(last_line(&[note, mended]), "1 thing is broken. What follows a $ mends it.");
        assert_eq!(last_line(&[other]), format!("1 thing is broken. {DECIDE}"));
        assert_eq!(last_line(&[mended; 2]), "2 things are broken. What follows a $ mends them, from the top.");
        assert_eq!(last_line(&[other; 2]), format!("2 things are broken. {DECIDE}"));
        assert_eq!(
            last_line(&[mended, other]),
            format!("2 things are broken. What follows a $ mends some, from the top. {DECIDE}")
        );
    }
}
