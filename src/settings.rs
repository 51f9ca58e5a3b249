//! Every setting: in go the request's parameters and the process's environment,
//! out come typed values; what cannot be parsed is said once on stderr and keeps its default.

pub mod limits;

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::catalogue::{DatabaseUrl, Source};
use crate::complain;
use crate::gateway::request::Params;

/// A setting as an administrator knows it; the README's table is held against these.
pub struct Setting {
    /// The variable's name, in `SetEnv`, `FcgidInitialEnv`, a unit file or a shell.
    pub name: &'static str,
    /// What holds where it is not set.
    pub default: &'static str,
}

impl Setting {
    /// Can this value be parsed?
    pub fn takes(&self, value: &str) -> bool {
        let value = value.trim();
        match self.name {
            "DEVELOP_MODE" => switch(value).is_some(),
            "CACHE_SECONDS" => number::<u32>(value).is_some(),
            "MAX_BODY_BYTES" => number::<usize>(value).is_some(),
            "SILENCE_SECONDS" => positive(value).is_some(),
            _ => true,
        }
    }
}

/// The settings, in the order of the README's table.
pub const SETTINGS: [Setting; 7] = [
    Setting { name: "PRODUCTS_DB", default: "`products.db` beside the real executable" },
    Setting { name: "PRODUCTS_DB_PASSWORD_FILE", default: "none" },
    Setting { name: "DEVELOP_MODE", default: "off" },
    Setting { name: "DEBUG_LOG", default: "`log/debug.log` beside the real executable" },
    Setting { name: "CACHE_SECONDS", default: "0" },
    Setting { name: "MAX_BODY_BYTES", default: "1048576" },
    Setting { name: "SILENCE_SECONDS", default: "60" },
];

const PRODUCTS_DB: usize = 0;
const PASSWORD_FILE: usize = 1;
const DEVELOP_MODE: usize = 2;
const DEBUG_LOG: usize = 3;
const CACHE_SECONDS: usize = 4;
const MAX_BODY_BYTES: usize = 5;
const SILENCE_SECONDS: usize = 6;

/// The process's own environment, read once.
pub struct Environment {
    values: [Option<OsString>; SETTINGS.len()],
    beside: PathBuf,
    /// Do settings in a request's parameters count?
    parameters: bool,
    named: [AtomicBool; SETTINGS.len()],
}

impl Environment {
    /// Reads this process's environment. `beside` is the folder of the real executable.
    pub fn of_process() -> Environment {
        let beside = std::env::current_exe()
            .ok()
            .and_then(|executable| executable.parent().map(Path::to_owned))
            .unwrap_or_default();
        Environment::new(|name| std::env::var_os(name), beside)
    }

    /// An environment given by a function; `beside` stands for the executable's folder.
    pub fn new(variable: impl Fn(&str) -> Option<OsString>, beside: PathBuf) -> Environment {
        let values = SETTINGS.map(|setting| variable(setting.name).filter(|v| !v.is_empty()));
        Environment { values, beside, parameters: true, named: Default::default() }
    }

    /// Takes no more settings from the parameters of requests: anybody may send them, and a setting names
    /// any file.
    pub fn ignore_parameters(&mut self) {
        self.parameters = false;
    }

    fn value<'a>(&'a self, params: &'a Params, setting: usize) -> Option<&'a OsStr> {
        let sent = params.value(SETTINGS[setting].name).filter(|_| self.parameters);
        sent.map(OsStr::from_bytes).or(self.values[setting].as_deref())
    }

    /// A setting read by `parse`; what it refuses is named once per process.
    fn parsed<T>(&self, params: &Params, setting: usize, parse: fn(&str) -> Option<T>) -> Option<T> {
        let value = self.value(params, setting)?;
        let parsed = value.to_str().and_then(|text| parse(text.trim()));
        if parsed.is_none() && !self.named[setting].swap(true, Ordering::Relaxed) {
            let Setting { name, default } = SETTINGS[setting];
            complain(format_args!("{name}={value:?} cannot be parsed; its default holds: {default}"));
        }
        parsed
    }

    /// Where this request's products are.
    pub fn products(&self, params: &Params) -> Source {
        match self.value(params, PRODUCTS_DB) {
            Some(value) => match value.to_str() {
                Some(text) if text.contains("://") => {
                    Source::Url(DatabaseUrl::new(text, self.value(params, PASSWORD_FILE).map(Path::new)))
                }
                _ => Source::File(value.into()),
            },
            None => match self.beside.join("products.db") {
                path if path.exists() => Source::File(path),
                _ => Source::BuiltIn,
            },
        }
    }

    /// Where `import` writes: the file that lookups would read, if there were one.
    pub fn products_file(&self) -> Source {
        match self.products(&Params::default()) {
            Source::BuiltIn => Source::File(self.beside.join("products.db")),
            source => source,
        }
    }

    /// Are all debug lines logged, and does an error tell its causes?
    pub fn develop_mode(&self, params: &Params) -> bool {
        self.parsed(params, DEVELOP_MODE, switch).unwrap_or(false)
    }

    /// The debug log's path.
    pub fn debug_log<'a>(&'a self, params: &'a Params) -> Cow<'a, Path> {
        match self.value(params, DEBUG_LOG) {
            Some(path) => Path::new(path).into(),
            None => self.beside.join("log/debug.log").into(),
        }
    }

    /// For how many seconds a cache may keep a reply; 0: it must ask each time.
    pub fn cache_seconds(&self, params: &Params) -> u32 {
        self.parsed(params, CACHE_SECONDS, number).unwrap_or(0)
    }

    /// The longest body that is read, in bytes.
    pub fn max_body_bytes(&self, params: &Params) -> usize {
        self.parsed(params, MAX_BODY_BYTES, number).unwrap_or(1 << 20)
    }

    /// How long a FastCGI peer may stay silent in the middle of a request or before its first
    /// byte. It is known before any request, so it comes from the process's environment alone.
    pub fn silence(&self) -> Duration {
        let seconds = self.parsed(&Params::default(), SILENCE_SECONDS, positive).unwrap_or(60);
        Duration::from_secs(seconds.into())
    }
}

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "yes" => Some(true),
        "0" | "false" | "off" | "no" => Some(false),
        _ => None,
    }
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn positive(text: &str) -> Option<u32> {
    number(text).filter(|&number| number > 0)
}
