//! Whatever an administrator has called his columns and put into them, an import takes back what an export says.

use product_lookup::catalogue::Source;
use product_lookup::catalogue::export::{Format, export};
use product_lookup::catalogue::import::{Options, import};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rusqlite::{Connection, params_from_iter};

/// Of names: parts of SQL, of CSV and of JSON, what other files call an id, and letters of more than one case.
const NAMES: [&str; 20] = [
    "select",
    "order",
    "Price (EUR)",
    "sku",
    "title",
    "handle",
    "a\"b",
    "\"",
    "'",
    "`",
    "]",
    ",",
    ";",
    "\t",
    "\n",
    "--",
    "=1",
    "é",
    "É",
    "\u{1f37a}",
];

/// Of values: the same, and what cannot be seen.
const VALUES: [&str; 20] = [
    "a",
    "007",
    "1e5",
    "null",
    "\"",
    "'",
    ",",
    ";",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{a0}",
    "\u{feff}",
    "\u{1a}",
    "\0",
    "=1+1",
    "e\u{301}",
    "\u{1f37a}",
];

fn columns() -> impl Strategy<Value = Vec<String>> {
    let name = vec(select(&NAMES[..]), 1..4).prop_map(|parts| parts.concat().trim().to_owned());
    vec(name.prop_filter("a column has a name", |name| !name.is_empty()), 0..5).prop_map(|mut names: Vec<String>| {
        // SQLite takes two for one where only ASCII letters differ in case.
        names.sort_by_key(|name| name.to_ascii_lowercase());
        names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        names
    })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![3 => vec(select(&VALUES[..]), 0..4).prop_map(|parts| parts.concat()), 1 => any::<String>()]
}

fn price() -> impl Strategy<Value = String> {
    (-99_999_i64..99_999, 0_u32..6).prop_map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale).to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// The second export is the first, to the byte, by CSV and by JSON.
    #[test]
    fn export_and_import_are_inverse(
        columns in columns(),
        products in vec(("\\PC{1,8}", "\\PC{0,20}[a-z\"\n,]", price(), vec(value(), 5)), 0..20),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("none.csv"), "id,name,price\n").expect("a file");
        import(&path("none.csv"), &path("first.db"), &Options::default()).expect("an import");
        let mut administrator = Connection::open(path("first.db")).expect("the catalogue");
        let transaction = administrator.transaction().expect("a transaction");
        for column in &columns {
            let quoted = column.replace('"', "\"\"");
            transaction.execute_batch(&format!("ALTER TABLE product ADD COLUMN \"{quoted}\" TEXT")).expect(column);
        }
        let insert = format!("INSERT OR IGNORE INTO product VALUES (?, ?, ?{})", ", ?".repeat(columns.len()));
        // Without any product JSON has no columns.
        let clock = (String::from("A001"), String::from("Clock"), String::from("12"), vec![String::new(); 5]);
        for (id, name, price, values) in [&clock].into_iter().chain(&products) {
            let own = [id.trim(), name.trim(), price];
            let values = own.into_iter().chain(values.iter().map(String::as_str)).take(3 + columns.len());
            // The table refuses what is no product.
            let _ = transaction.execute(&insert, params_from_iter(values));
        }
        transaction.commit().expect("a commit");
        let written = |catalogue: &str, format| {
            let mut out = Vec::new();
            export(&Source::File(path(catalogue)), format, &mut out).expect("an export");
            String::from_utf8(out).expect("UTF-8")
        };
        let [csv, json] = [Format::Csv, Format::Json].map(|format| written("first.db", format));
        for (name, text) in [("csv", &csv), ("json", &json)] {
            std::fs::write(path(name), text).expect("a file");
            let again = format!("{name}.db");
            let imported = import(&path(name), &path(&again), &Options::default());
            prop_assert!(imported.is_ok(), "{imported:?}: {text:?}");
            prop_assert_eq!(&written(&again, Format::Json), &json);
            prop_assert_eq!(&written(&again, Format::Csv), &csv);
        }
    }
}
