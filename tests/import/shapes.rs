//! Files as programs write them that shops have: what each becomes, or with which words it is refused. From a file,
//! through a pipe, and packed by gzip.

use std::io::Write;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Shop;
use super::running::without_phases;

/// What must come: products as `id|name|price`, or what is said on stderr, without the file's name.
type Expected = Result<&'static [&'static str], &'static str>;

/// What it is, its bytes, the options, and what must come.
type Shape = (&'static str, &'static [u8], &'static [&'static str], Expected);

const SHAPES: [Shape; 64] = [
    ("plain", b"id,name,price\nA1,Clock,12\n", &[], Ok(&["A1|Clock|12"])),
    ("Shopify", b"Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Variant Compare At Price,Image Src,SEO Title,Cost per item,Price / International\nmug,Mug,<p>A mug</p>,Ann,Color,Red,M-R,350,9.90,12.00,http://x/1,,4.00,11\nmug,,,,,Blue,M-B,350,10.90,,http://x/2,,4.00,\nmug,,,,,,,,,,http://x/3,,,\n", &[], Ok(&["M-B|Mug|10.90", "M-R|Mug|9.90"])),
    ("Shopify without numbers", b"Handle,Title,Variant Price,Image Src\nmug,Mug,9.90,1\nmug,,,2\ncup,Cup,5,3\n", &[], Ok(&["cup|Cup|5", "mug|Mug|9.90"])),
    ("Shopify, a variant without a number", b"Handle,Title,Variant SKU,Variant Price\nmug,Mug,M-R,9.90\nmug,,,10.90\n", &[], Err("line 3: the id is empty")),
    ("WooCommerce", b"ID,Type,SKU,Name,Published,\"Tax class\",\"Sale price\",\"Regular price\"\n44,simple,1001,Tee,1,,15,18\n", &[], Ok(&["44|Tee|18"])),
    ("WooCommerce by SKU", b"ID,Type,SKU,Name,\"Sale price\",\"Regular price\"\n44,simple,1001,Tee,15,18\n", &["--id", "SKU"], Ok(&["1001|Tee|18"])),
    ("WooCommerce, a parent", b"ID,Type,SKU,Name,Regular price\n44,variable,tee,Tee,\n76,variation,tee-red,Tee - Red,20\n", &[], Err("line 2: the price is empty")),
    ("WooCommerce, parents left out", b"ID,Type,SKU,Name,Regular price\n44,variable,tee,Tee,\n76,variation,tee-red,Tee - Red,20\n", &["--skip-bad"], Ok(&["76|Tee - Red|20"])),
    ("Magento", b"sku,store_view_code,product_type,name,price,special_price\nB-1,,simple,Bag,34.00,30\n", &[], Ok(&["B-1|Bag|34.00"])),
    ("PrestaShop", b"Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Wholesale price\n7;1;Mug;Home, Kitchen;9.90;4.00\n", &[], Ok(&["7|Mug|9.90"])),
    ("PrestaShop with both prices", b"Product ID;Name *;Price tax excluded;Price tax included\n7;Mug;9.90;11\n", &[], Err("line 1: both \"Price tax excluded\" and \"Price tax included\" could be the price; say which with --price \"Price tax excluded\" or --price \"Price tax included\"; the headings are \"Product ID\", \"Name *\", \"Price tax excluded\", \"Price tax included\"")),
    ("Google Merchant", b"id\ttitle\tdescription\tlink\tprice\tgtin\nA1\tClock\tA clock, red\thttp://x\t19.90 USD\t4006381333931\nA2\tLamp\t\thttp://y\t3 USD\t\n", &[], Ok(&["A1|Clock|19.90", "A2|Lamp|3"])),
    ("two currencies", b"id\ttitle\tprice\nA1\tClock\t19.90 USD\nA2\tLamp\t3 EUR\n", &[], Err("line 3: the price \"3 EUR\" has EUR, and the first has USD")),
    ("German ERP", "Artikelnummer;Bezeichnung;EK-Preis;VK-Preis\nA1;Wanduhr groß;4,10;1.299,00\nA2;Lampe;1;3,5\n".as_bytes(), &["--decimal", "comma"], Ok(&["A1|Wanduhr groß|1299.00", "A2|Lampe|3.5"])),
    ("German ERP, not said how", b"Artikel-Nr.;Bezeichnung;Preis\nA1;Uhr;19,90\n", &[], Err("line 2: the price \"19,90\" is not a decimal number; say how the file writes them: --decimal comma for 1.299,00 or --decimal point for 1,299.00")),
    ("a comma left out hides a thousand", b"Art.-Nr.;Titel;Preis\nA1;Uhr;1.299\nA2;Lampe;19,90\n", &["--skip-bad"], Err("the price at line 3 is written with a comma, so the point at line 2 may stand for thousands; say which with --decimal comma or --decimal point")),
    ("Excel, European", b"sep=;\r\nid;name;price\r\nA1;Clock;12,50\r\n", &["--decimal", "comma"], Ok(&["A1|Clock|12.50"])),
    ("Excel, a tab is said", b"sep=\t\r\nid\tname\tprice\r\nA1\tClock, red\t12\r\n", &[], Ok(&["A1|Clock, red|12"])),
    ("Excel, quoted sep", b"\"sep=|\"\nid|name|price\nA1|Clock|12\n", &[], Ok(&["A1|Clock|12"])),
    ("Excel, Unicode text", b"\xff\xfei\0d\0\t\0n\0a\0m\0e\0\t\0p\0r\0i\0c\0e\0\r\0\n\0A\x001\0\t\0\xdc\0h\0r\0\t\x001\x002\0\r\0\n\0", &[], Ok(&["A1|Ühr|12"])),
    ("UTF-16, big end first", b"\xfe\xff\0i\0d\0,\0n\0a\0m\0e\0,\0p\0r\0i\0c\0e\0\n\0A\x001\0,\0U\0h\0r\0,\x001\x002\0\n", &[], Ok(&["A1|Uhr|12"])),
    ("UTF-16 without a mark", b"i\0d\0,\0n\0a\0m\0e\0,\0p\0r\0i\0c\0e\0\n\0", &[], Err("it has no mark, and looks like --encoding utf-16le")),
    ("UTF-16, said", b"i\0d\0,\0n\0a\0m\0e\0,\0p\0r\0i\0c\0e\0\n\0A\0,\0B\0,\x001\0\n\0", &["--encoding", "utf-16le"], Ok(&["A|B|1"])),
    ("UTF-16, cut", b"\xff\xfei\0d\0,\0n\0a\0m\0e\0,\0p\0r\0i\0c\0e\0\n\0A", &[], Err("cannot be read: it is not in UTF-16LE")),
    ("windows-1252", b"id;name;price\nA1;Gl\xfchbirne;5 \x80\n", &["--encoding", "windows-1252"], Ok(&["A1|Glühbirne|5"])),
    ("windows-1252, not said", b"id;name;price\nA1;Gl\xfchbirne;5\n", &[], Err("line 2: it is not UTF-8; say what the file is in, for example --encoding windows-1252")),
    ("Shift JIS", b"id,name,price\nA1,\x8e\x9e\x8cv,5\n", &["--encoding", "shift_jis"], Ok(&["A1|時計|5"])),
    ("an encoding that is none", b"id,name,price\nA1,Clock,5\n", &["--encoding", "latin"], Err("--encoding \"latin\" is not known")),
    ("old Macintosh", b"id,name,price\rA1,Clock,12\rA2,Lamp,3\r", &[], Ok(&["A1|Clock|12", "A2|Lamp|3"])),
    ("DOS", b"id,name,price\r\nA1,Clock,12\r\n\x1a", &[], Ok(&["A1|Clock|12"])),
    ("bars", b"id|name|price\nA1|Clock, red|12\n", &[], Ok(&["A1|Clock, red|12"])),
    ("a mark, and quotes", b"\xef\xbb\xbf\"id\",\"name\",\"price\"\n\"A1\",\"Clock \"\"big\"\"\",\"12\"\n", &[], Ok(&["A1|Clock \"big\"|12"])),
    ("blanks before quotes", b"id, name, price\nA1, \"Clock, red\", \"12\"\n", &[], Ok(&["A1|Clock, red|12"])),
    ("trailing fields left out", b"id,name,price,stock,note\nA1,Clock,12,5,x\nA2,Lamp,3\n", &[], Ok(&["A1|Clock|12", "A2|Lamp|3"])),
    ("trailing separators", b"id,name,price,\nA1,Clock,12,\nA2,Lamp,3,,,\n,,\n", &[], Ok(&["A1|Clock|12", "A2|Lamp|3"])),
    ("a price with a comma that nobody quoted", b"id,name,price\nA1,Clock,1,299\n", &[], Err("line 2: the number of fields is 4, and the header's is 3; a field that has a separator in it needs quotes")),
    ("pandas", b",id,name,price\n0,A1,Clock,12\n", &[], Err("line 1: column 1 has no heading; rename it, or say which columns to keep, for example --only stock,ean (or --only '' for none)")),
    ("pandas, without the rest", b",id,name,price\n0,A1,Clock,12\n", &["--only", ""], Ok(&["A1|Clock|12"])),
    ("a heading twice", b"id,name,price,stock,Stock\nA1,Clock,12,1,2\n", &[], Err("line 1: two columns are headed \"Stock\"; rename it, or say which columns to keep, for example --only stock,ean (or --only '' for none)")),
    ("ids that a spreadsheet cut", b"EAN,Name,Price\n4.00638E+12,Clock,12\n4,00638E+12,Lamp,3\n", &["--only", ""], Err("line 2: the id \"4.00638E+12\" is a number that a spreadsheet has cut; make its column text there, and type it again\nline 3: the number of fields is 4, and the header's is 3; a field that has a separator in it needs quotes\nnothing was imported; --skip-bad leaves out what is no product")),
    ("an error of a spreadsheet", b"id,name,price\nA1,#N/A,12\n", &[], Err("line 2: the name is \"#N/A\", which a spreadsheet shows where it has no value")),
    ("invisible characters", "id,name,price\n\u{200b}A1,\u{ad}Clock\u{feff},12\n".as_bytes(), &[], Ok(&["A1|Clock|12"])),
    ("dollars", b"id,name,price\nA1,Clock,$12.50\nA2,Lamp,$3\n", &[], Ok(&["A1|Clock|12.50", "A2|Lamp|3"])),
    ("a heading's currency", b"SKU,Name,EAN,Price (EUR)\nA1,Clock,4006381333931,12.00\n", &[], Ok(&["A1|Clock|12.00"])),
    ("another currency than the heading's", b"SKU,Name,Price (EUR)\nA1,Clock,$12.00\n", &[], Err("line 2: the price \"$12.00\" is in $, and its heading says EUR")),
    ("thousands with points", b"id,name,price\nA1,Clock,\"1,299.00\"\nA2,Lamp,1 299\n", &["--decimal", "point"], Ok(&["A1|Clock|1299.00", "A2|Lamp|1299"])),
    ("groups that are none", b"id;name;price\nA1;Clock;19.90\n", &["--decimal", "comma"], Err("line 2: the price \"19.90\" is not a decimal number (write 30 or 30.00), by --decimal comma")),
    ("Swiss", "id;name;price\nA1;Uhr;CHF 1’299.00\n".as_bytes(), &["--decimal", "point"], Ok(&["A1|Uhr|1299.00"])),
    ("a description is no name", b"id,description,price\nA1,a long text,12\n", &[], Err("line 1: no heading says which column is the name; say so with --name HEADING; the headings are \"id\", \"description\", \"price\"")),
    ("a cost is no price", b"id,name,Cost price,Purchase price\nA1,Clock,1,2\n", &[], Err("line 1: no heading says which column is the price; say so with --price HEADING; the headings are \"id\", \"name\", \"Cost price\", \"Purchase price\"")),
    ("JSON", br#"[{"id":"A1","name":"Clock","price":1.2e1},{"id":2,"name":"Lamp","price":"3.50","stock":null}]"#, &[], Ok(&["2|Lamp|3.50", "A1|Clock|12"])),
    ("JSON, in an object", br#"{"total":1,"tags":["a"],"meta":{"x":[{}]},"products":[{"sku":"A1","title":"Clock","price":12}],"next":null}"#, &[], Ok(&["A1|Clock|12"])),
    ("JSON, written with care", b"{\n  \"products\": [\n    {\n      \"id\": \"A1\",\n      \"name\": \"Clock\",\n      \"price\": 12\n    }\n  ]\n}\n", &[], Ok(&["A1|Clock|12"])),
    ("NDJSON", b"{\"id\":\"A1\",\"name\":\"Clock\",\"price\":12}\n\n{\"id\":\"A2\",\"name\":\"Lamp\",\"price\":3,\"parts\":[{\"a\":1}]}\n", &[], Ok(&["A1|Clock|12", "A2|Lamp|3"])),
    ("NDJSON with a broken line", b"{\"id\":\"A1\",\"name\":\"Clock\",\"price\":12}\n{\"id\":\"A2\",\n", &[], Err("line 2: EOF while parsing a value")),
    ("a GraphQL error", br#"{"errors":[{"message":"no"}],"data":null}"#, &[], Err("no heading says which column is the id; say so with --id HEADING; the headings are \"message\"")),
    ("HTML", b"<!DOCTYPE html>\n<html><body>Sorry, try again</body></html>", &[], Err("is an HTML page; a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)")),
    ("XML", b"<?xml version=\"1.0\"?><rss><item/></rss>", &[], Err("is an XML document; a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)")),
    ("PDF", b"%PDF-1.7\n", &[], Err("is a PDF document; a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)")),
    ("a zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", &[], Err("it is a zip archive without a workbook; unpack it first")),
    ("SQLite", b"SQLite format 3\0", &[], Err("is an SQLite database; a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)")),
    ("a picture", b"\x89PNG\r\n\x1a\n", &[], Err("is an image; a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)")),
    ("nothing", b" \r\n", &[], Err("is empty")),
    ("an update of prices alone", b"Artikelnummer;Preis\nA001;13\nZ9;5\n", &["--update"], Ok(&["A001|Old|13"])),
];

/// What the program says of a file, on stderr or else the products that are there; `-` is stdin.
fn outcome(file: &str, stdin: &[u8], options: &[&str], shop: &Shop) -> Result<Vec<String>, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    command.arg("import").args(options).arg(file).env_clear().env("PRODUCTS_DB", shop.catalogue());
    command.current_dir(shop.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // It may end before it has read that.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    let output = child.wait_with_output().expect("its end");
    let said = without_phases(&String::from_utf8(output.stderr).expect("UTF-8")).replace("product-lookup: ", "");
    if !output.status.success() {
        return Err(said);
    }
    Ok(shop.rows().into_iter().map(|(id, name, price)| format!("{id}|{name}|{price}")).collect())
}

#[test]
fn what_each_becomes() {
    for (what, bytes, options, expected) in SHAPES {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(bytes).expect("memory");
        let packed = packed.finish().expect("memory");
        for (how, file, written) in [("a file", "feed", bytes), ("a pipe", "-", bytes), ("gzip", "feed", &packed)] {
            let shop = Shop::new();
            if options.contains(&"--update") {
                assert_eq!(shop.import("old.csv", "id,name,price\nA001,Old,12\n"), Ok(1));
            }
            if file != "-" {
                shop.write(file, written);
            }
            let name = if file == "-" { "standard input" } else { file };
            let came = outcome(file, written, options, &shop);
            match (expected, came) {
                (Ok(expected), Ok(came)) => assert_eq!(came, expected, "{what}, {how}"),
                (Err(expected), Err(came)) => {
                    let named = |line: &str| {
                        line.replacen(&format!("{name}, "), "", 1).replacen(&format!("{name}: "), "", 1).replacen(
                            &format!("{name} "),
                            "",
                            1,
                        )
                    };
                    let came: Vec<String> = came.lines().map(named).collect();
                    assert_eq!(came.join("\n"), expected, "{what}, {how}");
                    assert!(!shop.catalogue().exists() || options.contains(&"--update"), "{what}, {how}");
                }
                (expected, came) => panic!("{what}, {how}: {expected:?} and {came:?}"),
            }
        }
    }
}
