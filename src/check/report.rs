//! Findings for people and for programs: in go findings, out comes text or JSON.

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
    match broken(findings) {
        0 => writeln!(out, "Nothing is broken."),
        1 => writeln!(out, "1 thing is broken. What follows a $ mends it."),
        many => writeln!(out, "{many} things are broken. What follows a $ mends them, from the top."),
    }
}

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
