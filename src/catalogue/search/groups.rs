//! The products that have a word of a question: as it is, as neighbours, or inside a word.

use std::iter;
use std::ops::Range;

use anyhow::Result;

use super::index::Index;
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

/// The words of a segment.
pub(super) struct Words<'a, 'b> {
    pub(super) index: &'a mut Index<'b>,
    pub(super) segment: usize,
}

impl Words<'_, '_> {
    /// Those that have the very word, or else one that starts with it.
    pub(super) fn asked(&mut self, asked: &Asked, whole: bool) -> Result<Set> {
        let mut set = Set { products: self.index.none(self.segment), exact: true };
        match asked {
            Asked::Unspaced(characters) if whole => {
                self.add_word(&format!("{ALONE}{}", characters.concat()), &mut set)?;
            }
            Asked::Unspaced(characters) => self.unspaced(characters, &mut set)?,
            Asked::Word { forms, contracted } => {
                for form in forms {
                    let words = self.last(form, whole)?;
                    self.index.add_products(self.segment, iter::once(words), &mut set.products)?;
                    self.add_split(form, whole, &mut set)?;
                }
                if let Some(meant) = contracted.as_deref().filter(|_| !whole) {
                    self.add_word(meant, &mut set)?;
                }
            }
        }
        Ok(set)
    }

    /// Adds those that have it inside a word.
    pub(super) fn add_inside(&mut self, asked: &Asked, set: &mut Set) -> Result<()> {
        if let Asked::Word { forms, .. } = asked
            && asked.is_long()
        {
            let words = self.index.containing(self.segment, &forms[0])?.into_iter().map(|word| word..word + 1);
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

    /// Adds those that have a word as two neighbours, or three. Few ends of a word are a word's start, so they come first.
    fn add_split(&mut self, word: &str, whole: bool, set: &mut Set) -> Result<()> {
        if word.len() > SPLIT_BYTES {
            return Ok(());
        }
        for (front, end) in splits(word) {
            let last = self.last(end, whole)?;
            if last.is_empty() {
                continue;
            }
            if let Some(one) = self.index.word(self.segment, front)? {
                self.index.add_neighbours(self.segment, one, last.clone(), &mut set.products)?;
            }
            for (one, two) in splits(front) {
                let Some(one) = self.index.word(self.segment, one)? else { continue };
                let Some(two) = self.index.word(self.segment, two)? else { continue };
                const { assert!(JOINED_MOST == 3) };
                let mut first = self.index.none(self.segment);
                self.index.add_neighbours(self.segment, one, two..two + 1, &mut first)?;
                if first.is_empty() {
                    continue;
                }
                let mut second = self.index.none(self.segment);
                self.index.add_neighbours(self.segment, two, last.clone(), &mut second)?;
                first.intersect_with(&second);
                // They may be neighbours at two places.
                set.exact &= first.is_empty();
                set.products.union_with(&first);
            }
        }
        Ok(())
    }

    /// The words that the last part of a word may be.
    fn last(&mut self, part: &str, whole: bool) -> Result<Range<usize>> {
        if whole {
            Ok(self.index.word(self.segment, part)?.map_or(0..0, |word| word..word + 1))
        } else {
            self.index.starting(self.segment, part)
        }
    }
}

/// A word in two parts, in each way.
fn splits(word: &str) -> impl Iterator<Item = (&str, &str)> {
    word.char_indices().skip(1).map(|(at, _)| word.split_at(at))
}
