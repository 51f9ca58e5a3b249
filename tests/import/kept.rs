//! The table is the shop's: what an administrator has added to the file stays, and is used as by the same change by
//! hand, also where the file is of the first version.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use product_lookup::catalogue::Search;
use rusqlite::Connection;

use super::{Shop, many, row};

/// A column with rules of its own and one with a name that SQL has too, an index, a trigger, a view, and tables that
/// refer to products and that products refer to.
pub(super) const HIS: &str = "
    PRAGMA foreign_keys = OFF;
    CREATE TABLE supplier (name TEXT PRIMARY KEY);
    INSERT INTO supplier VALUES ('Smith');
    ALTER TABLE product ADD COLUMN stock TEXT NOT NULL DEFAULT '7' CHECK (stock <> '13');
    ALTER TABLE product ADD COLUMN \"select\" TEXT REFERENCES supplier (name);
    UPDATE product SET \"select\" = 'Smith' WHERE id = 'A001';
    CREATE INDEX product_stock ON product (stock);
    CREATE TABLE history (id TEXT, what TEXT);
    CREATE TRIGGER priced AFTER UPDATE OF price ON product BEGIN INSERT INTO history VALUES (NEW.id, 'price'); END;
    CREATE TRIGGER named AFTER UPDATE OF name ON product BEGIN INSERT INTO history VALUES (NEW.id, 'name'); END;
    CREATE TRIGGER begun BEFORE INSERT ON product BEGIN INSERT INTO history VALUES (NEW.id, 'new'); END;
    CREATE TRIGGER gone AFTER DELETE ON product BEGIN INSERT INTO history VALUES (OLD.id, 'gone'); END;
    CREATE VIEW stocked AS SELECT id, stock FROM product WHERE stock <> '0';
    CREATE TABLE place (product TEXT REFERENCES product (id) ON DELETE CASCADE, shelf TEXT);
    CREATE TRIGGER placed AFTER INSERT ON place BEGIN UPDATE product SET stock = '1' WHERE id = NEW.product; END;
    INSERT INTO place VALUES ('A001', 'left'), ('A002', 'right');
    DELETE FROM history;
";

/// What a catalogue was before the program's index lay beside the table.
pub(super) const FIRST_VERSION: &str = "
CREATE TABLE product (
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    price    TEXT NOT NULL,
    position INTEGER,
    PRIMARY KEY (id COLLATE NOCASE, id)
) WITHOUT ROWID;
INSERT INTO product VALUES ('A001', 'Clock', '12', -2), ('A002', 'Bi-Noculars', '40', -1);
CREATE UNIQUE INDEX product_position ON product (position);
CREATE INDEX product_name ON product (name COLLATE NOCASE, id COLLATE NOCASE, id);
CREATE VIRTUAL TABLE product_word
    USING fts5 (name, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO product_word (rowid, name) SELECT position, name FROM product ORDER BY position;
INSERT INTO product_word (rowid, name) VALUES (0, '');
CREATE TRIGGER product_added AFTER INSERT ON product BEGIN
    INSERT INTO product_word (name) VALUES (NEW.name);
    UPDATE product SET position = last_insert_rowid() WHERE id = NEW.id COLLATE NOCASE AND id = NEW.id;
END;
CREATE TRIGGER product_removed AFTER DELETE ON product BEGIN
    DELETE FROM product_word WHERE rowid = OLD.position;
END;
CREATE TRIGGER product_renamed AFTER UPDATE OF id, name ON product
WHEN OLD.id IS NOT NEW.id OR OLD.name IS NOT NEW.name BEGIN
    DELETE FROM product_word WHERE rowid = OLD.position;
    INSERT INTO product_word (name) VALUES (NEW.name);
    UPDATE product SET position = last_insert_rowid() WHERE id = NEW.id COLLATE NOCASE AND id = NEW.id;
END;
PRAGMA user_version = 1;
";

pub(super) fn run(path: &Path, sql: &str) {
    Connection::open(path).and_then(|connection| connection.execute_batch(sql)).expect(sql);
}

/// What a query gives, each row with commas, as the shell of SQLite writes it.
pub(super) fn ask(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).expect("the catalogue");
    let mut query = connection.prepare(sql).expect(sql);
    let columns = query.column_count();
    let rows = query.query_map([], |row| {
        (0..columns).map(|column| row.get::<_, Option<String>>(column)).collect::<Result<Vec<_>, _>>()
    });
    let rows = rows.expect("rows").map(|row| row.expect("a row"));
    rows.map(|row| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join(",")).collect()
}

/// All that he has made is there.
pub(super) fn is_whole(path: &Path) {
    let his = "SELECT name FROM sqlite_schema WHERE name IN ('supplier', 'product_stock', 'history', 'priced', 'named',
        'begun', 'gone', 'stocked', 'place', 'placed') ORDER BY name";
    let names =
        ["begun", "gone", "history", "named", "place", "placed", "priced", "product_stock", "stocked", "supplier"];
    assert_eq!(ask(path, his), names);
    assert_eq!(ask(path, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(ask(path, "SELECT \"table\" FROM pragma_foreign_key_check"), [""; 0]);
    assert_eq!(
        ask(
            path,
            "SELECT name FROM sqlite_schema WHERE name LIKE 'product\\_%' ESCAPE '\\'
        AND name NOT LIKE 'product\\_lookup\\_%' ESCAPE '\\' AND name <> 'product_stock'"
        ),
        [""; 0]
    );
    assert_eq!(ask(path, "SELECT \"select\" FROM product WHERE id = 'A001'"), ["Smith"]);
    let refused = Connection::open(path).expect("the catalogue").execute("UPDATE product SET stock = '13'", []);
    assert_eq!(refused.expect_err("his rule").to_string(), "CHECK constraint failed: stock <> '13'");
}

pub(super) fn found(shop: &Shop, question: &str) -> Vec<String> {
    let search = Search { question: question.to_owned(), limit: 20, after: None };
    let found = shop.store.open().search(&search).expect("a page");
    found.products.into_iter().map(|product| product.id).collect()
}

fn shops() -> [Shop; 2] {
    let first = Shop::new();
    run(&first.catalogue(), FIRST_VERSION);
    let shops = [Shop::with_two_products(), first];
    shops.iter().for_each(|shop| run(&shop.catalogue(), HIS));
    shops
}

#[test]
fn what_an_administrator_added_is_there_after_any_import() {
    for shop in shops() {
        let path = shop.catalogue();
        assert_eq!(found(&shop, "noculars"), ["A002"]);
        // As large as the catalogue, and with nothing new in it.
        assert_eq!(shop.import("same.csv", "id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n"), Ok(2));
        is_whole(&path);
        assert_eq!(ask(&path, "SELECT * FROM history"), [""; 0], "what stays fires nothing");
        assert_eq!(ask(&path, "SELECT * FROM stocked ORDER BY id"), ["A001,1", "A002,1"]);
        let file = "id,name,price\nA001,Clock,13\nA002,Field glasses,40\nA003,Lamp,7\n";
        assert_eq!(shop.import("prices.csv", file), Ok(3));
        is_whole(&path);
        assert_eq!(ask(&path, "SELECT * FROM history"), ["A001,price", "A002,name", "A003,new"]);
        assert_eq!(ask(&path, "SELECT * FROM stocked ORDER BY id"), ["A001,1", "A002,1", "A003,7"]);
        assert_eq!(ask(&path, "SELECT * FROM place"), ["A001,left", "A002,right"]);
        run(&path, "DELETE FROM history");
        // What goes takes with it what refers to it.
        assert_eq!(shop.replace("all.csv", "id,name,price\nA003,Lamp,7\nA001,Clock,13\n"), Ok(2));
        is_whole(&path);
        assert_eq!(ask(&path, "SELECT * FROM history"), ["A002,gone"]);
        assert_eq!(ask(&path, "SELECT * FROM place"), ["A001,left"]);
        assert_eq!(found(&shop, "lamp"), ["A003"]);
        assert_eq!(found(&shop, "glasses"), [""; 0]);
    }
}

/// A few rows among many are written where the catalogue is: nobody has to open it anew.
#[test]
fn a_small_import_changes_the_file_where_it_is() {
    let shop = Shop::with_two_products();
    assert_eq!(shop.import("many.csv", many(200, 1)), Ok(200));
    run(&shop.catalogue(), HIS);
    let shell = Connection::open(shop.catalogue()).expect("the catalogue");
    let price = || shell.query_row("SELECT price FROM product WHERE id = 'A001'", [], |row| row.get(0));
    assert_eq!(price(), Ok("12".to_owned()));
    assert_eq!(shop.import("lamp.csv", "id,name,price\nA001,Clock,13\nA003,Lamp,7\n"), Ok(2));
    assert_eq!(price(), Ok("13".to_owned()));
    shell.execute("UPDATE product SET price = '14' WHERE id = 'A001'", []).expect("it is the catalogue");
    is_whole(&shop.catalogue());
    assert_eq!(ask(&shop.catalogue(), "SELECT * FROM history"), ["A001,price", "A003,new", "A001,price"]);
    assert_eq!(found(&shop, "lamp"), ["A003"]);
    assert_eq!(shop.files(), ["lamp.csv", "many.csv", "products.db"]);
}

/// In the file of an earlier version a price that is none stays, and is left out of lists.
#[test]
fn what_is_no_product_stays_where_a_file_is_taken_over() {
    let shop = Shop::new();
    run(&shop.catalogue(), FIRST_VERSION);
    run(&shop.catalogue(), "UPDATE product SET price = 'dear' WHERE id = 'A001'");
    assert_eq!(found(&shop, ""), ["A002"]);
    assert_eq!(shop.import("lamp.csv", "id,name,price\nA003,Lamp,7\n"), Ok(1));
    assert_eq!(shop.rows(), [row("A001", "Clock", "dear"), row("A002", "Bi-Noculars", "40"), row("A003", "Lamp", "7")]);
    assert_eq!(found(&shop, ""), ["A002", "A003"]);
}

/// An import that brings it makes its words; where an administrator has added it, the next change does.
#[test]
fn a_column_that_identifies_is_found() {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", many(3_000, 5)), Ok(3_000));
    assert_eq!(shop.import("ean.csv", "id,name,price,ean\nN000005,Lamp,5,4006381333931\n"), Ok(1));
    assert_eq!(found(&shop, "400638"), ["N000005"]);
    run(
        &shop.catalogue(),
        "ALTER TABLE product ADD COLUMN mpn TEXT; UPDATE product SET mpn = 'XYZ' WHERE id = 'N000007'",
    );
    assert_eq!(found(&shop, "xyz"), [""; 0]);
    assert_eq!(shop.import("lamp.csv", "id,name,price\nN000005,Lamp,6\n"), Ok(1));
    assert_eq!(found(&shop, "xyz"), ["N000007"]);
}

/// Somebody has rewritten the table of the first version.
#[test]
fn a_table_that_is_not_understood_is_refused() {
    let shop = Shop::new();
    run(&shop.catalogue(), &FIRST_VERSION.replace("price    TEXT NOT NULL,", "price    TEXT NOT NULL UNIQUE,"));
    let expected = "the table product is of an earlier version and has been changed; \
        export the catalogue, and import that into a new file";
    assert_eq!(shop.import("lamp.csv", "id,name,price\nA003,Lamp,7\n"), Err(expected.to_owned()));
}

fn sqlite3(path: &Path, sql: &str) -> (bool, String) {
    let mut command = Command::new("sqlite3");
    let mut child = command.arg("-bail").arg(path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it");
    child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("its end");
    (output.status.success(), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn a_dump_is_a_catalogue() {
    let shop = Shop::with_two_products();
    run(&shop.catalogue(), HIS);
    let (done, dump) = sqlite3(&shop.catalogue(), ".dump");
    assert!(done);
    let other = Shop::new();
    assert!(sqlite3(&other.catalogue(), &dump).0);
    assert_eq!(found(&other, "noculars"), ["A002"]);
    assert_eq!(other.import("lamp.csv", "id,name,price\nA003,Lamp,7\n"), Ok(1));
    is_whole(&other.catalogue());
    assert_eq!(found(&other, "lamp"), ["A003"]);
}

/// The shell of SQLite itself, in its own version.
#[test]
fn what_the_shell_writes_is_found_at_once() {
    let shop = Shop::with_two_products();
    let sql = "INSERT INTO product (id, name, price) VALUES ('A003', 'Lamp', '7'), ('A004', 'Radio', '8');
        INSERT OR REPLACE INTO product (id, name, price) VALUES ('A001', 'Sundial', '7');
        UPDATE OR REPLACE product SET id = 'A004' WHERE id = 'A003';
        DELETE FROM product WHERE id = 'A002';";
    assert_eq!(sqlite3(&shop.catalogue(), sql), (true, String::new()));
    let expected: [(&str, &[&str]); 5] =
        [("sun", &["A001"]), ("clock", &[]), ("lamp", &["A004"]), ("radio", &[]), ("noculars", &[])];
    for (question, ids) in expected {
        assert_eq!(found(&shop, question), ids, "{question}");
    }
}
