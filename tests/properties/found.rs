//! What must be found of any catalogue, and how pages follow one another while it changes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{After, Catalogue, Search};
use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::store::Store;

/// Letters of scripts that have words, some of which are folded.
const LETTERS: &str = "aAbBcCeEéÉnNñoOøäÄöüßszZ019λΛσςάжЖёйІاهةדשЀ";

fn word() -> impl Strategy<Value = String> {
    let letters: Vec<char> = LETTERS.chars().collect();
    vec(proptest::sample::select(letters), 1..9).prop_map(String::from_iter)
}

fn name() -> impl Strategy<Value = String> {
    let apart = proptest::sample::select(vec![" ", "  ", "-", ", ", "/"]);
    vec((word(), apart), 1..5)
        .prop_map(|words| words.into_iter().map(|(word, apart)| word + apart).collect::<String>())
        .prop_map(|name| name.trim_end_matches([' ', '-', ',', '/']).to_owned())
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["[A-C]{1,2}-?[0-9]{1,4}", word()]
}

/// The catalogue of these products in a folder.
fn catalogue(folder: &Path, products: &BTreeMap<String, String>) -> Arc<dyn Catalogue> {
    let row = |(id, name): (&String, &String)| serde_json::json!({"id": id, "name": name, "price": "1"});
    let items: Vec<_> = products.iter().map(row).collect();
    let file = folder.join("products.json");
    std::fs::write(&file, serde_json::to_vec(&items).expect("JSON")).expect("a file");
    let store = Store::File(folder.join("products.db"));
    import(&file, &store, &Options::default()).expect("an import");
    store.open()
}

/// The ids that a question finds, a page at a time, with what is done between pages.
fn pages(catalogue: &dyn Catalogue, question: &str, limit: usize, mut between: impl FnMut()) -> Vec<String> {
    let mut ids = Vec::new();
    let mut search = Search { question: question.to_owned(), limit, after: None };
    loop {
        let found = catalogue.search(&search).unwrap_or_else(|error| panic!("{question:?}: {error:#}"));
        ids.extend(found.products.into_iter().map(|product| product.id));
        let Some(next) = found.next else { return ids };
        search.after = After::of(&next);
        between();
    }
}

/// All by which a product must be found.
fn questions(id: &str, name: &str) -> Vec<String> {
    let words = name.split([' ', '-', ',', '/']).filter(|word| !word.is_empty());
    let inside = words.clone().flat_map(|word| {
        let letters: Vec<char> = word.chars().collect();
        letters.windows(3).map(String::from_iter).collect::<Vec<_>>()
    });
    let texts = [id.to_owned(), name.to_owned(), name.to_uppercase(), name.to_lowercase()];
    texts.into_iter().chain(words.clone().map(str::to_owned)).chain(inside).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_product_is_found_by_all_that_it_has(products in vec((id(), name()), 1..12)) {
        let folder = tempfile::tempdir().expect("a folder");
        let products: BTreeMap<String, String> = products.into_iter().collect();
        let catalogue = catalogue(folder.path(), &products);
        for (id, name) in &products {
            for question in questions(id, name) {
                let ids = pages(&*catalogue, &question, 5, || ());
                prop_assert!(ids.contains(id), "{question:?} finds {ids:?}, and not {id:?}, {name:?}");
            }
        }
    }

    /// Each that stays as it is comes once, whatever happens to the others meanwhile.
    #[test]
    fn pages_while_others_change(
        products in vec((id(), name()), 8..24),
        edits in vec((any::<prop::sample::Index>(), name(), 0_u8..4), 16),
        limit in 1_usize..4,
        letters in 0_usize..3,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let products: BTreeMap<String, String> = products.into_iter().collect();
        let catalogue = catalogue(folder.path(), &products);
        let ids: Vec<&String> = products.keys().collect();
        let question: String = products[ids[0]].chars().take(letters).collect();
        let others: Vec<&String> = ids.iter().copied().skip(1).step_by(2).collect();
        let found = pages(&*catalogue, &question, 100, || ());
        let stays: Vec<&String> = found.iter().filter(|id| !others.contains(id)).collect();
        let connection = Connection::open(folder.path().join("products.db")).expect("a database");
        let mut edits = edits.iter();
        let paged = pages(&*catalogue, &question, limit, || {
            let Some((which, name, how)) = edits.next() else { return };
            let other = if others.is_empty() { "Z" } else { which.get(&others).as_str() };
            let (sql, values): (&str, &[&str]) = match how {
                0 => ("DELETE FROM product WHERE id = ?1", &[other]),
                1 => ("INSERT OR REPLACE INTO product (id, name, price) VALUES (?1, ?2, '2')", &[other, name]),
                2 => ("INSERT OR IGNORE INTO product (id, name, price) VALUES ('new ' || ?1, ?2, '2')", &[other, name]),
                _ => ("UPDATE product SET name = ?2 WHERE id = ?1", &[other, name]),
            };
            connection.execute(sql, rusqlite::params_from_iter(values)).expect("an edit");
        });
        let stayed: Vec<&String> = paged.iter().filter(|id| stays.contains(id)).collect();
        prop_assert_eq!(stayed, stays, "{:?}: {:?}", question, paged);
    }
}
