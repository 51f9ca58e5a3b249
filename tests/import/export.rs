//! What an export writes, and that an import takes it back.

use std::io::{self, Write};
use std::ops::ControlFlow;

use product_lookup::catalogue::export::{Format, export};
use product_lookup::catalogue::import::Options;
use product_lookup::catalogue::{DatabaseUrl, Product, Row, Source};
use rusqlite::Connection;

use super::{Shop, many, row};

pub(super) fn text(source: &Source, format: Format) -> String {
    let mut out = Vec::new();
    export(source, format, &mut out).expect("an export");
    String::from_utf8(out).expect("UTF-8")
}

fn message(shop: &Shop, source: &Source) -> String {
    let error = export(source, Format::Csv, io::sink()).expect_err("an error");
    shop.message(&format!("{error:#}"))
}

#[test]
fn the_built_in_products() {
    let csv = "id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n";
    assert_eq!(text(&Source::BuiltIn, Format::Csv), csv);
    let json = "[\n{\"id\":\"A001\",\"name\":\"Clock\",\"price\":12},\n\
        {\"id\":\"A002\",\"name\":\"Bi-Noculars\",\"price\":40}\n]\n";
    assert_eq!(text(&Source::BuiltIn, Format::Json), json);
}

#[test]
pub(super) fn products_come_by_id() {
    let shop = Shop::new();
    assert_eq!(shop.import("prices.csv", "id,name,price\nb,Lamp,7.0\nB,\"a,\"\"b\"\"\",0.10\na,Clock,19.90\n"), Ok(3));
    let source = Source::from(&shop.store);
    assert_eq!(text(&source, Format::Csv), "id,name,price\na,Clock,19.90\nB,\"a,\"\"b\"\"\",0.10\nb,Lamp,7.0\n");
    let json = "[\n{\"id\":\"a\",\"name\":\"Clock\",\"price\":19.90},\n\
        {\"id\":\"B\",\"name\":\"a,\\\"b\\\"\",\"price\":0.10},\n{\"id\":\"b\",\"name\":\"Lamp\",\"price\":7.0}\n]\n";
    assert_eq!(text(&source, Format::Json), json);
}

/// As many as are asked for, in the order of an export.
#[test]
pub(super) fn products_are_counted_and_come_one_by_one() {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", many(2500, 5)), Ok(2500));
    assert_eq!(shop.import("again.csv", "id,name,price\nn000000,Lamp,7\nN000001,Lamp,7\n"), Ok(2));
    let catalogue = shop.store.open();
    assert_eq!(catalogue.count().expect("a number"), 2501);
    let mut ids = Vec::new();
    let mut take = |product: Product| {
        ids.push(product.id);
        if ids.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    catalogue.each(&mut take).expect("products");
    assert_eq!(ids, ["N000000", "n000000", "N000001"]);
    assert_eq!(catalogue.by_id("N000001").expect("an answer").map(|product| product.name).as_deref(), Some("Lamp"));
}

#[test]
fn the_built_in_products_stay_as_they_are() {
    let shop = Shop::new();
    let file = shop.write("prices.csv", "id,name,price\nA001,Clock,13\n");
    let message = "the built-in catalogue cannot be changed";
    assert_eq!(shop.import_into(&file, Source::BuiltIn, &Options::default()), Err(message.to_owned()));
    assert_eq!(text(&Source::BuiltIn, Format::Csv), "id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n");
}

#[test]
pub(super) fn an_empty_catalogue() {
    let shop = Shop::new();
    assert_eq!(shop.import("none.csv", "id,name,price\n"), Ok(0));
    let source = Source::from(&shop.store);
    assert_eq!(text(&source, Format::Csv), "id,name,price\n");
    assert_eq!(text(&source, Format::Json), "[\n]\n");
    assert_eq!(shop.import("none.json", text(&source, Format::Json)), Ok(0));
}

#[test]
pub(super) fn what_an_export_writes_an_import_takes_back() {
    let hostile = [
        "a,b",
        "say \"hi\"",
        "\"",
        "line\nbreak",
        "cr\rhere",
        "crlf\r\n\r\nhere",
        "a\u{feff}mark",
        "clock \u{1f570}",
        "=1+1",
        "'; DROP TABLE product;--",
        "null",
        "<b>&amp;</b>",
        "\\",
        "\u{1}x\u{7f}",
        "#comment",
        "id",
        "é\u{301}",
        "x;y\tz",
    ];
    let rows: Vec<_> = hostile.iter().map(|text| row(text, text, "19.90")).collect();
    let items = rows
        .iter()
        .map(|(id, name, price)| format!(r#"{{"id":{},"name":{},"price":{price}}}"#, quoted(id), quoted(name)));
    let shop = Shop::new();
    let file = format!("[{}]", items.collect::<Vec<_>>().join(","));
    assert_eq!(shop.import("hostile.json", file), Ok(hostile.len() as u64));
    let mut expected = rows;
    expected.sort();
    assert_eq!(shop.rows(), expected);
    let source = Source::from(&shop.store);
    for (name, format) in [("all.csv", Format::Csv), ("all.json", Format::Json)] {
        let (first, other) = (text(&source, format), Shop::new());
        assert_eq!(other.import(name, &first), Ok(hostile.len() as u64));
        assert_eq!(other.rows(), expected);
        assert_eq!(text(&Source::from(&other.store), format), first);
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

#[test]
fn what_cannot_be_exported() {
    let shop = Shop::with_two_products();
    let file = |name| Source::File(shop.path(name));
    let expected =
        "the catalogue none.db cannot be read: the file cannot be found: No such file or directory (os error 2)";
    assert_eq!(message(&shop, &file("none.db")), expected);
    shop.write("empty.db", "");
    assert_eq!(message(&shop, &file("empty.db")), "the catalogue empty.db cannot be read: the file is empty");
    let expected = "PRODUCTS_DB: only mysql:// URLs are supported";
    assert_eq!(message(&shop, &Source::Url(DatabaseUrl::new("postgres://host/shop", None))), expected);
}

/// It costs no other product its place in an export.
#[test]
fn what_is_no_product_is_left_out() {
    let shop = Shop::with_two_products();
    let shell = Connection::open(shop.catalogue()).expect("the catalogue");
    let edit = "PRAGMA ignore_check_constraints = ON; UPDATE product SET price = 'dear' WHERE id = 'A001'";
    shell.execute_batch(edit).expect("an edit");
    assert_eq!(text(&Source::from(&shop.store), Format::Csv), "id,name,price\nA002,Bi-Noculars,40\n");
    // It can be mended, or taken out.
    let row = Row { id: "A001", name: None, price: Some("13".parse().expect("a price")), values: &[] };
    assert_eq!(shop.store.open().set(&[], row).expect("it is set").0, None);
    assert_eq!(shop.rows()[0].2, "13");
    shell.execute_batch(edit).expect("an edit");
    assert_eq!(shop.store.open().remove(&["A001".to_owned()]).expect("it is removed"), []);
    assert_eq!(shop.rows().len(), 1);
}

#[test]
pub(super) fn a_closed_pipe_is_known_as_one() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", super::many(20_000, 1)), Ok(20_000));
    for source in [Source::BuiltIn, Source::from(&shop.store)] {
        for format in [Format::Csv, Format::Json] {
            let error = export(&source, format, Closed).expect_err("it is closed");
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            assert_eq!(kind, Some(io::ErrorKind::BrokenPipe), "{error:#}");
        }
    }
}
