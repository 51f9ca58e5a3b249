//! A product by its id, with rusqlite.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::sync::LazyLock;

use product_lookup_peers::{Incoming, serve};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

thread_local! {
    static CATALOGUE: Connection = {
        let path = env::var("PRODUCTS_DB").expect("PRODUCTS_DB");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(path, flags).expect("a catalogue")
    };
}

static LOG: LazyLock<File> = LazyLock::new(|| {
    let path = env::var("DEBUG_LOG").expect("DEBUG_LOG");
    OpenOptions::new().append(true).create(true).open(path).expect("a log")
});

fn main() {
    serve(|request| {
        let found = find(&id(request));
        let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
        let (name, price) = found.unwrap_or_else(|| (String::new(), "0".to_owned()));
        let answer = format!("{{\"name\":{},\"price\":{price}}}", serde_json::Value::from(name));
        let length = answer.len();
        format!("Status: {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{answer}")
            .into_bytes()
    });
}

fn find(id: &str) -> Option<(String, String)> {
    CATALOGUE.with(|catalogue| {
        let mut statement = catalogue.prepare_cached("SELECT name, price FROM product WHERE id = ?1").expect("SQL");
        statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional().expect("an answer")
    })
}

fn id(request: &Incoming) -> String {
    if request.get_str_param("REQUEST_METHOD") != Some("POST") {
        let query = request.get_param("QUERY_STRING").map_or(&b""[..], Vec::as_slice);
        let found = form_urlencoded::parse(query).find(|(name, _)| name == "id");
        return found.map_or_else(String::new, |(_, id)| id.into_owned());
    }
    let mut body = Vec::new();
    request.get_stdin().read_to_end(&mut body).expect("a body");
    let now = chrono::Local::now().format("%Y-%m-%d %H:%M:%S");
    let lines = body.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let line = format!("{now} content_len: {}\n{now} no of lines: {lines}\n", body.len());
    (&*LOG).write_all(line.as_bytes()).expect("the log takes it");
    let body = String::from_utf8_lossy(&body);
    let field = body.split_once("name=\"id\"\r\n\r\n").and_then(|(_, rest)| rest.split_once("\r\n--"));
    field.map_or_else(String::new, |(id, _)| id.to_owned())
}
