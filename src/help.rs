//! What the help says beside what may be typed, and the man pages too: examples, and settings from their table.

use product_lookup::settings::SETTINGS;

/// Examples of each command, with what they do; the first are the program's own.
pub(crate) const EXAMPLES: [(&str, &[(&str, &str)]); 9] = [
    (
        "product-lookup",
        &[
            ("product-lookup import prices.csv", "Import products"),
            ("product-lookup find tea", "Search for them"),
            ("QUERY_STRING=id=A001 product-lookup", "Answer a request as a web server would have it"),
            ("sudo product-lookup check", "Find out what is wrong"),
        ],
    ),
    (
        "serve",
        &[
            (
                "product-lookup serve --listen unix:/run/product-lookup/socket",
                "Listen where apache/proxy_fcgi.conf connects to",
            ),
            (
                "FCGI_WEB_SERVER_ADDRS=10.0.0.5 product-lookup serve --listen 10.0.0.11:9000",
                "Serve a web server on another machine",
            ),
        ],
    ),
    (
        "import",
        &[
            ("product-lookup import prices.csv", "Update and add products"),
            (
                "product-lookup import --dry-run --replace prices.csv",
                "See what would go, were the file the whole catalogue",
            ),
            (
                "product-lookup import --id EAN --price 'VK brutto' --decimal comma prices.xlsx",
                "Say which columns are what",
            ),
            ("product-lookup import --update --only stock stock.csv", "Change one column of products that are there"),
            (
                "curl -sSf https://shop.example/feed.json | product-lookup import -",
                "Import what another program writes",
            ),
        ],
    ),
    (
        "export",
        &[
            ("product-lookup export > products.csv", "Back up, at any time"),
            ("PRODUCTS_DB=old.db product-lookup export --format json", "Write another catalogue, as JSON"),
        ],
    ),
    ("get", &[("product-lookup get A001 B001", "Show two products")]),
    ("find", &[("product-lookup find --limit 5 steel tea", "Show the first five with words that start so")]),
    (
        "set",
        &[
            ("product-lookup set A001 --price 13.50", "Change a price"),
            ("product-lookup set C001 --name Teapot --price 19.90", "Add a product"),
            ("product-lookup set A001 stock=7 color=red", "Change further columns"),
        ],
    ),
    ("remove", &[("product-lookup remove A001 B001", "Take out two products")]),
    (
        "check",
        &[
            ("sudo product-lookup check", "Look at all that can be seen without a request"),
            ("sudo product-lookup check --url http://localhost/wsgi/myapp.py", "Ask a live server too"),
        ],
    ),
];

/// What an exit status means.
pub(crate) const EXIT_STATUS: [(&str, &str); 3] = [
    ("0", "done"),
    ("1", "failed, with the reason on stderr; or check found something broken"),
    ("2", "wrong usage, on one line on stderr"),
];

/// The examples of a command, with what each does.
pub(crate) fn examples_of(command: &str) -> &'static [(&'static str, &'static str)] {
    EXAMPLES.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| examples)
}

/// The examples of a command, as its help ends.
pub(crate) fn examples(command: &str) -> String {
    let lines = examples_of(command).iter().map(|(line, what)| format!("\n  {what}:\n    $ {line}"));
    format!("Examples:{}", lines.collect::<String>())
}

/// The end of the whole program's help.
pub(crate) fn of_program() -> String {
    let settings = SETTINGS.iter().map(|setting| {
        let (name, default, help) = (setting.name, setting.default_in_units(), setting.help);
        format!("\n  {name}\n          {help} [default: {default}]\n")
    });
    let settings = settings.collect::<String>().replace('`', "");
    let statuses = EXIT_STATUS.map(|(status, meaning)| format!("\n  {status}  {meaning}")).concat();
    format!("{}\n\nEnvironment:{settings}\nExit status:{statuses}", examples("product-lookup"))
}
