//! The catalogue in database servers that are asked, killed, cut off and come back: it gives the answers
//! that an SQLite file gives.

mod cluster;
mod cut_off;
mod hosts;
mod questions;
mod same;
mod secrets;

use std::sync::Arc;

use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{Catalogue, Catalogues, DatabaseUrl, Source};

use crate::servers::mariadb::{Mariadb, PASSWORD_IN_URL};

/// What a lookup of the clock gives.
const CLOCK: &str = r#"{"name":"Clock","price":12}"#;

fn source(url: &str) -> Source {
    Source::Url(DatabaseUrl::new(url, None))
}

fn open(url: &str) -> Arc<dyn Catalogue> {
    Catalogues::default().at(source(url)).expect("a catalogue")
}

/// A database with a clock, and what PRODUCTS_DB is for it; instead of a port it has a list of them.
fn clock(server: &Mariadb) -> impl Fn(&[u16]) -> String + use<> {
    let database = server.database();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("clock.csv");
    std::fs::write(&file, "id,name,price\nA001,Clock,12\n").expect("a file");
    import(&file, source(&server.url(&database)), &Options::default()).expect("an import");
    move |ports| {
        let hosts: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("mysql://shop:{PASSWORD_IN_URL}@{}/{database}", hosts.join(","))
    }
}

fn assert_clock(catalogue: &dyn Catalogue) {
    let found = catalogue.by_id("A001").unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(found.map(|product| product.name).as_deref(), Some("Clock"));
}
