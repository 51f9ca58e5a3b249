//! The settings: is one misspelt, in Apache's configuration or in the environment, or set to what
//! cannot be parsed?

use strsim::osa_distance;

use super::Finding;
use super::installation::{Installation, Origin, Value};
use crate::settings::{SETTINGS, Setting};

const ABOUT: &str = "Settings";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for value in here.set() {
        let found = match SETTINGS.iter().find(|setting| setting.name == value.name) {
            Some(setting) => unparsable(here, &value, setting),
            None => misspelt(here, &value),
        };
        findings.extend(found);
    }
    if findings.is_empty() && here.refusal.is_none() {
        let mut names: Vec<String> =
            here.set().map(|value| value.name).filter(|n| Installation::is_setting(n)).collect();
        names.sort();
        names.dedup();
        let set = if names.is_empty() { "none is set".to_owned() } else { names.join(", ") };
        findings.push(Finding::ok(ABOUT, format!("no name is misspelt, and every value can be parsed ({set})")));
    }
    findings
}

fn unparsable(here: &Installation, value: &Value, setting: &Setting) -> Option<Finding> {
    if value.text.is_empty() || setting.takes(&value.text) {
        return None;
    }
    let Value { name, text, origin, .. } = value;
    let default = setting.default;
    let found = format!("{name}={text:?} ({origin}) cannot be parsed, so the default holds: {default}");
    let mend = match origin {
        Origin::Apache(place) => here.edit(place, "s/^/# /"),
        _ => vec![format!("unset {name}")],
    };
    Some(value.broken(ABOUT, found, mend))
}

fn misspelt(here: &Installation, value: &Value) -> Option<Finding> {
    let Value { name, origin, .. } = value;
    let meant = SETTINGS.iter().map(|setting| setting.name).find(|setting| resembles(name, setting))?;
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mend = match origin {
        Origin::Apache(place) if plain => here.edit(place, &format!("s/{name}/{meant}/")),
        // In the environment it may be what another program is told.
        _ => Vec::new(),
    };
    Some(value.broken(ABOUT, format!("{name} ({origin}) is not a setting; {meant} is"), mend))
}

/// Is this name most likely meant to be that one? Case, and what is no letter, do not count.
fn resembles(name: &str, setting: &str) -> bool {
    let letters = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric(), "").to_ascii_uppercase();
    let (name, setting) = (letters(name), letters(setting));
    // A word of a path may be all that two names have in common; a typo or two are less. STATE is no STATUS.
    osa_distance(&name, &setting) <= (setting.len() / 4).min(2)
}
