//! Multipart bodies as python-multipart and Werkzeug read them, those of their own tests, of HTTP clients, and
//! what RFC 7578 has besides: they give the same fields, or where those refuse them a 400, but for the
//! differences of one table.

mod differences;
mod gaps;

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use bytes::Bytes;
use product_lookup::form::Form;
use product_lookup::gateway::request::Params;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::program::Site;
use differences::DIFFERENCES;

/// A body and its type.
#[derive(Clone)]
pub struct Vector {
    name: String,
    content_type: String,
    body: Vec<u8>,
}

/// Names and values of what is no file, or `None` where a parser refuses.
type Fields = Option<Vec<(String, String)>>;

impl Vector {
    /// Another byte where the body has this one.
    fn with(mut self, byte: u8, other: u8) -> Vector {
        self.body.iter_mut().filter(|here| **here == byte).for_each(|here| *here = other);
        self
    }

    fn replacing(mut self, text: &str, other: &str) -> Vector {
        self.body = String::from_utf8(self.body).expect("UTF-8").replace(text, other).into_bytes();
        self
    }

    /// In process, where the fields can be seen.
    fn read(&self) -> Fields {
        let params = Params::from_iter([("CONTENT_TYPE", self.content_type.as_str())]);
        let form = Form::of_body(&params, &Bytes::copy_from_slice(&self.body)).ok()?;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let named = form.by_name().into_iter();
        Some(named.flat_map(|(name, values)| values.into_iter().map(move |value| pair(name, value))).collect())
    }

    /// By the program, which has an id in the path too: only a body that is refused gets a 400, or a
    /// 415 where its type is another.
    fn status(&self, site: &Site) -> u16 {
        let length = self.body.len().to_string();
        let variables = [
            ("REQUEST_METHOD", "POST"),
            ("SCRIPT_NAME", "/myapp"),
            ("PATH_INFO", "/A001"),
            ("CONTENT_TYPE", &self.content_type),
            ("CONTENT_LENGTH", &length),
        ];
        Answer::of_document(&site.run(&variables, &self.body).stdout, false).status
    }
}

/// Bytes in JSON: a character each.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Our vectors and theirs, with what the parsers read.
fn parsed(vectors: &[Vector]) -> Vec<(Vector, [(&'static str, Fields); 2])> {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut child = Command::new(format!("{root}/target/python/bin/python"))
        .args(["tests/multipart/parsers.py", "target/python/sdists"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`make test` installs what the tests need");
    let as_json = |vector: &Vector| json!({"name": vector.name, "content_type": vector.content_type, "body": latin1(&vector.body)});
    let ours = vectors.iter().map(as_json).collect::<Value>().to_string();
    child.stdin.take().expect("stdin").write_all(ours.as_bytes()).expect("it reads all");
    let output = child.wait_with_output().expect("its end");
    assert!(output.status.success());
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    all.iter()
        .map(|value| {
            let text = |name: &str| value[name].as_str().expect("a string").to_owned();
            let body = text("body").chars().map(|char| u8::try_from(char).expect("a byte")).collect();
            let vector = Vector { name: text("name"), content_type: text("content_type"), body };
            (vector, ["python-multipart", "Werkzeug"].map(|parser| (parser, fields(&value[parser]))))
        })
        .collect()
}

/// The fields, those of one name together as a form has them.
fn fields(value: &Value) -> Fields {
    let fields = value.as_array()?.iter();
    let text = |value: &Value| value.as_str().unwrap_or("(none)").to_owned();
    let fields: Vec<_> = fields.map(|field| (text(&field[0]), text(&field[1]))).collect();
    let first = |name: &str| fields.iter().position(|field| field.0 == name);
    let mut together = fields.clone();
    together.sort_by_key(|field| first(&field.0));
    Some(together)
}

/// As the table of differences has it: in one line, and not all of what is long.
fn shown(fields: &Fields) -> String {
    let Some(fields) = fields else { return "refused".to_owned() };
    let shown: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let shown = format!("[{}]", shown.join("] [")).escape_debug().to_string();
    if shown.len() > 130 { format!("{} bytes", shown.len()) } else { shown }
}

#[test]
fn as_other_parsers() {
    let (site, mut found) = (Site::new(), BTreeSet::new());
    for (vector, others) in parsed(&gaps::all()) {
        let fields = vector.read();
        assert_eq!(matches!(vector.status(&site), 400 | 415), fields.is_none(), "{}", vector.name);
        for (parser, theirs) in others.into_iter().filter(|(_, theirs)| *theirs != fields) {
            found.insert([vector.name.clone(), parser.to_owned(), shown(&fields), shown(&theirs)]);
        }
    }
    let rows = DIFFERENCES.iter().flat_map(|(_, rows)| rows.iter());
    let table: BTreeSet<_> = rows.map(|row| row.map(str::to_owned)).collect();
    let not_in_table: Vec<_> = found.difference(&table).collect();
    let no_longer: Vec<_> = table.difference(&found).collect();
    assert!(
        not_in_table.is_empty() && no_longer.is_empty(),
        "no row for {not_in_table:#?}\nno difference for {no_longer:#?}"
    );
}
