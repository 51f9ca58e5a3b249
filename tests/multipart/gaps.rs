//! Bodies that neither parser's tests have: what RFC 7578 and RFC 2046 say of them, and what
//! clients write that cannot be run here.

use super::Vector;

const B: &str = "multipart/form-data; boundary=B";
const ID: &str = "--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\nA002\r\n";

fn vector(name: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Vector {
    Vector { name: name.to_owned(), content_type: content_type.to_owned(), body: body.into() }
}

/// A part with this header and `value` in it, and then one with an id.
fn part(name: &str, header: &str) -> Vector {
    vector(name, B, format!("--B\r\n{header}\r\n\r\nvalue\r\n{ID}--B--\r\n"))
}

/// A part with this disposition.
fn disposition(name: &str, parameters: &str) -> Vector {
    part(name, &format!("Content-Disposition: form-data; {parameters}"))
}

pub fn all() -> Vec<Vector> {
    [names(), files(), types(), frames(), parts(), clients()].concat()
}

fn names() -> Vec<Vector> {
    vec![
        disposition("a quote in a name, percent-encoded", r#"name="a%22b""#),
        disposition("a quote in a name, escaped", r#"name="a\"b""#),
        disposition("line ends in a name, percent-encoded", r#"name="a%0D%0Ab""#),
        disposition("line ends in a name, raw", "name=\"a\r\nb\""),
        disposition("a folded header", "\r\n name=\"a\""),
        disposition("a backslash in a name", r#"name="a\b""#),
        disposition("two backslashes in a name", r#"name="a\\b""#),
        disposition("a name that ends in a backslash", r#"name="a\""#),
        disposition("a name that ends in two backslashes", r#"name="a\\""#),
        disposition("a semicolon in a name", r#"name="a; b""#),
        disposition("a name that looks like a file's", r#"name="a; filename=b""#),
        disposition("a name without quotes", "name=a"),
        disposition("a name without quotes, with a tab after", "name=a\t"),
        disposition("a name in UTF-8", "name=\"\u{e9}\""),
        part("a name in ISO 8859-1", "Content-Disposition: form-data; name=\"\u{0}\"").with(0, 0xe9),
        disposition("a name as RFC 5987 has it", "name*=UTF-8''a"),
        disposition("an empty name", "name=\"\""),
        disposition("a name in capitals", "NAME=\"a\""),
        disposition("white space around the equals sign", "name = \"a\""),
        disposition("a name without its closing quote", "name=\"a"),
        disposition("two names", "name=\"a\"; name=\"b\""),
        disposition("a parameter that ends in name", "xname=\"a\"; name=\"b\""),
        part("another disposition", "Content-Disposition: attachment; name=\"a\""),
        part(
            "a disposition twice",
            "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"",
        ),
        part("no disposition", "Content-Type: text/plain"),
        part("a header without a colon", "Content-Disposition"),
        part("white space before a colon", "Content-Disposition : form-data; name=\"a\""),
    ]
}

fn files() -> Vec<Vector> {
    vec![
        disposition("a file", r#"name="a"; filename="f""#),
        disposition("a file before its name", r#"filename="f"; name="a""#),
        disposition("a file that was not chosen", r#"name="a"; filename="""#),
        disposition("a file name without quotes", "name=a; filename=f"),
        disposition("a file name in capitals", r#"name="a"; FileName="f""#),
        disposition("a file name as RFC 5987 has it", "name=\"a\"; filename*=UTF-8''f"),
        disposition("both file names", "name=\"a\"; filename=\"f\"; filename*=UTF-8''f"),
        disposition("both file names, the other first", "name=\"a\"; filename*=UTF-8''f; filename=\"f\""),
        disposition("a file name with quotes, escaped", r#"name="a"; filename="\"f\".txt""#),
        disposition("a file name that ends in a backslash", r#"name="a"; filename="C:\""#),
        disposition("a path of Windows as a file name", r#"name="a"; filename="C:\temp\f.txt""#),
        disposition("a file name that looks like a name", r#"filename="; name=b"; name="a""#),
        part("a file name in ISO 8859-1", "Content-Disposition: form-data; name=\"a\"; filename=\"\u{0}\"")
            .with(0, 0xe9),
    ]
}

fn types() -> Vec<Vector> {
    let framed = |name: &str, parameters: &str, boundary: &str| {
        let id = ID.replace("--B", &format!("--{boundary}"));
        vector(name, &format!("multipart/form-data{parameters}"), format!("{id}--{boundary}--\r\n"))
    };
    vec![
        framed("a boundary in quotes", "; boundary=\"B\"", "B"),
        framed("a space in a boundary", "; boundary=\"a b\"", "a b"),
        framed("a boundary of every character", "; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"),
        framed("a colon and an equals sign without quotes", "; boundary=a:b=c", "a:b=c"),
        framed("a boundary with an escape", "; boundary=\"a\\b\"", "ab"),
        framed("a boundary that ends in spaces", "; boundary=B  ", "B"),
        framed("a boundary that ends in spaces, in quotes", "; boundary=\"B  \"", "B"),
        framed("a boundary of 70 characters", &format!("; boundary={}", "b".repeat(70)), &"b".repeat(70)),
        framed("a boundary of 71 characters", &format!("; boundary={}", "b".repeat(71)), &"b".repeat(71)),
        framed("an empty boundary", "; boundary=", ""),
        framed("no boundary", "", "B"),
        framed("two boundaries", "; boundary=B; boundary=C", "B"),
        framed("a boundary after another parameter", "; charset=utf-8; boundary=B", "B"),
        framed("a boundary before another parameter", "; boundary=B; charset=utf-8", "B"),
        framed("a boundary in capitals", "; BOUNDARY=B", "B"),
        framed("a boundary in another case", "; boundary=b", "B"),
        framed("no white space before a boundary", ";boundary=B", "B"),
        framed("white space before the semicolon", " ; boundary=B", "B"),
        framed("a semicolon at the end", "; boundary=B;", "B"),
        framed("an empty parameter", ";; boundary=B", "B"),
        framed("a comma before the next parameter", "; boundary=B, charset=utf-8", "B"),
        vector("the type in capitals", "Multipart/Form-Data; boundary=B", format!("{ID}--B--\r\n")),
        vector("another multipart type", "multipart/mixed; boundary=B", format!("{ID}--B--\r\n")),
    ]
}

fn frames() -> Vec<Vector> {
    let b = |name: &str, body: String| vector(name, B, body);
    vec![
        b("a preamble", format!("This is ignored.\r\n{ID}--B--\r\n")),
        b("a preamble that ends in its line", format!("ignored{ID}--B--\r\n")),
        b("a preamble with a longer boundary", format!("--BB\r\n{ID}--B--\r\n")),
        b("an epilogue", format!("{ID}--B--\r\nThis is ignored.\r\n")),
        b("an epilogue in the line of the end", format!("{ID}--B--ignored")),
        b("a form after the end", format!("{ID}--B--\r\n{}--B--\r\n", ID.replace("id", "a"))),
        b("nothing after the end", format!("{ID}--B--")),
        b("white space after a boundary", format!("{}--B-- \t\r\n", ID.replacen("--B", "--B \t", 1))),
        b("lines that end in LF", format!("{ID}--B--\r\n").replace("\r\n", "\n")),
        b("lines that end in CR", format!("{ID}--B--\r\n").replace("\r\n", "\r")),
        b("a header that ends in LF", format!("{ID}--B--\r\n").replacen("\"id\"\r\n", "\"id\"\n", 1)),
        b("a boundary before LF", format!("{ID}--B--\r\n").replacen("B\r\n", "B\n", 1)),
        b("a boundary after LF", format!("{}--B--\r\n", ID.replace("A002\r\n", "A002\n"))),
        b("no closing boundary", ID.to_owned()),
        b("a closing boundary without its hyphens", format!("{ID}--B\r\n")),
        b("a closing boundary with one hyphen", format!("{ID}--B-\r\n")),
        b("a body that ends in a header", format!("{ID}--B\r\nContent-Disposition: form-")),
        b("nothing but the end", "--B--\r\n".to_owned()),
        b("nothing", String::new()),
        b("a boundary and more in a value", format!("{}{ID}--B--\r\n", ID.replace("A002", "A\r\n--BC\r\n"))),
        b("a boundary inside a line of a value", format!("{}--B--\r\n", ID.replace("A002", "A--B--"))),
    ]
}

fn parts() -> Vec<Vector> {
    let b = |name: &str, body: String| vector(name, B, body);
    let encoded = |name: &str, encoding: &str, value: &str| {
        let header = format!("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: {encoding}");
        b(name, format!("--B\r\n{header}\r\n\r\n{value}\r\n{ID}--B--\r\n"))
    };
    let nested = "--C\r\nContent-Disposition: file; filename=\"f\"\r\n\r\nx\r\n--C--";
    let typed = |name: &str, kind: &str, byte: u8| {
        let header = format!("Content-Disposition: form-data; name=\"a\"\r\nContent-Type: {kind}");
        b(name, format!("--B\r\n{header}\r\n\r\n\u{0}\r\n{ID}--B--\r\n")).with(0, byte)
    };
    vec![
        b("a value that is empty", format!("{}--B--\r\n", ID.replace("A002", ""))),
        b("a part without a body", format!("{}{ID}--B--\r\n", ID.replace("A002\r\n", "").replace("id", "a"))),
        b("a part without headers", format!("--B\r\n\r\nvalue\r\n{ID}--B--\r\n")),
        b("the same name twice", format!("{}{ID}--B--\r\n", ID.replace("A002", "A001"))),
        b("line ends around a value", format!("{}--B--\r\n", ID.replace("A002", "\r\nA002\r\n"))),
        b(
            "bytes from 0 to 127 in a value",
            format!("{}--B--\r\n", ID.replace("A002", &('\0'..'\u{80}').collect::<String>())),
        ),
        encoded("base64", "base64", "dmFsdWU="),
        encoded("quoted-printable", "quoted-printable", "v=61lue"),
        encoded("binary", "binary", "value"),
        typed("a charset of UTF-8, and no UTF-8", "text/plain; charset=UTF-8", 0xe9),
        typed("a charset of ISO 8859-1", "text/plain; charset=ISO-8859-1", 0xe9),
        b("_charset_", format!("{}{}--B--\r\n", ID.replace("id", "_charset_").replace("A002", "iso-8859-1"), ID)),
        part(
            "a mixed part in a part",
            "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=C",
        )
        .replacing("value", nested),
        part(
            "a header of 4,000 bytes",
            &format!("Content-Disposition: form-data; name=\"a\"\r\nX: {}", "x".repeat(4_000)),
        ),
        part(
            "a header of 100 KB",
            &format!("Content-Disposition: form-data; name=\"a\"\r\nX: {}", "x".repeat(100_000)),
        ),
        part("a name of 100 KB", &format!("Content-Disposition: form-data; name=\"{}\"", "n".repeat(100_000))),
        part("a million semicolons", &format!("Content-Disposition: form-data; name=\"a\"{}", ";".repeat(1_000_000))),
        part("7 headers more", &format!("Content-Disposition: form-data; name=\"a\"{}", "\r\nX: x".repeat(7))),
        part("31 headers more", &format!("Content-Disposition: form-data; name=\"a\"{}", "\r\nX: x".repeat(31))),
        part("32 headers more", &format!("Content-Disposition: form-data; name=\"a\"{}", "\r\nX: x".repeat(32))),
        b("10,000 parts", format!("{}--B--\r\n", ID.repeat(10_000))),
        b("10,001 parts", format!("{}--B--\r\n", ID.repeat(10_001))),
    ]
}

/// What clients write that are not run here, as their sources have it.
fn clients() -> Vec<Vector> {
    let form = |name: &str, boundary: &str, parts: &str| {
        let (_, delimiter) = boundary.trim_end_matches('"').split_once(['=', '"']).unwrap_or_default();
        let delimiter = delimiter.trim_start_matches('"');
        vector(
            name,
            &format!("multipart/form-data; {boundary}"),
            format!("{}--{delimiter}--\r\n", parts.replace("--B", &format!("--{delimiter}"))),
        )
    };
    let file = "filename=\"f\"\r\nContent-Type: application/octet-stream\r\n\r\nvalue\r\n";
    vec![
        form(
            "Go",
            "boundary=8d7b0e5709d756e21e971ff4d9ac3b20",
            &format!("{ID}--B\r\nContent-Disposition: form-data; name=\"a\"; {file}"),
        ),
        form(
            "Java, Apache HttpClient",
            "boundary=Bq-3_RFc0lLmJp-Cw2zAnRT5f4xn9W",
            "--B\r\nContent-Disposition: form-data; name=\"id\"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nA002\r\n",
        ),
        form(
            "Java, OkHttp",
            "boundary=f0cdb4f3-5c1d-4a1c-8c3e-02a7f1d3a8a0",
            "--B\r\nContent-Disposition: form-data; name=\"id\"\r\nContent-Length: 4\r\n\r\nA002\r\n",
        ),
        form(
            ".NET",
            "boundary=\"6c4ff1dc-3b22-4e5a-9d2e-0b1a6f3d9c55\"",
            "--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=id\r\n\r\nA002\r\n--B\r\nContent-Disposition: form-data; name=a; filename=f; filename*=utf-8''f\r\n\r\nvalue\r\n",
        ),
        form(
            "Python, urllib3 1.24",
            "boundary=8c2ad9cbb1a04bd1a9ad5ab2c6b0a8a4",
            &format!(
                "{ID}--B\r\nContent-Disposition: form-data; name=\"a\"; filename*=utf-8''na%C3%AFve\r\nContent-Type: text/plain\r\n\r\nvalue\r\n"
            ),
        ),
    ]
}
