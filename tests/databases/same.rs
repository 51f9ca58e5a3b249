//! Any products and any questions: an SQLite file and a MariaDB server give the same answers, which are those of the
//! same products looked at one by one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{After, Catalogue, Found, Product, Search};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::servers::mariadb::Mariadb;
use crate::store::Store;

/// Characters that some language, tokenizer, collation, pattern or encoding has a rule for.
const CHARACTERS: &str = "aAbBcCzZ019 éÉèÈçßẞſıİKKŝŜœŒǅﬁÅΣσςΩάЖжЁёאבגשםعربي中文字ひらがカ゛가각กำ๏ศ्रि\
    \u{301}\u{308}\u{307}\u{345}\u{20dd}\u{200d}\u{ad}\u{a0}\u{3000}'\"-_%\\*^():{}.,;/&<>²½Ⅷⅷ①\u{1f980}\u{1e922}\u{1e900}\u{13a0}\u{ab70}\
    \u{e000}\u{10fffd}\u{ffff}\u{10ffff}\u{1}\u{7f}\u{85}";

fn character() -> impl Strategy<Value = char> {
    let known: Vec<char> = CHARACTERS.chars().collect();
    prop_oneof![9 => proptest::sample::select(known), 1 => any::<char>().prop_filter("no NUL", |&c| c != '\0')]
}

/// Words of few letters, of which many are the start of another.
fn text() -> impl Strategy<Value = String> {
    let word = vec(character(), 1..5).prop_map(String::from_iter);
    let plain = proptest::sample::select(vec!["a", "ab", "abc", "ABc", "clock", "Clock", "éa", "Éa", "ea", "B"]);
    vec(prop_oneof![word, plain.prop_map(str::to_owned)], 1..5)
        .prop_map(|words| words.join(" ").trim_matches(|c: char| c.is_whitespace() || is_unseen(c)).to_owned())
        .prop_filter("something", |text| !text.is_empty())
}

/// What an import takes off as it does blanks.
fn is_unseen(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![text(), "[aAbB]{1,3}[0-9]{0,2}"]
}

/// The same products in a file, in one without an index, of which all are looked at, and in a database.
fn stores(server: &Arc<Mariadb>, folder: &Path, products: &[(String, String)]) -> [Arc<dyn Catalogue>; 3] {
    // An id that comes again with another name is refused.
    let products: BTreeMap<_, _> = products.iter().cloned().collect();
    let items: Vec<_> =
        products.iter().map(|(id, name)| serde_json::json!({"id": id, "name": name, "price": "1.0"})).collect();
    let file = folder.join("products.json");
    std::fs::write(&file, serde_json::to_vec(&items).expect("JSON")).expect("a file");
    let plain = folder.join("plain.db");
    let stores = [
        Store::File(folder.join("products.db")),
        Store::File(plain.clone()),
        Store::Database(Arc::clone(server), server.database()),
    ];
    for store in &stores {
        import(&file, store, &Options::default()).expect("an import");
    }
    let no_index = "DROP TABLE product_lookup_block";
    rusqlite::Connection::open(plain).expect("a database").execute_batch(no_index).expect("it is dropped");
    stores.map(|store| store.open())
}

/// All pages of a search, to the letter.
fn pages(catalogue: &dyn Catalogue, question: &str, limit: usize, start: Option<After>) -> String {
    let mut pages = String::new();
    let mut search = Search { question: question.to_owned(), limit, after: start };
    for _ in 0..100 {
        let found = catalogue.search(&search).unwrap_or_else(|error| panic!("{question:?}: {error:#}"));
        pages += &format!("{found:?}");
        let Some(next) = found.next else { return pages };
        search.after = Some(After::of(&next).expect("a token"));
    }
    panic!("{question:?} has no end: {pages}");
}

/// What a person may have in mind: the start of an id, of a name, of words, in any case.
fn questions(products: &[(String, String)], random: &[(String, usize, u8)]) -> Vec<String> {
    let asked = random.iter().enumerate().map(|(number, (text, at, how))| {
        let (id, name) = &products[number % products.len()];
        let source = [id, name, text][usize::from(how % 3)];
        let start: String = match how / 3 % 3 {
            0 => source.chars().take(at % 6).collect(),
            1 => source
                .split_whitespace()
                .rev()
                .map(|word| word.chars().take(1 + at % 3).collect::<String>() + " ")
                .collect(),
            _ => source.clone(),
        };
        match how / 9 % 3 {
            0 => start,
            1 => start.to_uppercase(),
            _ => start.to_lowercase(),
        }
    });
    asked.map(|question| question.replace('\0', " ").trim().to_owned()).collect()
}

#[test]
fn the_same_answers_to_anything() {
    let server = Mariadb::shared();
    let products = vec((id(), text()), 1..30);
    let random = vec((text(), 0_usize..6, any::<u8>()), 40);
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(products, random, 1_usize..8), |(products, random, limit)| {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, plain, database] = stores(&server, folder.path(), &products);
        let by = |ask: &dyn Fn(&dyn Catalogue) -> String| {
            let expected = ask(&*plain);
            ([expected.clone(), expected], [ask(&*file), ask(&*database)])
        };
        for question in questions(&products, &random) {
            let (expected, found) = by(&|catalogue| pages(catalogue, &question, limit, None));
            prop_assert_eq!(found, expected, "q={:?}", question);
            let (expected, found) = by(&|catalogue| format!("{:?}", catalogue.by_name(&question).expect("an answer")));
            prop_assert_eq!(found, expected, "name={:?}", question);
            let (expected, found) = by(&|catalogue| format!("{:?}", catalogue.by_id(&question).expect("an answer")));
            prop_assert_eq!(found, expected, "id={:?}", question);
            // A product that nobody has may be where a page begins.
            for start in
                [format!("i{question}"), format!("1{question}"), format!("-6{question}"), format!("5B:{question}")]
            {
                let start = After::of(&start).expect("a token");
                let (expected, found) = by(&|catalogue| pages(catalogue, "a", limit, Some(start.clone())));
                prop_assert_eq!(found, expected, "q=a after {:?}", start);
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Words sort behind what they start with, also where another character is the last of all.
#[test]
fn a_word_with_the_last_of_all_characters() {
    let folder = tempfile::tempdir().expect("a folder");
    let products = [("a".to_owned(), "b\u{10ffff}".to_owned()), ("c".to_owned(), "x b\u{10ffff}\u{10ffff}".to_owned())];
    for store in stores(&Mariadb::shared(), folder.path(), &products) {
        let both = products.each_ref().map(|(id, name)| Product::new(id, name, "1.0").expect("a product"));
        let found = Found { products: both.into(), next: None, suggestion: None };
        assert_eq!(pages(&*store, "b", 5, None), format!("{found:?}"));
    }
}
