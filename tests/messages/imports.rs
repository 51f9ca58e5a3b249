//! What `import` says of files, word by word; the commoner refusals are in `../import/refused.rs`.

use std::fs::{self, File};
use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::import::workbooks::made::{archive, xlsx};
use crate::program::{Site, run};

/// What is typed, what the file `prices` has in it, and all that is said before it was read to its end.
const REFUSED: &[(&str, &[u8], &str)] = &[
    // What it is.
    ("", b"\x7fELF", "prices is a program; KINDS"),
    ("", b"7z\xbc\xaf\x27\x1c", "prices is a 7z archive; unpack it first; KINDS"),
    ("", b"Rar!", "prices is a RAR archive; unpack it first; KINDS"),
    ("", b"\xfd7zXZ", "prices is packed by xz; unpack it first; KINDS"),
    ("", b"\x28\xb5\x2f\xfd", "prices is packed by zstd; unpack it first; KINDS"),
    ("", b"BZh", "prices is packed by bzip2; unpack it first; KINDS"),
    (
        "",
        b"<table></table>",
        "prices is an HTML page; open it in a spreadsheet and save it as XLSX, or log in and export it anew; KINDS",
    ),
    ("", b"<catalogue/>", "prices is an XML document; save it as CSV or XLSX; KINDS"),
    (
        "",
        b"<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
        "prices is a workbook in Excel's old XML; save it as XLSX; KINDS",
    ),
    ("", b"\0\0\xfe\xff", "prices: it is in UTF-32; save it as UTF-8"),
    ("", b"i\0d\0,\0n\0", "prices: it has no mark, and looks like --encoding utf-16le"),
    (
        "--encoding klingon",
        b"id",
        "prices: --encoding \"klingon\" is not known; there are windows-1252, macintosh, utf-16le and others",
    ),
    ("--encoding shift_jis", b"id,name,price\nA,\xff,1\n", "prices cannot be read: it is not in Shift_JIS"),
    // Its header.
    ("", b"sep=;\n", "prices has no header row, like id,name,price"),
    (
        "",
        b"id,name,price,a;id;name;price;b\n",
        "prices, line 1: the header can be read as separated by commas or by semicolons; put a line before it that \
         says which, like sep=;",
    ),
    (
        "--id 1 --name 2 --price 3",
        b"A001,Clock,12\n",
        "prices, line 1: a header row is needed, like id,name,price, and this one has a price, \"12\"",
    ),
    ("--update", b"{\"id\":\"A\"}", "prices: it has no column but the id, so there is nothing to update"),
    (
        "",
        b"id,name,price,price\n",
        "prices, line 1: two columns are headed \"price\"; say which with --price and its number; the headings are \
         \"id\", \"name\", \"price\", \"price\"",
    ),
    (
        "--price p",
        b"id,name,p,p\n",
        "prices, line 1: the price: more than one column is headed \"p\"; say its number; the headings are \"id\", \
         \"name\", \"p\", \"p\"",
    ),
    (
        "--price p",
        b"id,name,price\n",
        "prices, line 1: the price: no column is headed \"p\"; the headings are \"id\", \"name\", \"price\"",
    ),
    (
        "--only id",
        b"id,name,price\n",
        "prices, line 1: --only: the column \"id\" is the id, the name or the price, or headed so",
    ),
    ("", b"{\"id\":\"A\",\"name\":\"a\",\"price\":1,\"a\\u0000b\":2}", "no further column can be called \"a\\0b\""),
    (
        "",
        b"id,name,price,rowid\nA,a,1,2\n",
        "SQLite adds no column called \"rowid\", as it calls the number of a row; call it otherwise",
    ),
    // Its rows.
    (
        "--decimal point",
        b"id,name,price\nA,a,dear\n",
        "prices, line 2: the price \"dear\" is not a decimal number (write 30 or 30.00, as --decimal point has it)\n\
         LEFT_OUT",
    ),
    (
        "--decimal comma",
        b"id,name,price\nA,a,dear\n",
        "prices, line 2: the price \"dear\" is not a decimal number (write 30 or 30,00, as --decimal comma has it)\n\
         LEFT_OUT",
    ),
    (
        "",
        b"id,name,price\nA,a,$1\nB,b,2\n",
        "prices, line 3: the price \"2\" has no currency, and the first has $; write one currency at all prices, or none\nLEFT_OUT",
    ),
    (
        "",
        b"id,name,price (EUR)\nA,a,$1\n",
        "prices, line 2: the price \"$1\" is in $, and its heading says EUR\nLEFT_OUT",
    ),
    (
        "--replace",
        b"id,name,price\n",
        "prices has no products, and would leave none; --allow-shrink says that this is meant",
    ),
    (
        "--replace",
        b"id,name,price\nZ,z,1\n",
        "10 of 10 products would be removed; --allow-shrink says that this is meant",
    ),
];

/// What is typed, what the file has in it, and what is said on stdout.
const TAKEN: &[(&str, &[u8], &str)] = &[
    (
        "--dry-run --skip-bad",
        b"id,name,price,stock\nA,a,$1,7\nB,b,dear,8\n",
        "would import 1 product into $/products.db: 1 new, 0 changed, 0 unchanged; 11 in all\n\
         the id is \"id\", the name is \"name\", the price is \"price\"\n\
         all prices are in $, which was taken off\n\
         kept as well: \"stock\"\n\
         bad lines that were left out: 1\n",
    ),
    (
        "--dry-run --replace --allow-shrink --price vk",
        b"id,name,price,vk\nA001,Clock,1,12\n",
        "would import 1 product into $/products.db: 0 new, 0 changed, 1 unchanged, 9 removed; 1 in all\n\
         the id is \"id\", the name is \"name\", the price is \"vk\"\n\
         not kept, since another column is the id, name or price: \"price\"\n",
    ),
    (
        "--dry-run --update",
        b"id,price\nA001,13\nA002,40\nZ1,1\nZ2,1\n",
        "would import 2 products into $/products.db: 0 new, 1 changed, 1 unchanged, 2 not there; 10 in all\n\
         the id is \"id\", the price is \"price\"\n",
    ),
];

const LEFT_OUT: &str = "nothing was imported; --skip-bad leaves out what is not a product";

const KINDS: &str = "a table of products is CSV, JSON, NDJSON or a workbook (XLSX, XLS, ODS)";

/// Imports the file `prices`: what is said on stdout, then on stderr but for how far it is, and the status.
fn import(site: &Site, typed: &str) -> (String, String, Option<i32>) {
    let mut command = site.command();
    command.current_dir(site.folder.path()).arg("import").args(typed.split_whitespace()).arg("prices");
    let output = run(&mut command, b"");
    let folder = site.folder.path().display().to_string();
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8").replace(&folder, "$");
    let phases = ["reading prices", "comparing it with the catalogue", "finishing"];
    let is_phase = |line: &&str| phases.iter().any(|phase| *line == format!("product-lookup: {phase}\n"));
    let told = text(output.stderr).split_inclusive('\n').filter(|line| !is_phase(line)).collect();
    (text(output.stdout), told, output.status.code())
}

fn refused(site: &Site, typed: &str, message: &str) {
    let expected = format!(
        "product-lookup: {}\n",
        message.replace("KINDS", KINDS).replace("LEFT_OUT", LEFT_OUT).replace('\n', "\nproduct-lookup: ")
    );
    assert_eq!(import(site, typed), (String::new(), expected, Some(1)), "{typed}");
}

#[test]
fn of_files_that_are_refused() {
    let site = Site::with_catalogue();
    for (typed, bytes, message) in REFUSED {
        fs::write(site.path("prices"), bytes).expect("a file");
        refused(&site, typed, message);
    }
}

#[test]
fn of_files_that_are_taken() {
    let site = Site::with_catalogue();
    for (typed, bytes, told) in TAKEN {
        fs::write(site.path("prices"), bytes).expect("a file");
        let (said, _, status) = import(&site, typed);
        assert_eq!((said.as_str(), status), (*told, Some(0)), "{typed}");
    }
}

fn packed(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    pieces.for_each(|piece| packed.write_all(&piece).expect("memory"));
    packed.finish().expect("memory")
}

/// Those that are too long, or too odd, to stand in a table.
#[test]
fn of_files_that_are_made() {
    let site = Site::with_catalogue();
    let is_refused = |bytes: &[u8], message: &str| {
        fs::write(site.path("prices"), bytes).expect("a file");
        refused(&site, "", message);
    };
    let products = |rows: &[&str]| xlsx(&[("Prices", &rows.concat())]);
    let row = |number: u32| {
        let cell = |column: char, value: u32| format!("<c r=\"{column}{number}\" t=\"s\"><v>{value}</v></c>");
        format!("<row r=\"{number}\">{}{}{}</row>", cell('A', 0), cell('B', 1), cell('C', 2))
    };
    let bad: String = (1..=22).map(|number| format!("A{number},Clock,dear\n")).collect();
    let dear =
        |line: u32| format!("prices, line {line}: the price \"dear\" is not a decimal number (write 30 or 30.00)\n");
    let named: String = (2..=21).map(dear).collect();
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    is_refused(&tar, "prices is a tar archive; unpack it first; KINDS");
    is_refused(&packed([packed([].into_iter())].into_iter()), "prices is packed by gzip twice; unpack it first; KINDS");
    let blank = std::iter::repeat_n([b" ".repeat(1_000_000), b"\n".to_vec()].concat(), 17);
    is_refused(
        &packed([b"id,name,price\n".to_vec()].into_iter().chain(blank)),
        "prices cannot be read: it unpacks to more than 16 MiB",
    );
    is_refused(
        format!("{}id,name,price\n", "c,".repeat(1000)).as_bytes(),
        "prices, line 1: it has 1003 columns, and 1000 are the most",
    );
    is_refused(
        format!("id,name,price,{}\n", "x".repeat(201)).as_bytes(),
        &format!("prices, line 1: the heading that begins with \"{}\" is longer than 200 characters", "x".repeat(50)),
    );
    is_refused(format!("id,name,price\n{bad}").as_bytes(), &format!("{named}and 2 more bad lines\nLEFT_OUT"));
    // The columns are found among the first 1,000 objects.
    let first = "{\"sku\":\"A\",\"name\":\"a\",\"price\":1}\n".repeat(1000);
    is_refused(
        format!("{first}{{\"id\":\"B\",\"sku\":\"C\",\"name\":\"b\",\"price\":2}}\n").as_bytes(),
        "prices, line 1001 has other columns than before; say with --id, --name and --price which are which",
    );
    is_refused(&products(&[&row(2), &row(1)]), "prices: its rows are in no order");
    // A column that no sheet has.
    is_refused(
        &products(&[&row(1), "<row r=\"2\"><c r=\"BQIDB2\" t=\"s\"><v>1</v></c></row>"]),
        "prices, row 2: it has 1218934 columns, and 1000 are the most",
    );
    is_refused(
        &products(&[&row(1), "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</x></c></row>"]),
        "prices: the sheet \"Prices\" cannot be read: Xml error: ill-formed document: start tag not closed: `</v>` \
         not found before end of input",
    );
    is_refused(
        &archive(&[("xl/workbook.xml", "<workbook>")]),
        "prices: the workbook is damaged, or has a password: File not found '_rels/.rels'",
    );
    let compound = |stream: &str| {
        let mut book = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("memory");
        book.create_stream(stream).expect("memory");
        book.into_inner().into_inner()
    };
    is_refused(&compound("EncryptedPackage"), "prices: it has a password; save it without one");
    is_refused(&compound("WordDocument"), "prices: it is a file of an old Microsoft Office, and not a workbook");
    let mut book = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("memory");
    let sheets = b"\x85\0\x04\0\0\0\0\0".repeat(1001);
    book.create_stream("Workbook").and_then(|mut stream| stream.write_all(&sheets)).expect("memory");
    is_refused(book.into_inner().get_ref(), "prices: the workbook has more than 1000 sheets; save it as CSV");
    let file = File::create(site.path("prices")).expect("a file");
    (&file).write_all(b"PK\x03\x04").and_then(|()| file.set_len((128 << 20) + 1)).expect("a file with a hole");
    refused(&site, "", "prices is a workbook of more than 128 MiB; save it as CSV");
}
