//! Import and export: what files of products become in a catalogue, and the messages, to the letter.

mod catalogue_file;
mod command;
mod csv;
mod editors;
mod export;
mod further;
mod headings;
mod interrupted;
mod json;
mod kept;
mod libreoffice;
#[cfg(feature = "mysql")]
mod mariadb;
mod meanwhile;
mod others;
mod refused;
mod rights;
pub(crate) mod running;
pub(crate) mod shapes;
mod steered;
mod table;
mod terminal;
pub(crate) mod workbooks;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use product_lookup::catalogue::Source;
use product_lookup::catalogue::import::{Options, import};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::Store;

/// A product as it lies in the catalogue.
type Row = (String, String, String);

/// A private folder, with a catalogue `products.db` once something was imported.
struct Shop {
    folder: TempDir,
    store: Store,
}

impl Shop {
    fn new() -> Shop {
        let folder = TempDir::new().expect("a temporary folder");
        let store = Store::new(folder.path().join("products.db"));
        Shop { folder, store }
    }

    /// With a clock for 12 and binoculars for 40.
    fn with_two_products() -> Shop {
        let shop = Shop::new();
        assert_eq!(shop.import("first.csv", "id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n"), Ok(2));
        fs::remove_file(shop.path("first.csv")).expect("the file");
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn catalogue(&self) -> PathBuf {
        self.path("products.db")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file");
        path
    }

    fn import(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<u64, String> {
        self.import_with(name, bytes, &Options::default())
    }

    fn replace(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<u64, String> {
        self.import_with(name, bytes, &Options { replace: true, allow_shrink: true, ..Options::default() })
    }

    fn import_with(&self, name: &str, bytes: impl AsRef<[u8]>, options: &Options) -> Result<u64, String> {
        self.import_into(&self.write(name, bytes), &self.store, options)
    }

    /// How many products there were, or the message, without the folder's path.
    fn import_into(&self, file: &Path, catalogue: impl Into<Source>, options: &Options) -> Result<u64, String> {
        let imported = import(file, catalogue, options);
        imported.map(|imported| imported.products).map_err(|error| self.message(&format!("{error:#}")))
    }

    /// Where the catalogue is, as the program shows it.
    fn place(&self) -> String {
        match &self.store {
            Store::File(path) => path.display().to_string(),
            #[cfg(feature = "mysql")]
            Store::Database(..) => match Source::from(&self.store) {
                Source::Url(url) => url.to_string(),
                other => panic!("{other:?}"),
            },
        }
    }

    /// A message without the folder's path.
    fn message(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn rows(&self) -> Vec<Row> {
        match &self.store {
            Store::File(path) => rows(path),
            #[cfg(feature = "mysql")]
            Store::Database(..) => mariadb::rows(&self.store),
        }
    }

    /// All that is in it, read or not.
    fn bytes(&self) -> Vec<u8> {
        match &self.store {
            Store::File(path) => fs::read(path).expect("the catalogue"),
            #[cfg(feature = "mysql")]
            Store::Database(..) => mariadb::bytes(&self.store),
        }
    }

    /// Does somebody have the lock of those who change it?
    fn is_locked(&self) -> bool {
        match &self.store {
            Store::File(path) if !path.exists() => self.is_being_built(),
            Store::File(path) => is_locked(path),
            #[cfg(feature = "mysql")]
            Store::Database(..) => mariadb::is_locked(&self.store),
        }
    }

    /// Is there something in the file that will be the catalogue? Who has begun that has looked at the old one.
    fn is_being_built(&self) -> bool {
        let is_filled = |name: &String| self.path(name).metadata().is_ok_and(|file| file.len() > 0);
        self.files().iter().any(|name| name.contains(".import-") && is_filled(name))
    }

    /// The names of all files. A catalogue that is none stands among them as if it were.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("a name");
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        #[cfg(feature = "mysql")]
        if mariadb::is_there(&self.store) {
            names.push("products.db".to_owned());
        }
        names.sort();
        names
    }
}

/// Does somebody write this file?
fn is_locked(catalogue: &Path) -> bool {
    let connection = Connection::open(catalogue).expect("the catalogue");
    connection.busy_timeout(Duration::ZERO).expect("no patience");
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err()
}

fn rows(catalogue: &Path) -> Vec<Row> {
    let connection = Connection::open(catalogue).expect("the catalogue");
    let mut query = connection.prepare("SELECT id, name, price FROM product ORDER BY id").expect("a query");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

fn row(id: &str, name: &str, price: &str) -> Row {
    (id.to_owned(), name.to_owned(), price.to_owned())
}

/// CSV of so many products, `N000000` and on, all at one price.
pub(crate) fn many(products: u32, price: u32) -> String {
    let lines = (0..products).map(|number| format!("N{number:06},Product {number},{price}\n"));
    format!("id,name,price\n{}", lines.collect::<String>())
}
