//! Apache's configuration as Apache itself tells it: every directive in force with its place, the
//! modules, the files, and who serves. Includes, conditions, macros and variables are resolved there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::directive::{Directive, Place, words};
use super::own;

/// What Apache's `-D DUMP_CONFIG`, `DUMP_INCLUDES`, `DUMP_MODULES` and `DUMP_RUN_CFG` print.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(super) directives: Vec<Directive>,
    /// As `LoadModule` names them: `fcgid_module`.
    pub(super) modules: BTreeSet<String>,
    pub(super) root: PathBuf,
    pub(super) pid_file: PathBuf,
    pub(super) error_log: PathBuf,
    pub(super) user: String,
    pub(super) group: String,
    /// The files that mention the program, and what is said in them is about it.
    pub(super) ours: BTreeSet<PathBuf>,
    /// The files that are the program's own, each with whether it is one that an administrator edits.
    own: BTreeMap<PathBuf, bool>,
    /// Every `Define` in the files: its name, its value and where it stands.
    defines: Vec<(String, String, Place)>,
}

impl Configuration {
    /// Reads what Apache printed.
    pub(super) fn read(told: &str) -> Configuration {
        let mut configuration = Configuration::default();
        let (mut file, mut place) = ("", None);
        for line in told.lines().map(str::trim) {
            if let Some(place) = place.take() {
                // What stands in a section holds as well as what does not.
                if !line.starts_with('<') {
                    configuration.directives.push(Directive::read(line, place));
                }
            } else if let Some(named) = line.strip_prefix("# In file: ") {
                file = named;
            } else if let Some(number) = line.strip_prefix('#').and_then(|rest| rest.strip_suffix(':')) {
                place = number.trim().parse().ok().map(|number| Place::named(file, number));
            } else if let Some((_, included)) = line.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
                configuration.look_into(included.into());
            } else if let Some((module, _)) = line.split_once("_module (") {
                configuration.modules.insert(format!("{module}_module"));
            } else if let Some((name, value)) = line.split_once(": ") {
                configuration.take_setting(name, value.split('"').nth(1).unwrap_or_default());
            }
        }
        configuration
    }

    fn take_setting(&mut self, name: &str, value: &str) {
        match name {
            "ServerRoot" => self.root = value.into(),
            "PidFile" => self.pid_file = value.into(),
            "Main ErrorLog" => self.error_log = value.into(),
            "User" => self.user = value.to_owned(),
            "Group" => self.group = value.to_owned(),
            _ => {}
        }
    }

    /// Whose file it is, and what it defines, is in its text alone.
    fn look_into(&mut self, file: PathBuf) {
        let bytes = fs::read(&file).unwrap_or_default();
        for (number, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            if let [define, name, value] = words(line).as_slice()
                && define.eq_ignore_ascii_case("Define")
            {
                let place = Place { file: file.clone(), line: number + 1 };
                self.defines.push((name.clone(), value.clone(), place));
            }
        }
        let edited = own::is_configuration(&file);
        if edited || own::is_shipped(&file) {
            self.own.insert(file.clone(), edited);
        }
        if own::mentions_us(&bytes) {
            self.ours.insert(file);
        }
    }

    /// The directives that are about the program.
    pub(super) fn about_us(&self) -> impl Iterator<Item = &Directive> {
        self.directives.iter().filter(|directive| self.ours.contains(&directive.place.file))
    }

    /// Where a directive's value is written: another place where that is a `Define`.
    pub(super) fn value(&self, directive: &Directive) -> Place {
        if !self.ours.contains(&directive.place.file) {
            return directive.place.clone();
        }
        let text = directive.place.text();
        let is_it = |name: &str, value: &str| {
            text.contains(&format!("${{{name}}}")) && directive.args.iter().any(|arg| arg.contains(value))
        };
        let define = self.defines.iter().rfind(|(name, value, _)| !value.is_empty() && is_it(name, value));
        define.map_or(&directive.place, |(.., place)| place).clone()
    }

    /// Is all of a directive the program's own, its value too?
    pub(super) fn owns(&self, directive: &Directive) -> bool {
        [&directive.place, &self.value(directive)].iter().all(|place| self.own.contains_key(&place.file))
    }

    /// Is this line in a file of the program's own that an administrator edits?
    pub(super) fn is_editable(&self, place: &Place) -> bool {
        self.own.get(&place.file) == Some(&true)
    }

    /// The files that are about the program and others.
    pub(super) fn mixed(&self) -> impl Iterator<Item = &PathBuf> {
        self.ours.iter().filter(|file| !self.own.contains_key(*file))
    }
}
