//! The settings as an administrator knows them: one row each, which the accessors, `check`, the manual and the
//! README's table follow.

use std::ops::RangeInclusive;

use url::{Position, Url};

/// A setting.
pub struct Setting {
    /// The variable's name, in `SetEnv`, `FcgidInitialEnv`, a unit file or a shell.
    pub name: &'static str,
    /// What holds where it is not set, in words or as a value.
    pub default: &'static str,
    /// What may be its value.
    pub kind: Kind,
    /// What it is for, in the README's words.
    pub help: &'static str,
}

/// What may be the value of a setting.
pub enum Kind {
    /// Any text: a path, a URL.
    Text,
    /// `1`, `true`, `on`, `yes`, or `0`, `false`, `off`, `no`.
    Switch,
    /// `*`, or origins of web pages with blanks between them.
    Origins,
    /// A whole number of units.
    Number(RangeInclusive<u64>, &'static str),
}

/// The settings, in the order of the README's table.
pub static SETTINGS: [Setting; 12] = [
    Setting {
        name: "PRODUCTS_DB",
        default: "`products.db` beside the real executable",
        kind: Kind::Text,
        help: "the catalogue, an SQLite file on a local disk or a database (`mysql://...`). Unset and no such file: \
               the two built-in products. Set and missing: 503",
    },
    Setting {
        name: "PRODUCTS_DB_PASSWORD_FILE",
        default: "none",
        kind: Kind::Text,
        help: "a file with the database's password, for a URL that has none",
    },
    Setting {
        name: "DEVELOP_MODE",
        default: "off",
        kind: Kind::Switch,
        help: "on: `1`, `true`, `on`, `yes`. All debug lines are logged, and an error's `detail` tells its causes",
    },
    Setting {
        name: "DEBUG_LOG",
        default: "`log/debug.log` beside the real executable",
        kind: Kind::Text,
        help: "the debug log's path",
    },
    Setting {
        name: "CACHE_SECONDS",
        default: "0",
        kind: Kind::Number(0..=u32::MAX as u64, "seconds"),
        help: "for how long a cache may keep a reply (`Cache-Control`); 0: it must ask each time",
    },
    Setting {
        name: "MAX_BODY_BYTES",
        default: "1048576",
        kind: Kind::Number(0..=usize::MAX as u64, "bytes"),
        help: "the longest body that is read",
    },
    Setting {
        name: "SILENCE_SECONDS",
        default: "60",
        kind: Kind::Number(1..=u32::MAX as u64, "seconds"),
        help: "how long a FastCGI peer may say nothing before its first byte or in the middle of a request; then it \
               is dropped. From the process's environment alone",
    },
    Setting {
        name: "SLOW_MS",
        default: "0",
        kind: Kind::Number(0..=u32::MAX as u64, "ms"),
        help: "a request that takes longer has a line in the debug log that tells of it; 0: none has",
    },
    Setting {
        name: "ALLOW_ORIGIN",
        default: "none",
        kind: Kind::Origins,
        help: "which pages elsewhere may read the replies: `*`, or origins like `https://shop.example` with blanks \
               between them",
    },
    Setting {
        name: "STATUS",
        default: "off",
        kind: Kind::Switch,
        help: "on: the app `status` tells what the process has answered and of its catalogue, and `?ready` whether that \
               answers; else it is a 404",
    },
    Setting {
        name: "SHOP_NAME",
        default: "none",
        kind: Kind::Text,
        help: "the heading of the pages, and the end of their titles",
    },
    Setting {
        name: "CURRENCY",
        default: "none",
        kind: Kind::Text,
        help: "what the prices of the pages are in, as it is written: `EUR`, `€`",
    },
];

impl Setting {
    /// Can this value be parsed?
    pub fn takes(&self, value: &str) -> bool {
        match self.kind {
            Kind::Text => true,
            Kind::Origins => value.trim() == "*" || value.split_ascii_whitespace().all(is_origin),
            _ => self.number(value).is_some(),
        }
    }

    /// What holds where it is not set, with its unit.
    pub fn default_in_units(&self) -> String {
        match self.kind {
            Kind::Number(_, unit) => format!("{} {unit}", self.default),
            _ => self.default.to_owned(),
        }
    }

    /// The number that a value is; a switch is 1 or 0.
    pub(super) fn number(&self, value: &str) -> Option<u64> {
        match &self.kind {
            Kind::Text | Kind::Origins => None,
            Kind::Switch => match value.trim().to_ascii_lowercase().as_str() {
                "1" | "true" | "on" | "yes" => Some(1),
                "0" | "false" | "off" | "no" => Some(0),
                _ => None,
            },
            Kind::Number(range, _) => value.trim().parse().ok().filter(|number| range.contains(number)),
        }
    }
}

/// Is this a page's origin as a browser sends it: scheme, host, and the port where it is not the scheme's own?
fn is_origin(text: &str) -> bool {
    let whole = |url: &Url| url.has_host() && url.username().is_empty() && url[..Position::BeforePath] == *text;
    Url::parse(text).is_ok_and(|url| whole(&url))
}

/// The row of a setting; in a `const`, a name that has none does not compile.
pub(super) const fn row(name: &str) -> usize {
    let mut row = 0;
    while !same(SETTINGS[row].name.as_bytes(), name.as_bytes()) {
        row += 1;
    }
    row
}

/// `==`, which no `const` can use yet.
const fn same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([a, one @ ..], [b, other @ ..]) => *a == *b && same(one, other),
        _ => one.is_empty() && other.is_empty(),
    }
}
