//! What is known of some products in a row, collected in memory, and put in order.

use std::hash::BuildHasher;

use anyhow::Result;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::block::put_products;
use super::layout::{put as put_number, put_text};
use super::spool::{Section, Spool};
use super::terms::{Texts, start_key};

/// Products of a run at most, and bytes of what is collected of them.
const PRODUCTS: usize = 1 << 16;
const BYTES: usize = 16 << 20;

/// Words of a run at most: each takes sixteen of the bytes.
pub(super) const WORDS: usize = BYTES / 16;

#[derive(Default)]
pub(super) struct Collected {
    pub(super) products: usize,
    /// All words, one behind the other, and where each ends.
    text: String,
    ends: Vec<u32>,
    /// Their numbers, as they came.
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Word and product.
    has: Vec<(u32, u32)>,
    /// Word, the one that follows, and product.
    follows: Vec<(u32, u32, u32)>,
    names: String,
    name_ends: Vec<u32>,
}

/// A run in a spool.
pub(super) struct Run {
    pub(super) products: usize,
    /// How many words, and of how many bytes.
    pub(super) words: usize,
    pub(super) word_bytes: usize,
    /// Each word in order, with its products.
    pub(super) has: Section,
    /// The numbers of each word and of one that follows it, in order, with their products.
    pub(super) follows: Section,
    /// Each name in order, with its product.
    pub(super) names: Section,
}

impl Collected {
    pub(super) fn is_full(&self) -> bool {
        let bytes = self.text.len()
            + self.names.len()
            + size_of_val(&*self.has)
            + size_of_val(&*self.follows)
            + (size_of_val(&*self.ends) + size_of_val(&*self.name_ends)) * 4;
        self.products == PRODUCTS || bytes > BYTES
    }

    fn number(&mut self, wanted: &str) -> u32 {
        let Collected { text, ends, numbers, hasher, .. } = self;
        let hash = hasher.hash_one(wanted);
        if let Some(&number) = numbers.find(hash, |&number| nth(text, ends, number) == wanted) {
            return number;
        }
        let number = ends.len() as u32;
        text.push_str(wanted);
        ends.push(text.len() as u32);
        numbers.insert_unique(hash, number, |&number| hasher.hash_one(nth(text, ends, number)));
        number
    }

    pub(super) fn add(&mut self, texts: &Texts) {
        let product = self.products as u32;
        self.products += 1;
        texts.terms(&mut |term| {
            let number = self.number(term);
            self.has.push((number, product));
        });
        texts.neighbours(&mut |first, second| {
            let (first, second) = (self.number(first), self.number(second));
            self.follows.push((first, second, product));
        });
        self.names += &start_key(&texts.name);
        self.name_ends.push(self.names.len() as u32);
    }

    /// Writes all of it, in order.
    pub(super) fn write(mut self, spool: &mut Spool) -> Result<Run> {
        self.numbers = HashTable::new();
        let word = |number: u32| nth(&self.text, &self.ends, number);
        let mut order: Vec<u32> = (0..self.ends.len() as u32).collect();
        order.sort_unstable_by_key(|&number| word(number));
        let mut places = vec![0; order.len()];
        for (place, &number) in order.iter().enumerate() {
            places[number as usize] = place as u32;
        }
        let mut entry = Vec::new();

        self.has.iter_mut().for_each(|(word, _)| *word = places[*word as usize]);
        self.has.sort_unstable();
        self.has.dedup();
        let mut rest = &self.has[..];
        for (place, &number) in order.iter().enumerate() {
            let (of_word, others) = rest.split_at(rest.iter().take_while(|has| has.0 as usize == place).count());
            entry.clear();
            put_text(&mut entry, word(number));
            put_list(&mut entry, of_word.iter().map(|&(_, product)| product));
            spool.add(&entry)?;
            rest = others;
        }
        let has = spool.end_section()?;

        for (first, second, _) in &mut self.follows {
            (*first, *second) = (places[*first as usize], places[*second as usize]);
        }
        self.follows.sort_unstable();
        self.follows.dedup();
        for of_pair in self.follows.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)) {
            entry.clear();
            put_number(&mut entry, of_pair[0].0 as usize);
            put_number(&mut entry, of_pair[0].1 as usize);
            put_list(&mut entry, of_pair.iter().map(|&(.., product)| product));
            spool.add(&entry)?;
        }
        let follows = spool.end_section()?;

        let name = |number: u32| nth(&self.names, &self.name_ends, number);
        let mut order: Vec<u32> = (0..self.products as u32).collect();
        order.sort_unstable_by_key(|&number| (name(number), number));
        for &number in &order {
            entry.clear();
            put_text(&mut entry, name(number));
            put_number(&mut entry, number as usize);
            spool.add(&entry)?;
        }
        let names = spool.end_section()?;
        let (words, word_bytes) = (places.len(), self.text.len());
        Ok(Run { products: self.products, words, word_bytes, has, follows, names })
    }
}

/// Writes a list of products after its length in bytes.
fn put_list(entry: &mut Vec<u8>, products: impl Iterator<Item = u32>) {
    let mut list = Vec::new();
    put_products(&mut list, products);
    put_number(entry, list.len());
    entry.extend_from_slice(&list);
}

fn nth<'a>(text: &'a str, ends: &[u32], number: u32) -> &'a str {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[number] as usize]
}
