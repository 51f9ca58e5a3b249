//! What a CSV file may look like, and what it becomes.

use product_lookup::catalogue::import::{Column, Columns, Options};

use super::{Shop, row};

#[test]
pub(super) fn a_new_catalogue_has_the_products_of_the_file() {
    let shop = Shop::new();
    assert_eq!(shop.import("prices.csv", "id,name,price\nA002,Bi-Noculars,40\nA001,Clock,12\n"), Ok(2));
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]);
    assert_eq!(shop.files(), ["prices.csv", "products.db"]);
}

#[test]
pub(super) fn a_file_updates_products_and_adds_others() {
    let shop = Shop::with_two_products();
    assert_eq!(shop.import("more.csv", "id,name,price\nA002,Field Glasses,39.50\nA003,Lamp,7\n"), Ok(2));
    let expected = [row("A001", "Clock", "12"), row("A002", "Field Glasses", "39.50"), row("A003", "Lamp", "7")];
    assert_eq!(shop.rows(), expected);
}

#[test]
pub(super) fn with_replace_the_file_is_the_whole_catalogue() {
    let shop = Shop::with_two_products();
    assert_eq!(shop.replace("all.csv", "id,name,price\nA003,Lamp,7\n"), Ok(1));
    assert_eq!(shop.rows(), [row("A003", "Lamp", "7")]);
    assert_eq!(shop.replace("none.csv", "id,name,price\n"), Ok(0));
    assert_eq!(shop.rows(), []);
}

#[test]
pub(super) fn an_id_comes_again_with_the_same_values_only() {
    let shop = Shop::new();
    let file = "id,name,price,stock\nA001,Clock,12,5\na001,Lamp,7,\nA001, Clock ,12,5\n";
    assert_eq!(shop.import("prices.csv", file), Ok(2));
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("a001", "Lamp", "7")]);
    for (again, what) in [("A001,Big Clock,12,5", "name"), ("A001,Clock,12.0,5", "price"), ("A001,Clock,12,6", "stock")]
    {
        let expected = Err(r#"prices.csv, line 5: the id "A001" came before, in line 2, with other values"#.to_owned());
        assert_eq!(shop.import("prices.csv", format!("{file}{again}\n")), expected, "{what}");
    }
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("a001", "Lamp", "7")]);
}

#[test]
pub(super) fn prices_keep_their_digits() {
    let prices = [
        ("19.90", "19.90"),
        ("0.10", "0.10"),
        ("-5", "-5"),
        ("+5", "5"),
        ("007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("1234567890123456789012345678", "1234567890123456789012345678"),
        ("123456789012345678901234567.8", "123456789012345678901234567.8"),
        ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
    ];
    for (sent, stored) in prices {
        let shop = Shop::new();
        assert_eq!(shop.import("prices.csv", format!("id,name,price\nA001,Clock,{sent}\n")), Ok(1), "{sent}");
        assert_eq!(shop.rows(), [row("A001", "Clock", stored)]);
    }
}

#[test]
pub(super) fn the_dress_of_a_file_does_not_matter() {
    let files = [
        ("no line end after the last row", "id,name,price\nA001,Clock,12"),
        ("CR LF", "id,name,price\r\nA001,Clock,12\r\n"),
        ("CR LF after a quote", "id,name,price\r\nA001,Clock,\"12\"\r\n"),
        ("a byte order mark", "\u{feff}id,name,price\nA001,Clock,12\n"),
        ("a byte order mark before a quote", "\u{feff}\"id\",\"name\",\"price\"\nA001,Clock,12\n"),
        ("white space around fields", "id , name ,\tprice\n  A001, Clock\u{a0},\t12 \n"),
        ("blank lines", "\n\nid,name,price\n\nA001,Clock,12\n\r\n  \n\n"),
        ("capitals in the header", "ID,Name,PRICE\nA001,Clock,12\n"),
        ("another order", "price,id,name\n12,A001,Clock\n"),
        ("more columns", "shelf,price,id,stock,name\n4,12,A001,100,Clock\n"),
        ("known words in the header", "sku,title,Regular price\nA001,Clock,12\n"),
        ("a header that names two", "sku,name,price\nA001,Clock,12\n"),
        ("quotes", "\"id\",\"name\",\"price\"\n\"A001\",\"Clock\",\"12\"\n"),
    ];
    for (what, file) in files {
        let shop = Shop::new();
        assert_eq!(shop.import("prices.csv", file), Ok(1), "{what}");
        assert_eq!(shop.rows(), [row("A001", "Clock", "12")], "{what}");
    }
}

#[test]
pub(super) fn quoted_fields_may_hold_anything() {
    let shop = Shop::new();
    let file = "id,name,price\n\"A,1\",\"say \"\"hi\"\",\nthen\r\ngo\",1\nA2,5\" nails,2\nA3,\u{feff}a\u{feff}mark,3\n";
    assert_eq!(shop.import("prices.csv", file), Ok(3));
    let expected =
        [row("A,1", "say \"hi\",\nthen\r\ngo", "1"), row("A2", "5\" nails", "2"), row("A3", "a\u{feff}mark", "3")];
    assert_eq!(shop.rows(), expected);
}

#[test]
pub(super) fn options_say_which_column_is_which() {
    let file = "id,name,price,old price\nClock,A001,12,13\n";
    let columns = |id: Option<usize>, name: Option<usize>, price: Option<usize>| {
        let [id, name, price] = [id, name, price].map(|number| number.map(Column::Number));
        Options { columns: Columns { id, name, price }, ..Options::default() }
    };
    let cases = [
        (columns(Some(2), Some(1), Some(4)), row("A001", "Clock", "13")),
        (columns(None, None, Some(4)), row("Clock", "A001", "13")),
        (columns(Some(2), None, None), row("A001", "A001", "12")),
        (columns(Some(1), Some(1), None), row("Clock", "Clock", "12")),
    ];
    for (options, expected) in cases {
        let shop = Shop::new();
        assert_eq!(shop.import_with("prices.csv", file, &options), Ok(1), "{options:?}");
        assert_eq!(shop.rows(), [expected], "{options:?}");
    }
}

#[test]
pub(super) fn a_large_file_in_a_large_catalogue() {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", super::many(20_000, 1)), Ok(20_000));
    assert_eq!(shop.import("large.csv", super::many(10_000, 2)), Ok(10_000));
    assert_eq!(shop.import("small.csv", super::many(10, 3)), Ok(10));
    let rows = shop.rows();
    let at = |price: &str| rows.iter().filter(|row| row.2 == price).count();
    assert_eq!((rows.len(), at("1"), at("2"), at("3")), (20_000, 10_000, 9_990, 10));
}

#[test]
fn the_file_is_sound_after_large_and_small_files() {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", super::many(20_000, 1)), Ok(20_000));
    assert_eq!(shop.import("large.csv", super::many(10_000, 2)), Ok(10_000));
    assert_eq!(shop.import("small.csv", super::many(10, 3)), Ok(10));
    let connection = rusqlite::Connection::open(shop.catalogue()).expect("the catalogue");
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(sound, "ok");
    let plan = "EXPLAIN QUERY PLAN SELECT data FROM product_lookup_block WHERE key < x'00' ORDER BY key DESC LIMIT 1";
    let plan: String = connection.query_row(plan, [], |row| row.get(3)).expect("a plan");
    assert!(plan.contains("product_lookup_key"), "{plan}");
}
