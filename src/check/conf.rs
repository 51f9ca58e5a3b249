//! Apache's configuration, as far as it concerns this program: in goes Apache's own folder, out
//! come the directives that are in force, each with its place. It is read here rather than asked
//! of Apache, which shows no `SetEnv`, and shows nothing where a line is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::quoted;

/// Files that are read at most, so that a file which includes itself ends.
const FILES: usize = 1000;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, line {}", self.file.display(), self.line)
    }
}

impl Place {
    /// The command that edits this line.
    pub(super) fn edit(&self, script: &str) -> String {
        // The file itself: `sed -i` would put a file in the place of a link, as a2enconf makes them.
        let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        format!("sed -i '{}{script}' {}", self.line, quoted(file))
    }
}

/// One directive.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    pub(super) place: Place,
    /// Where its value is written: another place where that is a `Define`.
    pub(super) value: Place,
    /// The module that is not loaded, where it stands in an `<IfModule>` of one.
    pub(super) unless_loaded: Option<String>,
}

impl Directive {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn arg(&self, number: usize) -> &str {
        self.args.get(number).map_or("", String::as_str)
    }
}

/// All that is in force.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(super) folder: PathBuf,
    pub(super) directives: Vec<Directive>,
    pub(super) modules: BTreeSet<String>,
    /// The files that mention the program, and what is said in them is about it.
    pub(super) ours: BTreeSet<PathBuf>,
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
        if mentions_us(&text) {
            self.ours.insert(file.to_owned());
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
            self.take_line(&line, Place { file: file.to_owned(), line: number + 1 }, unless_loaded);
        }
    }

    fn section(&self, opened: &str) -> Section {
        let (name, condition) = opened.split_once(char::is_whitespace).unwrap_or((opened, ""));
        let condition = self.words(condition).into_iter().next().unwrap_or_default();
        let (not, condition) = match condition.strip_prefix('!') {
            Some(condition) => (true, condition),
            None => (false, condition.as_str()),
        };
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

    fn take_line(&mut self, line: &str, place: Place, unless_loaded: Option<String>) {
        let args = self.words(line);
        let Some((name, args)) = args.split_first() else { return };
        let arg = |number: usize| args.get(number).cloned().unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            _ if unless_loaded.is_some() => {}
            "define" => drop(self.defines.insert(arg(0), (arg(1), place.clone()))),
            "undefine" => drop(self.defines.remove(&arg(0))),
            "loadmodule" => drop(self.modules.insert(arg(0))),
            _ => {}
        }
        if name.eq_ignore_ascii_case("Include") || name.eq_ignore_ascii_case("IncludeOptional") {
            for file in files(&self.path(&arg(0))) {
                self.take_file(&file, unless_loaded.as_deref());
            }
            return;
        }
        let define = self.defines.iter().find(|(name, _)| line.contains(&format!("${{{name}}}")));
        let value = define.map_or(&place, |(_, (_, place))| place).clone();
        self.directives.push(Directive { name: name.clone(), args: args.to_vec(), place, value, unless_loaded });
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

/// Is this file about the program?
pub(super) fn mentions_us(text: &str) -> bool {
    text.contains("product-lookup") || text.contains("PRODUCT_LOOKUP")
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
