//! Blocks while they fill.

use anyhow::Result;

use super::layout::{Kind, Put, put as put_number};

/// Bytes of a block, of which one fills a page of SQLite's: 4 KiB, less the page's head and the block's key.
pub(super) const BLOCK_BYTES: usize = 3960;

/// A block while it fills.
#[derive(Default)]
pub(super) struct Block {
    first: Option<usize>,
    pub(super) key: Option<Vec<u8>>,
    pub(super) bytes: Vec<u8>,
}

impl Block {
    /// Does an entry of so many bytes belong in this block, and not in the next?
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.first.is_some() && self.bytes.len() + bytes <= BLOCK_BYTES
    }

    pub(super) fn add(&mut self, number: usize, entry: &[u8]) {
        self.first.get_or_insert(number);
        self.bytes.extend_from_slice(entry);
    }

    pub(super) fn flush(&mut self, kind: Kind, segment: usize, put: &mut Put) -> Result<()> {
        if let Some(first) = self.first.take() {
            put(kind.block(segment, first), self.key.take().as_deref(), &self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }
}

/// Products in their order, as steps from one to the next.
pub(super) fn put_products(list: &mut Vec<u8>, products: impl Iterator<Item = u32>) {
    let mut before = 0;
    for product in products {
        put_number(list, (product - before) as usize);
        before = product;
    }
}

/// Lists of products by the numbers of what they have, in blocks. A long one has a block to itself, so that nobody reads it for another.
pub(super) struct Lists<'a, 'b> {
    kind: Kind,
    segment: usize,
    put: &'a mut Put<'b>,
    block: Block,
    last: usize,
}

impl<'a, 'b> Lists<'a, 'b> {
    pub(super) fn new(kind: Kind, segment: usize, put: &'a mut Put<'b>) -> Lists<'a, 'b> {
        Lists { kind, segment, put, block: Block::default(), last: 0 }
    }

    /// Adds the list of what has a number, with so many products.
    pub(super) fn add(&mut self, number: usize, products: usize, list: &[u8]) -> Result<()> {
        // Before it come three numbers.
        if !self.block.has_room(list.len() + 16) {
            self.block.flush(self.kind, self.segment, self.put)?;
            self.last = number;
        }
        let mut entry = Vec::with_capacity(list.len() + 16);
        put_number(&mut entry, number - self.last);
        put_number(&mut entry, products);
        put_number(&mut entry, list.len());
        entry.extend_from_slice(list);
        self.last = number;
        self.block.add(number, &entry);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.block.flush(self.kind, self.segment, self.put)
    }
}
