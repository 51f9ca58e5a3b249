//! Apache's configuration, as far as it concerns this program: in goes Apache's own folder, out
//! come the directives that are in force, each with its place. It is read here rather than asked
//! of Apache, which shows no `SetEnv`, and shows nothing where a line is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::directive::{Directive, Place};
use super::own::{self, mentions_us};
use super::{RELOAD, quoted};

/// Files that are read at most, so that a file which includes itself ends.
const FILES: usize = 1000;

/// All that is in force.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(super) folder: PathBuf,
    pub(super) directives: Vec<Directive>,
    /// Those in the bodies of macros, which hold where and as these are used.
    pub(super) in_macros: Vec<Directive>,
    pub(super) modules: BTreeSet<String>,
    /// The files that mention the program, and what is said in them is about it.
    pub(super) ours: BTreeSet<PathBuf>,
    /// The files that are the program's own, each with whether it is one that an administrator edits.
    own: BTreeMap<PathBuf, bool>,
    defines: BTreeMap<String, (String, Place)>,
    environment: BTreeMap<String, String>,
    files: usize,
}

impl Configuration {
    /// Reads what `apache2.conf` includes; `None` where there is no such file.
    pub(super) fn read(folder: &Path) -> Option<Configuration> {
        let main = folder.join("apache2.conf");
        if !main.is_file() {
            return None;
        }
        let environment = environment(folder);
        let mut configuration = Configuration { folder: folder.to_owned(), environment, ..Configuration::default() };
        // What Debian compiles in.
        for module in ["core", "so", "watchdog", "http", "log_config", "logio", "version", "unixd"] {
            configuration.modules.insert(format!("{module}_module"));
        }
        configuration.take_file(&main, None);
        Some(configuration)
    }

    /// The last value of a directive of the main server.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.directives.iter().rev().find(|directive| directive.is(name)).map(|directive| directive.arg(0))
    }

    /// The directives that are about the program.
    pub(super) fn about_us(&self) -> impl Iterator<Item = &Directive> {
        self.directives.iter().filter(|directive| self.ours.contains(&directive.place.file))
    }

    /// Is all of a directive the program's own, its value too?
    pub(super) fn owns(&self, directive: &Directive) -> bool {
        [&directive.place, &directive.value].iter().all(|place| self.own.contains_key(&place.file))
    }

    /// The commands that edit a line, where it is the program's own.
    pub(super) fn edit(&self, place: &Place, script: &str) -> Vec<String> {
        if self.own.get(&place.file) != Some(&true) {
            return Vec::new();
        }
        // The file itself: `sed -i` would put a file in the place of a link, as a2enconf makes them.
        let file = fs::canonicalize(&place.file).unwrap_or_else(|_| place.file.clone());
        vec![format!("sed -i '{}{script}' {}", place.line, quoted(file)), RELOAD.to_owned()]
    }

    /// The files that are about the program and others, or in a way that is not looked into.
    pub(super) fn mixed(&self) -> impl Iterator<Item = &PathBuf> {
        self.ours.iter().filter(|file| !self.own.contains_key(*file))
    }

    /// A path of the configuration, which may be relative to the server's root.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    fn take_file(&mut self, file: &Path, unless_loaded: Option<&str>) {
        self.files += 1;
        let Ok(bytes) = fs::read(file) else { return };
        if self.files > FILES {
            return;
        }
        let text = String::from_utf8_lossy(&bytes);
        if mentions_us(&bytes) {
            self.ours.insert(file.to_owned());
        }
        let edited = own::is_configuration(file);
        if edited || own::is_shipped(file) {
            self.own.insert(file.to_owned(), edited);
        }
        // For each open section: is it passed over, or of a module that is not loaded?
        let mut sections: Vec<Section> = Vec::new();
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let mut line = line.trim().to_owned();
            while line.ends_with('\\') {
                line.pop();
                line += lines.next().map_or("", |(_, next)| next.trim());
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with("</") {
                sections.pop();
                continue;
            }
            if let Some(opened) = line.strip_prefix('<') {
                sections.push(self.section(opened.trim_end_matches('>')));
                continue;
            }
            if sections.contains(&Section::PassedOver) {
                continue;
            }
            let unless_loaded = sections.iter().find_map(Section::unless_loaded).or(unless_loaded).map(str::to_owned);
            let place = Place { file: file.to_owned(), line: number + 1, text: line.clone() };
            match sections.contains(&Section::Macro) {
                true => self.in_macros.extend(self.directive(&line, place, unless_loaded)),
                false => self.take_line(&line, place, unless_loaded),
            }
        }
    }

    fn section(&self, opened: &str) -> Section {
        let (name, condition) = opened.split_once(char::is_whitespace).unwrap_or((opened, ""));
        let condition = self.words(condition).into_iter().next().unwrap_or_default();
        let (not, condition) = match condition.strip_prefix('!') {
            Some(condition) => (true, condition),
            None => (false, condition.as_str()),
        };
        if name.eq_ignore_ascii_case("Macro") {
            return Section::Macro;
        }
        if name.eq_ignore_ascii_case("IfDefine") && self.defines.contains_key(condition) == not {
            return Section::PassedOver;
        }
        if name.eq_ignore_ascii_case("IfModule") {
            // `mod_fcgid.c` and `fcgid_module` are the same.
            let stem = condition.strip_prefix("mod_").and_then(|name| name.strip_suffix(".c"));
            let module = stem.map_or(condition.to_owned(), |stem| format!("{stem}_module"));
            return match (self.modules.contains(&module), not) {
                (true, true) => Section::PassedOver,
                (false, false) => Section::UnlessLoaded(module),
                _ => Section::InForce,
            };
        }
        Section::InForce
    }

    fn directive(&self, line: &str, place: Place, unless_loaded: Option<String>) -> Option<Directive> {
        let mut words = self.words(line).into_iter();
        let define = self.defines.iter().find(|(name, _)| line.contains(&format!("${{{name}}}")));
        let value = define.map_or(&place, |(_, (_, place))| place).clone();
        Some(Directive { name: words.next()?, args: words.collect(), place, value, unless_loaded })
    }

    fn take_line(&mut self, line: &str, place: Place, unless_loaded: Option<String>) {
        let Some(directive) = self.directive(line, place, unless_loaded) else { return };
        let arg = |number: usize| directive.arg(number).to_owned();
        match directive.name.to_ascii_lowercase().as_str() {
            "include" | "includeoptional" => {
                for file in files(&self.path(directive.arg(0))) {
                    self.take_file(&file, directive.unless_loaded.as_deref());
                }
                return;
            }
            _ if directive.unless_loaded.is_some() => {}
            "define" => drop(self.defines.insert(arg(0), (arg(1), directive.place.clone()))),
            "undefine" => drop(self.defines.remove(&arg(0))),
            "loadmodule" => drop(self.modules.insert(arg(0))),
            _ => {}
        }
        self.directives.push(directive);
    }

    /// The words of a line, without their quotes, and with what `${NAME}` stands for.
    fn words(&self, line: &str) -> Vec<String> {
        let line = self.expanded(line);
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let quote = Some(first).filter(|first| matches!(first, '"' | '\''));
            let mut word = String::new();
            let mut characters = rest.char_indices().skip(usize::from(quote.is_some()));
            let mut end = rest.len();
            while let Some((at, character)) = characters.next() {
                match (character, quote) {
                    ('\\', Some(_)) => word.extend(characters.next().map(|(_, escaped)| escaped)),
                    (c, Some(quote)) if c == quote => {
                        end = at + 1;
                        break;
                    }
                    (c, None) if c.is_whitespace() => {
                        end = at;
                        break;
                    }
                    (c, _) => word.push(c),
                }
            }
            words.push(word);
            rest = rest[end..].trim_start();
        }
        words
    }

    fn expanded(&self, line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            let value = self.defines.get(name).map(|(value, _)| value).or(self.environment.get(name));
            out += before;
            out += &value.cloned().unwrap_or_else(|| format!("${{{name}}}"));
            rest = after;
        }
        out + rest
    }
}

/// What an open section does to the lines in it.
#[derive(PartialEq, Eq)]
enum Section {
    InForce,
    Macro,
    PassedOver,
    UnlessLoaded(String),
}

impl Section {
    fn unless_loaded(&self) -> Option<&str> {
        match self {
            Section::UnlessLoaded(module) => Some(module),
            _ => None,
        }
    }
}

/// What `envvars` sets, which is a shell script.
fn environment(folder: &Path) -> BTreeMap<String, String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", ". \"$0\"; env"]).arg(folder.join("envvars"));
    let output = shell.env("APACHE_CONFDIR", folder).stdin(Stdio::null()).output();
    let printed = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    printed.lines().filter_map(|line| line.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// The files that an `Include` means: one, those of a folder, or those that match a pattern in
/// its last part, by name.
fn files(pattern: &Path) -> Vec<PathBuf> {
    let (folder, pattern) = match (pattern.is_dir(), pattern.parent(), pattern.file_name()) {
        (true, ..) => (pattern, "*"),
        (false, Some(folder), Some(name)) => (folder, name.to_str().unwrap_or_default()),
        _ => return Vec::new(),
    };
    let Some((before, after)) = pattern.split_once('*') else { return vec![folder.join(pattern)] };
    let matches = |name: &str| name.len() >= pattern.len() - 1 && name.starts_with(before) && name.ends_with(after);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.filter(|entry| entry.file_name().to_str().is_some_and(matches)).map(|entry| entry.path()).collect();
    files.sort();
    files
}
