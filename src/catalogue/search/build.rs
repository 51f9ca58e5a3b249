//! Makes an index of products that come in the order of their numbers.

use std::hash::BuildHasher;

use anyhow::Result;
use fixedbitset::FixedBitSet;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::block::{BLOCK_BYTES, Block, Lists, put_products};
use super::layout::{
    Contents, FILTER_BLOCKS, FILTER_ROWS, KEY_END, Kind, PRODUCT_BYTES, Put, Segment, VERSION, WORD_BITS, filter_rows,
    pair, put as put_number, put_text,
};
use super::terms::{Texts, key, start_key};

/// Products of a segment at most, and bytes of what is collected of them: what is made of it at its end takes as much
/// again.
const SEGMENT_PRODUCTS: usize = 1 << 19;
const SEGMENT_BYTES: usize = 80 << 20;

/// An index while it is made.
pub(in crate::catalogue) struct Builder<'a> {
    put: &'a mut Put<'a>,
    contents: Contents,
    segment: Collected,
    /// Ids that wait for their block, and the number of the first.
    ids: Block,
}

impl<'a> Builder<'a> {
    /// Blocks go to `put`.
    pub(in crate::catalogue) fn new(put: &'a mut Put<'a>) -> Builder<'a> {
        let contents = Contents { version: VERSION, segments: Vec::new() };
        Builder { put, contents, segment: Collected::default(), ids: Block::default() }
    }

    /// Adds a product, of which the folded id, and then the id itself, comes behind those before.
    pub(in crate::catalogue) fn add(&mut self, id: &str, texts: &Texts) -> Result<()> {
        let number = self.contents.products() + self.segment.products;
        let mut entry = Vec::new();
        put_text(&mut entry, id);
        if !self.ids.has_room(entry.len()) {
            self.ids.flush(Kind::Ids, 0, self.put)?;
            self.ids.key = Some(Kind::Ids.key(0, &format!("{}{KEY_END}{id}", key(&texts.id))));
        }
        self.ids.add(number, &entry);
        self.segment.add(texts);
        if self.segment.products == SEGMENT_PRODUCTS
            || self.segment.bytes() > SEGMENT_BYTES
            || self.segment.ends.len() >= 1 << (WORD_BITS - 1)
        {
            self.end_segment()?;
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<()> {
        let segment = std::mem::take(&mut self.segment);
        let number = self.contents.segments.len();
        let first = self.contents.products();
        let written = segment.write(number, self.put)?;
        self.contents.segments.push(Segment { first, ..written });
        Ok(())
    }

    /// Writes what has not been yet.
    pub(in crate::catalogue) fn finish(mut self) -> Result<()> {
        if self.segment.products > 0 {
            self.end_segment()?;
        }
        self.ids.flush(Kind::Ids, 0, self.put)?;
        (self.put)(Kind::Contents.block(0, 0), None, &serde_json::to_vec(&self.contents)?)
    }
}

/// What is known of the products of a segment.
#[derive(Default)]
struct Collected {
    products: usize,
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

impl Collected {
    fn bytes(&self) -> usize {
        self.text.len()
            + self.names.len()
            + size_of_val(&*self.has)
            + size_of_val(&*self.follows)
            + (size_of_val(&*self.ends) + size_of_val(&*self.name_ends)) * 4
    }

    fn word(&self, number: u32) -> &str {
        word(&self.text, &self.ends, number)
    }

    fn number(&mut self, wanted: &str) -> u32 {
        let Collected { text, ends, numbers, hasher, .. } = self;
        let hash = hasher.hash_one(wanted);
        if let Some(&number) = numbers.find(hash, |&number| word(text, ends, number) == wanted) {
            return number;
        }
        let number = ends.len() as u32;
        text.push_str(wanted);
        ends.push(text.len() as u32);
        numbers.insert_unique(hash, number, |&number| hasher.hash_one(word(text, ends, number)));
        number
    }

    fn add(&mut self, texts: &Texts) {
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

    /// Writes all of it.
    fn write(mut self, segment: usize, put: &mut Put) -> Result<Segment> {
        self.numbers = HashTable::new();
        let mut order: Vec<u32> = (0..self.ends.len() as u32).collect();
        order.sort_unstable_by_key(|&number| self.word(number));
        self.write_words(&order, segment, put)?;
        let mut places = vec![0; order.len()];
        for (place, &number) in order.iter().enumerate() {
            places[number as usize] = place as u32;
        }
        drop(order);
        self.write_products(&places, segment, put)?;
        self.write_followers(&places, segment, put)?;
        self.write_names(segment, put)?;
        Ok(Segment { first: 0, products: self.products, words: places.len() })
    }

    fn write_words(&self, order: &[u32], segment: usize, put: &mut Put) -> Result<()> {
        let mut directory = Vec::new();
        let mut block = Block::default();
        let mut blocks = 0;
        let mut filter: Vec<FixedBitSet> = Vec::new();
        for (place, &number) in order.iter().enumerate() {
            let word = self.word(number);
            if !block.has_room(word.len() + 1) {
                block.flush(Kind::Words, segment, put)?;
                block.key = Some(Kind::Words.key(segment, word));
                put_number(&mut directory, place);
                if blocks % FILTER_BLOCKS == 0 {
                    filter.push(FixedBitSet::with_capacity(FILTER_ROWS));
                }
                blocks += 1;
            }
            if let Some(rows) = filter.last_mut() {
                filter_rows(word.as_bytes()).for_each(|row| rows.insert(row));
            }
            block.add(place, word.as_bytes());
            block.bytes.push(b'\n');
        }
        block.flush(Kind::Words, segment, put)?;
        put(Kind::Directory.block(segment, 0), None, &directory)?;
        write_filter(&filter, segment, put)
    }

    fn write_products(&mut self, places: &[u32], segment: usize, put: &mut Put) -> Result<()> {
        let mut has = std::mem::take(&mut self.has);
        has.iter_mut().for_each(|(word, _)| *word = places[*word as usize]);
        has.sort_unstable();
        has.dedup();
        let mut lists = Lists::new(Kind::Products, segment, put);
        for of_word in has.chunk_by(|one, next| one.0 == next.0) {
            let mut list = Vec::new();
            put_products(&mut list, of_word.iter().map(|&(_, product)| product));
            lists.add(of_word[0].0 as usize, of_word.len(), &list)?;
        }
        lists.finish()
    }

    fn write_followers(&mut self, places: &[u32], segment: usize, put: &mut Put) -> Result<()> {
        let mut follows = std::mem::take(&mut self.follows);
        for (first, second, _) in &mut follows {
            (*first, *second) = (places[*first as usize], places[*second as usize]);
        }
        follows.sort_unstable();
        follows.dedup();
        let mut lists = Lists::new(Kind::Followers, segment, put);
        for of_pair in follows.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)) {
            let mut list = Vec::new();
            put_products(&mut list, of_pair.iter().map(|&(.., product)| product));
            let (word, follower, _) = of_pair[0];
            lists.add(pair(word as usize, follower as usize), of_pair.len(), &list)?;
        }
        lists.finish()
    }

    fn write_names(&self, segment: usize, put: &mut Put) -> Result<()> {
        let name = |number: u32| word(&self.names, &self.name_ends, number);
        let mut order: Vec<u32> = (0..self.products as u32).collect();
        order.sort_unstable_by_key(|&number| (name(number), number));
        let mut from = 0;
        while from < order.len() {
            let mut products = Vec::new();
            let mut texts = Vec::new();
            let mut before = "";
            for &number in &order[from..] {
                let name = name(number);
                let same = name.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count();
                if products.len() + texts.len() + name.len() - same > BLOCK_BYTES - 16 && !products.is_empty() {
                    break;
                }
                products.extend_from_slice(&number.to_le_bytes()[..PRODUCT_BYTES]);
                put_number(&mut texts, same);
                put_number(&mut texts, name.len() - same);
                texts.extend_from_slice(&name.as_bytes()[same..]);
                before = name;
            }
            let count = products.len() / PRODUCT_BYTES;
            let mut block = Vec::new();
            put_number(&mut block, count);
            block.append(&mut products);
            block.append(&mut texts);
            let key = Kind::Names.key(segment, name(order[from]));
            put(Kind::Names.block(segment, from), Some(&key), &block)?;
            from += count;
        }
        Ok(())
    }
}

/// Writes for each row of the filter which blocks of words have it, a bit each.
fn write_filter(blocks: &[FixedBitSet], segment: usize, put: &mut Put) -> Result<()> {
    let mut filter = Block::default();
    for row in 0..FILTER_ROWS {
        let bits = blocks
            .chunks(8)
            .map(|eight| eight.iter().rev().fold(0, |byte, block| byte << 1 | u8::from(block.contains(row))));
        let bits: Vec<u8> = bits.collect();
        if !filter.has_room(bits.len()) {
            filter.flush(Kind::Filter, segment, put)?;
        }
        filter.add(row, &bits);
    }
    filter.flush(Kind::Filter, segment, put)
}

fn word<'a>(text: &'a str, ends: &[u32], number: u32) -> &'a str {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[number] as usize]
}
