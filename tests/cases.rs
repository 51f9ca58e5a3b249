//! The table of cases: what is asked and, to the byte, what is answered. Every door is held
//! against all of it.

#[path = "cases/sent.rs"]
mod sent;

use std::path::Path;

use product_lookup::catalogue::Source;
use product_lookup::catalogue::import::{Options, import};

/// The catalogue of the table; the last ones are there to be hostile.
pub const PRODUCTS: &[(&str, &str, &str)] = &[
    ("A001", "Clock", "12"),
    ("A002", "Bi-Noculars", "40"),
    ("A003", "clock", "7.50"),
    ("B001", "Teapot", "19.90"),
    ("B002", "Ship", "12345678901234567890.123456"),
    ("H 01", "a space in the id", "1"),
    ("H'02", "O'Neil \"quoted\" & <b>bold</b>; DROP TABLE product;--", "2"),
    ("H03-\u{e9}\u{4e2d}\u{1f980}", "na\u{ef}ve \u{4e2d}\u{6587} \u{1f980} \u{5e9}\u{5dc}\u{5d5}\u{5dd}", "3.00"),
    ("H04\\", "back\\slash\ttab\nnewline", "0.001"),
    ("H05%41", "percent%20sign + plus", "-5"),
];

/// Writes the catalogue of the table.
pub fn write_catalogue(path: &Path) {
    write_catalogue_into(path, &path.with_extension("json"));
}

/// The same by way of a file that is named.
pub fn write_catalogue_into(store: impl Into<Source>, json: &Path) {
    let item = |&(id, name, price)| serde_json::json!({"id": id, "name": name, "price": price});
    let items: Vec<_> = PRODUCTS.iter().map(item).collect();
    std::fs::write(json, serde_json::to_vec(&items).expect("JSON")).expect("a file");
    import(json, store, &Options::default()).expect("an import");
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: &'static str,
    pub method: &'static str,
    /// As it stands in the request line, without the query.
    pub path: &'static str,
    pub query: &'static str,
    /// Header fields of the request; values are bytes.
    pub fields: Vec<(&'static str, Vec<u8>)>,
    pub body: Option<Vec<u8>>,
    pub status: u16,
    /// Header fields that the answer has.
    pub has: Vec<(&'static str, &'static str)>,
    /// Header fields that it has not.
    pub lacks: Vec<&'static str>,
    pub expected: Vec<u8>,
}

impl Case {
    fn field(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Case {
        self.fields.push((name, value.into()));
        self
    }

    fn at(mut self, path: &'static str) -> Case {
        self.path = path;
        self
    }

    fn query(mut self, query: &'static str) -> Case {
        self.query = query;
        self
    }

    fn has(mut self, name: &'static str, value: &'static str) -> Case {
        self.has.push((name, value));
        self
    }

    fn lacks(mut self, name: &'static str) -> Case {
        self.lacks.push(name);
        self
    }

    fn gives(mut self, status: u16, content_type: &'static str, expected: impl Into<Vec<u8>>) -> Case {
        self.status = status;
        self.expected = expected.into();
        self.has("Content-Type", content_type).has("X-Content-Type-Options", "nosniff")
    }

    fn json(self, expected: &str) -> Case {
        self.gives(200, "application/json", expected).has("Vary", "Accept").has("Cache-Control", "no-cache")
    }

    /// A page, of which all but its style and its script is given.
    fn page(self, expected: &str) -> Case {
        let page = expected
            .replace("{style}\n", include_str!("../src/render/html/page.css"))
            .replace("{script}\n", include_str!("../src/render/html/page.js"));
        self.gives(200, HTML, page).has("Vary", "Accept").has("Cache-Control", "no-cache").has(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'sha256-zkuS6yr4qVN1PzWC2IrOlIbf7Luu7cWGmtURrHuneyk='; script-src 'sha256-Yt0g2uA356vae4PcICIfKUQXxOaXla1bOMjD4Ll0S4Y='; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
    }

    fn problem(self, status: u16, title: &str, detail: &str) -> Case {
        let detail = detail.replace('\\', "\\\\").replace('"', "\\\"");
        let body = format!(r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}"#);
        self.gives(status, "application/problem+json", body).has("Cache-Control", "no-cache").lacks("ETag")
    }
}

fn ask(name: &'static str, method: &'static str) -> Case {
    Case {
        name,
        method,
        path: "/wsgi/myapp.py",
        query: "",
        fields: Vec::new(),
        body: None,
        status: 0,
        has: Vec::new(),
        lacks: Vec::new(),
        expected: Vec::new(),
    }
}

fn get(name: &'static str, query: &'static str) -> Case {
    ask(name, "GET").query(query)
}

fn post(name: &'static str, content_type: &'static str, body: impl Into<Vec<u8>>) -> Case {
    Case { body: Some(body.into()), ..ask(name, "POST").field("Content-Type", content_type) }
}

const CLOCK: &str = r#"{"name":"Clock","price":12}"#;
const BI_NOCULARS: &str = r#"{"name":"Bi-Noculars","price":40}"#;
const CLOCK_TAG: &str = "\"ff6bdfc5bd58843080cc8a4ee250dad2\"";
const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=B";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// One part of a body with the boundary `B`.
fn part(disposition: &str, value: &str) -> String {
    format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
}

/// The whole table.
pub fn table() -> Vec<Case> {
    [
        doors(),
        products(),
        searches(),
        formats(),
        conditions(),
        methods(),
        bodies(),
        bad_input(),
        hostile(),
        sent::cases(),
    ]
    .concat()
}

/// Each path that an administrator may choose, and each app.
fn doors() -> Vec<Case> {
    let hello = |case: Case| case.gives(200, "text/plain", "Hello World!").has("Content-Length", "12").lacks("ETag");
    vec![
        get("a product by GET", "id=A001").json(CLOCK).has("Content-Length", "27").has("ETag", CLOCK_TAG),
        get("a name without extension", "id=A001").at("/wsgi/myapp").json(CLOCK),
        get("another extension", "id=A001").at("/wsgi/myapp.fcgi").json(CLOCK),
        get("a name that no app has", "id=A001").at("/wsgi/anything.fcgi").json(CLOCK),
        get("the individual alias", "id=A001").at("/myapp").json(CLOCK),
        get("an id in the path", "").at("/wsgi/myapp.py/A001").json(CLOCK),
        get("an id in the path of the alias", "").at("/myapp/A001").json(CLOCK),
        get("an id in the path, encoded", "")
            .at("/wsgi/myapp.py/H%2001")
            .json(r#"{"name":"a space in the id","price":1}"#),
        get("a blank id in the path", "").at("/wsgi/myapp.py/%20").problem(
            404,
            "Not Found",
            "No product has the id \"\".",
        ),
        get("a parameter and an id in the path", "id=A002").at("/wsgi/myapp.py/A001").json(BI_NOCULARS),
        get("an id that is an app's name", "").at("/wsgi/myapp.py/sample").problem(
            404,
            "Not Found",
            "No product has the id \"sample\".",
        ),
        get("an id that is a script's name", "").at("/myapp/sample.py").problem(
            404,
            "Not Found",
            "No product has the id \"sample.py\".",
        ),
        hello(get("the sample", "").at("/wsgi/sample.py")),
        hello(get("the sample without extension", "").at("/wsgi/sample")),
        hello(get("the sample's alias", "").at("/sample")),
        hello(get("the sample with a path", "").at("/sample/any/path")),
        hello(get("the sample with another app's name in its path", "").at("/wsgi/sample.py/myapp.py")),
        hello(post("the sample by POST", "application/octet-stream", b"\0\xff".to_vec()).at("/sample")),
        hello(ask("the sample by DELETE", "DELETE").at("/sample")),
    ]
}

/// Which product a query asks for.
fn products() -> Vec<Case> {
    vec![
        get("a price with decimals", "id=B001").json(r#"{"name":"Teapot","price":19.90}"#),
        get("a price beyond binary floating point", "id=B002")
            .json(r#"{"name":"Ship","price":12345678901234567890.123456}"#),
        get("a name, the first by id", "name=CLOCK").json(CLOCK),
        get("a name in another case", "name=bi-noculars").json(BI_NOCULARS),
        get("an id wins over a name", "name=Teapot&id=A002").json(BI_NOCULARS),
        get("a blank id gives way to a name", "id=+&name=Teapot").json(r#"{"name":"Teapot","price":19.90}"#),
        get("the first value that is not blank", "id=&id=%20%09&id=A001&id=A002").json(CLOCK),
        get("white space around a value", "id=%20%0d%0aA001%09").json(CLOCK),
        get("unknown names", "x=1&id=A001&ID=A002&=&&y").json(CLOCK),
        get("bytes that are not UTF-8", "id=A001&x=%ff").json(CLOCK),
        get("a header that is not UTF-8", "id=A001").field("User-Agent", b"caf\xe9".to_vec()).json(CLOCK),
        get("a space as plus", "id=H+01").json(r#"{"name":"a space in the id","price":1}"#),
        get("an encoded percent sign", "id=H05%2541").json(r#"{"name":"percent%20sign + plus","price":-5}"#),
    ]
}

/// Pages of products.
fn searches() -> Vec<Case> {
    let clocks = r#"{"products":[{"id":"A001","name":"Clock","price":12},{"id":"A003","name":"clock","price":7.50}],"next":null}"#;
    let nothing = r#"{"products":[],"next":null}"#;
    vec![
        get("a search", "q=clo").json(clocks),
        get("a search in the order that a form sends", "format=json&limit=&after=&q=+CLOCK").json(clocks),
        post("a search by POST", URLENCODED, "q=clo").json(clocks),
        post("a search by JSON", "application/json", r#"{"q":"clo","limit":2}"#).json(clocks),
        get("a page", "q=&limit=1").json(r#"{"products":[{"id":"A001","name":"Clock","price":12}],"next":"iA001"}"#),
        get("the next page", "q=&limit=1&after=iA001")
            .json(r#"{"products":[{"id":"A002","name":"Bi-Noculars","price":40}],"next":"iA002"}"#),
        get("a page of names", "q=clo&limit=1")
            .json(r#"{"products":[{"id":"A001","name":"Clock","price":12}],"next":"5A001:Clock"}"#),
        get("nothing found", "q=zzz").json(nothing),
        get("a search as text", "q=clo&limit=1&format=text").gives(200, TEXT, "A001\tClock\t12\nnext: 5A001:Clock\n"),
        get("query syntax", "q=%22+OR+%28NEAR%2A").json(nothing),
        get("an id wins over a search", "q=clo&id=A002").json(BI_NOCULARS),
        get("a search wins over an id in the path", "q=zzz").at("/wsgi/myapp.py/A001").json(nothing),
        get("a limit too high", "q=clo&limit=101").problem(
            400,
            "Bad Request",
            "`limit` must be a number from 1 to 100, not \"101\".",
        ),
        get("a wrong limit that is not used", "id=A001&limit=0").problem(
            400,
            "Bad Request",
            "`limit` must be a number from 1 to 100, not \"0\".",
        ),
        post("a limit that JSON takes for an integer", "application/json", r#"{"q":"clo","limit":2.0}"#).json(clocks),
        get("a limit that is no number", "q=clo&limit=ten").problem(
            400,
            "Bad Request",
            "`limit` must be a number from 1 to 100, not \"ten\".",
        ),
        get("an after that no reply gave", "q=clo&after=A001").problem(
            400,
            "Bad Request",
            "`after` must be a `next` value from an earlier reply.",
        ),
    ]
}

/// JSON, text or HTML.
fn formats() -> Vec<Case> {
    let accept = |name, accept: &str| get(name, "id=A001").field("Accept", accept);
    let text = |case: Case| case.gives(200, TEXT, "name: Clock\nprice: 12\n").has("Vary", "Accept");
    vec![
        text(get("text by parameter", "id=A001&format=text")),
        get("JSON by parameter, whatever is accepted", "id=A001&format=json").field("Accept", "text/html").json(CLOCK),
        accept("no preference", "*/*").json(CLOCK),
        text(accept("text by Accept", "text/plain")),
        text(accept("text before JSON", "application/json;q=0.9, text/plain")),
        text(accept("a range by its specificity", "text/*;q=0.5, text/html;q=0.1, application/json;q=0.4")),
        text(accept("a quality of 0", "application/json;q=0, text/html;q=0.000, */*;q=0.1")),
        text(accept("parameters in quotes", "text/x;a=\",text/html;q=1\", text/plain")),
        accept("JSON wins ties", "text/html, text/plain, application/json").json(CLOCK),
        accept("nothing that we have", "image/png").json(CLOCK),
        accept("nothing that makes sense", ";;q=,text/html;q=2,/,\"").json(CLOCK),
        get("the first products where a person asks nothing", "")
            .field("Accept", "text/html,application/xhtml+xml")
            .page(include_str!("pages/first.html")),
        get("text is a line each", "id=H04%5C&format=text").gives(
            200,
            TEXT,
            "name: back\\slash tab newline\nprice: 0.001\n",
        ),
    ]
}

/// Conditional requests and caching.
fn conditions() -> Vec<Case> {
    let given = |name, tags: &'static str| get(name, "id=A001").field("If-None-Match", tags);
    let unmodified = |mut case: Case| {
        case.status = 304;
        case.has("ETag", CLOCK_TAG).has("Vary", "Accept").has("Cache-Control", "no-cache")
    };
    vec![
        unmodified(given("the tag that it has", CLOCK_TAG)),
        unmodified(given("a weak tag in a list", "\"x\", W/\"ff6bdfc5bd58843080cc8a4ee250dad2\"")),
        unmodified(given("any tag", "*")),
        given("another tag", "\"ff6bdfc5bd58843080cc8a4ee250dad3\"").json(CLOCK),
        post("a tag with POST", URLENCODED, "id=A001").field("If-None-Match", CLOCK_TAG).json(CLOCK),
    ]
}

/// Methods besides GET and POST.
fn methods() -> Vec<Case> {
    let refused = |case: Case| {
        case.gives(405, "application/json", r#"{"name":"","price":0}"#).has("Allow", "GET, HEAD, POST, OPTIONS")
    };
    vec![
        ask("HEAD", "HEAD").query("id=A001").gives(200, "application/json", "").has("ETag", CLOCK_TAG),
        ask("HEAD of what is not there", "HEAD").query("id=Z").gives(404, "application/problem+json", ""),
        Case { status: 204, ..ask("OPTIONS", "OPTIONS").query("id=A001").has("Allow", "GET, HEAD, POST, OPTIONS") },
        refused(ask("PUT", "PUT").query("id=A001")),
        refused(ask("DELETE", "DELETE").query("id=A001").field("Accept", "text/html")).lacks("Content-Security-Policy"),
    ]
}

/// Each kind of body.
fn bodies() -> Vec<Case> {
    let long = "b".repeat(70);
    let boundary_of_70 =
        format!("--{long}\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n--{long}--\r\n");
    let long_type: &'static str = format!("multipart/form-data; boundary={long}").leak();
    let id = part("name=\"id\"", "A002");
    let latin1_file = [
        &b"--B\r\nContent-Disposition: form-data; name=\"id\"; filename=\"\xe9\"\r\n\r\nA001\r\n"[..],
        format!("{id}--B--\r\n").as_bytes(),
    ]
    .concat();
    vec![
        post("urlencoded", URLENCODED, "id=A002").json(BI_NOCULARS),
        post("urlencoded with a charset", "Application/X-WWW-Form-Urlencoded; charset=UTF-8", "id=A002")
            .json(BI_NOCULARS),
        post("multipart", MULTIPART, format!("{id}--B--\r\n")).json(BI_NOCULARS),
        post("multipart with nothing after its end", MULTIPART, format!("{id}--B--")).json(BI_NOCULARS),
        post("multipart with a preamble and an epilogue", MULTIPART, format!("pre\r\n{id}--B--\r\npost"))
            .json(BI_NOCULARS),
        post(
            "a boundary in quotes",
            "multipart/form-data; boundary=\"a b\"",
            "--a b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n--a b--\r\n",
        )
        .json(BI_NOCULARS),
        post("a boundary of 70 characters", long_type, boundary_of_70).json(BI_NOCULARS),
        post(
            "a part with a type",
            MULTIPART,
            "--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=id\r\n\r\nA002\r\n--B--\r\n",
        )
        .json(BI_NOCULARS),
        post(
            "a file part beside",
            MULTIPART,
            format!("{}{id}--B--\r\n", part("name=\"id\"; filename=\"id.txt\"", "A001\r\n--C")),
        )
        .json(BI_NOCULARS),
        post(
            "a file part with a name of another kind only",
            MULTIPART,
            format!("{}{id}--B--\r\n", part("name=\"id\"; filename*=UTF-8''%69d", "A001")),
        )
        .json(BI_NOCULARS),
        post("a file part with a name that is not UTF-8", MULTIPART, latin1_file).json(BI_NOCULARS),
        post(
            "a file name in another parameter",
            MULTIPART,
            format!("{}--B--\r\n", part("x=\"; filename=y\"; name=\"id\"", "A002")),
        )
        .json(BI_NOCULARS),
        post(
            "a boundary that lacks its quotes",
            "multipart/form-data ; Boundary=a:b=c ; charset=utf-8",
            "--a:b=c\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n--a:b=c--\r\n",
        )
        .json(BI_NOCULARS),
        post(
            "line ends in a value",
            MULTIPART,
            format!("{}{id}--B--\r\n", part("name=\"x\"", "a\r\n\r\n--\r\n-- B\r\n\n")),
        )
        .json(BI_NOCULARS),
        post("quotes in a name", MULTIPART, format!("{}{id}--B--\r\n", part(r#"name="a\"id""#, "A001")))
            .json(BI_NOCULARS),
        post("a name that ends in a backslash", MULTIPART, format!("{}{id}--B--\r\n", part(r#"name="x\""#, "1")))
            .json(BI_NOCULARS),
        post("a blank value first", MULTIPART, format!("{}{id}--B--\r\n", part("name=\"id\"", " \t")))
            .json(BI_NOCULARS),
        post("JSON", "application/json", r#"{"id":"A002"}"#).json(BI_NOCULARS),
        post("JSON with more", "application/json", r#" {"x":19.90,"id":null,"id":" A002\n","id":"A001"} "#)
            .json(BI_NOCULARS),
        post("JSON with a number", "application/json; charset=utf-8", r#"{"id":7.50}"#).problem(
            404,
            "Not Found",
            "No product has the id \"7.50\".",
        ),
        post("the format in the query", URLENCODED, "id=A002").query("format=text&id=A001").gives(
            200,
            TEXT,
            "name: Bi-Noculars\nprice: 40\n",
        ),
        post("the format in the body", URLENCODED, "id=A002&format=json").query("format=text").json(BI_NOCULARS),
        post("an id in the path", URLENCODED, "").at("/wsgi/myapp.py/A002").json(BI_NOCULARS),
    ]
}

/// What section 15.5 of RFC 9110 is for.
fn bad_input() -> Vec<Case> {
    let nothing = "Add one of: id (a product's id), ids (several), name (its exact name), q (a search).";
    let boundary = "The body ends before its closing boundary.";
    let id = part("name=\"id\"", "A002");
    vec![
        get("nothing asked", "").problem(400, "Bad Request", nothing),
        get("nothing asked, as text", "format=text").gives(400, TEXT, format!("error: Bad Request\ndetail: {nothing}\n")),
        get("a blank id", "id=+&name=").problem(400, "Bad Request", nothing),
        get("arguments instead of a query", "--help+-x").problem(400, "Bad Request", nothing),
        get("another format", "id=A001&format=xml").problem(400, "Bad Request", "`format` must be json, text, html or csv, not \"xml\"."),
        get("an id that differs in case alone", "id=a001").json(CLOCK),
        get("no such id", "id=A0010").problem(404, "Not Found", "No product has the id \"A0010\"."),
        get("no such name", "name=Clo").problem(404, "Not Found", "No product is called \"Clo\"."),
        get("no such id, as text", "id=Z&format=text")
            .gives(404, TEXT, "error: Not Found\ndetail: No product has the id \"Z\".\n"),
        post("another type", "text/plain", "id=A001")
            .problem(415, "Unsupported Media Type",
                "The body's Content-Type must be one of multipart/form-data, application/x-www-form-urlencoded, application/json.")
            .has("Accept-Post", "multipart/form-data, application/x-www-form-urlencoded, application/json"),
        post("no boundary", "multipart/form-data", format!("{id}--B--\r\n"))
            .problem(400, "Bad Request", "The Content-Type names no boundary."),
        post("no closing boundary", MULTIPART, id.clone()).problem(400, "Bad Request", boundary),
        post("a part that does not end", MULTIPART, id.trim_end().to_owned()).problem(400, "Bad Request", boundary),
        post("a part without a name", MULTIPART, format!("{}{id}--B--\r\n", part("x=\"id\"", "A001")))
            .problem(400, "Bad Request", "A part of the body has no name."),
        post("a part that ends with its headers", MULTIPART,
            format!("--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{id}--B--\r\n"))
            .problem(400, "Bad Request", "A part of the body ends with its headers."),
        post("an empty multipart body", MULTIPART, "").problem(400, "Bad Request", nothing),
        post("broken JSON", "application/json", r#"{"id":"A001""#).problem(400, "Bad Request",
            "The body is not a JSON object of strings and numbers: EOF while parsing an object at line 1 column 12."),
        post("JSON of another shape", "application/json", "[1]").problem(400, "Bad Request",
            "The body is not a JSON object of strings and numbers: invalid type: sequence, expected an object at line 1 column 0."),
        post("JSON in JSON", "application/json", r#"{"id":["A001"]}"#).problem(400, "Bad Request",
            "The member id is neither a string nor a number."),
        post("a body too long by a byte", URLENCODED, "x".repeat(1_048_577))
            .problem(413, "Content Too Large", "The body is longer than the 1048576 bytes that are read."),
        post("a body much too long, as text", URLENCODED, "x".repeat(3_000_000)).query("format=text")
            .gives(413, TEXT, "error: Content Too Large\ndetail: The body is longer than the 1048576 bytes that are read.\n"),
    ]
}

/// Names and values that try to get out of where they belong.
fn hostile() -> Vec<Case> {
    let many: String = (0..9_000).map(|number| format!("p{number}={number}&")).collect();
    let too_many = "p&".repeat(10_001);
    let name = "<h2><bdi>O&#39;Neil &quot;quoted&quot; &amp; &lt;b&gt;bold&lt;/b&gt;; DROP TABLE product;--</bdi></h2>";
    assert!(include_str!("pages/product.html").contains(name), "the page shows it as text");
    vec![
        get("SQL in an id", "id=A001'%20OR%20'1'='1").problem(404, "Not Found", "No product has the id \"A001' OR '1'='1\"."),
        get("SQL in a name", "name=%25").problem(404, "Not Found", "No product is called \"%\"."),
        get("a NUL byte", "id=A001%00").gives(404, "application/problem+json",
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"No product has the id \"A001 \"."}"#),
        get("quotes and SQL in a product", "id=H'02")
            .json(r#"{"name":"O'Neil \"quoted\" & <b>bold</b>; DROP TABLE product;--","price":2}"#),
        get("the same as a page", "id=H%2702&format=html").page(include_str!("pages/product.html")),
        get("every script", "id=H03-%C3%A9%E4%B8%AD%F0%9F%A6%80").json(
            "{\"name\":\"na\u{ef}ve \u{4e2d}\u{6587} \u{1f980} \u{5e9}\u{5dc}\u{5d5}\u{5dd}\",\"price\":3.00}"),
        get("line ends in a parameter", "id=x%0d%0aSet-Cookie:%20a=b&format=text")
            .gives(404, TEXT, "error: Not Found\ndetail: No product has the id \"x  Set-Cookie: a=b\".\n").lacks("Set-Cookie"),
        post("line ends in a value", URLENCODED, "id=x%0d%0aSet-Cookie:%20a=b&format=text")
            .gives(404, TEXT, "error: Not Found\ndetail: No product has the id \"x  Set-Cookie: a=b\".\n").lacks("Set-Cookie"),
        post("thousands of parameters", URLENCODED, format!("{many}id=A002")).json(BI_NOCULARS),
        post("too many parameters", URLENCODED, too_many)
            .problem(400, "Bad Request", "More than 10000 names and values were sent."),
        post("a megabyte of one name", URLENCODED, format!("{}=1&id=A002", "n".repeat(1_000_000))).json(BI_NOCULARS),
        post("a megabyte of one value", URLENCODED, format!("id={}", "v".repeat(1_000_000)))
            .problem(404, "Not Found", &format!("No product has the id \"{}...\".", "v".repeat(100))),
        post("NUL bytes in a body", MULTIPART,
            format!("{}{}--B--\r\n", part("name=\"x\"", "\0\0"), part("name=\"id\"", "A002"))).json(BI_NOCULARS),
        post("a NUL byte in a part's header", MULTIPART, format!("{}--B--\r\n", part("name=\"id\0\"", "A002")))
            .problem(400, "Bad Request", "A part of the body has malformed headers."),
        post("deeply nested JSON", "application/json", "[".repeat(100_000)).problem(400, "Bad Request",
            "The body is not a JSON object of strings and numbers: invalid type: sequence, expected an object at line 1 column 0."),
    ]
}
