//! Workbooks as LibreOffice itself writes them, in the formats that shops send.

use std::process::Command;

use product_lookup::catalogue::Source;
use product_lookup::catalogue::export::Format;

use super::Shop;
use super::export::text;

/// Ids with leading zeros, prices, days, numbers, and article numbers that are more digits than a price has.
const TABLE: &str = "id,name,price,added,stock,ean
007,\"Wanduhr, groß\",19.90,2024-05-01,5,04006381333931
0815,\"Zeile eins
Zeile zwei\",0.5,2024-02-29,12,
A-1,Lamp,1299,1999-12-31,0,4006381333932
";

/// Reads the table with commas, quotes and UTF-8; the 1st, 2nd and 6th column are text, the 4th is year, month, day
/// (https://wiki.documentfoundation.org/Documentation/DevGuide/Spreadsheet_Documents, "Filter Options for CSV").
const FILTER: &str = "--infilter=Text - txt - csv (StarCalc):44,34,76,1,1/2/2/2/3/1/4/5/5/1/6/2";

#[test]
fn what_libreoffice_writes_is_what_one_sees_there() {
    let shop = Shop::new();
    let table = shop.write("table.csv", TABLE);
    for (kind, filter) in [("xlsx", "xlsx:Calc MS Excel 2007 XML"), ("ods", "ods:calc8"), ("xls", "xls:MS Excel 97")] {
        let mut office = Command::new("soffice");
        office.arg(format!("-env:UserInstallation=file://{}", shop.path("profile").display()));
        office.args(["--headless", "--norestore", FILTER, "--convert-to", filter, "--outdir"]);
        let output = office.arg(shop.folder.path()).arg(&table).output().expect("soffice");
        assert!(output.status.success(), "{output:?}");
        let other = Shop::new();
        let file = shop.path(&format!("table.{kind}"));
        assert_eq!(other.import_into(&file, &other.store, &Default::default()), Ok(3), "{kind}: {output:?}");
        // A spreadsheet has numbers, of which it shows no zeros at the end.
        assert_eq!(text(&Source::from(&other.store), Format::Csv), TABLE.replace("19.90", "19.9"), "{kind}");
    }
}
