//! The settings' values: a request's own parameters go before the process's environment. What cannot be parsed
//! is said once on stderr and keeps its default.

pub mod limits;
mod table;

pub use table::{Kind, SETTINGS, Setting};

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::catalogue::{DatabaseUrl, Source};
use crate::complain;
use crate::gateway::request::Params;
use table::row;

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
        let values = SETTINGS.each_ref().map(|setting| variable(setting.name).filter(|v| !v.is_empty()));
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

    /// A number, or a switch as 1 or 0.
    fn number(&self, params: &Params, setting: usize) -> u64 {
        let row = &SETTINGS[setting];
        let value = self.value(params, setting);
        let number = value.and_then(OsStr::to_str).and_then(|text| row.number(text));
        if let (None, Some(value)) = (number, value) {
            self.name_once(setting, value);
        }
        number.or_else(|| row.number(row.default)).unwrap_or_default()
    }

    /// Names a value that cannot be parsed, once per process.
    fn name_once(&self, setting: usize, value: &OsStr) {
        if !self.named[setting].swap(true, Ordering::Relaxed) {
            let Setting { name, default, .. } = &SETTINGS[setting];
            complain(format_args!("{name}={value:?} cannot be parsed; its default holds: {default}"));
        }
    }

    /// Where this request's products are.
    pub fn products(&self, params: &Params) -> Source {
        match self.value(params, const { row("PRODUCTS_DB") }) {
            Some(value) => match value.to_str() {
                Some(text) if text.contains("://") => {
                    let password_file = self.value(params, const { row("PRODUCTS_DB_PASSWORD_FILE") });
                    Source::Url(DatabaseUrl::new(text, password_file.map(Path::new)))
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
        self.number(params, const { row("DEVELOP_MODE") }) == 1
    }

    /// The debug log's path.
    pub fn debug_log<'a>(&'a self, params: &'a Params) -> Cow<'a, Path> {
        match self.value(params, const { row("DEBUG_LOG") }) {
            Some(path) => Path::new(path).into(),
            None => self.beside.join("log/debug.log").into(),
        }
    }

    /// For how many seconds a cache may keep a reply; 0: it must ask each time.
    pub fn cache_seconds(&self, params: &Params) -> u64 {
        self.number(params, const { row("CACHE_SECONDS") })
    }

    /// The longest body that is read, in bytes.
    pub fn max_body_bytes(&self, params: &Params) -> usize {
        self.number(params, const { row("MAX_BODY_BYTES") }) as usize
    }

    /// The origins of the pages elsewhere that may read the replies, with blanks between them; `*` is all of them.
    pub fn allow_origin<'a>(&'a self, params: &'a Params) -> Option<&'a str> {
        let setting = const { row("ALLOW_ORIGIN") };
        let value = self.value(params, setting)?;
        let origins = value.to_str().filter(|text| SETTINGS[setting].takes(text));
        if origins.is_none() {
            self.name_once(setting, value);
        }
        origins
    }

    /// What the shop is called; empty where it has no name.
    pub fn shop_name(&self, params: &Params) -> String {
        self.text(params, const { row("SHOP_NAME") })
    }

    /// What prices are in; empty where that is not said.
    pub fn currency(&self, params: &Params) -> String {
        self.text(params, const { row("CURRENCY") })
    }

    fn text(&self, params: &Params, setting: usize) -> String {
        self.value(params, setting).map(|value| value.to_string_lossy().trim().to_owned()).unwrap_or_default()
    }

    /// How long a request may take before the debug log tells of it; `None`: as long as it likes.
    pub fn slow(&self, params: &Params) -> Option<Duration> {
        let milliseconds = self.number(params, const { row("SLOW_MS") });
        (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
    }

    /// Does the app `status` answer?
    pub fn status(&self, params: &Params) -> bool {
        self.number(params, const { row("STATUS") }) == 1
    }

    /// How long a FastCGI peer may stay silent in the middle of a request or before its first
    /// byte. It is known before any request, so it comes from the process's environment alone.
    pub fn silence(&self) -> Duration {
        Duration::from_secs(self.number(&Params::default(), const { row("SILENCE_SECONDS") }))
    }
}
