//! What a search costs in the process, as people and as others ask: medians, 99th percentiles and worst times in
//! milliseconds, of the first page, and of the hundredth or the last.
//!
//! `PRODUCTS` says how many products, a million where it is not set; `CATALOGUE` a file that is there; `BEFORE` another
//! program of this kind, which is asked the same on a socket beside it, from the catalogue that its own import makes.
//! An argument chooses the kinds of question that have it in their name.

mod names;
#[allow(dead_code)]
mod typical;
#[allow(dead_code)]
mod wire;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use names::{Random, id};
use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{After, Catalogue, Catalogues, Search, Source};

/// Questions of a kind.
const QUESTIONS: usize = 300;

/// Pages that are turned at most.
const PAGES: usize = 100;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let products = std::env::var("PRODUCTS").map_or(1_000_000, |text| text.parse().expect("a number"));
    let path = std::env::var_os("CATALOGUE").map_or_else(|| folder.path().join("products.db"), PathBuf::from);
    if !path.exists() {
        fill(&path, products);
    }
    let catalogue = Catalogues::default().at(Source::File(path)).expect("a catalogue");
    let mut random = Random(88_172_645_463_325_252);
    let names: Vec<Vec<String>> = (0..QUESTIONS)
        .map(|_| {
            let product = catalogue.by_id(&id(random.below(products))).expect("an answer").expect("a product");
            product.name.split(' ').map(str::to_owned).collect()
        })
        .collect();
    let mut before = std::env::var_os("BEFORE").map(|program| Before::start(program.as_ref(), folder.path(), products));
    let columns =
        if before.is_some() { [" before, on a socket: median | p99 | worst |", " --- | --- | --- |"] } else { [""; 2] };
    println!("| question | median | p99 | worst | page 100 or last, median | worst |{}", columns[0]);
    println!("| --- | --- | --- | --- | --- | --- |{}", columns[1]);
    let chosen = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (kind, questions) in kinds(&names, products).into_iter().filter(|(kind, _)| kind.contains(&chosen)) {
        println!(
            "{}{}",
            line(&*catalogue, kind, &questions),
            before.as_mut().map_or(String::new(), |it| it.line(&questions))
        );
    }
}

/// Questions by their kinds.
fn kinds(names: &[Vec<String>], products: usize) -> Vec<(&'static str, Vec<String>)> {
    let start = |word: &str, letters| word.chars().take(letters).collect::<String>();
    let each = |ask: &dyn Fn(&[String]) -> String| names.iter().map(|name| ask(name)).collect::<Vec<_>>();
    let inside = |name: &[String], letters| name[1].chars().skip(1).take(letters).collect::<String>();
    let misspelt = |name: &[String]| {
        let mut letters: Vec<char> = name[1].chars().collect();
        let middle = letters.len() / 2;
        letters.swap(middle, middle - 1);
        letters.into_iter().collect()
    };
    let sixteen = |letters: usize| {
        let words =
            |from: usize| (0..16).map(move |step| start(&names[(from + step) % names.len()][step % 3], letters));
        (0..40).map(|from| words(7 * from).collect::<Vec<_>>().join(" ")).collect()
    };
    let hostile = ["a".repeat(200), "ab".repeat(40), "e ".repeat(16), "un in re de ge be st er en".to_owned()];
    vec![
        ("one letter", each(&|name| start(&name[0], 1))),
        ("two letters", each(&|name| start(&name[0], 2))),
        ("as one types", names.iter().flat_map(|name| typed(&name[..2].join(" "))).collect()),
        ("one word", each(&|name| name[1].clone())),
        ("two words", each(&|name| format!("{} {}", name[2], name[0]))),
        ("three words", each(&|name| format!("{} {} {}", name[2], name[1], start(&name[0], 3)))),
        ("a whole name", each(&|name| name.join(" "))),
        ("two words joined", each(&|name| format!("{}{}", name[0], name[1]))),
        ("three letters inside a word", each(&|name| inside(name, 3))),
        ("five letters inside a word", each(&|name| inside(name, 5))),
        ("misspelt", each(&misspelt)),
        ("an id", (0..QUESTIONS).map(|number| id(number * products / QUESTIONS).to_lowercase()).collect()),
        ("a part of an id", (0..QUESTIONS).map(|number| id(number * products / QUESTIONS)[3..].to_owned()).collect()),
        ("sixteen letters", sixteen(1)),
        ("sixteen starts of two letters", sixteen(2)),
        ("hostile", hostile.to_vec()),
    ]
}

/// What stands in a field after each letter from the second one on.
fn typed(text: &str) -> Vec<String> {
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).skip(1);
    ends.map(|end| text[..end].to_owned()).filter(|question| !question.ends_with(' ')).collect()
}

fn line(catalogue: &dyn Catalogue, kind: &str, questions: &[String]) -> String {
    let mut first = Vec::new();
    let mut deep = Vec::new();
    for question in questions {
        let mut search = Search { question: question.clone(), limit: 20, after: None };
        // Warm, as people ask on.
        ask(catalogue, &search);
        first.push(ask(catalogue, &search).0);
        if deep.len() < 20 {
            let mut last = 0.0;
            for _ in 1..PAGES {
                let (time, next) = ask(catalogue, &search);
                last = time;
                let Some(next) = next else { break };
                search.after = After::of(&next);
            }
            deep.push(last);
        }
    }
    deep.sort_by(f64::total_cmp);
    format!("| {kind} |{} {:.2} | {:.2} |", times(first), deep[deep.len() / 2], deep[deep.len() - 1])
}

/// The median, the 99th percentile and the worst.
fn times(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let (median, p99, worst) = (times[times.len() / 2], times[times.len() * 99 / 100], times[times.len() - 1]);
    format!(" {median:.2} | {p99:.2} | {worst:.2} |")
}

/// How long an answer takes, in milliseconds, and where it goes on.
fn ask(catalogue: &dyn Catalogue, search: &Search) -> (f64, Option<String>) {
    let start = Instant::now();
    let found = catalogue.search(search).unwrap_or_else(|error| panic!("{:?}: {error:#}", search.question));
    (start.elapsed().as_secs_f64() * 1e3, found.next)
}

/// Another program, which serves a catalogue of its own.
struct Before {
    child: Child,
    connection: UnixStream,
}

impl Before {
    fn start(program: &Path, folder: &Path, products: usize) -> Before {
        let [file, catalogue, socket] = ["before.csv", "before.db", "before.socket"].map(|name| folder.join(name));
        names::write_csv(&file, products);
        let mut import = Command::new(program);
        let status = import.arg("import").arg(&file).env("PRODUCTS_DB", &catalogue).stdout(Stdio::null()).status();
        assert!(status.expect("it starts").success(), "{import:?}");
        let mut serve = Command::new(program);
        serve.args(["serve", "--listen", &format!("unix:{}", socket.display())]);
        serve.env("PRODUCTS_DB", &catalogue).env("DEBUG_LOG", folder.join("before.log")).stdout(Stdio::null());
        let child = serve.spawn().expect("it starts");
        let connection = loop {
            match UnixStream::connect(&socket) {
                Ok(connection) => break connection,
                Err(_) => sleep(Duration::from_millis(10)),
            }
        };
        Before { child, connection }
    }

    fn line(&mut self, questions: &[String]) -> String {
        let times_of = |question: &String| {
            self.ask(question);
            self.ask(question)
        };
        times(questions.iter().map(times_of).collect())
    }

    /// How long an answer takes, in milliseconds.
    fn ask(&mut self, question: &str) -> f64 {
        let question: String = url::form_urlencoded::byte_serialize(question.as_bytes()).collect();
        let request = wire::request(&[("QUERY_STRING", &format!("format=json&q={question}"))], b"", true);
        let start = Instant::now();
        self.connection.write_all(&request).expect("a request");
        loop {
            let mut head = [0; 8];
            self.connection.read_exact(&mut head).expect("a record");
            let length = u64::from(u16::from_be_bytes([head[4], head[5]])) + u64::from(head[6]);
            std::io::copy(&mut (&self.connection).take(length), &mut std::io::sink()).expect("its content");
            // END_REQUEST
            if head[1] == 3 {
                return start.elapsed().as_secs_f64() * 1e3;
            }
        }
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fill(path: &Path, products: usize) {
    let file = path.with_extension("csv");
    names::write_csv(&file, products);
    let start = Instant::now();
    import(&file, path, &Options::default()).expect("an import");
    eprintln!("{products} products imported in {:.1} s", start.elapsed().as_secs_f64());
}
