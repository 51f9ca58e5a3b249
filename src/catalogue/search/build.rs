//! Makes an index of products that come in the order of their numbers. As many as fit the memory are a run, which is
//! put in order and spooled; the runs of a segment are merged. So memory is bounded, and segments are few, since what
//! is searched for is looked for in each.

use anyhow::Result;

use super::block::Block;
use super::layout::{Contents, KEY_END, Kind, Put, Segment, VERSION, WORD_BITS, put_text};
use super::merge::merge;
use super::run::{self, Collected, Run};
use super::spool::Spool;
use super::terms::{Texts, key};

/// Products of a segment at most.
const SEGMENT_PRODUCTS: usize = 1 << 20;

/// Words of a segment's runs at which it takes no further one, in which may be so many; and bytes of them, of which the
/// filter takes half as many in memory.
const SEGMENT_WORDS: usize = (1 << WORD_BITS) - run::WORDS;
const SEGMENT_BYTES: usize = 64 << 20;

/// An index while it is made.
pub(in crate::catalogue) struct Builder<'a> {
    put: &'a mut Put<'a>,
    contents: Contents,
    /// How many products were added.
    products: usize,
    /// Of the segment that is being made.
    runs: Vec<Run>,
    spool: Spool,
    run: Collected,
    /// Ids that wait for their block, and the number of the first.
    ids: Block,
}

impl<'a> Builder<'a> {
    /// Blocks go to `put`.
    pub(in crate::catalogue) fn new(put: &'a mut Put<'a>) -> Builder<'a> {
        let contents = Contents { version: VERSION, segments: Vec::new() };
        let (runs, spool, run) = (Vec::new(), Spool::new(), Collected::default());
        Builder { put, contents, products: 0, runs, spool, run, ids: Block::default() }
    }

    /// What is in the runs of the segment.
    fn in_runs(&self, count: impl Fn(&Run) -> usize) -> usize {
        self.runs.iter().map(count).sum()
    }

    /// Adds a product, of which the folded id, and then the id itself, comes behind those before.
    pub(in crate::catalogue) fn add(&mut self, id: &str, texts: &Texts) -> Result<()> {
        let mut entry = Vec::new();
        put_text(&mut entry, id);
        if !self.ids.has_room(entry.len()) {
            self.ids.flush(Kind::Ids, 0, self.put)?;
            self.ids.key = Some(Kind::Ids.key(0, format!("{}{KEY_END}{id}", key(&texts.id))));
        }
        self.ids.add(self.products, &entry);
        self.products += 1;
        self.run.add(texts);
        if self.run.is_full() {
            self.end_run()?;
            if self.in_runs(|run| run.products) >= SEGMENT_PRODUCTS
                || self.in_runs(|run| run.words) > SEGMENT_WORDS
                || self.in_runs(|run| run.word_bytes) > SEGMENT_BYTES
            {
                self.end_segment()?;
            }
        }
        Ok(())
    }

    fn end_run(&mut self) -> Result<()> {
        let run = std::mem::take(&mut self.run);
        self.runs.push(run.write(&mut self.spool)?);
        Ok(())
    }

    fn end_segment(&mut self) -> Result<()> {
        let (first, products) = (self.contents.products(), self.in_runs(|run| run.products));
        let runs = std::mem::take(&mut self.runs);
        let words = merge(&runs, &mut self.spool, self.contents.segments.len(), self.put)?;
        self.spool = Spool::new();
        self.contents.segments.push(Segment { first, products, words });
        Ok(())
    }

    /// Writes what has not been yet.
    pub(in crate::catalogue) fn finish(mut self) -> Result<()> {
        if self.run.products > 0 {
            self.end_run()?;
        }
        if !self.runs.is_empty() {
            self.end_segment()?;
        }
        self.ids.flush(Kind::Ids, 0, self.put)?;
        (self.put)(Kind::Contents.block(0, 0), None, &serde_json::to_vec(&self.contents)?)
    }
}
