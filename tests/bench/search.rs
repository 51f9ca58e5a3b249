//! What a search costs as the catalogue grows: a table of times in the process, first page and hundredth
//! page, in milliseconds.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{Catalogue, Catalogues, Search, Source};
use product_lookup::form::Form;
use product_lookup::lookup::Lookup;

/// How often each search is timed: the 99th percentile is then the third worst.
const TIMES: usize = 300;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    println!(
        "| products | search | matches a page | page 1: median, p99 | page 100: median, p99 | page 100 / page 1 |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for size in [1_000, 100_000, 1_000_000] {
        let path = folder.path().join(format!("{size}.db"));
        fill(&path, size);
        let catalogue = Catalogues::default().at(Source::File(path)).expect("a catalogue");
        for (what, question) in [("two letters", "ba"), ("two words", "ba k"), ("a rare word", "zugu")] {
            line(&*catalogue, size, what, question);
        }
    }
}

fn line(catalogue: &dyn Catalogue, size: usize, what: &str, question: &str) {
    let first = search(question, None);
    let mut page = first.clone();
    let mut pages = 1;
    while let Some(next) = catalogue.search(&page).expect("an answer").next.filter(|_| pages < 100) {
        page = search(question, Some(&next));
        pages += 1;
    }
    let found = catalogue.search(&first).expect("an answer").products.len();
    let [first, deep] = alternate(catalogue, [&first, &page]);
    let last = if pages == 100 { format!("{:.3}, {:.3}", deep.0, deep.1) } else { format!("(has {pages})") };
    let ratio = if pages == 100 { format!("{:.2}", deep.0 / first.0) } else { "-".to_owned() };
    println!("| {size} | {what} `{question}` | {found} | {:.3}, {:.3} | {last} | {ratio} |", first.0, first.1);
}

/// Median and 99th percentile in milliseconds of two searches that take turns.
fn alternate(catalogue: &dyn Catalogue, searches: [&Search; 2]) -> [(f64, f64); 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        for (search, times) in searches.iter().zip(&mut times) {
            let start = Instant::now();
            let found = catalogue.search(search).expect("an answer");
            times.push(start.elapsed().as_secs_f64() * 1e3);
            assert!(!found.products.is_empty());
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        (times[TIMES / 2], times[TIMES * 99 / 100])
    })
}

fn search(question: &str, after: Option<&str>) -> Search {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", question).extend_pairs(after.map(|after| ("after", after)));
    match Lookup::of(&Form::of_query(query.finish().as_bytes()).expect("a form"), "") {
        Ok(Lookup::Search(search)) => search,
        other => panic!("{other:?} is no search"),
    }
}

/// Names of four words out of 20,000, the first of which come as often as words do (Zipf), and a
/// word that one in 40,000 has.
fn fill(path: &Path, size: usize) {
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut csv = String::from("id,name,price\n");
    for number in 0..size {
        let name: Vec<String> = (0..4).map(|_| word((20_000_f64.powf(next()) - 1.0) as usize)).collect();
        let rare = if number % 40_000 == 500 { " zugu" } else { "" };
        let _ = writeln!(
            csv,
            "P{:07},{}{rare},{}.{:02}",
            (number * 7919) % size,
            name.join(" "),
            number % 1000,
            number % 100
        );
    }
    let file = path.with_extension("csv");
    std::fs::write(&file, csv).expect("a file");
    let start = Instant::now();
    import(&file, path, &Options::default()).expect("an import");
    eprintln!("{size} products imported in {:.2} s", start.elapsed().as_secs_f64());
}

/// The word of a number: syllables of a consonant and a vowel.
fn word(mut number: usize) -> String {
    let mut word = String::new();
    for _ in 0..2 + number % 3 {
        word.push(char::from(b"kbdfghlmnprstv"[number % 14]));
        word.push(char::from(b"aeiou"[number / 14 % 5]));
        number = number / 70 + 7 * number % 9973;
    }
    word
}
