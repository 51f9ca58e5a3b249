//! What is refused, with which words, and that it changes nothing.

use std::fs;

use product_lookup::catalogue::import::{Columns, Options};

use super::Shop;

/// Imports what must be refused, both ways; it leaves the catalogue and the folder as they were.
fn refused(name: &str, bytes: &[u8], message: &str) {
    let shop = Shop::with_two_products();
    let before = shop.bytes();
    let expected = Err(message.to_owned());
    assert_eq!(shop.import(name, bytes), expected, "{}", String::from_utf8_lossy(bytes));
    assert_eq!(shop.replace(name, bytes), expected);
    assert!(shop.bytes() == before);
    assert_eq!(shop.files(), [name, "products.db"]);
}

#[test]
pub(super) fn csv() {
    let files: [(&[u8], &str); 30] = [
        (b"id,name,price\nA\0,Clock,12\n", "prices.csv, line 2: the id has a NUL character in it"),
        (b"id,name,price\nA001,Clo\0ck,12\n", "prices.csv, line 2: the name has a NUL character in it"),
        (b"", "prices.csv is empty; a header row is needed, like id,name,price"),
        (b"\n \r\n", "prices.csv is empty; a header row is needed, like id,name,price"),
        (b"id,name,price\nA001,Clock,$12\n", r#"prices.csv, line 2: the price "$12" is no decimal number"#),
        (b"id,name,price\nA001,Clock,1e3\n", r#"prices.csv, line 2: the price "1e3" is no decimal number"#),
        (b"id,name,price\nA001,Clock,1_000\n", r#"prices.csv, line 2: the price "1_000" is no decimal number"#),
        (b"id,name,price\nA001,Clock,NaN\n", r#"prices.csv, line 2: the price "NaN" is no decimal number"#),
        (b"id,name,price\nA001,Clock,.\n", r#"prices.csv, line 2: the price "." is no decimal number"#),
        (b"id,name,price\nA001,Clock,--1\n", r#"prices.csv, line 2: the price "--1" is no decimal number"#),
        (b"id,name,price\nA001,Clock,1.2.3\n", r#"prices.csv, line 2: the price "1.2.3" is no decimal number"#),
        (
            b"id,name,price\nA001,Clock,\"1,200.00\"\n",
            r#"prices.csv, line 2: the price "1,200.00" is no decimal number"#,
        ),
        (b"id,name,price\nA001,Clock,\"1\n2\"\n", r#"prices.csv, line 2: the price "1\n2" is no decimal number"#),
        (
            b"id,name,price\nA001,Clock,12345678901234567890123456789\n",
            r#"prices.csv, line 2: the price "12345678901234567890123456789" has more than 28 digits"#,
        ),
        (
            b"id,name,price\nA001,Clock,0.00000000000000000000000000001\n",
            r#"prices.csv, line 2: the price "0.00000000000000000000000000001" has more than 28 digits"#,
        ),
        (b"id,name,price\nA001,Clock,\n", "prices.csv, line 2: the price is empty"),
        (b"id,name,price\n , Clock,1\n", "prices.csv, line 2: the id is empty"),
        (b"id,name,price\nA001,\" \n\",1\n", "prices.csv, line 2: the name is empty"),
        (b"id,name,price\nA001,Clo\xffck,1\n", "prices.csv, line 2: the name is not UTF-8"),
        (b"id,name,price\nA001,Clock\n", "prices.csv, line 2: the number of fields is 2, and the header's is 3"),
        (b"id,name,price\nA001,Clock,1,200\n", "prices.csv, line 2: the number of fields is 4, and the header's is 3"),
        (b"id,price,name\nA001,1,\"Clock\nA002,2,Lamp\n", "prices.csv, line 2: a quote is never closed"),
        (b"id,price,name\nA001,1,\"Clock\nA002,2,Lamp", "prices.csv, line 2: a quote is never closed"),
        (
            b"id,name\nA001,Clock\n",
            "prices.csv, line 1: there is no column 3 for the price; the header has 2 (separated by commas)",
        ),
        (
            b"id;name;price\nA001;Clock;12\n",
            "prices.csv, line 1: there is no column 2 for the name; the header has 1 (separated by commas)",
        ),
        (
            b"name,sku,price\nClock,A001,12\n",
            "prices.csv, line 1: column 1 would be both id and name; say with --id-column which is which",
        ),
        (
            b"A001,Clock,12\nA002,Lamp,7\n",
            r#"prices.csv, line 1: a header row is needed, like id,name,price, and this one has a price, "12""#,
        ),
        (
            b"id,name,price\rA001,Clock,12\rA002,Lamp,7\r",
            "prices.csv, line 1: the line ends are lone CR; LF or CR LF are needed",
        ),
        // The lines are an editor's, whatever stands between.
        (
            b"\xef\xbb\xbf\n\nid,name,price\n\n\nA001,Clock,x",
            r#"prices.csv, line 6: the price "x" is no decimal number"#,
        ),
        (
            b"id,name,price\r\nA1,\"a\r\n\r\nb\",1\r\n\r\nA2,\"b\nc\",x\r\n",
            r#"prices.csv, line 6: the price "x" is no decimal number"#,
        ),
    ];
    for (file, message) in files {
        refused("prices.csv", file, message);
    }
}

#[test]
pub(super) fn json() {
    let files: [(&[u8], &str); 19] = [
        (b"", "prices.json, line 1: EOF while parsing a value"),
        (b"{}", "prices.json, line 1: invalid type: map, expected an array of objects with id, name and price"),
        (
            b"true",
            "prices.json, line 1: invalid type: boolean `true`, expected an array of objects with id, name and price",
        ),
        (
            b"[\n  {\n    \"id\": \"A\",\n    \"name\": \"\",\n    \"price\": 1\n  }\n\n]",
            "prices.json, item 1, line 6: the name is empty",
        ),
        (
            b"[12]",
            "prices.json, item 1, line 1: invalid type: integer `12`, expected an object with id, name and price",
        ),
        (
            br#"[["A001","Clock",12]]"#,
            "prices.json, item 1, line 1: invalid type: sequence, expected an object with id, name and price",
        ),
        (br#"[{"id":"A001","price":12}]"#, "prices.json, item 1, line 1: the name is missing"),
        (
            br#"[{"id":"A001","name":"Clock","price":null}]"#,
            "prices.json, item 1, line 1: the price is neither a string nor a number",
        ),
        (
            br#"[{"id":["A001"],"name":"Clock","price":1}]"#,
            "prices.json, item 1, line 1: the id is neither a string nor a number",
        ),
        (br#"[{"id":" ","name":"Clock","price":1}]"#, "prices.json, item 1, line 1: the id is empty"),
        (br#"[{"id":"A","name":"","price":1}]"#, "prices.json, item 1, line 1: the name is empty"),
        (
            b"[\n{\"id\":\"A\",\"name\":\"a\",\"price\":1},\n{\"id\":\"B\",\"name\":\"b\",\"price\":\"$12\"}\n]",
            r#"prices.json, item 2, line 3: the price "$12" is no decimal number"#,
        ),
        (
            br#"[{"id":"A","name":"a","price":1e-3}]"#,
            r#"prices.json, item 1, line 1: the price "1e-3" is no decimal number"#,
        ),
        (b"[{\"id\":\"A\",\"name\":\"\xff\",\"price\":1}]", "prices.json, item 1, line 1: invalid unicode code point"),
        (br#"[{"id":"A","name":"\ud800","price":1}]"#, "prices.json, item 1, line 1: unexpected end of hex escape"),
        (br#"[{"id":"A","name":"a","price":01}]"#, "prices.json, item 1, line 1: invalid number"),
        (b"[{\"id\":\"A\",\"name\":\"a\",\"price\":1}\n", "prices.json, item 2, line 2: EOF while parsing a list"),
        (b"[{\"id\":\"A\",\"name\":\"a\",\"price\":1},\n]", "prices.json, item 2, line 2: trailing comma"),
        (b"[{\"id\":\"A\",\"name\":\"a\",\"price\":1}]\n[]", "prices.json, line 2: trailing characters"),
    ];
    for (file, message) in files {
        refused("prices.json", file, message);
    }
}

#[test]
pub(super) fn a_bad_last_line_of_many() {
    let mut file = super::many(20_000, 5);
    file.push_str("A001,Clock,dear\n");
    refused("prices.csv", file.as_bytes(), r#"prices.csv, line 20002: the price "dear" is no decimal number"#);
}

#[test]
pub(super) fn a_product_that_would_fill_the_memory() {
    let file = format!("id,price,name\nA001,1,\"{}", "Clock\n".repeat(400_000));
    let message = "prices.csv cannot be read: it is longer than 1 MiB; perhaps a quote is never closed";
    refused("prices.csv", file.as_bytes(), message);
    let file = format!(r#"[{{"id":"A001","name":"{}","price":1}}]"#, "Clock".repeat(400_000));
    let message = "prices.json cannot be read: it is longer than 1 MiB; perhaps a quote is never closed";
    refused("prices.json", file.as_bytes(), message);
}

#[test]
pub(super) fn columns_that_are_not_there() {
    let shop = Shop::new();
    let file = "id,name,price\nA001,Clock,12\n";
    let columns = |id| Options { columns: Columns { id, ..Columns::default() }, replace: false };
    let message = "prices.csv, line 1: there is no column 4 for the id; the header has 3 (separated by commas)";
    assert_eq!(shop.import_with("prices.csv", file, &columns(Some(4))), Err(message.to_owned()));
    let message = "prices.csv, line 1: there is no column 0 for the id; the first is 1";
    assert_eq!(shop.import_with("prices.csv", file, &columns(Some(0))), Err(message.to_owned()));
    assert_eq!(shop.files(), ["prices.csv"]);
}

#[test]
pub(super) fn a_file_that_cannot_be_read() {
    let shop = Shop::with_two_products();
    let into = |name| shop.import_into(&shop.path(name), &shop.store, &Options::default());
    assert_eq!(into("none.csv"), Err("none.csv cannot be read: No such file or directory (os error 2)".to_owned()));
    fs::create_dir(shop.path("folder.csv")).expect("a folder");
    assert_eq!(into("folder.csv"), Err("folder.csv cannot be read: Is a directory (os error 21)".to_owned()));
    assert_eq!(shop.files(), ["folder.csv", "products.db"]);
}
