//! The catalogue's file: what may lie there, and what becomes of its place and journal.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use product_lookup::catalogue::Search;
use product_lookup::catalogue::import::Options;
use rusqlite::Connection;

use super::{Shop, row, rows};

const LAMP: &str = "id,name,price\nA003,Lamp,7\n";

/// What `sql` makes of an empty database.
fn database(path: &Path, sql: &str) {
    Connection::open(path).and_then(|connection| connection.execute_batch(sql)).expect("a database");
}

fn journal_mode(path: &Path) -> String {
    let connection = Connection::open(path).expect("the catalogue");
    connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("its mode")
}

#[test]
fn another_kind_of_file_is_refused() {
    type Make = fn(&Path);
    let kinds: [(Make, &str); 3] = [
        (
            |path| database(path, "CREATE TABLE song (title TEXT)"),
            "the file is an SQLite database of another kind (it has no table product with id, name and price)",
        ),
        (
            |path| database(path, "CREATE TABLE song (title TEXT); PRAGMA user_version = 1"),
            "the file is an SQLite database of another kind (it has no table product with id, name and price)",
        ),
        (|path| fs::write(path, "Dear diary, ".repeat(1000)).expect("a file"), "it is not an SQLite file"),
    ];
    for (make, message) in kinds {
        let shop = Shop::new();
        make(&shop.catalogue());
        let before = shop.bytes();
        let expected = Err(format!("the catalogue products.db cannot be changed: {message}"));
        assert_eq!(shop.import("lamp.csv", LAMP), expected);
        assert_eq!(shop.replace("lamp.csv", LAMP), expected);
        assert!(shop.bytes() == before);
        assert_eq!(shop.files(), ["lamp.csv", "products.db"]);
    }
}

#[test]
fn places_where_no_catalogue_can_be() {
    let shop = Shop::new();
    let lamp = shop.write("lamp.csv", LAMP);
    fs::create_dir(shop.path("folder")).expect("a folder");
    symlink("loop", shop.path("loop")).expect("a link");
    let places = [
        (
            shop.path("none/products.db"),
            "the catalogue's directory none cannot be opened: No such file or directory (os error 2)",
        ),
        (shop.path("folder"), "folder cannot be a catalogue, since it is not a file"),
        (shop.path("loop"), "loop has too many symbolic links"),
        (
            "/proc/products.db".into(),
            "no new catalogue can be made in /proc by this user: No such file or directory (os error 2)",
        ),
        ("/".into(), "/ cannot be a catalogue, since it is a directory"),
    ];
    for (place, message) in places {
        assert_eq!(shop.import_into(&lamp, &place, &Options::default()), Err(message.to_owned()));
    }
    assert_eq!(shop.files(), ["folder", "lamp.csv", "loop"]);
}

#[test]
fn an_empty_file_becomes_a_catalogue() {
    let shop = Shop::new();
    shop.write("products.db", "");
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(shop.rows(), [row("A003", "Lamp", "7")]);
}

#[test]
fn a_symbolic_link_stays_one() {
    let shop = Shop::new();
    fs::create_dir(shop.path("store")).expect("a folder");
    symlink("middle", shop.catalogue()).expect("a link");
    symlink("store/real.db", shop.path("middle")).expect("a link");
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(shop.import("clock.csv", "id,name,price\nA001,Clock,12\n"), Ok(1));
    assert!(fs::symlink_metadata(shop.catalogue()).expect("the link").is_symlink());
    assert_eq!(rows(&shop.path("store/real.db")), [row("A001", "Clock", "12"), row("A003", "Lamp", "7")]);
    assert_eq!(fs::read_dir(shop.path("store")).expect("the folder").count(), 1);
}

#[test]
fn what_a_killed_import_left_does_not_matter() {
    let shop = Shop::with_two_products();
    fs::copy(shop.catalogue(), shop.path(".products.db.import-0123456789abcdef")).expect("a file");
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(shop.files(), ["lamp.csv", "products.db"]);
    assert_eq!(shop.rows().len(), 3);
}

#[test]
fn journals_of_an_earlier_catalogue_are_not_taken_over() {
    let shop = Shop::new();
    for journal in ["products.db-journal", "products.db-wal", "products.db-shm"] {
        shop.write(journal, "left when products.db was removed");
    }
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(shop.files(), ["lamp.csv", "products.db"]);
    assert_eq!(shop.rows(), [row("A003", "Lamp", "7")]);
}

#[test]
fn a_new_catalogue_is_never_in_wal_mode() {
    let shop = Shop::with_two_products();
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    // https://sqlite.org/fileformat.html, section 1.3.3: 1 is a rollback journal, 2 is WAL.
    assert_eq!(shop.bytes()[18..20], [1, 1]);
    assert_eq!(journal_mode(&shop.catalogue()), "delete");
}

#[test]
fn a_catalogue_in_wal_mode_changes_where_it_lies() {
    let shop = Shop::with_two_products();
    database(&shop.catalogue(), "PRAGMA journal_mode = WAL");
    let reader = Connection::open(shop.catalogue()).expect("the catalogue");
    let count = || reader.query_row("SELECT count(*) FROM product", [], |row| row.get::<_, u32>(0));
    let inode = || fs::metadata(shop.catalogue()).expect("the catalogue").ino();
    let before = inode();
    assert_eq!(count(), Ok(2));
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(count(), Ok(3));
    let message = r#"bad.csv, line 3: the price "dear" is not a decimal number (write 30 or 30.00)"#.to_owned();
    let bad = "id,name,price\nA001,Clock,1\nA004,Radio,dear\n";
    assert_eq!(shop.import("bad.csv", bad), Err(message.clone()));
    assert_eq!(shop.replace("bad.csv", bad), Err(message));
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40"), row("A003", "Lamp", "7")]);
    assert_eq!(shop.replace("all.csv", "id,name,price\nA004,Radio,30\n"), Ok(1));
    assert_eq!(count(), Ok(1));
    assert_eq!(shop.rows(), [row("A004", "Radio", "30")]);
    assert_eq!((inode(), journal_mode(&shop.catalogue())), (before, "wal".to_owned()));
    let expected = ["all.csv", "bad.csv", "lamp.csv", "products.db", "products.db-shm", "products.db-wal"];
    assert_eq!(shop.files(), expected);
}

#[test]
fn other_tables_and_views_of_the_catalogue_stay() {
    let shop = Shop::with_two_products();
    let mine = "CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('mine');
        CREATE VIEW lamp AS SELECT price FROM product WHERE name = 'Lamp'";
    database(&shop.catalogue(), mine);
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    let connection = Connection::open(shop.catalogue()).expect("the catalogue");
    assert_eq!(connection.query_row("SELECT text FROM note", [], |row| row.get(0)), Ok("mine".to_owned()));
    assert_eq!(connection.query_row("SELECT price FROM lamp", [], |row| row.get(0)), Ok("7".to_owned()));
}

#[test]
fn the_file_to_import_may_be_a_pipe_by_name() {
    let shop = Shop::new();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    std::io::Write::write_all(&mut writer, LAMP.as_bytes()).expect("room");
    drop(writer);
    let reader = File::from(std::os::fd::OwnedFd::from(reader));
    let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
    assert_eq!(shop.import_into(Path::new(&name), &shop.catalogue(), &Options::default()), Ok(1));
}

/// The ids of those that came one by one since the index was made.
fn added(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).expect("the catalogue");
    let mut query = connection.prepare("SELECT id FROM product_lookup_changed ORDER BY id").expect("a query");
    let ids = query.query_map([], |row| row.get(0)).expect("ids");
    ids.map(|id| id.expect("an id")).collect()
}

#[test]
fn many_that_came_one_by_one_are_put_in_order() {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", super::many(1_000, 1)), Ok(1_000));
    assert_eq!(added(&shop.catalogue()), [""; 0]);
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(added(&shop.catalogue()), ["A003"]);
    database(
        &shop.catalogue(),
        "WITH number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 70)
         INSERT INTO product (id, name, price) SELECT 'B' || n, 'Lamp', '1' FROM number",
    );
    assert_eq!(added(&shop.catalogue()).len(), 71);
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(added(&shop.catalogue()), [""; 0]);
    let connection = Connection::open(shop.catalogue()).expect("the catalogue");
    let indexed =
        "SELECT sum(value ->> 'products') FROM product_lookup_block, json_each(CAST(data AS TEXT), '$.segments')
        WHERE number = (SELECT min(number) FROM product_lookup_block)";
    let indexed: i64 = connection.query_row(indexed, [], |row| row.get(0)).expect("a count");
    assert_eq!(indexed, 1_071);
}

/// What programs before this one wrote: positions are the table's own order.
const FORMER: &str = "
CREATE TABLE product (position INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, price TEXT NOT NULL);
CREATE UNIQUE INDEX product_id ON product (id COLLATE NOCASE, id);
INSERT INTO product VALUES (1048576, 'A001', 'Wall clock', '12'), (2097152, 'A002', 'Alarm clock', '40');
CREATE INDEX product_name ON product (name COLLATE NOCASE, id COLLATE NOCASE, id);
CREATE VIRTUAL TABLE product_word
    USING fts5 (name, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO product_word (rowid, name) SELECT position, name FROM product ORDER BY position;
PRAGMA user_version = 1;
";

#[test]
fn a_former_catalogue_is_read_and_becomes_a_new_one() {
    let shop = Shop::new();
    database(&shop.catalogue(), FORMER);
    let found = |question: &str| {
        let search = Search { question: question.to_owned(), limit: 20, after: None };
        let found = shop.store.open().search(&search).expect("a page");
        found.products.into_iter().map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!(shop.store.open().by_id("A002").expect("an answer").expect("a product").name, "Alarm clock");
    assert_eq!(found("clock"), ["A001", "A002"]);
    assert_eq!(shop.import("lamp.csv", "id,name,price\nA0015,Clock radio,7\n"), Ok(1));
    assert_eq!(found("clock"), ["A0015", "A001", "A002"]);
    assert_eq!(found("radio"), ["A0015"]);
    assert_eq!(added(&shop.catalogue()), [""; 0]);
}
