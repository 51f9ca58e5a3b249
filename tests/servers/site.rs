//! A site as an administrator sets it up.

use std::path::{Path, PathBuf};

/// Where the files in `apache/` are included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Included {
    /// For the whole server.
    #[default]
    Everywhere,
    /// In the `<VirtualHost>` of their site.
    InVirtualHost,
    /// Not at all.
    Nowhere,
}

/// What an administrator sets for one site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    /// PRODUCTS_DB; unset if `None`.
    pub products_db: Option<PathBuf>,
    /// DEBUG_LOG; log/debug.log in the server's own folder if `None`.
    pub debug_log: Option<PathBuf>,
    /// Further settings.
    pub settings: Vec<(String, String)>,
    /// Where Apache includes the files in `apache/`.
    pub included: Included,
    /// What stands in Apache's configuration after them.
    pub after: String,
    /// Whether Apache includes apache/cache.conf too.
    pub cached: bool,
    /// Another program in the place of product-lookup, which has no commands.
    pub program: Option<PathBuf>,
    /// A block of apache/README.md that leads to the program, in nginx, lighttpd, Caddy or HAProxy.
    pub snippet: Option<&'static str>,
    /// What else stands in the configuration: in Apache's before the files in `apache/`, in nginx's where the program
    /// is, in lighttpd's at the end.
    pub directives: String,
}

impl Site {
    /// Every setting with its value.
    pub(super) fn settings(&self, folder: &Path) -> Vec<(String, String)> {
        let log = self.debug_log.clone().unwrap_or_else(|| folder.join("log/debug.log"));
        let mut settings = vec![("DEBUG_LOG".to_owned(), log.display().to_string())];
        settings.extend(self.products_db.iter().map(|path| ("PRODUCTS_DB".to_owned(), path.display().to_string())));
        settings.extend(self.settings.iter().cloned());
        settings
    }
}
