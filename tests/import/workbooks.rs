//! Workbooks: what is read of their sheets, and with which words others are refused.

pub(crate) mod made;

use product_lookup::catalogue::import::Options;

use super::{Shop, row};
use made::{archive, ods, xlsx};

/// id, name and price, of the shared strings.
const HEADER: &str =
    r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>"#;

fn text(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// A row `number` with the header above, and an article number and a price of these cells.
fn product(number: u32, id: &str, price: &str) -> String {
    format!(r#"{HEADER}<row r="{number}">{id}{}{price}</row>"#, text(&format!("B{number}"), "Clock"))
}

#[test]
fn numbers_are_what_a_person_sees() {
    let cases = [
        (
            r#"<c r="A3"><v>4006381333931</v></c>"#,
            r#"<c r="C3"><v>19.899999999999999</v></c>"#,
            row("4006381333931", "Clock", "19.9"),
        ),
        (r#"<c r="A3"><v>7</v></c>"#, r#"<c r="C3"><v>1.2999999999999999E3</v></c>"#, row("7", "Clock", "1300")),
        (r#"<c r="A3"><v>1E-2</v></c>"#, r#"<c r="C3"><v>0</v></c>"#, row("0.01", "Clock", "0")),
        (
            r#"<c r="A3" t="str"><f>"A"</f><v>A</v></c>"#,
            r#"<c r="C3"><v>123456789.12345</v></c>"#,
            row("A", "Clock", "123456789.12345"),
        ),
    ];
    for (id, price, expected) in cases {
        let shop = Shop::new();
        assert_eq!(shop.import("prices.csv", xlsx(&[("Prices", &product(3, id, price))])), Ok(1));
        assert_eq!(shop.rows(), [expected]);
    }
}

#[test]
fn what_is_refused() {
    let price = r#"<c r="C3"><v>1</v></c>"#;
    let cut = "is a number that a spreadsheet has cut; import the shop's own export, not saved by a spreadsheet, or make the column text there and type it again";
    let sheet = |id: &str, price: &str| xlsx(&[("Prices", &product(3, id, price))]);
    let two = xlsx(&[("Old", &product(3, &text("A3", "A1"), price)), ("Empty", ""), ("New", HEADER)]);
    let cases = [
        (sheet(r#"<c r="A3"><v>4006381333931000123</v></c>"#, price), format!(r#"x, row 3: the id "4006381333931000000" {cut}"#)),
        (sheet(r#"<c r="A3" s="1"><v>45413</v></c>"#, price), r#"x, row 3: the id "2024-05-01" is a date; a spreadsheet may have made it of something else"#.to_owned()),
        (sheet(&text("A3", "A1"), r#"<c r="C3" s="1"><v>45413</v></c>"#), r#"x, row 3: the price "2024-05-01" is a date"#.to_owned()),
        (sheet(r##"<c r="A3" t="e"><v>#N/A</v></c>"##, price), r##"x, row 3: the id is "#N/A", which a spreadsheet shows where it has no value"##.to_owned()),
        (sheet(&text("A3", "A1"), &text("C3", "12,50")), "x, row 3: the price \"12,50\" is not a decimal number; say how the file writes them: --decimal comma for 1.299,00 or --decimal point for 1,299.00".to_owned()),
        (sheet(&text("A3", "A1"), &format!("{price}{}", text("E3", "old"))), "x, row 3: column 5 has a value and no heading; write one in the header row, or take it out".to_owned()),
        (sheet(&text("A3", "A1"), ""), "x, row 3: the price is empty, or a formula not yet calculated; open the file and save it".to_owned()),
        (sheet(&text("A3", "A1"), "<c r=\"C3\"><f>A1*2</f></c>"), "x, row 3: the price is empty, or a formula not yet calculated; open the file and save it".to_owned()),
        (two, r#"x: it has several sheets; say which with --sheet: "Old", "New""#.to_owned()),
        (xlsx(&[("Empty", "")]), "x: it is a workbook without anything in it".to_owned()),
        (archive(&[("word/document.xml", "<document/>")]), "x: it is a Word document".to_owned()),
        (archive(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "")]), "x: it is an OpenDocument text; save its table as a spreadsheet".to_owned()),
        (archive(&[("mimetype", "application/vnd.oasis.opendocument.presentation"), ("content.xml", "")]), "x: it is an OpenDocument presentation".to_owned()),
        (archive(&[("mimetype", "application/vnd.oasis.opendocument.graphics"), ("content.xml", "")]), "x: it is an OpenDocument drawing".to_owned()),
        (archive(&[("Index/Document.iwa", "")]), "x: it is a file of Apple Numbers, Pages or Keynote; export it there as CSV or Excel".to_owned()),
        (archive(&[("prices.csv", "id,name,price\n")]), "x: it is a zip archive without a workbook; unpack it first".to_owned()),
        (archive(&[("xl/workbook.xml", &" ".repeat(257 << 20))]), "x: the workbook unpacks to more than 256 MiB; save it as CSV".to_owned()),
        (ods(r#"<table:table-row table:number-rows-repeated="600000"><table:table-cell table:number-columns-repeated="14"/><table:table-cell office:value="1"/></table:table-row>"#), "x: the workbook has more than 8388608 cells; save it as CSV".to_owned()),
        (ods(&format!("{}{}", r#"<table:table-row table:number-rows-repeated="600000"><table:table-cell/></table:table-row>"#, r#"<table:table-row><table:table-cell table:number-columns-repeated="14"/><table:table-cell table:formula="1"/></table:table-row>"#)), "x: the workbook has more than 8388608 cells; save it as CSV".to_owned()),
        (b"PK\x03\x04 and no more".to_vec(), "x: it is a zip archive that is damaged: invalid Zip archive: Could not find EOCD".to_owned()),
    ];
    for (bytes, message) in cases {
        let shop = Shop::new();
        assert_eq!(shop.import("x", bytes), Err(message));
        assert_eq!(shop.files(), ["x"]);
    }
}

#[test]
fn a_sheet_is_said_by_its_name() {
    let rows = |id: &str| product(2, &text("A2", id), r#"<c r="C2"><v>1</v></c>"#);
    let book = xlsx(&[("Old", &rows("A1")), ("Neu &amp; mehr", &rows("A2"))]);
    let sheet = |name: &str| Options { sheet: Some(name.to_owned()), ..Options::default() };
    let shop = Shop::new();
    assert_eq!(shop.import_with("x", &book, &sheet("Neu & mehr")), Ok(1));
    assert_eq!(shop.rows(), [row("A2", "Clock", "1")]);
    let message = r#"x: it has no sheet "New"; its sheets are "Old", "Neu & mehr""#.to_owned();
    assert_eq!(shop.import_with("x", &book, &sheet("New")), Err(message));
}

/// As LibreOffice writes it.
#[test]
fn an_open_document() {
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let number = |value: &str| {
        format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{value}</text:p></table:table-cell>"
        )
    };
    let rows = format!(
        "<table:table-row>{}{}{}</table:table-row><table:table-row table:number-rows-repeated=\"3\"><table:table-cell/></table:table-row>\
         <table:table-row>{}{}{}</table:table-row><table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
        cell("Artikelnummer"),
        cell("Bezeichnung"),
        cell("Preis"),
        number("4711"),
        cell("Uhr"),
        number("19.9")
    );
    let book = ods(&rows);
    let shop = Shop::new();
    assert_eq!(shop.import("prices.ods", book), Ok(1));
    assert_eq!(shop.rows(), [row("4711", "Uhr", "19.9")]);
}

/// An old one of which a part is missing.
#[test]
fn an_old_workbook_that_is_damaged() {
    let old = include_bytes!("files/prices.xls");
    for cut in [600, 1000, 2048, 4000, 5000] {
        let said = Shop::new().import("prices", &old[..cut]).expect_err("it is damaged");
        assert!(said.starts_with("prices: the workbook is damaged"), "{cut}: {said}");
    }
}

/// An old one with a cell far away from the others, and one that says so.
#[test]
fn an_old_workbook_of_too_many_cells() {
    for (record, at, far) in [(b"\x03\x02\x0e\x00", 4, [0xff, 0xff, 0xff, 0]), (b"\x00\x02\x0e\x00", 8, [0xff; 4])] {
        let mut book = include_bytes!("files/prices.xls").to_vec();
        let begin = book.windows(4).position(|window| window == record).expect("a record of that kind") + at;
        book[begin..begin + 4].copy_from_slice(&far);
        let message = "prices: the workbook has more than 8388608 cells; save it as CSV";
        assert_eq!(Shop::new().import("prices", book), Err(message.to_owned()));
    }
}

/// As Excel 97 wrote it: `files/prices.xls`, which the Python package xlwt 1.3 has made.
#[test]
fn an_old_workbook() {
    let shop = Shop::new();
    assert_eq!(shop.import("prices", include_bytes!("files/prices.xls")), Ok(2));
    assert_eq!(shop.rows(), [row("4006381333931", "Wanduhr groß", "19.9"), row("A2", "Lampe", "1299")]);
}
