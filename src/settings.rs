//! Every setting and every limit: in go the request's parameters and the process's environment,
//! out come typed values; what cannot be parsed is said once on stderr and keeps its default.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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

/// The limits that are not settings. Each is finite, and none is near what real use needs.
pub mod limits {
    use std::sync::LazyLock;
    use std::time::Duration;

    use rustix::process::{Resource, getrlimit};
    use rustix::thread::sched_getaffinity;

    /// Bytes of memory that this process may map (`ulimit -v`, `RLimitMEM`), where that is limited.
    static ADDRESS_SPACE: LazyLock<Option<u64>> = LazyLock::new(|| getrlimit(Resource::As).current);

    /// Bytes of all FastCGI parameters of one request. Apache's own limits (`LimitRequestFields`
    /// 100 times `LimitRequestFieldSize` 8190) stay below it.
    pub const PARAMS_BYTES: usize = 1 << 20;

    /// Names and values in one query or body; a browser's form has tens.
    pub const FORM_FIELDS: usize = 10_000;

    /// Bytes of one line of the debug log that come from the client; longer ones are cut.
    pub const LOG_VALUE_BYTES: usize = 4096;

    /// Products on a page of a search where `limit` does not say.
    pub const PAGE_DEFAULT: usize = 20;

    /// Products on a page of a search at most.
    pub const PAGE_MOST: usize = 100;

    /// Words of a question that are searched for; names have ten. More change nothing.
    pub const SEARCH_WORDS: usize = 64;

    /// Characters of an error's `detail`; one that tells its causes has the most.
    pub const DETAIL_CHARS: usize = 500;

    /// Characters of a client's own words that an error's `detail` repeats.
    pub const QUOTED_CHARS: usize = 100;

    /// FastCGI connections served at once. Each costs a thread and some 20 KiB. Where memory is
    /// limited, stacks have a quarter of it.
    pub fn connections() -> usize {
        ADDRESS_SPACE.map_or(4096, |bytes| (bytes as usize / 4 / STACK_BYTES).clamp(2, 4096))
    }

    /// Bytes of all bodies together while they are read and answered. Where memory is limited,
    /// bodies have a quarter of it, and a body needs some four times its bytes: it grows by
    /// doubling, and its form is a copy.
    pub fn bodies_bytes(longest: usize) -> usize {
        ADDRESS_SPACE.map_or(longest.max(256 << 20), |bytes| bytes as usize / 16)
    }

    /// Bytes of each body that do not count among those.
    pub const BODY_FREE_BYTES: usize = 8 << 10;

    /// Threads that wait for a connection and are kept although one would do, so that a burst
    /// does not start and end threads all the time.
    pub const SPARE_THREADS: usize = 8;

    /// Bytes of a thread's stack; SQLite and serde_json need a quarter of it.
    pub const STACK_BYTES: usize = 512 << 10;

    /// How long a peer's remaining bytes are read after an early reply, so that the reply is
    /// not destroyed by a reset.
    pub const LINGER: Duration = Duration::from_secs(2);

    /// At the end: how long connections may still be accepted and send their first byte. A request
    /// that mod_fcgid puts to sleep sleeps for 1 s, and its processes are killed 8 s after they
    /// were asked to end.
    pub const LAST_CALL: Duration = Duration::from_millis(1500);

    /// How long accepting rests when the process has no descriptor or thread left.
    pub const EXHAUSTED: Duration = Duration::from_millis(20);

    /// How long a lookup waits for a writer's lock on the catalogue.
    pub const CATALOGUE_BUSY: Duration = Duration::from_secs(5);

    /// Processors that this process may run on.
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| sched_getaffinity(None).map_or(1, |processors| processors.count() as usize));

    /// Connections to one SQLite file, and so lookups in it at once; another waits for its turn, for
    /// as long as for a writer at most. A lookup takes less than a millisecond of a processor, so that
    /// more would only be memory: some 250 KiB each.
    pub fn catalogue_connections() -> usize {
        2 * *PROCESSORS
    }

    /// The pages that each of these keeps in memory, in KiB: those that every lookup needs, and more.
    /// The others are in the system's own cache.
    pub const SNAPSHOT_CACHE: &str = "PRAGMA cache_size = -2048";

    /// Catalogues (`PRODUCTS_DB` may differ per site) that one process keeps open.
    pub const CATALOGUES: usize = 64;

    /// Connections to one host of a database. A server takes 151 unless it is told otherwise, and a
    /// lookup has one for less than a millisecond.
    pub const DATABASE_CONNECTIONS: usize = 32;

    /// How long a host of a database may take to accept a connection, and a lookup waits for one
    /// that is free.
    pub const DATABASE_CONNECT: Duration = Duration::from_secs(1);

    /// How long a database server may work on one question of a lookup, which it says then. Less
    /// than the next, so that a question that is too much does not look like a host that is away.
    pub const DATABASE_QUESTION: Duration = Duration::from_millis(1500);

    /// How long a host of a database may stay silent; then the question goes to the next.
    pub const DATABASE_ANSWER: Duration = Duration::from_secs(2);

    /// The same for a statement of an import or export.
    pub const DATABASE_WRITE: Duration = Duration::from_secs(60);

    /// How long a host of a database that has failed is left alone, before one asks again.
    pub const DATABASE_REST: Duration = Duration::from_secs(1);

    /// Bytes of one statement or row: what MariaDB takes unless it is told otherwise.
    pub const DATABASE_PACKET_BYTES: usize = 16 << 20;

    /// What `Retry-After` says with a 503, in seconds.
    pub const RETRY_AFTER_SECONDS: u32 = 5;
}

/// Where the products are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Nothing was set and no file is beside the executable: the two built-in products.
    BuiltIn,
    /// An SQLite file.
    File(PathBuf),
    /// A database.
    Url(DatabaseUrl),
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Source {
        Source::File(path.to_owned())
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Source {
        Source::File(path.to_owned())
    }
}

/// A database URL as it was given. A password may be in it, so it is never shown as it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DatabaseUrl {
    text: String,
    password_file: Option<PathBuf>,
}

impl DatabaseUrl {
    /// A URL, and the file that has the password if the URL has none.
    pub fn new(text: &str, password_file: Option<&Path>) -> DatabaseUrl {
        DatabaseUrl { text: text.trim().to_owned(), password_file: password_file.map(Path::to_owned) }
    }

    /// The URL, with the password.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file that has the password.
    pub fn password_file(&self) -> Option<&Path> {
        self.password_file.as_deref()
    }
}

/// Shown without user, password and parameters.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (scheme, rest) = self.text.split_once("://").unwrap_or_default();
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        write!(f, "{scheme}://{}", rest.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The process's own environment, read once.
pub struct Environment {
    values: [Option<OsString>; SETTINGS.len()],
    beside: PathBuf,
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
        Environment { values, beside, named: Default::default() }
    }

    fn value<'a>(&'a self, params: &'a Params, setting: usize) -> Option<&'a OsStr> {
        params.value(SETTINGS[setting].name).map(OsStr::from_bytes).or(self.values[setting].as_deref())
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
    pub fn debug_log(&self, params: &Params) -> PathBuf {
        match self.value(params, DEBUG_LOG) {
            Some(path) => path.into(),
            None => self.beside.join("log/debug.log"),
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
