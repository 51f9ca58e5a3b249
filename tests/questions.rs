//! What people ask shops for, in many languages, and what they must get: a table of questions against one catalogue,
//! both in `search/`. Every row is asked through a shell, with `find`, and over FastCGI, and in other spellings.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::net::UnixStream;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::Script;
use icu_properties::{CodePointMapData, PropertyNamesLong};

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::{Serving, Site};
use crate::store::Store;

const CATALOGUE: &str = include_str!("search/catalogue.csv");
const QUESTIONS: &str = include_str!("search/questions");

/// A row of the table.
struct Question {
    text: String,
    first: Option<&'static str>,
    found: Vec<&'static str>,
    not: Vec<&'static str>,
    nothing: bool,
    suggestion: Option<&'static str>,
}

/// All rows.
fn questions() -> Vec<Question> {
    let rows = QUESTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    let question = |row: &'static str| {
        let columns: Vec<&str> = row.split('\t').collect();
        assert!(columns.len() <= 6, "six columns: {row}");
        let column = |number: usize| columns.get(number).copied().unwrap_or_default();
        let one = |number| Some(column(number)).filter(|text| !text.is_empty());
        let ids = |number| column(number).split(' ').filter(|id| !id.is_empty() && *id != "nothing").collect();
        let nothing = column(2) == "nothing";
        Question { text: unescaped(column(0)), first: one(1), found: ids(2), not: ids(3), nothing, suggestion: one(5) }
    };
    rows.map(question).collect()
}

/// A text with the characters that stand in it as `\u00ad`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(4);
        let code = u32::from_str_radix(digits, 16).expect("four digits");
        plain.push(char::from_u32(code).expect("a character"));
        plain += rest;
    }
    plain
}

/// The same question as others may type it.
fn spellings(text: &str) -> [String; 5] {
    [
        ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned(),
        DecomposingNormalizerBorrowed::new_nfd().normalize(text).into_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        format!(" \t{text}\u{a0}\u{3000} "),
    ]
}

/// What a question got.
#[derive(Debug, PartialEq, Eq)]
struct Reply {
    ids: Vec<String>,
    suggestion: Option<String>,
}

impl Reply {
    fn of_document(document: &[u8]) -> Result<Reply, String> {
        let answer = Answer::of_document(document, false);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status != 200 {
            return Err(text);
        }
        let body: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let products = body["products"].as_array().expect("products");
        let ids = products.iter().map(|product| product["id"].as_str().expect("an id").to_owned()).collect();
        Ok(Reply { ids, suggestion: body["suggestion"].as_str().map(str::to_owned) })
    }
}

/// A catalogue of the table's products that the program has imported, and the program that is asked for them.
struct Shop {
    site: Site,
    products: String,
    _serving: Serving,
    connection: UnixStream,
}

impl Shop {
    fn new() -> Shop {
        let site = Site::new();
        let products = Store::new(site.path("products.db")).setting();
        let file = site.path("catalogue.csv");
        std::fs::write(&file, unescaped(CATALOGUE)).expect("a file");
        let import = site.command().env("PRODUCTS_DB", &products).arg("import").arg(file).output();
        let import = import.expect("the program runs");
        assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
        let serving = site.serve(&[("PRODUCTS_DB", &products)]);
        let connection = serving.connect();
        Shop { site, products, _serving: serving, connection }
    }

    /// Over FastCGI, all on one connection.
    fn ask(&mut self, question: &str) -> Result<Reply, String> {
        let params = [("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/myapp"), ("QUERY_STRING", &query(question))];
        let params = params.map(|(name, value)| (name.into(), value.into()));
        fastcgi::send(&mut self.connection, &fastcgi::request(1, true, &params, b"", WHOLE), usize::MAX);
        Reply::of_document(&fastcgi::read_document(&mut self.connection, 1))
    }

    /// Is it asked by commands too? Each is a process, and of a database server a connection: there every tenth is.
    fn asks_commands(&self, question: &str) -> bool {
        !self.products.contains("://") || question.len().is_multiple_of(10)
    }

    /// As a CGI program that a shell starts.
    fn ask_cgi(&self, question: &str) -> Result<Reply, String> {
        let mut command = self.site.command();
        let output = command.env("PRODUCTS_DB", &self.products).env("QUERY_STRING", query(question)).output();
        Reply::of_document(&output.expect("the program runs").stdout)
    }

    /// The ids that stand first in the lines of `find`.
    fn find(&self, question: &str) -> Vec<String> {
        let mut command = self.site.command();
        let arguments = ["find", "--limit", "100", "--", question];
        let output = command.env("PRODUCTS_DB", &self.products).args(arguments).output().expect("the program runs");
        let lines = String::from_utf8(output.stdout).expect("UTF-8");
        lines.lines().map(|line| line.split("  ").next().unwrap_or_default().to_owned()).collect()
    }

    /// What is wrong with the answer to a row, if anything.
    fn wrong(&mut self, question: &Question) -> Result<Vec<String>, String> {
        let text = &question.text;
        let reply = self.ask(text)?;
        let mut wrong = question.wrong(&reply);
        if let Some(expected) = question.suggestion {
            wrong.extend(self.wrong_suggestion(expected, reply.suggestion.as_deref())?);
        }
        for spelling in spellings(text) {
            let ids = self.ask(&spelling)?.ids;
            if ids != reply.ids {
                wrong.push(format!("{} finds {}", spelling.escape_debug(), ids.join(" ")));
            }
        }
        if !self.asks_commands(text) {
            return Ok(wrong);
        }
        let cgi = self.ask_cgi(text)?;
        if cgi != reply {
            wrong.push(format!("through CGI {cgi:?}, and over FastCGI {reply:?}"));
        }
        let found = self.find(text);
        if found != reply.ids {
            wrong.push(format!("`find` finds {}", found.join(" ")));
        }
        Ok(wrong)
    }

    /// "none" is expected where no word of the catalogue is near.
    fn wrong_suggestion(&mut self, expected: &str, suggestion: Option<&str>) -> Result<Option<String>, String> {
        let wrong = match suggestion {
            None => expected != "none",
            Some(_) if expected == "none" => true,
            Some(suggestion) => !self.ask(suggestion)?.ids.iter().any(|id| id == expected),
        };
        Ok(wrong.then(|| format!("the suggestion {suggestion:?} does not lead to {expected}")))
    }
}

fn query(question: &str) -> String {
    let pairs = [("q", question), ("limit", "100"), ("fields", "id"), ("format", "json")];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl Question {
    fn wrong(&self, reply: &Reply) -> Vec<String> {
        let mut wrong = Vec::new();
        let is_there = |id: &&str| reply.ids.iter().any(|found| found == id);
        if let Some(first) = self.first
            && reply.ids.first().is_none_or(|found| found != first)
        {
            wrong.push(format!("{first} is not first"));
        }
        wrong.extend(self.found.iter().filter(|id| !is_there(id)).map(|id| format!("{id} is not found")));
        wrong.extend(self.not.iter().filter(|id| is_there(id)).map(|id| format!("{id} is found")));
        if self.nothing && !reply.ids.is_empty() {
            wrong.push("something is found".to_owned());
        }
        if !wrong.is_empty() {
            wrong.push(format!("found: {}", reply.ids.join(" ")));
        }
        wrong
    }
}

/// Fails with all rows that are wrong.
#[test]
pub fn every_question_of_the_table() {
    let mut shop = Shop::new();
    let mut rows = Vec::new();
    for question in questions() {
        let wrong = shop.wrong(&question).unwrap_or_else(|error| vec![error]);
        if !wrong.is_empty() {
            rows.push(format!("{}: {}", question.text.escape_debug(), wrong.join("; ")));
        }
    }
    assert!(rows.is_empty(), "{} rows are wrong:\n{}", rows.len(), rows.join("\n"));
}

/// Of each script the texts that have a letter of it.
fn scripts<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<&'static str, usize> {
    let names = PropertyNamesLong::<Script>::new();
    let script = |letter: char| names.get(CodePointMapData::<Script>::new().get(letter)).expect("a script's name");
    let mut scripts = BTreeMap::new();
    for text in texts {
        for script in text.chars().filter(|c| c.is_alphabetic()).map(script).collect::<BTreeSet<_>>() {
            *scripts.entry(script).or_default() += 1;
        }
    }
    scripts
}

/// The table has what it had; its ids are the catalogue's, and no question comes twice.
#[test]
fn the_table_is_whole() {
    let questions = questions();
    let text = unescaped(CATALOGUE);
    let rows = csv::Reader::from_reader(text.as_bytes()).into_records().map(|row| row.expect("a row"));
    let products: BTreeMap<String, String> = rows.map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    for question in &questions {
        let ids = [&question.found[..], &question.not].concat();
        let suggestion = question.suggestion.filter(|id| *id != "none");
        for id in ids.into_iter().chain(question.first).chain(suggestion) {
            assert!(products.contains_key(id), "{}: no product has the id {id}", question.text);
        }
    }
    let different: BTreeSet<&str> = questions.iter().map(|question| question.text.as_str()).collect();
    assert_eq!(different.len(), questions.len(), "each question comes once");
    let count = |is: fn(&Question) -> bool| questions.iter().filter(|question| is(question)).count();
    for (what, number, least) in [
        ("products", products.len(), 396),
        ("questions", questions.len(), 869),
        ("with a first", count(|question| question.first.is_some()), 723),
        ("with one that is not found", count(|question| !question.not.is_empty()), 280),
        ("that find nothing", count(|question| question.nothing && question.suggestion.is_some()), 43),
    ] {
        assert!(number >= least, "{what}: {number}, and there were {least}");
    }
    let of_products = scripts(products.values().map(String::as_str));
    let of_questions = scripts(different.into_iter());
    for (script, names, asked) in SCRIPTS {
        let number = [&of_products, &of_questions].map(|scripts| scripts.get(script).copied().unwrap_or_default());
        assert!(number[0] >= names && number[1] >= asked, "{script}: {number:?}, and there were {names} and {asked}");
    }
}

/// A script, how many products' names have a letter of it, and how many questions.
const SCRIPTS: [(&str, usize, usize); 13] = [
    ("Latin", 268, 600),
    ("Greek", 9, 18),
    ("Cyrillic", 21, 43),
    ("Arabic", 17, 28),
    ("Hebrew", 9, 14),
    ("Devanagari", 13, 17),
    ("Bengali", 9, 10),
    ("Tamil", 8, 8),
    ("Thai", 10, 17),
    ("Han", 20, 34),
    ("Hiragana", 3, 2),
    ("Katakana", 11, 19),
    ("Hangul", 10, 16),
];
