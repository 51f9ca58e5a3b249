//! The products that have a word of a question: as it is, as neighbours, or inside a word.

use std::iter;

use anyhow::Result;

use super::index::{Index, Starting};
use super::products::Products;
use super::question::{Asked, JOINED_MOST, SPLIT_BYTES};
use super::terms::ALONE;

/// Products of a segment. They are all that belong there, and others too where the set is not `exact`: then it cannot
/// tell which do not belong elsewhere.
#[derive(Clone)]
pub(super) struct Set {
    pub(super) products: Products,
    pub(super) exact: bool,
}

/// What a word of a question may be in a segment: the words that start with one of its forms, and for each of its splits
/// that may be there two neighbours, or three.
#[derive(Default)]
pub(super) struct Ways {
    starting: Vec<Starting>,
    splits: Vec<Split>,
}

/// Neighbours.
struct Split {
    one: usize,
    two: Option<usize>,
    last: Starting,
}

impl Ways {
    /// How many words start with it.
    pub(super) fn starting(&self) -> usize {
        self.starting.iter().map(|starting| starting.words.len()).sum()
    }
}

/// The words of a segment.
pub(super) struct Words<'a, 'b> {
    pub(super) index: &'a mut Index<'b>,
    pub(super) segment: usize,
}

impl Words<'_, '_> {
    /// What a word may be.
    pub(super) fn ways(&mut self, asked: &Asked) -> Result<Ways> {
        let mut ways = Ways::default();
        if let Asked::Word { forms, .. } = asked {
            for form in forms {
                ways.starting.push(self.index.starting(self.segment, form)?);
                self.add_splits(form, &mut ways.splits)?;
            }
        }
        Ok(ways)
    }

    /// Those that have the very word, or else one that starts with it.
    pub(super) fn asked(&mut self, asked: &Asked, ways: &Ways, whole: bool) -> Result<Set> {
        let mut set = Set { products: self.index.none(self.segment), exact: true };
        match asked {
            Asked::Unspaced(characters) if whole => {
                self.add_word(&format!("{ALONE}{}", characters.concat()), &mut set)?;
            }
            Asked::Unspaced(characters) => self.unspaced(characters, &mut set)?,
            Asked::Word { contracted, .. } => {
                for starting in &ways.starting {
                    self.index.add_products(self.segment, iter::once(starting.words(whole)), &mut set.products)?;
                }
                for split in &ways.splits {
                    self.add_split(split, whole, &mut set)?;
                }
                if let Some(meant) = contracted.as_deref().filter(|_| !whole) {
                    self.add_word(meant, &mut set)?;
                }
            }
        }
        Ok(set)
    }

    /// The blocks of words that may have it inside.
    pub(super) fn blocks(&mut self, asked: &Asked) -> Result<Vec<usize>> {
        match asked {
            Asked::Word { forms, .. } if asked.is_long() => self.index.blocks_with(self.segment, &forms[0]),
            _ => Ok(Vec::new()),
        }
    }

    /// Adds those that have it inside a word of these blocks.
    pub(super) fn add_inside(&mut self, asked: &Asked, blocks: &[usize], set: &mut Set) -> Result<()> {
        if let Asked::Word { forms, .. } = asked {
            let words = self.index.containing(self.segment, &forms[0], blocks)?.into_iter().map(|word| word..word + 1);
            self.index.add_products(self.segment, words, &mut set.products)?;
        }
        Ok(())
    }

    fn add_word(&mut self, word: &str, set: &mut Set) -> Result<()> {
        match self.index.word(self.segment, word)? {
            Some(word) => self.index.add_products(self.segment, iter::once(word..word + 1), &mut set.products),
            None => Ok(()),
        }
    }

    /// Characters one behind the other: of each two it is known who has them so.
    fn unspaced(&mut self, characters: &[String], set: &mut Set) -> Result<()> {
        if let [character] = characters {
            return self.add_word(character, set);
        }
        set.exact = characters.len() == 2;
        for (number, two) in characters.windows(2).enumerate() {
            let mut has = self.index.none(self.segment);
            if let (Some(one), Some(next)) =
                (self.index.word(self.segment, &two[0])?, self.index.word(self.segment, &two[1])?)
            {
                self.index.add_neighbours(self.segment, one, next..next + 1, &mut has)?;
            }
            if number == 0 {
                set.products = has;
            } else {
                set.products.intersect_with(&has);
            }
        }
        Ok(())
    }

    /// Adds how a word may be two neighbours, or three.
    fn add_splits(&mut self, word: &str, found: &mut Vec<Split>) -> Result<()> {
        if word.len() > SPLIT_BYTES {
            return Ok(());
        }
        let cuts = || word.char_indices().map(|(at, _)| at).skip(1);
        // The words that it starts with, and where they end.
        let mut fronts = Vec::new();
        for cut in cuts() {
            fronts.extend(self.index.word(self.segment, &word[..cut])?.map(|front| (cut, front)));
        }
        let first = fronts.first().map_or(word.len(), |&(cut, _)| cut);
        for cut in cuts().filter(|&cut| cut >= first) {
            let last = self.index.starting(self.segment, &word[cut..])?;
            if last.words.is_empty() {
                continue;
            }
            for &(end, one) in fronts.iter().filter(|(end, _)| *end <= cut) {
                const { assert!(JOINED_MOST == 3) };
                let two = if end < cut { self.index.word(self.segment, &word[end..cut])? } else { None };
                if end == cut || two.is_some() {
                    found.push(Split { one, two, last: last.clone() });
                }
            }
        }
        Ok(())
    }

    /// Adds those that have these neighbours.
    fn add_split(&mut self, split: &Split, whole: bool, set: &mut Set) -> Result<()> {
        let last = split.last.words(whole);
        let Some(two) = split.two else {
            return self.index.add_neighbours(self.segment, split.one, last, &mut set.products);
        };
        let [mut first, mut second] = [(); 2].map(|()| self.index.none(self.segment));
        if !last.is_empty() {
            self.index.add_neighbours(self.segment, split.one, two..two + 1, &mut first)?;
        }
        if !first.is_empty() {
            self.index.add_neighbours(self.segment, two, last, &mut second)?;
        }
        first.intersect_with(&second);
        // They may be neighbours at two places.
        set.exact &= first.is_empty();
        set.products.union_with(&first);
        Ok(())
    }
}
