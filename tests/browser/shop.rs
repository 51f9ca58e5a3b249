//! A shop for the browser, with names in many scripts and more lamps than a page of a list holds.

use std::fs;
use std::path::Path;

use product_lookup::catalogue::import::{Options, import};
use tempfile::TempDir;

use crate::servers::{Site, process};

/// The names that are hard to show.
pub(super) const SCRIPT: &str = r#"<script>alert(1)</script> "O'Neil" & Söhne"#;
pub(super) const HEBREW: &str = "שעון קיר, 30 ס\"מ";
pub(super) const CHINESE: &str = "壁掛け時計 静音 電波時計 木製フレーム 直径三十センチメートル";
pub(super) const LONG: &str = "Wandkalenderhalterungsbefestigungsschraubensortimentskasten";

const PRODUCTS: &str = r#"id,name,price
A001,Clock,12
A002,Bi-Noculars,40
A003,Travel Alarm Clock,19.90
N001,"<script>alert(1)</script> ""O'Neil"" & Söhne",1234567.50
N002,"שעון קיר, 30 ס""מ",1250.00
N003,壁掛け時計 静音 電波時計 木製フレーム 直径三十センチメートル,12345678901234567890.123456
N00000000000000000000000000000000000000000004,Wandkalenderhalterungsbefestigungsschraubensortimentskasten,0.10
"#;

/// A site, and the folder that its catalogue is in.
pub(super) fn shop() -> (TempDir, Site) {
    let (folder, site) = closed_shop();
    open(&folder);
    (folder, site)
}

/// A site whose catalogue is not there.
pub(super) fn closed_shop() -> (TempDir, Site) {
    let folder = process::folder();
    let products_db = Some(folder.path().join("products.db"));
    (folder, Site { products_db, ..Site::default() })
}

/// Puts the catalogue there.
pub(super) fn open(folder: &TempDir) {
    let lamps: String = (1..=45).map(|number| format!("L{number:03},Lamp no. {number:02},{number}.50\n")).collect();
    let path = |name: &str| -> std::path::PathBuf { Path::join(folder.path(), name) };
    fs::write(path("products.csv"), format!("{PRODUCTS}{lamps}")).expect("a file");
    import(&path("products.csv"), &path("products.db"), &Options::default()).expect("an import");
}
