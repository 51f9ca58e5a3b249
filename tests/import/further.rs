//! Rows with further columns, as an import gives them, in any store.

use anyhow::Result;
use product_lookup::catalogue::export::{Format, export};
use product_lookup::catalogue::{Change, Changed, Row, Rows, Source};

use super::Shop;
use crate::store::Store;

/// An id, a name and a price, of which the last two may be as they are, and what is in the further columns.
type Given = (&'static str, Option<&'static str>, Option<&'static str>, &'static [Option<&'static str>]);

/// Rows that a test gives, in the order of their ids.
struct Table(Vec<String>, &'static [Given]);

impl Rows for Table {
    fn columns(&self) -> &[String] {
        &self.0
    }

    fn count(&self) -> u64 {
        self.1.len() as u64
    }

    fn each(&self, take: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.1.iter().try_for_each(|&(id, name, price, values)| {
            take(Row { id, name, price: price.map(|price| price.parse()).transpose()?, values })
        })
    }

    fn has(&self, id: &str) -> Result<bool> {
        Ok(self.1.iter().any(|row| row.0 == id))
    }
}

/// What a change of these has done, or the message.
fn change(shop: &Shop, change: &Change, columns: &[&str], rows: &'static [Given]) -> Result<Changed, String> {
    let table = Table(columns.iter().map(|&column| column.to_owned()).collect(), rows);
    shop.store.open().change(change, &table).map_err(|error| shop.message(&format!("{error:#}")))
}

fn csv(shop: &Shop) -> String {
    let mut out = Vec::new();
    export(&Source::from(&shop.store), Format::Csv, &mut out).expect("an export");
    String::from_utf8(out).expect("UTF-8")
}

const HOSTILE: [&str; 5] = ["select", "order", "position", "a,\"b\" 'c'", "\u{1f37a}"];

#[test]
pub(super) fn columns_come_with_rows_and_stay() {
    let shop = Shop::new();
    let clock: Given =
        ("A1", Some("Clock"), Some("12"), &[Some("7"), Some("r"), Some(""), Some("x\ny"), Some("\u{1f37a}")]);
    let lamp: Given = ("B", Some("Lamp"), Some("3.0"), &[None, Some("s"), None, None, None]);
    let rows: &'static [Given] = Box::leak(Box::new([clock, lamp]));
    let plain = Change::default();
    assert_eq!(change(&shop, &plain, &HOSTILE, rows), Ok(Changed { new: 2, all: 2, ..Changed::default() }));
    assert_eq!(shop.store.open().columns().expect("columns"), HOSTILE);
    let all = "id,name,price,select,order,position,\"a,\"\"b\"\" 'c'\",\u{1f37a}\n\
        A1,Clock,12,7,r,,\"x\ny\",\u{1f37a}\nB,Lamp,3.0,,s,,,\n";
    assert_eq!(csv(&shop), all);
    // Nothing is new, whatever the case of a column's name.
    let again = change(&shop, &plain, &["Select", "Order", "position", "a,\"b\" 'c'", "\u{1f37a}"], rows);
    assert_eq!(again, Ok(Changed { unchanged: 2, all: 2, ..Changed::default() }));
    assert_eq!(csv(&shop), all);
    // A file without these columns leaves their values, and one more comes.
    let done = change(&shop, &plain, &["colour"], &[("A1", Some("Clock"), Some("13"), &[Some("red")])]);
    assert_eq!(done, Ok(Changed { changed: 1, all: 2, ..Changed::default() }));
    assert_eq!(csv(&shop).lines().nth(1), Some("A1,Clock,13,7,r,,\"x"));
    assert!(csv(&shop).contains("y\",\u{1f37a},red\nB,Lamp,3.0,,s,,,,\n"));
    if let Store::File(_) = shop.store {
        let said = change(&shop, &plain, &["OID"], &[("A1", Some("Clock"), Some("13"), &[Some("1")])]);
        let expected = "SQLite adds no column called \"OID\", as it calls the number of a row; call it otherwise";
        assert_eq!(said, Err(expected.to_owned()));
    }
    let found = shop.store.open().by_ids(&["b".to_owned(), "none".to_owned()]).expect("an answer");
    let values: Vec<_> = found[0].iter().flat_map(|product| &product.further).map(|pair| pair.1.as_str()).collect();
    assert_eq!((values, &found[1]), (vec!["", "s", "", "", "", ""], &None));
}

#[test]
pub(super) fn what_an_update_a_dry_run_and_a_shrinking_replace_do() {
    let shop = Shop::with_two_products();
    let before = csv(&shop);
    let rows: &'static [Given] = &[("A001", None, Some("13"), &[]), ("A003", None, Some("7"), &[])];
    let update = Change { update_only: true, ..Change::default() };
    let dry = Change { dry_run: true, ..update.clone() };
    let done = Ok(Changed { changed: 1, all: 2, ..Changed::default() });
    assert_eq!(change(&shop, &dry, &[], rows), done);
    assert_eq!(csv(&shop), before);
    assert_eq!(change(&shop, &update, &[], rows), done);
    assert_eq!(csv(&shop), "id,name,price\nA001,Clock,13\nA002,Bi-Noculars,40\n");
    let said = change(&shop, &Change::default(), &[], rows).expect_err("a new one has no name");
    assert_eq!(said, "\"A003\" is new, and needs a name and a price");
    let replace = Change { replace: true, ..Change::default() };
    let none: &'static [Given] = &[];
    let said = change(&shop, &replace, &[], none).expect_err("nothing would be left");
    assert_eq!(said, "2 of 2 products would be removed; --allow-shrink says that this is meant");
    let one: &'static [Given] = &[("A002", Some("Bi-Noculars"), Some("40"), &[])];
    let done = change(&shop, &replace, &[], one);
    assert_eq!(done, Ok(Changed { unchanged: 1, removed: 1, all: 1, ..Changed::default() }));
    let all = Change { allow_shrink: true, ..replace };
    assert_eq!(change(&shop, &all, &[], none), Ok(Changed { removed: 1, ..Changed::default() }));
    assert_eq!(csv(&shop), "id,name,price\n");
}

#[test]
pub(super) fn one_product_is_set_and_removed() {
    let shop = Shop::with_two_products();
    let catalogue = shop.store.open();
    let stock = change(&shop, &Change::default(), &["stock"], &[("A001", Some("Clock"), Some("12"), &[Some("7")])]);
    assert!(stock.is_ok(), "{stock:?}");
    let row = Row { id: "A001", name: None, price: Some("14".parse().expect("a price")), values: &[Some("6")] };
    let (old, new) = catalogue.set(&["stock".to_owned()], row).expect("it is set");
    let old = old.expect("it was there");
    assert_eq!((old.price.to_string(), old.further[0].1.as_str()), ("12".to_owned(), "7"));
    assert_eq!((new.price.to_string(), new.further[0].1.as_str()), ("14".to_owned(), "6"));
    let unknown = catalogue.set(&["colour".to_owned()], row).expect_err("no such column");
    assert_eq!(unknown.to_string(), "the catalogue has no column \"colour\"");
    let ids = ["A002".to_owned(), "none".to_owned()];
    assert_eq!(catalogue.remove(&ids).expect_err("one is not there").to_string(), "no product has the id \"none\"");
    assert_eq!(csv(&shop), "id,name,price,stock\nA001,Clock,14,6\nA002,Bi-Noculars,40,\n");
    assert_eq!(catalogue.remove(&ids[..1]).expect("it is removed")[0].name, "Bi-Noculars");
    catalogue.index().expect("it is made");
    assert_eq!(csv(&shop), "id,name,price,stock\nA001,Clock,14,6\n");
}
