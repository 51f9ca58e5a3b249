//! What people read: the messages of the commands and of the replies, word by word, each made to happen. More of files
//! that are imported are in `import/`, those of `check` in `check/`; `every.rs` looks that none is missing.

mod catalogues;
#[cfg(feature = "mysql")]
mod databases;
mod every;
mod imports;
mod literals;

use std::fs;

use crate::answer::Answer;
use crate::program::{Site, run};

/// What is set as PRODUCTS_DB, what is typed, the exit status, and all that is said. A `$` is the site's folder.
const COMMANDS: &[(&str, &str, i32, &str)] = &[
    // Wrong usage.
    ("", "import", 2, "the following required arguments were not provided: <FILE>"),
    ("", "imprt", 2, "unrecognized subcommand 'imprt'; some similar subcommands exist: 'export', 'import'"),
    ("", "chekc", 2, "unrecognized subcommand 'chekc'; a similar subcommand exists: 'check'"),
    ("", "export --format xml", 2, "invalid value 'xml' for '--format <FORMAT>' [possible values: csv, json]"),
    ("", "serve", 2, "the following required arguments were not provided: --listen <unix:PATH|HOST:PORT>"),
    (
        "",
        "serve --listen foo",
        2,
        "invalid value 'foo' for '--listen <unix:PATH|HOST:PORT>': neither unix:PATH nor HOST:PORT",
    ),
    (
        "",
        "serve --listen unix:",
        2,
        "invalid value 'unix:' for '--listen <unix:PATH|HOST:PORT>': the path after unix: is missing",
    ),
    (
        "",
        "set A001",
        2,
        "the following required arguments were not provided: <--name <NAME>|--price <PRICE>|COLUMN=VALUE>",
    ),
    (
        "",
        "set A001 id=1",
        2,
        "invalid value 'id=1' for '[COLUMN=VALUE]...': an id is never changed; remove that product, and set another",
    ),
    ("", "set A001 price=1", 2, "invalid value 'price=1' for '[COLUMN=VALUE]...': write --price 1"),
    ("", "set A001 stock", 2, "invalid value 'stock' for '[COLUMN=VALUE]...': write COLUMN=VALUE"),
    ("", "find --limit 500 tea", 2, "invalid value '500' for '--limit <N>': 500 is not in 1..=100"),
    ("", "import a b", 2, "unexpected argument 'b' found"),
    ("", "import a --repl", 2, "unexpected argument '--repl' found; a similar argument exists: '--replace'"),
    ("", "import a --update --replace", 2, "the argument '--update' cannot be used with '--replace'"),
    ("", "import a --allow-shrink", 2, "the following required arguments were not provided: --replace"),
    ("", "import a --id-column 0", 2, "invalid value '0' for '--id-column <N>': columns are counted from 1"),
    ("", "import a --decimal dot", 2, "invalid value 'dot' for '--decimal <DECIMAL>' [possible values: comma, point]"),
    (
        "",
        "check --url foo",
        2,
        "invalid value 'foo' for '--url <URL>': not a full URL; write http://HOST/wsgi/myapp.py",
    ),
    (
        "",
        "check --url https://localhost/",
        2,
        "invalid value 'https://localhost/' for '--url <URL>': it has to begin with http://HOST; what is behind TLS can be \
         asked on the server itself",
    ),
    // One product, and two.
    ("", "get none", 1, "no product has the id \"none\""),
    ("", "get none other", 1, "no product has the id \"none\" or \"other\""),
    ("", "find zzz yyy", 0, "no products match \"zzz yyy\""),
    ("", "find --limit 1 clock", 0, "A001  Clock  12\nproduct-lookup: there are more; --limit shows up to 100"),
    ("", "set A001 --price dear", 1, "the price \"dear\" is not a decimal number (write 30 or 30.00)"),
    (
        "",
        "set A001 --price 12345678901234567890123456789",
        1,
        "the price \"12345678901234567890123456789\" has more than 28 digits",
    ),
    ("", "set N --price 1", 1, "\"N\" is new, and needs a name and a price"),
    ("", "set A001 --name=", 1, "the name is empty"),
    ("", "remove none", 1, "no product has the id \"none\""),
    ("", "index", 0, "indexed 10 products"),
    ("$/one.db", "index", 0, "indexed 1 product"),
    // Files.
    (
        "",
        "import https://shop.example/feed.csv",
        1,
        "https://shop.example/feed.csv is an address; curl -sSf ADDRESS | product-lookup import - gets it",
    ),
    ("", "import none.csv", 1, "none.csv cannot be read: No such file or directory"),
    (
        "none.db",
        "export",
        1,
        "the catalogue none.db cannot be read: the file cannot be found: No such file or directory",
    ),
    (
        "none.db",
        "get A001",
        1,
        "the catalogue none.db cannot be read: the file cannot be found: No such file or directory",
    ),
    ("junk.db", "export", 1, "the catalogue junk.db cannot be read: it is not an SQLite file"),
    ("junk.db", "set A001 --price 1", 1, "the catalogue junk.db cannot be read: it is not an SQLite file"),
    (
        "other.db",
        "export",
        1,
        "the catalogue other.db cannot be read: the file is an SQLite database of another kind (it has no table product \
         with id, name and price)",
    ),
    ("none.db", "remove A001", 1, "there is no catalogue none.db; product-lookup import makes one"),
    // Sockets.
    (
        "",
        "serve --listen unix:/none/socket",
        1,
        "cannot listen on unix:/none/socket: cannot read the directory /none: No such file or directory",
    ),
    ("", "serve --listen unix:junk.db", 1, "junk.db exists and is not a socket"),
    (
        "",
        "serve --listen 0.0.0.0:9000",
        1,
        "whoever reaches 0.0.0.0:9000 could send requests: name those who may, the web servers, as \
         FCGI_WEB_SERVER_ADDRS=ADDRESS,... in the environment",
    ),
];

/// The same where the catalogue is in a database server.
#[cfg(feature = "mysql")]
const DATABASES: &[(&str, &str, i32, &str)] = &[
    ("mysql://shop@127.0.0.1", "export", 1, "PRODUCTS_DB has no database name; write mysql://USER@HOST/DATABASE"),
    ("mysql://shop@127.0.0.1:x/shop", "export", 1, "PRODUCTS_DB is not a URL like mysql://USER@HOST/DATABASE"),
    ("postgres://shop@127.0.0.1/shop", "export", 1, "PRODUCTS_DB: only mysql:// URLs are supported"),
    ("mysql://shop@127.0.0.1/shop?tls=1", "export", 1, "PRODUCTS_DB: write tls=on, or leave tls out"),
    ("mysql://shop@127.0.0.1/shop?ssl=1", "export", 1, "PRODUCTS_DB: its parameters may be socket, tls and tls_ca"),
    (
        "mysql://shop@127.0.0.1:1/shop",
        "export",
        1,
        "the catalogue mysql://127.0.0.1:1/shop cannot be read: could not connect to 127.0.0.1:1: connection refused",
    ),
    (
        "mysql://shop@localhost/shop?socket=/none",
        "get A001",
        1,
        "the catalogue mysql://localhost/shop cannot be read: could not connect to /none: no such file or directory",
    ),
];
#[cfg(not(feature = "mysql"))]
const DATABASES: &[(&str, &str, i32, &str)] = &[(
    "mysql://shop@127.0.0.1/shop",
    "export",
    1,
    "PRODUCTS_DB is a database URL, and this program was built without databases",
)];

/// What is asked by GET, the status, and the detail.
const REPLIES: &[(&str, u16, &str)] = &[
    ("", 400, "Add one of: id (a product's id), ids (several), name (its exact name), q (a search)."),
    ("q=a&limit=500", 400, "`limit` must be a number from 1 to 100, not \"500\"."),
    ("q=a&after=x", 400, "`after` must be a `next` value from an earlier reply."),
    ("id=A001&format=xml", 400, "`format` must be json, text, html or csv, not \"xml\"."),
    ("id=A001&fields=colour", 400, "No product has a column \"colour\"."),
    ("Id=A001", 400, "The parameter is called id, in small letters."),
    ("q=a&amp;limit=1&amp;id=1", 200, ""),
    ("amp;id=A001", 400, "What stands before id is &amp;, which means & in HTML alone: send &."),
    ("id%3DA001", 400, "The = after id was encoded: send id=... with only its value encoded."),
    (
        "{\"id\":\"A001\"}",
        400,
        "What was sent looks like JSON: send it by POST, with the Content-Type application/json.",
    ),
    ("id=none", 404, "No product has the id \"none\"."),
    ("name=none", 404, "No product is called \"none\"."),
];

/// The type of a body, the body, the status, and the detail.
const BODIES: &[(&str, &str, u16, &str)] = &[
    (
        "text/plain",
        "id=A001",
        415,
        "The body's Content-Type must be one of multipart/form-data, application/x-www-form-urlencoded, application/json.",
    ),
    ("application/json; charset=klingon", "{}", 415, "The charset \"klingon\" is not known; send UTF-8."),
    ("multipart/form-data", "x", 400, "The Content-Type names no boundary."),
    ("multipart/form-data; boundary=\"\"", "x", 400, "The boundary is not 1 to 70 characters long."),
    ("multipart/form-data; boundary=B", "x", 400, "The body ends before its closing boundary."),
    (
        "application/json",
        "id=A001",
        400,
        "The body looks like a form: send it with the Content-Type application/x-www-form-urlencoded.",
    ),
    ("application/json", "{\"id\":true}", 400, "The member id is neither a string nor a number."),
];

#[test]
fn of_commands() {
    let site = Site::with_catalogue();
    fs::write(site.path("junk.db"), "no database at all, but more than a header's bytes of other things ".repeat(9))
        .expect("a file");
    let other = rusqlite::Connection::open(site.path("other.db")).expect("a database");
    other.execute_batch("CREATE TABLE other (id TEXT)").expect("a table");
    let one =
        run(site.command().env("PRODUCTS_DB", site.path("one.db")).args(["import", "-"]), b"id,name,price\nA,B,1\n");
    assert!(one.status.success(), "{one:?}");
    let folder = site.folder.path().display().to_string();
    for &(catalogue, typed, status, message) in COMMANDS.iter().chain(DATABASES) {
        let mut command = site.command();
        command.current_dir(&folder).args(typed.split(' '));
        if !catalogue.is_empty() {
            command.env("PRODUCTS_DB", catalogue.replace('$', &folder));
        }
        let output = run(&mut command, b"");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        let said = said.replace(&folder, "$");
        let message = format!("{message}\n");
        let expected =
            if status == 0 && !message.starts_with("no ") { message } else { format!("product-lookup: {message}") };
        assert_eq!((said, output.status.code()), (expected, Some(status)), "PRODUCTS_DB={catalogue} {typed}");
    }
}

#[test]
fn of_replies() {
    let site = Site::with_catalogue();
    let ids = "ids=A001&".repeat(101);
    let most = (ids.as_str(), 400, "`ids` may have 100 ids at most.");
    let detail = |variables: &[(&str, &str)], body: &str| {
        let answer = Answer::of_document(&site.run(variables, body.as_bytes()).stdout, false);
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        (answer.status, problem["detail"].as_str().unwrap_or_default().to_owned())
    };
    for &(query, status, expected) in REPLIES.iter().chain([&most]) {
        assert_eq!(detail(&[("QUERY_STRING", query)], ""), (status, expected.to_owned()), "{query}");
    }
    for &(content_type, body, status, expected) in BODIES {
        let length = body.len().to_string();
        let variables = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", content_type), ("CONTENT_LENGTH", &length)];
        assert_eq!(detail(&variables, body), (status, expected.to_owned()), "{content_type}: {body}");
    }
    let long = [("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "11"), ("MAX_BODY_BYTES", "10")];
    assert_eq!(detail(&long, "id=A0000001"), (413, "The body is longer than the 10 bytes that are read.".to_owned()));
    let by_get = [("REQUEST_METHOD", "GET"), ("CONTENT_LENGTH", "7")];
    assert_eq!(detail(&by_get, "id=A001"), (400, "A body is read with POST alone: send this by POST.".to_owned()));
    let page = |query: &str| String::from_utf8(site.run(&[("QUERY_STRING", query)], b"").stdout).expect("text");
    for (query, words) in [
        ("q=clock&after=7Z&format=html", "No more results for “\u{2068}clock\u{2069}”"),
        ("q=&after=iZ&format=html", "No more products"),
        ("q=&format=html", "<p id=\"status\">10 products</p>"),
        ("q=teapot&format=html", "1 result for “\u{2068}teapot\u{2069}”"),
    ] {
        assert!(page(query).contains(words), "{query}: {words}");
    }
    let gone = [("QUERY_STRING", "id=A001"), ("PRODUCTS_DB", "/none.db")];
    assert_eq!(detail(&gone, ""), (503, "The catalogue cannot be read at the moment; try again later.".to_owned()));
}

/// Who names no catalogue is told where the new one is; it may not be the one that a web server asks.
#[test]
fn of_a_first_import_that_nobody_gave_a_place() {
    let site = Site::new();
    let import = || run(site.command().args(["import", "-"]), b"id,name,price\nA001,Clock,12\n");
    let place = site.path("products.db").display().to_string();
    let told =
        format!("product-lookup: PRODUCTS_DB is not set, so a new catalogue was made beside the program: {place}\n");
    let first = import();
    assert!(String::from_utf8_lossy(&first.stderr).ends_with(&told), "{first:?}");
    let imported = format!("imported 1 product into {place}: 1 new, 0 changed, 0 unchanged; 1 in all\n");
    assert!(String::from_utf8_lossy(&first.stdout).starts_with(&imported), "{first:?}");
    assert!(!String::from_utf8_lossy(&import().stderr).contains("PRODUCTS_DB"));
}
