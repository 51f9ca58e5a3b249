//! The question as it was probably meant: of a word that nothing has, the word of the catalogue that is nearest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use anyhow::Result;

use super::find::find;
use super::index::{Index, is_written};
use super::layout::Blocks;
use super::page::Search;
use super::terms::{Texts, joined, key, term, words};
use crate::catalogue::budget;
use crate::catalogue::fold::{Kind, Piece, fold};
use crate::catalogue::product::Product;

/// Letters of a word of which one may be wrong, and two.
const ONE_WRONG: usize = 3;
const TWO_WRONG: usize = 5;

/// The question with other words for those that nothing has, if something is found then.
pub(super) fn suggest(blocks: &mut dyn Blocks, question: &str) -> Result<Option<String>> {
    let folded = fold(question);
    let mut meant = String::new();
    let mut end = 0;
    for piece in words(&folded).0.iter().filter(|piece| piece.kind == Kind::Word) {
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

/// The word of the catalogue that is one or two letters away, as it is written there; of several the nearest, and of
/// these the one that most products have.
fn nearest(blocks: &mut dyn Blocks, word: &str) -> Result<Option<String>> {
    let letters: Vec<char> = word.chars().collect();
    let wrong = match letters.len() {
        TWO_WRONG.. => 2,
        ONE_WRONG.. => 1,
        _ => return Ok(None),
    };
    let mut near: Vec<Near> = Vec::new();
    let mut consider = |segment: usize, number: usize, other: &str| {
        let most = near.first().map_or(wrong, |near| near.distance);
        let Some(distance) = distance(&letters, other, most) else { return };
        if distance < most {
            near.clear();
        }
        near.push(Near { distance, segment, number, word: other.to_owned() });
    };
    match Index::open(blocks)? {
        None => {
            each_word(blocks, &mut |word, _| consider(0, 0, word))?;
            let near: BTreeSet<String> = near.into_iter().map(|near| near.word).collect();
            best_of_all(blocks, &near)
        }
        Some(mut index) => {
            for segment in 0..index.contents.segments.len() {
                index.each_block_of_words(segment, &mut |first, bytes| {
                    budget::check()?;
                    let words = bytes.split(|&byte| byte == b'\n').enumerate().filter(|(_, word)| is_written(word));
                    for (line, word) in words {
                        if let Ok(word) = std::str::from_utf8(word) {
                            consider(segment, first + line, word);
                        }
                    }
                    Ok(())
                })?;
            }
            best(&mut index, near)
        }
    }
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
            let place = (key(&fold(&product.id)), product.id.clone());
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
    distance: usize,
    segment: usize,
    number: usize,
    word: String,
}

/// The one that most products have, as one of them writes it.
fn best(index: &mut Index, near: Vec<Near>) -> Result<Option<String>> {
    let mut best: Option<((Reverse<usize>, String), usize, usize)> = None;
    for Near { segment, number, word, .. } in near {
        let count = index.count(segment, number)?;
        let rank = (Reverse(count), word);
        if best.as_ref().is_none_or(|(other, ..)| rank < *other) {
            best = Some((rank, segment, number));
        }
    }
    let Some(((_, word), segment, number)) = best else { return Ok(None) };
    let mut products = index.none(segment);
    index.add_products(segment, iter::once(number..number + 1), &mut products)?;
    let first = products.ones().next().map(|product| index.segment(segment).first + product);
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

/// How many letters are wrong, missing, too many or exchanged with their neighbours (optimal string alignment); `None`
/// where it is more than `most`.
fn distance(letters: &[char], other: &str, most: usize) -> Option<usize> {
    // A letter is a byte at least, and four at most.
    if other.len() + most < letters.len() || other.len() > (letters.len() + most) * 4 {
        return None;
    }
    let other: Vec<char> = other.chars().collect();
    if other.len().abs_diff(letters.len()) > most {
        return None;
    }
    let mut rows = [vec![0; other.len() + 1], vec![0; other.len() + 1], (0..=other.len()).collect()];
    for (i, letter) in letters.iter().enumerate() {
        rows.rotate_left(1);
        rows[2][0] = i + 1;
        for (j, with) in other.iter().enumerate() {
            let exchanged = i > 0 && j > 0 && letters[i - 1] == *with && other[j - 1] == *letter;
            let mut steps = (rows[1][j] + usize::from(letter != with)).min(rows[1][j + 1] + 1).min(rows[2][j] + 1);
            if exchanged {
                steps = steps.min(rows[0][j - 1] + 1);
            }
            rows[2][j + 1] = steps;
        }
        if rows[2].iter().all(|&steps| steps > most) {
            return None;
        }
    }
    Some(rows[2][other.len()]).filter(|&steps| steps <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let distance = |word: &str, other| distance(&word.chars().collect::<Vec<_>>(), other, 2);
        for (word, other, steps) in [
            ("clock", "clock", Some(0)),
            ("clokc", "clock", Some(1)),
            ("cloc", "clock", Some(1)),
            ("clocck", "clock", Some(1)),
            ("clack", "clock", Some(1)),
            ("colck", "clock", Some(1)),
            ("coclk", "clock", Some(2)),
            ("kloк", "clock", None),
            ("часы", "чаcы", Some(1)),
            ("abcdef", "badcfe", None),
            ("a", "abcd", None),
        ] {
            assert_eq!(distance(word, other), steps, "{word} {other}");
        }
    }
}
