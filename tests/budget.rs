//! What a question may cost: a table of hostile ones, of a catalogue that is made for them. Work is told in blocks of
//! the index and products that are read, and memory in bytes, since seconds are those of the machine.

use std::fmt::Write as _;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{Catalogue, budget};
use product_lookup::form::Form;
use product_lookup::lookup::{Lookup, LookupError};
use url::form_urlencoded::Serializer;

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::Site;
use crate::store::Store;

/// Products of the catalogue.
const PRODUCTS: usize = 2_000;

/// Blocks and products that are read for a question at most: each of sixteen words is looked for in every way of two or
/// three parts.
const CALLS: u64 = 2_500;

/// A product of each word and start of a word that is asked for: all have them all, and often.
pub(crate) fn write_catalogue(site: &Site, products: usize) {
    let mut csv = String::from("id,name,price\n");
    for number in 0..products {
        let names = "pear left left left left right K\u{f6}ln \u{c9}t\u{e9} \u{7121}\u{7dda} \u{924}\u{947}\u{932}";
        let _ = writeln!(csv, "P{number:06},{names} {number},1");
    }
    fs::write(site.path("products.csv"), csv).expect("a file");
    import(&site.path("products.csv"), &site.path("products.db"), &Options::default()).expect("an import");
}

pub(crate) type Question = Vec<(&'static str, String)>;

/// What nobody asks who wants an answer.
pub(crate) fn hostile() -> Vec<Question> {
    let q = |text: String| vec![("q", text)];
    let name = |text: String| vec![("name", text)];
    let mut all = Vec::new();
    let between =
        ". - _ / , ; : ! ? & + * ' \" ( ) ^ ~ | = @ # $ % \\ < > \0 \u{ad} \u{200b} \u{b7} \u{2019} \u{1f980} \u{301}";
    for separator in between.split(' ').chain([" ", "\t", "\u{a0}", ""]) {
        all.push(q(["left"; 500].join(separator)));
        all.push(q(["left", "right"].join(separator).repeat(64)));
        all.push(name("\u{e9}".to_owned() + separator + &["left"; 500].join(separator)));
    }
    // Starts that all have.
    for start in ["p", "pe", "pear", "l", "le", "left", "r", "k", "ko", "e", "\u{7121}", "\u{924}", "1", "0"] {
        all.push(q(start.to_owned()));
        all.push(q(format!("{start} nowhere")));
        all.push(q(format!("{start} ").repeat(63) + "nowhere"));
        // Pages that nobody was given, and the last ones.
        for after in ["i", "iP", "iZ", "3:", "3P:pear", "5%00:p", "-5:\u{10ffff}", "1", "6\0", "6P019999", "7z"] {
            all.push(vec![("q", start.to_owned()), ("after", after.to_owned())]);
        }
    }
    let words = "p l r k e t o f g h a u n 1 2 3 4 5 6 7 8 9 0 pe le ri ko et 00 01 10 11 pear left right koln ete";
    all.push(q(words.to_owned()));
    all.push(q((0..10_000).map(|number| format!("w{number} ")).collect()));
    all.push(q("left ".repeat(10_000)));
    all.push(q("left.".repeat(200_000)));
    all.push(q("\u{e9}".repeat(100_000)));
    all.push(q("\u{e9}\u{301}".repeat(100_000)));
    // Names of which many have the words, and which none is.
    for text in ["K\u{f6}ln", "\u{c9}t\u{e9}", "left \u{e9}", "\u{f6}", "\u{7121}\u{7dda}", "\u{924}\u{947}\u{932}"] {
        all.push(name(text.to_owned()));
        all.push(name(format!("{text} ").repeat(1_000)));
        all.push(name(text.repeat(100_000)));
    }
    all
}

/// Characters of all kinds, in questions of as many as count, joined, and with a letter between each two.
fn blocks() -> Vec<Question> {
    let characters: Vec<char> = ('\0'..=char::MAX).collect();
    // What is assigned lies in the first two planes; of the others one block in a hundred.
    let blocks =
        characters.chunks(256).enumerate().filter(|(number, _)| number % if *number < 512 { 4 } else { 100 } == 0);
    let joined = blocks.clone().map(|(_, block)| block.iter().collect());
    let mixed = blocks.map(|(_, block)| block.iter().take(128).flat_map(|&c| [c, 'l']).collect());
    joined.chain(mixed).map(|text| vec![("q", text)]).collect()
}

fn asked(question: &Question) -> Result<Lookup, LookupError> {
    let query = Serializer::new(String::new()).extend_pairs(question).finish();
    Lookup::of(&Form::of_query(query.as_bytes()).expect("a form"), "")
}

/// What a question costs, in this process.
fn cost(catalogue: &dyn Catalogue, question: &Question) -> u64 {
    let answered = match asked(question).expect("a question") {
        Lookup::Id(id) => catalogue.by_id(&id).map(drop),
        Lookup::Ids(ids) => catalogue.by_ids(&ids).map(drop),
        Lookup::Name(name) => catalogue.by_name(&name).map(drop),
        Lookup::Search(search) => catalogue.search(&search).map(drop),
    };
    if let Err(error) = answered {
        assert!(error.is::<budget::TooLong>(), "{error:#}");
    }
    budget::calls()
}

#[test]
fn work_has_a_bound() {
    let site = Site::new();
    write_catalogue(&site, PRODUCTS);
    let catalogue = Store::File(site.path("products.db")).open();
    let questions = [hostile(), blocks()].concat();
    let costs = questions.iter().map(|question| (cost(&*catalogue, question), question));
    let (most, question) = costs.max_by_key(|cost| cost.0).expect("questions");
    // It can fail: sixteen words come near it.
    assert!((CALLS / 4..=CALLS).contains(&most), "{most} calls: {:.200}", format!("{question:?}"));
}

/// The same through `serve`, each beside three others, with all of a body that is read.
#[test]
fn memory_has_a_bound() {
    let site = Site::new();
    write_catalogue(&site, PRODUCTS);
    let serving = site.serve(&[]);
    let questions = hostile();
    let next = AtomicUsize::new(0);
    let ask = || {
        while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
            let body = Serializer::new(String::new()).extend_pairs(question).finish();
            let pairs = [("REQUEST_METHOD", "POST"), ("CONTENT_TYPE", "application/x-www-form-urlencoded")];
            let pairs: Vec<_> = pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect();
            let mut connection = serving.connect();
            fastcgi::send(&mut connection, &fastcgi::request(1, false, &pairs, body.as_bytes(), WHOLE), usize::MAX);
            let answer = Answer::of_document(&fastcgi::read_document(&mut connection, 1), false);
            assert!(matches!(answer.status, 200 | 404 | 413 | 503), "{}: {:.200}", answer.status, body);
        }
    };
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(ask))));
    let most = crate::servers::process::peak_memory(serving.child.id());
    assert!(most < 64 << 10, "{most} KiB");
}

/// So many at once that none gets a processor for long, of a catalogue without an index, so that all products are looked
/// at: a question takes longer than one may, which is said, and the next on the same connection is answered.
#[test]
fn time_has_a_bound() {
    let site = Site::new();
    write_catalogue(&site, 100 * PRODUCTS);
    let source = Store::File(site.path("products.db"));
    let edit = rusqlite::Connection::open(site.path("products.db")).expect("a database");
    edit.execute_batch("DROP TABLE product_lookup_block").expect("it is dropped");
    let question = vec![("q", "nowhere".to_owned())];
    let ask = || {
        let catalogue = source.open();
        let Ok(Lookup::Search(search)) = asked(&question) else { panic!("it is a search") };
        let found = catalogue.search(&search);
        let product = catalogue.by_id("P000007").expect("an answer").expect("a product");
        assert!(product.name.starts_with("pear left"), "{product:?}");
        found.map(|page| assert_eq!(page.products, []))
    };
    let threads = 16 * thread::available_parallelism().expect("processors").get();
    let asking = || {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().filter_map(|thread| thread.join().expect("no panic").err()).collect::<Vec<_>>()
        })
    };
    let errors = asking();
    assert!(!errors.is_empty());
    for error in errors {
        assert!(error.is::<budget::TooLong>(), "{error:#}");
    }
}
