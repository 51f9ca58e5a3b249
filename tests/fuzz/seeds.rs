//! Where the fuzzer begins: the requests of the table of cases, as the bytes that each target takes. The files in
//! `corpus` are those that no case has.

use std::io::{self, Read};

use flate2::Compression;
use flate2::read::GzEncoder;
use url::form_urlencoded;

use crate::cases::{self, Case};
use crate::fastcgi_client::{WHOLE, pair, request};
use crate::import::shapes::files;
use crate::import::workbooks::made;
use crate::variables::variables;

/// Bytes of a seed at most, as run.sh has it for all inputs.
const MOST: usize = 8192;

/// The seeds of a target, without those that are there already.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = cases::table().iter().filter_map(|case| seed(target, case)).collect();
    seeds.extend(of_files(target));
    seeds.retain(|seed| seed.len() <= MOST);
    seeds.sort();
    seeds.dedup();
    seeds
}

/// Files of products, behind the byte that says how to import them, or which kind of workbook they are. The last of
/// each unpacks to a thousand times as much.
fn of_files(target: &str) -> Vec<Vec<u8>> {
    let is_json = |file: &&[u8]| file.starts_with(b"[") || file.starts_with(b"{");
    let shapes = files::SHAPES.iter().map(|shape| shape.1);
    match target {
        "csv" => {
            let mut bomb = vec![0];
            let zeros = b"id,name,price\n".chain(io::repeat(b'0').take((MOST as u64) << 9));
            GzEncoder::new(zeros, Compression::best()).read_to_end(&mut bomb).expect("memory");
            let files = shapes.filter(|file| !is_json(file));
            files.map(|file| [&[0], file].concat()).chain([bomb]).collect()
        }
        "jsonimport" => shapes.filter(is_json).map(|file| [&[0], file].concat()).collect(),
        "workbook" => WORKBOOKS.iter().map(|&(kind, rows)| [&[kind], rows.as_bytes()].concat()).chain(raw()).collect(),
        _ => Vec::new(),
    }
}

/// Rows of an XLSX (0) and of an OpenDocument (1).
const WORKBOOKS: [(u8, &str); 5] = [
    (
        0,
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>A1</t></is></c><c r="B2" t="str"><f>A1</f><v>Clock</v></c><c r="C2"><v>1.5</v></c></row>"#,
    ),
    (0, r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#),
    (
        1,
        r#"<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>name</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>price</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell><table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>5</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16381"/></table:table-row>"#,
    ),
    (
        1,
        r#"<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>id</text:p></table:table-cell></table:table-row>"#,
    ),
    (
        1,
        r#"<table:table-row><table:table-cell table:number-columns-repeated="16383"/><table:table-cell table:formula="1" office:value-type="date" office:date-value="2024-05-01"/></table:table-row><table:table-row table:number-rows-repeated="4000000000"><table:table-cell/></table:table-row>"#,
    ),
];

/// An old workbook, and an archive that unpacks to a thousand times as much.
fn raw() -> [Vec<u8>; 2] {
    let old = include_bytes!("../import/files/prices.xls");
    let rows = " ".repeat(MOST << 9);
    [[&[2], &old[..]].concat(), [vec![2], made::archive(&[("xl/workbook.xml", &rows)])].concat()]
}

/// A case as the target takes it; `None` where it has nothing for it.
fn seed(target: &str, case: &Case) -> Option<Vec<u8>> {
    let body = case.body.as_deref().unwrap_or_default();
    let sent = |name: &str| case.fields.iter().find(|field| field.0 == name).map(|field| field.1.as_slice());
    let posted = |own: &str| case.body.as_ref().map(|_| lines(case, own));
    match target {
        "accept" => sent("Accept").map(<[u8]>::to_vec),
        "conversation" => Some(request(1, false, &variables(case), body, WHOLE)),
        "get" => case.body.is_none().then(|| lines(case, "")),
        "json" => posted("application/json"),
        "multipart" => posted("multipart/form-data; boundary=B"),
        "name" => asked(case, "name").map(String::into_bytes),
        "pairs" => Some(variables(case).iter().flat_map(|(name, value)| pair(name, value)).collect()),
        "search" => {
            let [limit, after] = ["limit", "after"].map(|name| asked(case, name).unwrap_or_default());
            asked(case, "q").map(|question| [question, limit, after].join("\n").into_bytes())
        }
        "urlencoded" => posted("application/x-www-form-urlencoded"),
        // Files of products are no requests.
        _ => None,
    }
}

/// The variables, a line each, an empty line, and the body; without what the check adds by itself, since it
/// expects more where that is not told. `own` is the target's own type of body.
fn lines(case: &Case, own: &str) -> Vec<u8> {
    let mut variables = variables(case);
    variables.retain(|(name, value)| match name.as_slice() {
        b"GATEWAY_INTERFACE" | b"SERVER_PROTOCOL" | b"CONTENT_LENGTH" => false,
        b"REQUEST_METHOD" => ![&b"GET"[..], b"POST"].contains(&value.as_slice()),
        b"CONTENT_TYPE" => value != own.as_bytes(),
        _ => !value.is_empty(),
    });
    let line = |(name, value): (Vec<u8>, Vec<u8>)| [name, b"=".to_vec(), value, b"\n".to_vec()].concat();
    let head: Vec<u8> = variables.into_iter().flat_map(line).collect();
    [&head, &b"\n"[..], case.body.as_deref().unwrap_or_default()].concat()
}

/// What the query says of a name.
fn asked(case: &Case, name: &str) -> Option<String> {
    form_urlencoded::parse(case.query.as_bytes()).find(|pair| pair.0 == name).map(|pair| pair.1.into_owned())
}
