//! What is said where the catalogue is in a database server, word by word.

use product_lookup::catalogue::{Catalogues, DatabaseUrl, Source};

use crate::program::{Site, run};
use crate::servers::mariadb::Mariadb;
use crate::servers::process::wait_for;

/// What is typed, what stdin has, and what is said of it.
const SAID: &[(&str, &str, &str)] = &[
    ("export", "", "the catalogue DATABASE cannot be read: it has no catalogue yet; product-lookup import makes one"),
    (
        "import -",
        "id,name,price\nLONG,Clock,12\n",
        "product \"SHORT\": its id is longer than the 500 bytes that a database server takes",
    ),
    (
        "import -",
        "id,name,price\nA001,LONG,12\n",
        "product \"A001\": its name is longer than the 3000 bytes that a database server takes",
    ),
];

#[test]
fn of_databases() {
    let server = Mariadb::shared();
    let (site, url) = (Site::new(), server.url(&server.database()));
    let shown = format!("mysql://127.0.0.1:{}/{}", server.port, url.rsplit('/').next().unwrap_or_default());
    let said = |typed: &str, stdin: &str| {
        let output = run(site.command().env("PRODUCTS_DB", &url).args(typed.split(' ')), stdin.as_bytes());
        let told = String::from_utf8(output.stderr).expect("UTF-8").replace(&shown, "DATABASE");
        (told.lines().last().unwrap_or_default().to_owned(), output.status.code())
    };
    for (typed, stdin, message) in SAID {
        let message = message.replace("SHORT", &"L".repeat(100));
        let expected = (format!("product-lookup: {message}"), Some(1));
        assert_eq!(said(typed, &stdin.replace("LONG", &"L".repeat(4000))), expected, "{typed}");
    }
    assert_eq!(said("import -", "id,name,price,a,b,c,d,e,f,g,h,i,j\nA001,Clock,12\n").1, Some(0));
    let values: Vec<_> = ('a'..='j').map(|name| format!("{name}={}", "x".repeat(120_000))).collect();
    assert_eq!(
        said(&format!("set A001 {}", values.join(" ")), ""),
        ("product-lookup: the catalogue DATABASE cannot be written: product \"A001\": its columns are longer than 1048576 bytes".to_owned(), Some(1))
    );
    assert_eq!(
        said("set A001 colour=red", ""),
        (
            "product-lookup: the catalogue has no column \"colour\"; an import of a file that has it adds it"
                .to_owned(),
            Some(1)
        )
    );
}

#[test]
fn of_hosts_that_rest() {
    let url = DatabaseUrl::new("mysql://shop@127.0.0.1:1/shop", None);
    let catalogue = Catalogues::default().at(Source::Url(url)).expect("a catalogue");
    let rests = "the catalogue mysql://127.0.0.1:1/shop cannot be read: no host answers; it is tried again after 1s";
    let says = || (format!("{:#}", catalogue.by_id("A001").expect_err("nobody is there")) == rests).then_some(());
    assert!(wait_for(says).is_some());
}
