//! Search: which products, in which order, page by page, and whatever is typed.

use std::path::{Path, PathBuf};
use std::process::Command;

use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{Catalogue, Found, Product, Search};
use product_lookup::lookup::{Lookup, LookupError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::Store;

/// A catalogue of these products, all at the price of 1, with a file of them beside it.
fn catalogue(products: &[(&str, &str)]) -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path().join("products.db"));
    replace(&store, folder.path(), products);
    (folder, store)
}

fn replace(store: &Store, folder: &Path, products: &[(&str, &str)]) {
    let item = |&(id, name): &(&str, &str)| serde_json::json!({"id": id, "name": name, "price": 1});
    let items: Vec<_> = products.iter().map(item).collect();
    let file = folder.join("products.json");
    std::fs::write(&file, serde_json::to_vec(&items).expect("JSON")).expect("a file");
    import(&file, store, &Options { replace: true, allow_shrink: true, ..Options::default() }).expect("an import");
}

/// The same as a file, which other programs edit.
fn catalogue_file(products: &[(&str, &str)]) -> (TempDir, PathBuf) {
    match catalogue(products) {
        (folder, Store::File(path)) => (folder, path),
        #[cfg(feature = "mysql")]
        (_, Store::Database(..)) => unreachable!("it is no file"),
    }
}

/// What a form with these values asks for.
fn asked(pairs: &[(&str, &str)]) -> Result<Lookup, LookupError> {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Lookup::of(&product_lookup::form::Form::of_query(query.as_bytes()).expect("a form"), "")
}

fn search(catalogue: &dyn Catalogue, pairs: &[(&str, &str)]) -> Found {
    let Ok(Lookup::Search(search)) = asked(pairs) else { panic!("{pairs:?} is a search") };
    catalogue.search(&search).expect("an answer")
}

/// All pages of a search: the ids in order.
fn ids(catalogue: &dyn Catalogue, question: &str, limit: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = String::new();
    loop {
        let page = search(catalogue, &[("q", question), ("limit", limit), ("after", &after)]);
        assert!(page.products.len() <= limit.parse().expect("a number"));
        ids.extend(page.products.into_iter().map(|item| item.id));
        match page.next {
            Some(next) => after = next,
            None => return ids,
        }
    }
}

const SHOP: [(&str, &str); 14] = [
    ("A001", "Clock"),
    ("A002", "Bi-Noculars"),
    ("a003", "clock radio"),
    ("B001", "Alarm Clock"),
    ("B002", "Écl\u{e9}air à la cr\u{e8}me"),
    ("B003", "ECLAIR"),
    ("B004", "O'Neil \"quoted\" <i>& Söhne"),
    ("B005", "Straße"),
    ("CLO1", "Something else"),
    ("C-1", "Wall clock, large"),
    ("C002", "Cloth"),
    ("D1", "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{4e16}\u{754c}"),
    ("D2", "naïve 100% AND OR NOT"),
    ("d2", "another d2"),
];

#[test]
fn which_products_in_which_order() {
    let (_folder, store) = catalogue(&SHOP);
    let shop = store.open();
    for (question, expected) in [
        // Ids that start with it, then names that do, then words that do, by id, and then what has it inside.
        ("clo", &["CLO1", "A001", "a003", "C002", "B001", "C-1"][..]),
        ("Clock", &["A001", "a003", "B001", "C-1"]),
        ("clock rad", &["a003"]),
        ("radio CLO", &["a003"]),
        ("  clock\t wall ", &["C-1"]),
        ("lock", &["A001", "a003", "B001", "C-1"]),
        ("a00", &["A001", "A002", "a003"]),
        ("d2", &["D2", "d2"]),
        ("noc", &["A002"]),
        ("bi-noc", &["A002"]),
        ("binoculars", &["A002"]),
        // é, E and e find each other.
        ("écl", &["B003", "B002"]),
        ("ecl", &["B003", "B002"]),
        ("ÉCL", &["B003", "B002"]),
        ("cre", &["B002"]),
        ("straß", &["B005"]),
        ("strass", &["B005"]),
        ("o'ne", &["B004"]),
        ("neil", &["B004"]),
        ("sohne quot", &["B004"]),
        ("\u{5e9}\u{5dc}", &["D1"]),
        ("\u{4e16}", &["D1"]),
        (
            "",
            &["A001", "A002", "a003", "B001", "B002", "B003", "B004", "B005", "C-1", "C002", "CLO1", "D1", "D2", "d2"],
        ),
    ] {
        for limit in ["1", "2", "3", "5", "100"] {
            assert_eq!(ids(&*shop, question, limit), expected, "{question:?} by {limit}");
        }
    }
}

#[test]
fn pages() {
    let (folder, store) = catalogue(&SHOP);
    let shop = store.open();
    let page = search(&*shop, &[("q", "clo"), ("limit", "2")]);
    let products = [("CLO1", "Something else"), ("A001", "Clock")];
    let products = products.map(|(id, name)| Product::new(id, name, "1").expect("a product"));
    assert_eq!((&page.products[..], page.next.as_deref()), (&products[..], Some("5A001:Clock")));
    // The product that a page ended with goes; the next page is what it would have been.
    replace(&store, folder.path(), &SHOP[1..]);
    let page = search(&*shop, &[("q", "clo"), ("limit", "2"), ("after", "5A001:Clock")]);
    let ids: Vec<_> = page.products.iter().map(|item| item.id.as_str()).collect();
    assert_eq!((ids, page.next.as_deref()), (vec!["a003", "C002"], Some("5C002:Cloth")));
    for (name, value, expected) in [
        ("limit", "0", LookupError::Limit("0".into())),
        ("limit", "101", LookupError::Limit("101".into())),
        ("limit", "+5", LookupError::Limit("+5".into())),
        ("limit", "99999999999999999999999", LookupError::Limit("99999999999999999999999".into())),
        ("after", "x", LookupError::After),
        ("after", "3", LookupError::After),
        ("after", "34", LookupError::After),
        ("after", "99.A001Clock", LookupError::After),
        ("after", "-9.\u{e9}", LookupError::After),
        ("after", "\u{e9}", LookupError::After),
    ] {
        assert_eq!(asked(&[("q", "clo"), (name, value)]), Err(expected), "{name}={value}");
    }
    let limit = |value| match asked(&[("q", "clo"), ("limit", value)]) {
        Ok(Lookup::Search(Search { limit, .. })) => limit,
        other => panic!("{other:?}"),
    };
    assert_eq!((limit(""), limit(" 7 "), limit("100"), limit("007")), (20, 7, 100, 7));
}

/// Nothing that is typed is query syntax, and nothing is an error.
#[test]
fn whatever_is_typed_is_text() {
    let (_folder, store) = catalogue(&SHOP);
    let shop = store.open();
    for (question, expected) in [
        ("AND", &["D2"][..]),
        ("not", &["D2", "d2"]),
        ("100%", &["D2"]),
        ("AND OR", &["D2"]),
        ("clock OR", &[]),
        ("\"", &["B004"]),
        ("clock\"", &["A001", "a003", "B001", "C-1"]),
        ("clock*", &["A001", "a003", "B001", "C-1"]),
        ("^clock", &["A001", "a003", "B001", "C-1"]),
        ("name:clock", &[]),
        ("clock & wall", &["C-1"]),
        ("NEAR(clock wall)", &[]),
        ("{name} : clock", &[]),
        ("(", &[]),
        ("%", &["D2"]),
        ("_", &[]),
        ("\\", &[]),
        ("\u{1f980}", &[]),
        ("clock \u{1f980}", &["A001", "a003", "B001", "C-1"]),
        ("clock\0wall", &["C-1"]),
        ("wall\0clock", &["C-1"]),
        ("\u{10ffff}", &[]),
    ] {
        assert_eq!(ids(&*shop, question, "2"), expected, "{question:?}");
    }
    for long in ["x".repeat(10_000), "clock ".repeat(2_000), "\" ".repeat(5_000), "\u{e9}\u{301}".repeat(5_000)] {
        ids(&*shop, &long, "20");
    }
    let syntax = [
        "\"", "'", "*", "^", "(", ")", "{", "}", ":", "+", "-", " ", "AND", "NOT", "NEAR", ",", "\0", "clock",
        "\u{301}",
    ];
    for a in syntax {
        for b in syntax {
            for c in syntax {
                ids(&*shop, &format!("{a}{b}{c}"), "100");
            }
        }
    }
}

/// Of a question sixteen words count, as the index cuts them, and 256 characters; of a name as many are looked
/// for, and all of it is compared.
#[test]
fn as_much_as_counts() {
    let long = "\u{e9}".repeat(5_000);
    let sixteen: Vec<String> = (1..=16).map(|number| format!("w{number}")).collect();
    let name = format!("{} \u{d6}l {long}", sixteen.join(" "));
    let (_folder, store) = catalogue(&[("A1", &name), ("A2", "w1 w2"), ("A3", &"x".repeat(256)), ("A4", &long)]);
    let shop = store.open();
    for between in [" ", ".", "-", "/", "\u{2014}", "\u{a0}"] {
        let words = sixteen.join(between);
        assert_eq!(ids(&*shop, &words, "5"), ["A1"], "{between:?}");
        assert_eq!(ids(&*shop, &format!("{words}{between}nowhere"), "5"), ["A1"], "{between:?}");
        let fifteen = sixteen[..15].join(between);
        assert_eq!(ids(&*shop, &format!("{fifteen}{between}nowhere"), "5"), [""; 0], "{between:?}");
    }
    assert_eq!(ids(&*shop, &"x".repeat(300), "5"), ["A3"]);
    assert_eq!(ids(&*shop, &"w1 ".repeat(1_000), "5"), ["A1", "A2"]);
    let named = |name: &str| shop.by_name(name).expect("an answer").map(|product| product.name);
    for other in [name.to_uppercase(), format!("{long}!"), format!("{name}x")] {
        let there = other.to_lowercase() == name.to_lowercase();
        assert_eq!(named(&other).is_some(), there, "{:.60}", other);
    }
    assert_eq!(named(&long.to_uppercase()).as_deref(), Some(long.as_str()));
}

/// A name is found in any case of any script.
#[test]
fn names_in_any_case() {
    let (_folder, store) = catalogue(&SHOP);
    let shop = store.open();
    let named = |name| shop.by_name(name).expect("an answer").map(|product| product.name);
    assert_eq!(named("ÉCLÉAIR À LA CRÈME").as_deref(), Some("Écl\u{e9}air à la cr\u{e8}me"));
    assert_eq!(named("éclair"), None, "accents count in a name");
    assert_eq!(named("eclair").as_deref(), Some("ECLAIR"));
    assert_eq!(named("\u{1f980}"), None);
}

/// Debian's `sqlite3` shell edits the catalogue: what it adds, renames, replaces and removes is
/// found, in its place, and import goes on from there.
#[test]
fn rows_edited_with_the_sqlite3_shell() {
    let (folder, path) = catalogue_file(&SHOP);
    let shop = Store::File(path.clone()).open();
    let edit = |sql: &str| {
        let output = Command::new("/usr/bin/sqlite3").arg(&path).arg(sql).output().expect("the shell runs");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    };
    edit("INSERT INTO product (id, name, price) VALUES ('A0015', 'Cuckoo clock', '99.00')");
    assert_eq!(ids(&*shop, "clock", "2"), ["A001", "a003", "A0015", "B001", "C-1"]);
    edit("UPDATE product SET name = 'Sundial' WHERE id = 'B001'");
    assert_eq!(ids(&*shop, "clock", "2"), ["A001", "a003", "A0015", "C-1"]);
    assert_eq!(ids(&*shop, "sun", "2"), ["B001"]);
    edit("UPDATE product SET id = 'Z1' WHERE id = 'A0015'");
    assert_eq!(ids(&*shop, "clock", "2"), ["A001", "a003", "C-1", "Z1"]);
    edit("UPDATE product SET price = '5' WHERE id = 'Z1'");
    edit("DELETE FROM product WHERE id = 'C-1'");
    assert_eq!(ids(&*shop, "clock", "2"), ["A001", "a003", "Z1"]);
    edit("INSERT OR REPLACE INTO product (id, name, price) VALUES ('Z1', 'Hour glass', '5')");
    assert_eq!(ids(&*shop, "cuckoo", "2"), [""; 0]);
    assert_eq!(ids(&*shop, "glass", "2"), ["Z1"]);
    edit(
        "INSERT INTO product (id, name, price) VALUES ('Z1', 'Glass', '6')
        ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    );
    assert_eq!(ids(&*shop, "hour", "2"), [""; 0]);
    let again = "INSERT INTO product (id, name, price) VALUES ('Z1', 'x', '1')";
    let output = Command::new("/usr/bin/sqlite3").arg(&path).arg(again).output().expect("the shell runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("UNIQUE constraint failed"), "an id is there once");
    std::fs::write(folder.path().join("more.csv"), "id,name,price\nA0,Clock zero,1\nZ2,Clock last,1\n")
        .expect("a file");
    import(&folder.path().join("more.csv"), &path, &Options::default()).expect("an import");
    assert_eq!(ids(&*shop, "clock", "1"), ["A001", "Z2", "a003", "A0"]);
    let price = |name: &str| shop.by_name(name).expect("an answer").map(|product| product.price.to_string());
    for (id, expected) in [("y2", "y2"), ("Y1", "Y1"), ("Y3", "Y1"), ("A9", "A9")] {
        edit(&format!("INSERT INTO product (id, name, price) VALUES ('{id}', '\u{c9}clair', '{}')", &id[1..]));
        assert_eq!(price("\u{e9}CLAIR").as_deref(), Some(&expected[1..]));
    }
    import(&folder.path().join("more.csv"), &path, &Options::default()).expect("an import");
    edit("INSERT INTO product (id, name, price) VALUES ('A8', '\u{c9}CLAIR', '8')");
    assert_eq!(price("\u{e9}clair").as_deref(), Some("8"), "the one that was added");
    edit("UPDATE product SET id = 'B8' WHERE id = 'A8'");
    assert_eq!(price("\u{e9}clair").as_deref(), Some("9"), "the one in order");
}

/// A page may end with what a person has typed with white space behind it.
#[test]
fn a_page_that_ends_with_white_space() {
    let (_folder, path) = catalogue_file(&[("A1", "Clock"), ("A2", "Clock"), ("A3", "Clock radio")]);
    let edit = "PRAGMA ignore_check_constraints = ON; UPDATE product SET id = 'A1 ', name = 'Clock ' WHERE id = 'A1'";
    assert!(Command::new("/usr/bin/sqlite3").arg(&path).arg(edit).status().expect("the shell runs").success());
    let shop = Store::File(path).open();
    for (question, after, id, next) in [
        ("", "", "A1 ", Some("iA1 ")),
        ("", "iA1 ", "A2", Some("iA2")),
        ("clock", "", "A1 ", Some("3A1+:Clock ")),
        ("clock", "3A1+:Clock ", "A2", Some("3A2:Clock")),
        ("clock", "3A2:Clock", "A3", None),
    ] {
        let page = search(&*shop, &[("q", question), ("limit", "1"), ("after", after)]);
        assert_eq!((page.products[0].id.as_str(), page.next.as_deref()), (id, next), "{question:?} after {after:?}");
    }
}

/// Edits without end, each compared with a search of every row: what is found is what should be, and
/// in order of the ids, whether it was there at first or came later.
#[test]
fn the_index_follows_every_edit() {
    let ordered: Vec<String> = (0..40).step_by(3).map(|number| format!("M{number:02}")).collect();
    let ordered: Vec<_> = ordered.iter().map(|id| (id.as_str(), "alpha beta")).collect();
    let (_folder, path) = catalogue_file(&ordered);
    let shop = Store::File(path.clone()).open();
    let words = ["alpha", "beta", "gamma", "alphabet", "betamax"];
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let connection = Connection::open(&path).expect("a database");
    for step in 0..400 {
        let id = format!("{}{:02}", if random(2) == 0 { "M" } else { "m" }, random(40));
        let name = format!("{} {}", words[random(5) as usize], words[random(5) as usize]);
        let other = format!("M{:02}", random(40));
        let (sql, values): (&str, &[&str]) = match random(6) {
            0 => ("DELETE FROM product WHERE id = ?1", &[&id]),
            1 => ("UPDATE OR IGNORE product SET id = ?2 WHERE id = ?1", &[&id, &other]),
            2 => ("UPDATE product SET name = ?2 WHERE id = ?1", &[&id, &name]),
            3 => ("INSERT OR IGNORE INTO product (id, name, price) VALUES (?1, ?2, '1')", &[&id, &name]),
            4 => ("INSERT OR REPLACE INTO product (id, name, price) VALUES (?1, ?2, '1')", &[&id, &name]),
            _ => (
                "INSERT INTO product (id, name, price) VALUES (?1, ?2, '1')
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                &[&id, &name],
            ),
        };
        connection.execute(sql, rusqlite::params_from_iter(values)).expect("an edit");
        let mut statement = connection.prepare("SELECT id, name FROM product").expect("a query");
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
        let rows: Vec<_> = rows.expect("rows").map(|row| row.expect("a row")).collect();
        for question in ["alpha", "bet", "gamma beta", ""] {
            let asked: Vec<&str> = question.split(' ').collect();
            let has = |name: &str, is: fn(&str, &str) -> bool| {
                asked.iter().all(|asked| name.split(' ').any(|word| is(word, asked)))
            };
            let starts = |name: &str| has(name, |word, asked| word.starts_with(asked));
            let is_found = |name: &str| question.is_empty() || has(name, |word, asked| word.contains(asked));
            let mut expected: Vec<_> = rows.iter().filter(|(_, name)| is_found(name)).collect();
            // What has the very words, then what starts with them, of both names that start with the question by name,
            // then the others by id; then what has them inside.
            expected.sort_by_key(|(id, name)| {
                let whole = has(name, |word, asked| word == asked);
                let rest = name.strip_prefix(question).filter(|_| !question.is_empty());
                let first = rest.is_some_and(|rest| !whole || rest.is_empty() || rest.starts_with(' '));
                let level = if question.is_empty() { 0 } else { usize::from(!whole) + usize::from(!starts(name)) };
                (level, !first, if first { name.clone() } else { String::new() }, id.to_lowercase(), id.clone())
            });
            let expected: Vec<_> = expected.into_iter().map(|(id, _)| id.clone()).collect();
            assert_eq!(ids(&*shop, question, "3"), expected, "step {step}: {sql} {values:?}, then {question:?}");
        }
    }
}

#[cfg(feature = "mysql")]
#[test]
fn mariadb_finds_the_same() {
    crate::store::on_mariadb(&[which_products_in_which_order, pages, whatever_is_typed_is_text, names_in_any_case]);
}
