//! What clients of many kinds send: by query and body, in JSON and in other charsets, and nearly right.

use super::{BI_NOCULARS, CLOCK, Case, MULTIPART, TEXT, URLENCODED, get, part, post};

const JSON: &str = "application/json";

pub(super) fn cases() -> Vec<Case> {
    [query_and_body(), json(), charsets(), codings(), near_misses(), accepted()].concat()
}

fn query_and_body() -> Vec<Case> {
    let clock = r#"{"products":[{"id":"A001","name":"Clock","price":12}],"next":"5A001:Clock"}"#;
    vec![
        post("the query of a POST counts", URLENCODED, "").query("id=A001").json(CLOCK),
        post("the body wins over the query", URLENCODED, "id=A002").query("id=A001").json(BI_NOCULARS),
        post("a limit in the query of a POST", URLENCODED, "q=clo").query("limit=1").json(clock),
        post("a limit in the query and another in JSON", JSON, r#"{"q":"clo","limit":1}"#).query("limit=0").json(clock),
        post("an after in the query of a POST", MULTIPART, format!("{}--B--\r\n", part("name=\"q\"", "")))
            .query("limit=1&after=iA001")
            .json(r#"{"products":[{"id":"A002","name":"Bi-Noculars","price":40}],"next":"iA002"}"#),
        post("a blank q in the body wins too", URLENCODED, "q=")
            .query("q=tea&limit=1")
            .json(r#"{"products":[{"id":"A001","name":"Clock","price":12}],"next":"iA001"}"#),
        post("null in the body gives way to the query", JSON, r#"{"id":null}"#).query("id=A001").json(CLOCK),
        post("no JSON, and an id in the path", JSON, "").at("/wsgi/myapp.py/A001").json(CLOCK),
        post("no body of a type that is not read", "text/plain", "").query("id=A001").json(CLOCK),
        post("a format in the query that is none, whatever the body has", URLENCODED, "id=A002&format=text")
            .query("format=xml")
            .problem(400, "Bad Request", "`format` must be json, text, html or csv, not \"xml\"."),
    ]
}

fn json() -> Vec<Case> {
    let deep = format!(r#"{{"x":{}{},"id":"A001"}}"#, "[".repeat(10_000), "]".repeat(10_000));
    vec![
        post("members that nobody asked for", JSON, r#"{"a":true,"b":[{}],"id":"A001","c":{"id":[]},"d":null}"#)
            .json(CLOCK),
        post("a member that nobody asked for, deep", JSON, deep).json(CLOCK),
        post("a byte order mark", JSON, "\u{feff}{\"id\":\"A001\"}").json(CLOCK),
        post("a type that is JSON by its suffix", "Application/Vnd.API+JSON; charset=UTF-8", r#"{"id":"A001"}"#)
            .json(CLOCK),
        post("a type with a suffix that is none", "application/json+x", r#"{"id":"A001"}"#).problem(
            415,
            "Unsupported Media Type",
            "The body's Content-Type must be one of multipart/form-data, application/x-www-form-urlencoded, \
            application/json.",
        ),
        post("the digits of a number", JSON, r#"{"id":1e3}"#).problem(
            404,
            "Not Found",
            "No product has the id \"1e3\".",
        ),
        post("a number with an exponent as a limit", JSON, r#"{"q":"zzz","limit":1e1}"#)
            .json(r#"{"products":[],"next":null}"#),
        post("a limit that is no whole number", JSON, r#"{"q":"zzz","limit":1.5}"#).problem(
            400,
            "Bad Request",
            "`limit` must be a number from 1 to 100, not \"1.5\".",
        ),
        post("an id that is a switch", JSON, r#"{"id":true}"#).problem(
            400,
            "Bad Request",
            "The member id is neither a string nor a number.",
        ),
        post("an object that looks like a number", JSON, r#"{"id":{"$serde_json::private::Number":"1"}}"#).problem(
            400,
            "Bad Request",
            "The member id is neither a string nor a number.",
        ),
        post("an object as an element", JSON, r#"{"ids":["A001",{}]}"#).problem(
            400,
            "Bad Request",
            "The member ids has an element that is neither a string nor a number.",
        ),
    ]
}

fn charsets() -> Vec<Case> {
    let typed = |kind: &str, value: &[u8]| {
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"id\"\r\nContent-Type: {kind}\r\n\r\n");
        [head.as_bytes(), value, b"\r\n--B--\r\n"].concat()
    };
    let none = |label: &str| format!("No product has the id \"{label}\".");
    let unknown = "The charset \"x-none\" is not known; send UTF-8.";
    vec![
        post("a form in ISO 8859-1", "application/x-www-form-urlencoded; charset=ISO-8859-1", "id=%e9+\u{20}").problem(
            404,
            "Not Found",
            &none("\u{e9}"),
        ),
        post(
            "a form in Shift JIS",
            "application/x-www-form-urlencoded;charset=\"Shift_JIS\"",
            b"id=\x83+\x83%5c".to_vec(),
        )
        .problem(404, "Not Found", &none("\u{fffd} \u{30bd}")),
        post("a form in UTF-16", "application/x-www-form-urlencoded; charset=utf-16", "i%00d%00=A%000%001%00").problem(
            404,
            "Not Found",
            &none("A01"),
        ),
        post("JSON in windows-1252", "application/json; charset=windows-1252", b"{\"id\":\"\x80\"}".to_vec()).problem(
            404,
            "Not Found",
            &none("\u{20ac}"),
        ),
        post("a part in windows-1251", MULTIPART, typed("text/plain; charset=windows-1251", b"\xc4\xe0")).problem(
            404,
            "Not Found",
            &none("\u{414}\u{430}"),
        ),
        post(
            "parts in the charset of their form",
            "multipart/form-data; boundary=B; charset=latin1",
            typed("text/plain", b"\xe9"),
        )
        .problem(404, "Not Found", &none("\u{e9}")),
        post("a charset that nobody knows", "application/x-www-form-urlencoded; charset=x-none", "id=A001")
            .problem(415, "Unsupported Media Type", unknown)
            .has("Accept-Post", "multipart/form-data, application/x-www-form-urlencoded, application/json"),
        post("a part in a charset that nobody knows", MULTIPART, typed("text/plain; charset=x-none", b"A001")).problem(
            415,
            "Unsupported Media Type",
            unknown,
        ),
        post("UTF-7, which can hide anything", "application/json; charset=utf-7", r#"{"id":"A001"}"#).problem(
            415,
            "Unsupported Media Type",
            "The charset \"utf-7\" is not known; send UTF-8.",
        ),
    ]
}

fn codings() -> Vec<Case> {
    let coded = |name, coding: &str| post(name, URLENCODED, "id=A002").field("Content-Encoding", coding);
    let refused = |case: Case, coding: &str| {
        let detail = format!("The Content-Encoding \"{coding}\" is not read; send the body as it is.");
        case.problem(415, "Unsupported Media Type", &detail).has("Accept-Encoding", "identity")
    };
    vec![
        refused(coded("a body that is compressed", "gzip"), "gzip"),
        refused(coded("a body that is compressed twice", "identity, br"), "br"),
        coded("a body that is not compressed, and says so", "Identity").json(BI_NOCULARS),
    ]
}

fn near_misses() -> Vec<Case> {
    let missed = |case: Case, detail: &str| case.problem(400, "Bad Request", detail);
    let as_json = "What was sent looks like JSON: send it by POST, with the Content-Type application/json.";
    let as_form = "The body looks like a form: send it with the Content-Type application/x-www-form-urlencoded.";
    let as_multipart =
        "The body looks like multipart/form-data: send it with that as its Content-Type, and its boundary.";
    let id = format!("{}--B--\r\n", part("name=\"id\"", "A002"));
    let file = format!("{}--B--\r\n", part("name=\"id\"; filename=\"id\"", "A001"));
    vec![
        missed(
            post("an id as a file", MULTIPART, file),
            "The id came as a file: send it as a field without a file name.",
        ),
        missed(post("JSON as a form", URLENCODED, r#"{"id":"A001"}"#), as_json),
        missed(get("JSON as a query", r#"%7B%22id%22:%22A001%22%7D"#), as_json),
        missed(post("a form as JSON", JSON, "id=A001"), as_form),
        missed(post("multipart as a form", URLENCODED, id.clone()), as_multipart),
        missed(post("multipart as JSON", JSON, id), as_multipart),
        missed(get("an id in capitals", "ID=A001"), "The parameter is called id, in small letters."),
        missed(post("ids in capitals", JSON, r#"{"Ids":"A001"}"#), "The parameter is called ids, in small letters."),
        missed(
            get("a query that is encoded twice", "id%3DA001"),
            "The = after id was encoded: send id=... with only its value encoded.",
        ),
        missed(
            get("a query that is escaped for HTML", "format=json&amp;id=A001"),
            "What stands before id is &amp;, which means & in HTML alone: send &.",
        ),
        get("a near miss that is not used", "ID=A002&id=A001").json(CLOCK),
    ]
}

/// `Accept` as clients write it.
fn accepted() -> Vec<Case> {
    let accept = |name, accept: &str| get(name, "id=A001").field("Accept", accept);
    let text = |case: Case| case.gives(200, TEXT, "name: Clock\nprice: 12\n");
    vec![
        text(accept("a quality without its zero", "application/json;q=.2, text/plain;q=.8, text/html;q=.5")),
        text(accept("a charset in quotes", "text/plain;charset=\"UTF-8\", application/json;q=.9")),
        text(accept("a quality in quotes", "application/json;q=\"0.3\", text/plain;q=\".8\"")),
    ]
}
