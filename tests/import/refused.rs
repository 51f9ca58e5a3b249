//! What is refused, with which words, and that it changes nothing.

use std::fs;

use product_lookup::catalogue::import::{Column, Columns, Options};

use super::{Shop, row};

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
    let files: [(&[u8], &str); 31] = [
        (b"id,name,price\nA\0,Clock,12\n", "prices.csv, line 2: the id has a NUL character in it"),
        (b"id,name,price\nA001,Clo\0ck,12\n", "prices.csv, line 2: the name has a NUL character in it"),
        (b"", "prices.csv is empty"),
        (b"\n \r\n", "prices.csv is empty"),
        (
            b"id,name,price\nA001,Clock,dear\n",
            r#"prices.csv, line 2: the price "dear" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,1e3\n",
            r#"prices.csv, line 2: the price "1e3" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,1_000\n",
            r#"prices.csv, line 2: the price "1_000" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,NaN\n",
            r#"prices.csv, line 2: the price "NaN" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,.\n",
            r#"prices.csv, line 2: the price "." is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,--1\n",
            r#"prices.csv, line 2: the price "--1" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,12 pieces\n",
            r#"prices.csv, line 2: the price "12 pieces" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,1.2.3\n",
            r#"prices.csv, line 2: the price "1.2.3" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\nA001,Clock,\"1,200.00\"\n",
            r#"prices.csv, line 2: the price "1,200.00" is not a decimal number; say how the file writes them: --decimal comma for 1.299,00 or --decimal point for 1,299.00"#,
        ),
        (
            b"id,name,price\nA001,Clock,\"1\n2\"\n",
            r#"prices.csv, line 2: the price "1\n2" is not a decimal number (write 30 or 30.00)"#,
        ),
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
        (
            b"id,name,price\nA001,Clo\xffck,1\n",
            "prices.csv, line 2: it is not UTF-8; say what the file is in, for example --encoding windows-1252",
        ),
        (b"id,name,price\nA001,Clock\n", "prices.csv, line 2: the price is missing; the number of fields is 2"),
        (
            b"id,name,price\nA001,Clock,1,200\n",
            "prices.csv, line 2: the number of fields is 4, and the header's is 3; a field that has a separator in it needs quotes",
        ),
        (b"id,price,name\nA001,1,\"Clock\nA002,2,Lamp\n", "prices.csv, line 2: a quote is never closed"),
        (b"id,price,name\nA001,1,\"Clock\nA002,2,Lamp", "prices.csv, line 2: a quote is never closed"),
        (
            b"id,price,name\nA001,1,\"Clock\nA002,2,\"Lamp\"\nA003,3,\"5\" nail\"\n",
            "prices.csv, line 2: a quote is never closed, or one inside the field is not doubled\n\
             prices.csv, line 4: a quote is never closed, or one inside the field is not doubled",
        ),
        (
            b"id,name\nA001,Clock\n",
            r#"prices.csv, line 1: no heading says which column is the price; say so with --price HEADING, or --update, if the file only changes products that are there; the headings are "id", "name""#,
        ),
        (
            b"name,stock,price\nClock,7,12\n",
            r#"prices.csv, line 1: no heading says which column is the id; say so with --id HEADING; the headings are "name", "stock", "price""#,
        ),
        (
            b"id,name,Net price,Gross price\nA001,Clock,12,14\n",
            r#"prices.csv, line 1: both "Net price" and "Gross price" could be the price; say which with --price "Net price" or --price "Gross price"; the headings are "id", "name", "Net price", "Gross price""#,
        ),
        (
            b"A001,Clock,12\nA002,Lamp,7\n",
            r#"prices.csv, line 1: a header row is needed, like id,name,price; the headings are "A001", "Clock", "12""#,
        ),
        // The lines are an editor's, whatever stands between.
        (
            b"\xef\xbb\xbf\n\nid,name,price\n\n\nA001,Clock,x",
            r#"prices.csv, line 6: the price "x" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            b"id,name,price\r\nA1,\"a\r\n\r\nb\",1\r\n\r\nA2,\"b\nc\",x\r\n",
            r#"prices.csv, line 6: the price "x" is not a decimal number (write 30 or 30.00)"#,
        ),
    ];
    for (file, message) in files {
        refused("prices.csv", file, message);
    }
}

#[test]
pub(super) fn json() {
    let files: [(&[u8], &str); 22] = [
        (b"", "prices.json is empty"),
        (
            b"{}",
            r#"prices.json: no heading says which column is the id, the name, the price; say so with --id HEADING --name HEADING --price HEADING; products must be in an array of objects, at the top or one level below; there are no headings"#,
        ),
        (
            b"{\n}",
            "prices.json, line 2: the object has no array of objects; products must be in one, at the top or one level below",
        ),
        (
            b"{\"a\":[{}],\"b\":[{}]}",
            r#"prices.json, line 1: both "a" and "b" are arrays of objects, and one is read; take the other out"#,
        ),
        (
            b"[\n  {\n    \"id\": \"A\",\n    \"name\": \"\",\n    \"price\": 1\n  }\n\n]",
            "prices.json, item 1, line 6: the name is empty",
        ),
        (b"[12]", "prices.json, item 1, line 1: it is not an object, but 12"),
        (br#"[["A001","Clock",12]]"#, r#"prices.json, item 1, line 1: it is not an object, but ["A001","Clock",12]"#),
        (
            br#"[{"id":"A001","price":12}]"#,
            r#"prices.json: no heading says which column is the name; say so with --name HEADING, or --update, if the file only changes products that are there; the headings are "id", "price""#,
        ),
        (br#"[{"id":"A001","name":"Clock","price":null}]"#, "prices.json, item 1, line 1: the price is empty"),
        (
            br#"[{"id":"A001","name":"Clock","price":true}]"#,
            "prices.json, item 1, line 1: the price is neither a string nor a number",
        ),
        (
            br#"[{"id":["A001"],"name":"Clock","price":1}]"#,
            "prices.json, item 1, line 1: the id is neither a string nor a number",
        ),
        (
            br#"[{"id":"A","id":"B","name":"Clock","price":1}]"#,
            r#"prices.json, item 1, line 1: it has two members "id""#,
        ),
        (br#"[{"id":" ","name":"Clock","price":1}]"#, "prices.json, item 1, line 1: the id is empty"),
        (
            br#"[{"id":4.00638e12,"name":"a","price":1}]"#,
            r#"prices.json, item 1, line 1: the id "4.00638e+12" is a number that a spreadsheet has cut; import the shop's own export, not saved by a spreadsheet, or make the column text there and type it again"#,
        ),
        (
            b"[\n{\"id\":\"A\",\"name\":\"a\",\"price\":1},\n{\"id\":\"B\",\"name\":\"b\",\"price\":\"dear\"}\n]",
            r#"prices.json, item 2, line 3: the price "dear" is not a decimal number (write 30 or 30.00)"#,
        ),
        (
            br#"[{"id":"A","name":"a","price":1e-30}]"#,
            r#"prices.json, item 1, line 1: the price "0.000000000000000000000000000001" has more than 28 digits"#,
        ),
        (b"[{\"id\":\"A\",\"name\":\"\xff\",\"price\":1}]", "prices.json, line 1: invalid unicode code point"),
        (
            br#"[{"id":"A","name":"\ud800","price":1}]"#,
            r#"prices.json, item 1, line 1: it is not an object, but {"id":"A","name":"\ud800","price":1}"#,
        ),
        (br#"[{"id":"A","name":"a","price":01}]"#, "prices.json, line 1: invalid number"),
        (b"[{\"id\":\"A\",\"name\":\"a\",\"price\":1}\n", "prices.json, line 2: it ends in the middle; get it anew"),
        (b"[{\"id\":\"A\",\"name\":\"a\",\"price\":1},\n]", "prices.json, line 2: trailing comma"),
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
    refused(
        "prices.csv",
        file.as_bytes(),
        r#"prices.csv, line 20002: the price "dear" is not a decimal number (write 30 or 30.00)"#,
    );
}

#[test]
pub(super) fn a_product_that_would_fill_the_memory() {
    let file = format!("id,price,name\nA001,1,{}", "Clock".repeat(400_000));
    let message = "prices.csv cannot be read: line 2 is longer than 1 MiB";
    refused("prices.csv", file.as_bytes(), message);
    let file = format!(r#"[{{"id":"A001","name":"{}","price":1}}]"#, "Clock".repeat(400_000));
    let message = "prices.json cannot be read: an item is longer than 1 MiB";
    refused("prices.json", file.as_bytes(), message);
    // A quote that is never closed costs its own line alone.
    let shop = Shop::new();
    let file = format!("id,price,name\nA001,1,\"Clock\n{}", "A002,2,Lamp\n".repeat(200_000));
    let skip_bad = Options { skip_bad: true, ..Options::default() };
    assert_eq!(shop.import_with("prices.csv", file, &skip_bad), Ok(1));
    assert_eq!(shop.rows(), [row("A002", "Lamp", "2")]);
}

#[test]
pub(super) fn columns_that_are_not_there() {
    let shop = Shop::new();
    let file = "id,name,price\nA001,Clock,12\n";
    let columns = |id: usize| {
        let id = Some(Column::Number(id));
        Options { columns: Columns { id, ..Columns::default() }, ..Options::default() }
    };
    let message = "prices.csv, line 1: the id: there is no column 4; the headings are \"id\", \"name\", \"price\"";
    assert_eq!(shop.import_with("prices.csv", file, &columns(4)), Err(message.to_owned()));
    let message = "prices.csv, line 1: the id: there is no column 0; the first is 1";
    assert_eq!(shop.import_with("prices.csv", file, &columns(0)), Err(message.to_owned()));
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
