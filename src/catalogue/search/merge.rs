//! Merges the runs of a segment into its blocks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use anyhow::Result;
use fixedbitset::FixedBitSet;

use super::block::{BLOCK_BYTES, Block, Lists};
use super::layout::{
    Bytes, FILTER_BLOCKS, FILTER_ROWS, Kind, PRODUCT_BYTES, Put, filter_rows, pair, put as put_number,
};
use super::run::Run;
use super::spool::{Reader, Section, Spool};

/// Writes a segment of runs, and returns how many words it has.
pub(super) fn merge(runs: &[Run], spool: &mut Spool, segment: usize, put: &mut Put) -> Result<usize> {
    let firsts = runs.iter().scan(0, |next, run| Some(std::mem::replace(next, *next + run.products)));
    let firsts: Vec<usize> = firsts.collect();
    let (words, places) = {
        let mut lists = Spool::new();
        let (words, places) = write_words(runs, &firsts, spool, &mut lists, segment, put)?;
        write_products(&mut lists, segment, put)?;
        (words, places)
    };
    write_followers(runs, &firsts, &places, spool, segment, put)?;
    drop(places);
    write_names(runs, &firsts, spool, segment, put)?;
    Ok(words)
}

/// Gives the entries of all sections in order.
fn each<E: Ord>(
    spool: &mut Spool,
    sections: impl Iterator<Item = Section>,
    read: impl Fn(usize, &mut Bytes) -> Result<E>,
    mut take: impl FnMut(E) -> Result<()>,
) -> Result<()> {
    let mut readers: Vec<Reader> = sections.map(|section| Reader::new(&section)).collect();
    let mut heads = BinaryHeap::new();
    for (run, reader) in readers.iter_mut().enumerate() {
        heads.extend(reader.next(spool, |bytes| read(run, bytes))?.map(|entry| Reverse((entry, run))));
    }
    while let Some(mut head) = heads.peek_mut() {
        let run = head.0.1;
        match readers[run].next(spool, |bytes| read(run, bytes))? {
            Some(next) => take(std::mem::replace(&mut head.0.0, next))?,
            None => take(PeekMut::pop(head).0.0)?,
        }
    }
    Ok(())
}

/// The products of one word, or of two, in all runs.
#[derive(Default)]
struct Joined {
    count: usize,
    last: usize,
    list: Vec<u8>,
}

impl Joined {
    /// Adds those of a run, which come behind those before.
    fn add(&mut self, first: usize, list: &[u8]) -> Result<()> {
        let mut rest = Bytes(list);
        let mut product = first;
        while !rest.is_empty() {
            product += rest.number()?;
            put_number(&mut self.list, product - self.last);
            self.last = product;
            self.count += 1;
        }
        Ok(())
    }

    fn clear(&mut self) {
        (self.count, self.last) = (0, 0);
        self.list.clear();
    }
}

/// Writes the words, and spools the products of each. Returns how many words there are, and the place of each word of
/// each run among them.
fn write_words(
    runs: &[Run],
    firsts: &[usize],
    spool: &mut Spool,
    lists: &mut Spool,
    segment: usize,
    put: &mut Put,
) -> Result<(usize, Vec<Vec<u32>>)> {
    let mut places: Vec<Vec<u32>> = runs.iter().map(|run| Vec::with_capacity(run.words)).collect();
    let mut words = Words::default();
    let mut joined = Joined::default();
    let read = |run: usize, bytes: &mut Bytes| Ok((bytes.sized()?.to_vec(), run, bytes.sized()?.to_vec()));
    each(spool, runs.iter().map(|run| run.has.clone()), read, |(word, run, list)| {
        if words.count == 0 || words.last != word {
            if words.count > 0 {
                spool_list(&mut joined, lists)?;
            }
            words.add(word, segment, put)?;
        }
        places[run].push(words.count as u32 - 1);
        joined.add(firsts[run], &list)
    })?;
    if words.count > 0 {
        spool_list(&mut joined, lists)?;
    }
    let count = words.count;
    words.finish(segment, put)?;
    Ok((count, places))
}

/// Words while they are written.
#[derive(Default)]
struct Words {
    count: usize,
    last: Vec<u8>,
    block: Block,
    blocks: usize,
    directory: Vec<u8>,
    filter: Vec<FixedBitSet>,
}

impl Words {
    fn add(&mut self, word: Vec<u8>, segment: usize, put: &mut Put) -> Result<()> {
        if !self.block.has_room(word.len() + 1) {
            self.block.flush(Kind::Words, segment, put)?;
            self.block.key = Some(Kind::Words.key(segment, &word));
            put_number(&mut self.directory, self.count);
            if self.blocks.is_multiple_of(FILTER_BLOCKS) {
                self.filter.push(FixedBitSet::with_capacity(FILTER_ROWS));
            }
            self.blocks += 1;
        }
        if let Some(rows) = self.filter.last_mut() {
            filter_rows(&word).for_each(|row| rows.insert(row));
        }
        self.block.add(self.count, &word);
        self.block.bytes.push(b'\n');
        self.count += 1;
        self.last = word;
        Ok(())
    }

    fn finish(mut self, segment: usize, put: &mut Put) -> Result<()> {
        self.block.flush(Kind::Words, segment, put)?;
        put(Kind::Directory.block(segment, 0), None, &self.directory)?;
        write_filter(&self.filter, segment, put)
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

/// The products of a word wait until all words are written: a store takes blocks best in their order.
fn spool_list(joined: &mut Joined, lists: &mut Spool) -> Result<()> {
    let mut entry = Vec::with_capacity(joined.list.len() + 16);
    put_number(&mut entry, joined.count);
    put_number(&mut entry, joined.list.len());
    entry.extend_from_slice(&joined.list);
    joined.clear();
    lists.add(&entry)
}

fn write_products(spooled: &mut Spool, segment: usize, put: &mut Put) -> Result<()> {
    let mut lists = Lists::new(Kind::Products, segment, put);
    let mut reader = Reader::new(&spooled.end_section()?);
    let mut word = 0;
    let mut add = |bytes: &mut Bytes| {
        lists.add(word, bytes.number()?, bytes.sized()?)?;
        word += 1;
        Ok(())
    };
    while reader.next(spooled, &mut add)?.is_some() {}
    lists.finish()
}

fn write_followers(
    runs: &[Run],
    firsts: &[usize],
    places: &[Vec<u32>],
    spool: &mut Spool,
    segment: usize,
    put: &mut Put,
) -> Result<()> {
    let mut lists = Lists::new(Kind::Followers, segment, put);
    let mut joined = Joined::default();
    let mut last = 0;
    let read = |run: usize, bytes: &mut Bytes| {
        let (word, follower) = (bytes.number()?, bytes.number()?);
        let pair = pair(places[run][word] as usize, places[run][follower] as usize);
        Ok((pair, run, bytes.sized()?.to_vec()))
    };
    each(spool, runs.iter().map(|run| run.follows.clone()), read, |(pair, run, list)| {
        if last != pair && joined.count > 0 {
            lists.add(last, joined.count, &joined.list)?;
            joined.clear();
        }
        last = pair;
        joined.add(firsts[run], &list)
    })?;
    if joined.count > 0 {
        lists.add(last, joined.count, &joined.list)?;
    }
    lists.finish()
}

fn write_names(runs: &[Run], firsts: &[usize], spool: &mut Spool, segment: usize, put: &mut Put) -> Result<()> {
    let mut names = Names::default();
    let read = |run: usize, bytes: &mut Bytes| Ok((bytes.sized()?.to_vec(), firsts[run] + bytes.number()?));
    each(spool, runs.iter().map(|run| run.names.clone()), read, |(name, product)| {
        names.add(name, product, segment, put)
    })?;
    names.flush(segment, put)
}

/// Names of a block while it fills.
#[derive(Default)]
struct Names {
    /// The place of the first.
    from: usize,
    key: Vec<u8>,
    last: Vec<u8>,
    products: Vec<u8>,
    texts: Vec<u8>,
}

impl Names {
    fn add(&mut self, name: Vec<u8>, product: usize, segment: usize, put: &mut Put) -> Result<()> {
        let same_as = |last: &[u8]| name.iter().zip(last).take_while(|(one, other)| one == other).count();
        let mut same = same_as(&self.last);
        if self.products.len() + self.texts.len() + name.len() - same > BLOCK_BYTES - 16 && !self.products.is_empty() {
            self.flush(segment, put)?;
            same = 0;
        }
        if self.products.is_empty() {
            self.key = Kind::Names.key(segment, &name);
        }
        self.products.extend_from_slice(&product.to_le_bytes()[..PRODUCT_BYTES]);
        put_number(&mut self.texts, same);
        put_number(&mut self.texts, name.len() - same);
        self.texts.extend_from_slice(&name[same..]);
        self.last = name;
        Ok(())
    }

    fn flush(&mut self, segment: usize, put: &mut Put) -> Result<()> {
        let count = self.products.len() / PRODUCT_BYTES;
        if count > 0 {
            let mut block = Vec::new();
            put_number(&mut block, count);
            block.append(&mut self.products);
            block.append(&mut self.texts);
            put(Kind::Names.block(segment, self.from), Some(&self.key), &block)?;
            self.from += count;
            self.last.clear();
        }
        Ok(())
    }
}
