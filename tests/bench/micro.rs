//! Pieces of a request in this process. `cargo bench --bench micro` times them with criterion;
//! `-- instructions` counts their instructions with callgrind, which shows a change of a few
//! per cent however busy the machine is, and fails where one takes a tenth more than
//! instructions.txt says; `-- record` writes that file.

#[allow(dead_code, reason = "main.rs uses all of it")]
mod typical;
mod wire;

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use bytes::Bytes;
use criterion::Criterion;
use product_lookup::apps::{APPS, Apps};
use product_lookup::catalogue::{Catalogues, Search, Source};
use product_lookup::form::Form;
use product_lookup::gateway::fastcgi;
use product_lookup::gateway::request::Params;
use product_lookup::settings::Environment;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/instructions.txt");

/// Counted twice, with so many times and so many more, so that what starting takes cancels out.
const TIMES: [u64; 2] = [200, 1_200];

/// What is measured, by its name.
type Piece = (&'static str, Box<dyn Fn()>);

/// All of it, with a catalogue of 10,000 products in `folder`.
fn pieces(folder: &Path) -> Vec<Piece> {
    let database = folder.join("products.db");
    let catalogue = Catalogues::default().at(Source::File(database.clone())).expect("a catalogue");
    let log = folder.join("debug.log");
    let environment = Environment::new(
        move |name| match name {
            "PRODUCTS_DB" => Some(database.clone().into()),
            "DEBUG_LOG" => Some(log.clone().into()),
            _ => None,
        },
        folder.to_owned(),
    );
    let apps: &'static Apps = Box::leak(Box::new(Apps::new(APPS, environment)));
    let searched = Arc::clone(&catalogue);
    let search = Search { question: "000123".to_owned(), limit: 20, after: None };
    let whole = |body: &[u8]| {
        let request = wire::request(&[], body, false);
        move || converse(apps, &request)
    };
    vec![
        ("urlencoded body", Box::new(body("application/x-www-form-urlencoded", b"id=P0000000&format=json"))),
        ("multipart body", Box::new(body(&wire::content_type(), &typical::multipart(0)))),
        ("JSON body", Box::new(body("application/json", br#"{"id":"P0000000","format":"json"}"#))),
        ("lookup", Box::new(move || drop(black_box(catalogue.by_id(black_box("P0001234")).expect("an answer"))))),
        ("search", Box::new(move || drop(black_box(searched.search(black_box(&search)).expect("an answer"))))),
        ("whole GET", Box::new(whole(b""))),
        ("whole POST", Box::new(whole(&typical::multipart(0)))),
    ]
}

fn body(content_type: &str, body: &[u8]) -> impl Fn() + use<> {
    let params: Params = [("CONTENT_TYPE", content_type)].into_iter().collect();
    let body = Bytes::copy_from_slice(body);
    let form = move || Form::of_body(black_box(&params), black_box(&body));
    assert_eq!(form().expect("a form").value("id"), Some(typical::ID));
    move || drop(black_box(form()))
}

/// Answers one request, from its first byte to the reply's last.
fn converse(apps: &Apps, request: &[u8]) {
    let mut stream = Memory { input: request, output: Vec::with_capacity(1024) };
    let _ = fastcgi::converse(&mut stream, apps);
    let found = typical::answer(0);
    // After the body come STDOUT's empty record and END_REQUEST.
    let document = &stream.output[..stream.output.len() - 24];
    assert!(document.ends_with(found.as_bytes()), "a wrong reply");
}

/// A connection in memory.
struct Memory<'a> {
    input: &'a [u8],
    output: Vec<u8>,
}

impl Read for Memory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["run", folder, name, times] = arguments[..] {
        let pieces = pieces(Path::new(folder));
        let piece = &pieces.iter().find(|piece| piece.0 == name).expect("a piece").1;
        (0..times.parse::<u64>().expect("a number")).for_each(|_| piece());
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir().expect("a folder");
    typical::fill(&folder.path().join("products.db"), 10_000);
    let pieces = pieces(folder.path());
    match arguments[..] {
        ["instructions"] => return compare(&count(folder.path(), &pieces)),
        ["record"] => fs::write(RECORDED, count(folder.path(), &pieces)).expect("the counts are written"),
        _ => {
            let mut criterion = Criterion::default();
            for (name, piece) in &pieces {
                criterion.bench_function(name, |bencher| bencher.iter(piece));
            }
        }
    }
    ExitCode::SUCCESS
}

/// A line for each piece: its name and how many instructions it takes once.
fn count(folder: &Path, pieces: &[Piece]) -> String {
    let mut lines = String::new();
    for (name, _) in pieces {
        let [less, more] = TIMES.map(|times| callgrind(folder, name, times));
        let _ = writeln!(lines, "{name}: {}", (more - less) / (TIMES[1] - TIMES[0]));
    }
    lines
}

fn callgrind(folder: &Path, name: &str, times: u64) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind
        .arg(std::env::current_exe().expect("this program"))
        .arg("run")
        .arg(folder)
        .args([name, &times.to_string()]);
    let output = valgrind.output().expect("valgrind starts");
    assert!(output.status.success(), "{valgrind:?}: {output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    collected.unwrap_or_else(|| panic!("{valgrind:?}: {said}")).1.trim().parse().expect("a number")
}

/// Prints the counts beside those that are recorded.
fn compare(counted: &str) -> ExitCode {
    let recorded = fs::read_to_string(RECORDED).expect("the recorded counts");
    let number = |line: &str| -> f64 { line.rsplit(' ').next().and_then(|text| text.parse().ok()).expect("a number") };
    let mut code = ExitCode::SUCCESS;
    for line in counted.lines() {
        let name = line.split(':').next().unwrap_or_default();
        let old = recorded.lines().find(|old| old.split(':').next() == Some(name));
        let ratio = number(line) / number(old.unwrap_or_else(|| panic!("{name} is not recorded: -- record")));
        println!("{line} instructions, {ratio:.3} times what is recorded");
        if ratio > 1.1 {
            println!("{name} takes more than a tenth more");
            code = ExitCode::FAILURE;
        }
    }
    code
}
