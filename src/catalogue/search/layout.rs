//! How an index lies in a store: as blocks, rows of bytes by number, which any store can keep. SQLite and a database
//! server have the same.
//!
//! Products have numbers in the order of their folded ids. A million of them are a segment, which is complete: its words
//! in order, for each the products that have it, for each pair of words that are neighbours the products that have
//! that, and the names in order.

use std::ops::{ControlFlow, Range};

use anyhow::{Error, Result, anyhow};
use serde::{Deserialize, Serialize};

use crate::catalogue::product::Product;

/// What a block is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The one that says what there is, as JSON.
    Contents = 1,
    /// Ids in order, by the number of the first; its key is the folded id, and the id.
    Ids,
    /// The number of the first word of each block of words.
    Directory,
    /// Words in order, a line each, by the number of the first, which is its key.
    Words,
    /// For each word the products that have it, by the number of the first word.
    Products,
    /// For each word and one that follows it the products in which it does, by the numbers of both.
    Followers,
    /// Which blocks of words may have three bytes, or four, one behind the other: a bit for so many blocks.
    Filter,
    /// Names in order, by the place of the first, which is its key: how many there are, their products, and their texts.
    Names,
}

/// Bits of the number of a word in a segment.
pub(super) const WORD_BITS: u32 = 23;

/// Bits of the number of a block within its kind and segment, and of the segment's number.
const NUMBER_BITS: u32 = 2 * WORD_BITS;
const SEGMENT_BITS: u32 = 12;

impl Kind {
    /// The number of a block.
    pub(super) const fn block(self, segment: usize, number: usize) -> i64 {
        ((self as i64) << (NUMBER_BITS + SEGMENT_BITS)) | ((segment as i64) << NUMBER_BITS) | number as i64
    }
}

impl Kind {
    /// The key of a block, by which it is found among those of its kind and segment.
    pub(super) fn key(self, segment: usize, text: impl AsRef<[u8]>) -> Vec<u8> {
        let head = self.block(segment, 0).to_be_bytes();
        let head = head.iter().copied().take(size_of::<i64>() - NUMBER_BITS as usize / 8);
        head.chain(text.as_ref().iter().copied()).collect()
    }
}

/// The number of a block within its kind and segment.
pub(super) fn number_of(block: i64) -> usize {
    (block & ((1 << NUMBER_BITS) - 1)) as usize
}

/// Between a folded id and the id in a key: it is in no folded text.
pub(super) const KEY_END: char = '\0';

/// Bytes of the number of a product among names.
pub(super) const PRODUCT_BYTES: usize = 3;

/// The number of two words that are neighbours.
pub(super) fn pair(word: usize, follower: usize) -> usize {
    word << WORD_BITS | follower
}

/// Blocks of words that have one bit in a filter.
pub(super) const FILTER_BLOCKS: usize = 4;

/// How many rows a filter has for three bytes, and as many for four.
const ROWS: usize = 1 << 15;

/// How many rows a filter has.
pub(super) const FILTER_ROWS: usize = 2 * ROWS;

/// The rows of a filter for what has a text inside, those first that fewest have, and that have least in common.
pub(super) fn filter_rows(text: &[u8]) -> impl Iterator<Item = usize> {
    let row = |bytes: &[u8]| {
        let number = bytes.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte));
        // Knuth's multiplicative hash: which bytes share a row has no order.
        number.wrapping_mul(2_654_435_761) as usize >> 17 & (ROWS - 1)
    };
    let fours = (0..3).flat_map(|from| text.windows(4).skip(from).step_by(3));
    fours.map(move |four| ROWS + row(four)).chain(text.windows(3).map(row))
}

/// Who makes an index another way changes this; what is of another version is made anew by the next change.
pub(super) const VERSION: u32 = 3;

/// What an index has in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::catalogue) struct Contents {
    pub(super) version: u32,
    pub(super) segments: Vec<Segment>,
}

/// A segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Segment {
    /// The number of its first product, and how many it has.
    pub(super) first: usize,
    pub(super) products: usize,
    /// How many words.
    pub(super) words: usize,
}

impl Contents {
    /// The number of the block that says so.
    pub(in crate::catalogue) const BLOCK: i64 = Kind::Contents.block(0, 0);

    /// What a block says; `None` where it is not of this version.
    pub(in crate::catalogue) fn of(json: &[u8]) -> Option<Contents> {
        let contents: Option<Contents> = serde_json::from_slice(json).ok();
        contents.filter(|contents| contents.version == VERSION)
    }

    /// How many products it has.
    pub(in crate::catalogue) fn products(&self) -> usize {
        self.segments.last().map_or(0, |last| last.first + last.products)
    }
}

/// A store of blocks and products, in one state as long as this lasts.
pub(in crate::catalogue) trait Blocks {
    /// One block; `None` where it is not there, or no index.
    fn block(&mut self, number: i64) -> Result<Option<Vec<u8>>>;

    /// Gives those of a range, and the last before it, until `take` breaks off.
    fn blocks(&mut self, range: Range<i64>, take: &mut Take) -> Result<()>;

    /// The block with the last key before this one, and its number.
    fn last(&mut self, key: &[u8]) -> Result<Option<(i64, Vec<u8>)>>;

    /// The products with exactly these ids.
    fn products(&mut self, ids: &[String]) -> Result<Vec<Option<Product>>>;

    /// The ids of what has changed since the index was made, as many as are looked at, where there is one.
    fn changed(&mut self) -> Result<Vec<String>>;

    /// Gives all products, in any order.
    fn all(&mut self, take: &mut dyn FnMut(Product) -> Result<()>) -> Result<()>;
}

/// What keeps a block with its number and its key, where it has one.
pub(in crate::catalogue) type Put<'a> = dyn FnMut(i64, Option<&[u8]>, &[u8]) -> Result<()> + 'a;

/// What takes a block with its number.
pub(in crate::catalogue) type Take<'a> = dyn FnMut(i64, &[u8]) -> Result<ControlFlow<()>> + 'a;

/// Writes a number, seven bits a byte, the lowest first.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What is said of an index that nobody has made so.
#[cold]
pub(super) fn damaged() -> Error {
    anyhow!("the index of words is damaged; product-lookup index makes it anew")
}

/// Reads what `put` has written.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let Some((&byte, rest)) = self.0.split_first() else { break };
            self.0 = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    #[inline]
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    /// What comes after its length.
    #[inline]
    pub(super) fn sized(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// A text after its length.
    pub(super) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.sized()?).map_err(|_| damaged())
    }
}

/// Writes a text after its length.
pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}
