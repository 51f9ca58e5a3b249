//! Reads an index: where a word is, which products have it or have two as neighbours, ids and names in their order.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::mem;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use anyhow::Result;
use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memrchr};

use super::layout::{Blocks, Bytes, Contents, FILTER_BLOCKS, Kind, Segment, damaged, filter_rows, number_of, pair};
use super::products::Products;
use super::terms::{ALONE, IDENTIFIES, MEANT};

/// Rows of a filter that are read for a text at most: the rest hardly tells more.
const FILTER_READS: usize = 8;

/// What takes a block, by its number within its kind and segment.
type TakeBlock<'a> = dyn FnMut(usize, &[u8]) -> Result<ControlFlow<()>> + 'a;

/// What takes a list of products, by the number of what they have, and how many they are.
type TakeList<'a> = dyn FnMut(usize, usize, &[u8]) -> Result<ControlFlow<()>> + 'a;

/// An index, as long as a question takes.
pub(super) struct Index<'a> {
    pub(super) blocks: &'a mut dyn Blocks,
    pub(super) contents: Contents,
    /// What was read of its words, in order.
    words: Vec<Lines>,
    directories: HashMap<usize, Rc<[usize]>>,
}

/// A block of words: each ends with a line feed.
struct Lines {
    segment: usize,
    /// The number of the first.
    first: usize,
    bytes: Vec<u8>,
}

impl Lines {
    fn first_word(&self) -> &[u8] {
        &self.bytes[..memchr(b'\n', &self.bytes).unwrap_or(self.bytes.len())]
    }

    /// Is a word surely here, if it is anywhere?
    fn has(&self, segment: usize, word: &[u8]) -> bool {
        let words = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let last = memrchr(b'\n', words).map_or(0, |end| end + 1);
        self.segment == segment && self.first_word() <= word && &words[last..] >= word
    }

    /// The first word that is not before a text.
    fn bound(&self, text: &[u8]) -> Bound {
        let (mut low, mut high) = (0, self.bytes.len());
        let mut is_it = false;
        while low < high && !is_it {
            let middle = (low + high) / 2;
            let start = memrchr(b'\n', &self.bytes[low..middle]).map_or(low, |end| low + end + 1);
            let end = memchr(b'\n', &self.bytes[middle..]).map_or(self.bytes.len(), |end| middle + end);
            match self.bytes[start..end].cmp(text) {
                Ordering::Equal => (low, is_it) = (start, true),
                Ordering::Less => low = end + 1,
                Ordering::Greater => high = start,
            }
        }
        let (before, rest) = self.bytes.split_at(low.min(self.bytes.len()));
        let number = self.first + memchr_iter(b'\n', before).count();
        Bound { number, is_it, may_start: rest.is_empty() || rest.starts_with(text) }
    }
}

/// Where words that start with a text begin.
#[derive(Clone, Copy, Default)]
struct Bound {
    /// The number of the first word that is not before the text.
    number: usize,
    /// Is it the text?
    is_it: bool,
    /// Does it start with it, as far as its block tells?
    may_start: bool,
}

impl Index<'_> {
    /// The index in a store; `None` where there is none that is understood.
    pub(super) fn open(blocks: &mut dyn Blocks) -> Result<Option<Index<'_>>> {
        let contents = blocks.block(Contents::BLOCK)?.and_then(|json| Contents::of(&json));
        Ok(contents.map(|contents| Index { words: Vec::new(), directories: HashMap::new(), blocks, contents }))
    }

    pub(super) fn segment(&self, segment: usize) -> Segment {
        self.contents.segments[segment]
    }

    /// Gives the blocks in which what has these numbers is, until `take` breaks off.
    pub(super) fn read(
        &mut self,
        kind: Kind,
        segment: usize,
        numbers: Range<usize>,
        take: &mut TakeBlock,
    ) -> Result<()> {
        let range = kind.block(segment, numbers.start)..kind.block(segment, numbers.end);
        self.blocks.blocks(range, &mut |block, bytes| {
            // The one before may be of another kind.
            let number = number_of(block);
            if block == kind.block(segment, number) { take(number, bytes) } else { Ok(ControlFlow::Continue(())) }
        })
    }

    /// An empty set of products of a segment.
    pub(super) fn none(&self, segment: usize) -> Products {
        Products::none(self.segment(segment).products)
    }

    /// The block of a kind with the last key before a text, and its number.
    pub(super) fn last(&mut self, kind: Kind, segment: usize, text: &str) -> Result<Option<(usize, Vec<u8>)>> {
        let found = self.blocks.last(&kind.key(segment, text))?;
        let is_here = |(block, _): &(i64, Vec<u8>)| *block == kind.block(segment, number_of(*block));
        Ok(found.filter(is_here).map(|(block, bytes)| (number_of(block), bytes)))
    }

    /// The first word that is not before a text.
    fn bound(&mut self, segment: usize, text: &str) -> Result<Bound> {
        let place = (segment, text.as_bytes());
        let behind = self.words.partition_point(|lines| (lines.segment, lines.first_word()) <= place);
        if let Some(lines) = self.words[..behind].last().filter(|lines| lines.has(segment, text.as_bytes())) {
            return Ok(lines.bound(text.as_bytes()));
        }
        let Some((first, bytes)) = self.last(Kind::Words, segment, &format!("{text}\0"))? else {
            return Ok(Bound { may_start: true, ..Bound::default() });
        };
        let lines = Lines { segment, first, bytes };
        let found = lines.bound(text.as_bytes());
        self.words.insert(behind, lines);
        Ok(found)
    }

    /// The number of a word, if there is such a one.
    pub(super) fn word(&mut self, segment: usize, word: &str) -> Result<Option<usize>> {
        let found = self.bound(segment, word)?;
        Ok(found.is_it.then_some(found.number))
    }

    /// The words that start with a text.
    pub(super) fn starting(&mut self, segment: usize, start: &str) -> Result<Starting> {
        let from = self.bound(segment, start)?;
        let to = if from.may_start { self.bound(segment, &after_all(start))?.number } else { from.number };
        Ok(Starting { words: from.number..to, is_word: from.is_it })
    }

    /// The numbers of the words that have a text inside, of the blocks of words that may have it.
    pub(super) fn containing(&mut self, segment: usize, text: &str, blocks: &[usize]) -> Result<Vec<usize>> {
        let finder = Finder::new(text);
        let mut found = Vec::new();
        for &first in blocks {
            let bytes = self.blocks.block(Kind::Words.block(segment, first))?.ok_or_else(damaged)?;
            let (mut from, mut line) = (0, first);
            while let Some(at) = finder.find(&bytes[from..]).map(|at| from + at) {
                let start = memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
                let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                line += memchr_iter(b'\n', &bytes[from..start]).count();
                if is_written(&bytes[start..end]) {
                    found.push(line);
                }
                // On with the next line.
                line += 1;
                from = (end + 1).min(bytes.len());
            }
        }
        Ok(found)
    }

    /// Which blocks of words may have a text inside.
    pub(super) fn blocks_with(&mut self, segment: usize, text: &str) -> Result<Vec<usize>> {
        let blocks = self.directory(segment)?;
        let mut may = vec![u8::MAX; blocks.len().div_ceil(FILTER_BLOCKS).div_ceil(8)];
        let mut left = u32::MAX;
        for row in filter_rows(text.as_bytes()).take(FILTER_READS) {
            self.read(Kind::Filter, segment, row..row + 1, &mut |first, bytes| {
                let at = (row - first) * may.len();
                let bits = bytes.get(at..at + may.len()).ok_or_else(damaged)?;
                may.iter_mut().zip(bits).for_each(|(may, bits)| *may &= bits);
                Ok(ControlFlow::Break(()))
            })?;
            let before = mem::replace(&mut left, may.iter().map(|bits| bits.count_ones()).sum());
            // The last that is left and stays most often is where the text is.
            if left == 0 || left == 1 && before == 1 {
                break;
            }
        }
        let is_set = |bit: usize| may[bit / 8] >> (bit % 8) & 1 == 1;
        let numbered = blocks.iter().copied().enumerate();
        Ok(numbered.filter(|(number, _)| is_set(number / FILTER_BLOCKS)).map(|(_, first)| first).collect())
    }

    /// The number of the first word of each block of words, which is read once.
    fn directory(&mut self, segment: usize) -> Result<Rc<[usize]>> {
        if let Some(directory) = self.directories.get(&segment) {
            return Ok(Rc::clone(directory));
        }
        let block = self.blocks.block(Kind::Directory.block(segment, 0))?.ok_or_else(damaged)?;
        let mut rest = Bytes(&block);
        let mut blocks = Vec::new();
        while !rest.is_empty() {
            blocks.push(rest.number()?);
        }
        let blocks: Rc<[usize]> = blocks.into();
        self.directories.insert(segment, Rc::clone(&blocks));
        Ok(blocks)
    }

    /// Adds the products that have any of the words, which are in order.
    pub(super) fn add_products(
        &mut self,
        segment: usize,
        words: impl IntoIterator<Item = Range<usize>>,
        set: &mut Products,
    ) -> Result<()> {
        let mut words = words.into_iter().filter(|range| !range.is_empty()).peekable();
        while let Some(range) = words.peek().cloned() {
            self.read(Kind::Products, segment, range.clone(), &mut |block, bytes| {
                // Those that come next may be in this block too.
                each_list(block, bytes, &mut |word, _, list| {
                    while words.next_if(|wanted| wanted.end <= word).is_some() {}
                    match words.peek() {
                        None => return Ok(ControlFlow::Break(())),
                        Some(wanted) if wanted.contains(&word) => add_list(list, set)?,
                        Some(_) => {}
                    }
                    if words.peek().is_some_and(|wanted| wanted.end == word + 1) {
                        words.next();
                    }
                    Ok(ControlFlow::Continue(()))
                })?;
                Ok(ControlFlow::Continue(()))
            })?;
            words.next_if_eq(&range);
        }
        set.tidy();
        Ok(())
    }

    /// How many products have a word.
    pub(super) fn count(&mut self, segment: usize, word: usize) -> Result<usize> {
        let mut count = 0;
        self.read(Kind::Products, segment, word..word + 1, &mut |block, bytes| {
            each_list(block, bytes, &mut |here, products, _| {
                if here == word {
                    count = products;
                }
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(count)
    }

    /// Adds the products in which one of the followers comes directly behind a word.
    pub(super) fn add_neighbours(
        &mut self,
        segment: usize,
        word: usize,
        followers: Range<usize>,
        set: &mut Products,
    ) -> Result<()> {
        let pairs = pair(word, followers.start)..pair(word, followers.end);
        if followers.is_empty() {
            return Ok(());
        }
        self.read(Kind::Followers, segment, pairs.clone(), &mut |first, bytes| {
            each_list(first, bytes, &mut |here, _, list| {
                if pairs.contains(&here) {
                    add_list(list, set)?;
                }
                Ok(if here < pairs.end { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
            Ok(ControlFlow::Continue(()))
        })?;
        set.tidy();
        Ok(())
    }
}

/// The words that start with a text, by their numbers.
#[derive(Clone)]
pub(super) struct Starting {
    pub(super) words: Range<usize>,
    /// Is the first of them the text?
    pub(super) is_word: bool,
}

impl Starting {
    /// All of them, or the one that is the text, if there is such a one.
    pub(super) fn words(&self, whole: bool) -> Range<usize> {
        let first = self.words.start;
        if whole { first..first + usize::from(self.is_word) } else { self.words.clone() }
    }
}

/// What all that starts with a text is before.
pub(super) fn after_all(start: &str) -> String {
    format!("{start}\u{10ffff}")
}

/// What a text, and a text alone, is before: no folded text has a control character.
pub(super) fn after_these(text: &str) -> String {
    format!("{text}\u{1}")
}

/// Is it a word as it was written?
pub(super) fn is_written(word: &[u8]) -> bool {
    let is = |byte: Option<&u8>, character: char| byte.is_some_and(|&byte| char::from(byte) == character);
    !is(word.first(), IDENTIFIES) && !is(word.first(), ALONE) && !is(word.last(), MEANT)
}

fn each_list(first: usize, bytes: &[u8], take: &mut TakeList) -> Result<()> {
    let mut rest = Bytes(bytes);
    let mut word = first;
    while !rest.is_empty() {
        word += rest.number()?;
        if take(word, rest.number()?, rest.sized()?)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn add_list(list: &[u8], set: &mut Products) -> Result<()> {
    let mut rest = Bytes(list);
    let mut product = 0;
    while !rest.is_empty() {
        product += rest.number()?;
        if product >= set.all() {
            return Err(damaged());
        }
        set.push(product);
    }
    Ok(())
}
