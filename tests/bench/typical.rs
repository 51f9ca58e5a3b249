//! A typical request as Apache's mod_fcgid sends it: 26 parameters, and the products that are asked for.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use product_lookup::catalogue::import::{Options, import};

/// The parameters of a GET. The settings come first, as SetEnv sends them.
pub const PARAMS: [(&str, &str); 26] = [
    ("PRODUCTS_DB", ""),
    ("DEBUG_LOG", ""),
    ("HTTP_HOST", "shop.example.com"),
    ("HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("HTTP_ACCEPT", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"),
    ("HTTP_ACCEPT_LANGUAGE", "en-GB,en;q=0.5"),
    ("HTTP_ACCEPT_ENCODING", "gzip, deflate, br"),
    ("HTTP_CONNECTION", "keep-alive"),
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("SERVER_SOFTWARE", "Apache/2.4"),
    ("SERVER_NAME", "shop.example.com"),
    ("SERVER_ADDR", "192.0.2.1"),
    ("SERVER_PORT", "80"),
    ("REMOTE_ADDR", "198.51.100.7"),
    ("DOCUMENT_ROOT", "/var/www/html"),
    ("REQUEST_SCHEME", "http"),
    ("SERVER_ADMIN", "[no address given]"),
    ("SCRIPT_FILENAME", "/usr/local/bin/product-lookup"),
    ("REMOTE_PORT", "52134"),
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_PROTOCOL", "HTTP/1.1"),
    ("REQUEST_METHOD", "GET"),
    ("QUERY_STRING", "id=P0000000&format=json"),
    ("REQUEST_URI", "/wsgi/myapp.py?id=P0000000&format=json"),
    ("SCRIPT_NAME", "/wsgi/myapp.py"),
    ("CONTENT_LENGTH", "0"),
];

/// The id in every template of a request; those that are sent have another of the same length.
pub const ID: &str = "P0000000";

/// The boundary of the multipart bodies.
pub const BOUNDARY: &str = "----WebKitFormBoundaryK3pZqYb0dJ7xN1uV";

/// A form's multipart body with the id and, where there is room for it, a field that fills it up
/// to `bytes`.
pub fn multipart(bytes: usize) -> Vec<u8> {
    let part = |name: &str, value: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let end = format!("--{BOUNDARY}--\r\n");
    let body = part("id", ID);
    let empty = body.len() + part("note", "").len() + end.len();
    let body = match bytes.checked_sub(empty) {
        Some(room) => body + &part("note", &"a note. ".repeat(room / 8 + 1)[..room]),
        None => body,
    };
    (body + &end).into_bytes()
}

/// The reply's body for a product of [`fill`].
pub fn answer(number: usize) -> String {
    format!("{{\"name\":\"Product {number:07}\",\"price\":12.95}}")
}

/// A CSV file of so many products with ids, names and prices of one length.
pub fn write_csv(path: &Path, products: usize) {
    let mut csv = String::with_capacity(products * 32 + 16);
    csv.push_str("id,name,price\n");
    for number in 0..products {
        let _ = writeln!(csv, "P{number:07},Product {number:07},12.95");
    }
    fs::write(path, csv).expect("a CSV file");
}

/// A catalogue of so many products.
pub fn fill(path: &Path, products: usize) {
    let csv = path.with_extension("csv");
    write_csv(&csv, products);
    import(&csv, path, &Options::default()).expect("an import");
}
