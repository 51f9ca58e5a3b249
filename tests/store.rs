//! Where a test's catalogue lies: an SQLite file, or, for a test that is run with `on_mariadb`, a
//! database of its own.

use std::path::PathBuf;
use std::sync::Arc;

use product_lookup::catalogue::{Catalogue, Catalogues, Source};

/// A place for one catalogue.
#[derive(Clone)]
pub(crate) enum Store {
    File(PathBuf),
    #[cfg(feature = "mysql")]
    Database(Arc<crate::servers::mariadb::Mariadb>, String),
}

impl Store {
    /// The file, or a new database in its stead.
    pub(crate) fn new(file: PathBuf) -> Store {
        #[cfg(feature = "mysql")]
        if let Some(server) = on::SERVER.with_borrow(Option::clone) {
            let database = server.database();
            return Store::Database(server, database);
        }
        Store::File(file)
    }

    /// What PRODUCTS_DB is for it.
    pub(crate) fn setting(&self) -> String {
        match self {
            Store::File(path) => path.display().to_string(),
            #[cfg(feature = "mysql")]
            Store::Database(server, database) => server.url(database),
        }
    }

    pub(crate) fn open(&self) -> Arc<dyn Catalogue> {
        Catalogues::default().at(self.into()).expect("a catalogue")
    }
}

impl From<&Store> for Source {
    fn from(store: &Store) -> Source {
        match store {
            Store::File(path) => Source::File(path.clone()),
            #[cfg(feature = "mysql")]
            Store::Database(..) => Source::Url(product_lookup::catalogue::DatabaseUrl::new(&store.setting(), None)),
        }
    }
}

#[cfg(feature = "mysql")]
pub(crate) use on::on_mariadb;

#[cfg(feature = "mysql")]
mod on {
    use std::cell::RefCell;
    use std::sync::Arc;

    use crate::servers::mariadb::Mariadb;

    thread_local! {
        pub(super) static SERVER: RefCell<Option<Arc<Mariadb>>> = const { RefCell::new(None) };
    }

    /// Runs tests again, each with a database of a real MariaDB server where it had a file.
    pub(crate) fn on_mariadb(tests: &[fn()]) {
        SERVER.set(Some(Mariadb::shared()));
        tests.iter().for_each(|test| test());
        SERVER.set(None);
    }
}
