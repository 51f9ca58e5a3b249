//! Import: whatever bytes a file of products has, the catalogue must be sound and come back from its export as it
//! is, or be the old one to the byte. The first byte says how to import.

use std::fs;
use std::path::Path;

use product_lookup::catalogue::export::{Format, export};
use product_lookup::catalogue::import::{Column, Columns, Options, import};
use product_lookup::catalogue::{Catalogues, Search, Source};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

pub fn file(input: &[u8]) {
    FOLDER.with(|folder| folder.check(input));
}

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// A folder with a catalogue of two products, which is there anew for each check.
struct Folder {
    folder: TempDir,
    old: Vec<u8>,
}

impl Folder {
    fn new() -> Folder {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("old.csv");
        fs::write(&file, "id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n").expect("a file");
        let catalogue = folder.path().join("products.db");
        import(&file, &catalogue, &Options::default()).expect("an import");
        let old = fs::read(&catalogue).expect("the catalogue");
        fs::remove_file(file).expect("the file");
        Folder { folder, old }
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names.into_iter().map(|name| name.into_string().expect("a name")).collect()
    }

    fn check(&self, input: &[u8]) {
        let (&how, bytes) = input.split_first().unwrap_or((&0, b""));
        let number = |shift: u8| Some(usize::from(how >> shift & 3)).filter(|&column| column > 0);
        let column = |shift| number(shift).map(Column::Number);
        let columns = Columns { id: column(1), name: column(3), price: column(5) };
        let options = Options { columns, replace: how & 1 == 1, allow_shrink: true, ..Options::default() };
        let is_new = how & 128 == 128;
        let [file, catalogue] = ["new", "products.db"].map(|name| self.folder.path().join(name));
        fs::write(&file, bytes).expect("a file");
        match is_new {
            true => drop(fs::remove_file(&catalogue)),
            false => fs::write(&catalogue, &self.old).expect("the catalogue"),
        }
        let imported = import(&file, &catalogue, &options);
        fs::remove_file(&file).expect("the file");
        match imported {
            Err(error) => {
                let message = format!("{error:#}");
                assert!(message.lines().count() <= 21, "{message:?}");
                let plain = |line: &str| !line.contains(char::is_control) && line.len() < 4000;
                assert!(message.lines().all(plain), "{message:?}");
                let there: &[&str] = if is_new { &[] } else { &["products.db"] };
                assert_eq!(self.files(), there, "{message}");
                assert!(is_new || fs::read(&catalogue).expect("the catalogue") == self.old, "{message}");
                // What is wrong with a file has nothing to do with what was there before.
                fs::write(&file, bytes).expect("a file");
                let again = self.folder.path().join("again.db");
                let error = import(&file, &again, &options).expect_err("an error, without a catalogue too");
                assert_eq!(format!("{error:#}"), message);
                fs::remove_file(&file).expect("the file");
            }
            Ok(imported) => {
                assert_eq!(self.files(), ["products.db"]);
                sound(&catalogue);
                let items = self.comes_back(&catalogue);
                found(&catalogue, &items);
                let most = imported.products + if is_new || options.replace { 0 } else { 2 };
                assert!(items.len() as u64 <= most, "{} of {most}", items.len());
                assert_eq!(items.is_empty(), most == 0);
            }
        }
    }

    /// What is exported in either format is imported and exported again; the products.
    fn comes_back(&self, catalogue: &Path) -> Vec<Value> {
        let json = exported(catalogue, Format::Json);
        for (format, name) in [(Format::Csv, "again.csv"), (Format::Json, "again.json")] {
            let [file, again] = [name, "again.db"].map(|name| self.folder.path().join(name));
            let written = exported(catalogue, format);
            fs::write(&file, &written).expect("a file");
            import(&file, &again, &Options::default()).expect("an export is taken back");
            assert!(exported(&again, format) == written, "{}", written.escape_ascii());
            assert!(exported(&again, Format::Json) == json, "{}", json.escape_ascii());
            fs::remove_file(file).expect("the file");
            fs::remove_file(again).expect("the catalogue");
        }
        serde_json::from_slice(&json).expect("JSON")
    }
}

fn exported(catalogue: &Path, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    export(&Source::File(catalogue.to_owned()), format, &mut out).expect("an export");
    out
}

/// SQLite itself finds nothing wrong, neither with the file nor with the index of words.
fn sound(catalogue: &Path) {
    let connection = Connection::open(catalogue).expect("the catalogue");
    let state: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a state");
    assert_eq!(state, "ok");
}

/// Each product is found by its id and by its name, and all are listed in the order of the export.
fn found(catalogue: &Path, items: &[Value]) {
    let catalogue = Catalogues::default().at(Source::File(catalogue.to_owned())).expect("the catalogue");
    for item in items.iter().take(20) {
        let [id, name] = ["id", "name"].map(|member| item[member].as_str().expect("a string"));
        let by_id = catalogue.by_id(id).expect("an answer").expect("a product of this id");
        assert_eq!((by_id.name.as_str(), by_id.price.to_string()), (name, item["price"].to_string()));
        let by_name = catalogue.by_name(name).expect("an answer").expect("a product of this name");
        assert_eq!(by_name.name.to_lowercase(), name.to_lowercase());
    }
    let search = Search { question: String::new(), limit: 100, after: None };
    let page = catalogue.search(&search).expect("a page");
    let listed: Vec<&str> = page.products.iter().map(|item| item.id.as_str()).collect();
    let all: Vec<&str> = items.iter().filter_map(|item| item["id"].as_str()).take(100).collect();
    assert_eq!(listed, all);
}
