//! The question as it was probably meant: of a word that nothing has, the word of the catalogue that is nearest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::ops::{ControlFlow, Range};

use anyhow::Result;

use super::find::find;
use super::index::{Index, is_written};
use super::layout::{Blocks, Kind as BlockKind};
use super::page::Search;
use super::terms::{Texts, folded_id, joined, term, words};
use crate::catalogue::fold::{Kind, Piece, fold};
use crate::catalogue::product::Product;
use crate::settings::limits;

/// Letters of a word of which one may be wrong, and two.
const ONE_WRONG: usize = 3;
const TWO_WRONG: usize = 5;

/// The question with other words for those that nothing has, if something is found then.
pub(super) fn suggest(blocks: &mut dyn Blocks, question: &str) -> Result<Option<String>> {
    let folded = fold(question);
    let mut meant = String::new();
    let mut end = 0;
    for piece in words(&folded).0.iter().filter(|piece| piece.kind == Kind::Word).take(limits::QUESTION_WORDS) {
        let word = term(folded.part(piece.at.clone()));
        if word.bytes().all(|byte| byte.is_ascii_digit()) || is_there(blocks, word)? {
            continue;
        }
        let Some(near) = nearest(blocks, word)? else { continue };
        let origin = folded.origin(piece.at.clone());
        meant += &question[end..origin.start];
        meant += &near;
        end = origin.end;
    }
    if end == 0 {
        return Ok(None);
    }
    meant += &question[end..];
    Ok(if is_there(blocks, &meant)? { Some(meant) } else { None })
}

/// Is something found?
fn is_there(blocks: &mut dyn Blocks, question: &str) -> Result<bool> {
    let search = Search { question: question.to_owned(), limit: 1, after: None };
    Ok(!find(blocks, &search)?.products.is_empty())
}

/// The word of the catalogue that is one or two letters away, as it is written there; of several the nearest, of these
/// one that begins with the same letter, and of these the one that most products have.
fn nearest(blocks: &mut dyn Blocks, word: &str) -> Result<Option<String>> {
    let Some(mut nearest) = Nearest::new(word) else { return Ok(None) };
    let Some(mut index) = Index::open(blocks)? else {
        each_word(blocks, &mut |word, _| nearest.look_at(0, 0, word.as_bytes()))?;
        let near: BTreeSet<String> = nearest.near.into_iter().map(|near| near.word).collect();
        return best_of_all(blocks, &near);
    };
    let segments = 0..index.contents.segments.len();
    let mut same = Vec::new();
    for segment in segments.clone() {
        same.push(index.starting(segment, nearest.first())?.words);
        nearest.look_through(&mut index, segment, &same[segment])?;
    }
    // No word of another letter comes before one that is this near.
    if nearest.near.is_empty() || nearest.distance.0 > 1 {
        for segment in segments {
            let (before, behind) = (0..same[segment].start, same[segment].end..index.segment(segment).words);
            for words in [before, behind] {
                nearest.look_through(&mut index, segment, &words)?;
            }
        }
    }
    best(&mut index, nearest.near)
}

/// The words that are nearest to one.
struct Nearest<'a> {
    word: &'a str,
    letters: usize,
    bits: u64,
    /// How many letters are wrong at most, and does a word of these begin with another letter?
    distance: (usize, bool),
    near: Vec<Near>,
}

impl Nearest<'_> {
    /// `None` where a word is too short.
    fn new(word: &str) -> Option<Nearest<'_>> {
        let letters = word.chars().count();
        let wrong = match letters {
            TWO_WRONG.. => 2,
            ONE_WRONG.. => 1,
            _ => return None,
        };
        Some(Nearest { word, letters, bits: bits(word.as_bytes()), distance: (wrong, true), near: Vec::new() })
    }

    /// The letter that the word begins with.
    fn first(&self) -> &str {
        &self.word[..self.word.chars().next().map_or(0, char::len_utf8)]
    }

    /// Considers these words of a segment.
    fn look_through(&mut self, index: &mut Index, segment: usize, numbers: &Range<usize>) -> Result<()> {
        index.read(BlockKind::Words, segment, numbers.clone(), &mut |first, lines| {
            let (mut number, mut start) = (first, 0);
            let mut letters = Letters::default();
            for (at, &byte) in lines.iter().enumerate() {
                if byte != b'\n' {
                    letters.add(byte);
                    continue;
                }
                let word = &lines[start..at];
                if self.may_be_near(word, letters.bits()) && numbers.contains(&number) && is_written(word) {
                    self.compare(segment, number, word);
                }
                (number, start, letters) = (number + 1, at + 1, Letters::default());
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Considers a word.
    fn look_at(&mut self, segment: usize, number: usize, other: &[u8]) {
        if self.may_be_near(other, bits(other)) {
            self.compare(segment, number, other);
        }
    }

    #[inline]
    fn may_be_near(&self, other: &[u8], bits: u64) -> bool {
        // A letter that one has and the other has not is wrong, and most words have more of them.
        let most = self.distance.0 as u32;
        if (self.bits & !bits).count_ones() > most || (bits & !self.bits).count_ones() > most {
            return false;
        }
        // A letter is a byte at least, and of ASCII just one.
        let is_longer = other.len() > self.letters + self.distance.0;
        other.len() + self.distance.0 >= self.letters && !(is_longer && other.is_ascii())
    }

    fn compare(&mut self, segment: usize, number: usize, other: &[u8]) {
        let Ok(other) = str::from_utf8(other) else { return };
        if other.chars().count().abs_diff(self.letters) > self.distance.0 {
            return;
        }
        let distance = (strsim::osa_distance(self.word, other), !other.starts_with(self.first()));
        if distance > self.distance {
            return;
        }
        if distance < self.distance {
            self.near.clear();
            self.distance = distance;
        }
        self.near.push(Near { segment, number, word: other.to_owned() });
    }
}

/// The letters of a word, each by the last six bits of its last byte; some share one.
#[derive(Default)]
struct Letters {
    bits: u64,
    /// That of the last byte, after which the letter may go on.
    last: u64,
}

impl Letters {
    #[inline]
    fn add(&mut self, byte: u8) {
        let goes_on = byte & 0xc0 == 0x80;
        self.bits |= if goes_on { 0 } else { self.last };
        self.last = 1 << (byte & 0x3f);
    }

    fn bits(&self) -> u64 {
        self.bits | self.last
    }
}

fn bits(word: &[u8]) -> u64 {
    let mut letters = Letters::default();
    word.iter().for_each(|&byte| letters.add(byte));
    letters.bits()
}

/// Gives the words of all products, some more than once.
fn each_word(blocks: &mut dyn Blocks, take: &mut dyn FnMut(&str, &Product)) -> Result<()> {
    blocks.all(&mut |product| {
        let mut words = BTreeSet::new();
        Texts::of(&product).terms(&mut |term| {
            if is_written(term.as_bytes()) {
                words.insert(term.to_owned());
            }
        });
        words.iter().for_each(|word| take(word, &product));
        Ok(())
    })
}

/// The same as `best` where there is no index.
fn best_of_all(blocks: &mut dyn Blocks, near: &BTreeSet<String>) -> Result<Option<String>> {
    let mut found: BTreeMap<String, (usize, (String, String), String)> = BTreeMap::new();
    each_word(blocks, &mut |word, product| {
        if near.contains(word) {
            let place = (folded_id(&product.id), product.id.clone());
            let written = || written(product, word).unwrap_or_else(|| word.to_owned());
            let (count, first, text) = found.entry(word.to_owned()).or_insert_with(|| (0, place.clone(), written()));
            *count += 1;
            if place < *first {
                (*first, *text) = (place, written());
            }
        }
    })?;
    let best = found.into_iter().min_by_key(|(word, (count, ..))| (Reverse(*count), word.clone()));
    Ok(best.map(|(_, (.., written))| written))
}

/// A word that may be meant.
struct Near {
    segment: usize,
    number: usize,
    word: String,
}

/// The one that most products have, as one of them writes it.
fn best(index: &mut Index, near: Vec<Near>) -> Result<Option<String>> {
    let mut counts: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for Near { segment, number, word } in near {
        counts.entry(word).or_insert((0, segment, number)).0 += index.count(segment, number)?;
    }
    let best = counts.into_iter().min_by_key(|(_, (count, ..))| Reverse(*count));
    let Some((word, (_, segment, number))) = best else { return Ok(None) };
    let mut products = index.none(segment);
    index.add_products(segment, iter::once(number..number + 1), &mut products)?;
    let first = products.from(0).next().map(|product| index.segment(segment).first + product);
    let ids = index.ids(first.as_slice())?;
    let product = index.blocks.products(&ids)?.pop().flatten();
    Ok(Some(product.and_then(|product| written(&product, &word)).unwrap_or(word)))
}

/// A folded word as a product writes it.
fn written(product: &Product, word: &str) -> Option<String> {
    let further = product.further.iter().map(|(_, value)| value);
    [&product.name, &product.id].into_iter().chain(further).find_map(|text| {
        let folded = fold(text);
        let pieces = words(&folded);
        let is = |pieces: &&[Piece]| joined(&folded, pieces) == word;
        let found = pieces.0.chunks(1).chain(pieces.chunks()).find(is)?;
        let origin = folded.origin(found.first()?.at.start..found.last()?.at.end);
        Some(text[origin].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_words() {
        for (word, others, near) in [
            ("clokc", &["block", "clock", "clack"][..], &["clock"][..]),
            ("clck", &["clock", "clicks", "lack"], &["clock"]),
            ("kamera", &["camera", "kamerad"], &["kamerad"]),
            ("tamera", &["camera", "kamera", "tameraxy"], &["camera", "kamera"]),
            ("coclk", &["clock", "flocks"], &["clock"]),
            ("часы", &["чаcы", "часто"], &["чаcы"]),
            ("蓝牙耳", &["蓝牙机", "蓝天天"], &["蓝牙机"]),
            ("cap", &["cat", "dog"], &["cat"]),
            ("abcdef", &["badcfe"], &[]),
        ] {
            let mut nearest = Nearest::new(word).expect("a word");
            others.iter().for_each(|other| nearest.look_at(0, 0, other.as_bytes()));
            assert_eq!(nearest.near.iter().map(|near| near.word.as_str()).collect::<Vec<_>>(), near, "{word}");
        }
        assert!(Nearest::new("ab").is_none());
    }
}
