//! What a product is found by: the terms of its id, its name and what else identifies it, and which pieces of them are
//! neighbours.

use std::ops::Range;

use crate::catalogue::fold::{Folded, Kind, Piece, fold};
use crate::catalogue::product::Product;

/// Columns that identify a product, as its id does, whatever their case.
const IDENTIFYING: [&str; 5] = ["sku", "ean", "gtin", "barcode", "mpn"];

/// Bytes of a term that count. No word of any language has more.
const TERM_BYTES: usize = 64;

/// Bytes of an id, a name or a column in which words are found; what is looked at for a question has a bound.
const TEXT_BYTES: usize = 4 << 10;

/// Bytes of a name that order it among others.
const START_BYTES: usize = 64;

/// Characters of a text without blanks that is a term of its own.
const UNSPACED_MOST: usize = 8;

/// Before the whole of an identifying column. Control characters are in no text that was folded.
pub(super) const IDENTIFIES: char = '\u{1}';

/// Before a text of a script without blanks that stands alone.
pub(super) const ALONE: char = '\u{2}';

/// Behind a term that may be meant, and was not written: it is found by its start, and never as the very word.
pub(super) const MEANT: char = '\u{1}';

/// Is it a column that identifies a product?
pub(in crate::catalogue) fn is_identifying(column: &str) -> bool {
    IDENTIFYING.iter().any(|identifying| column.eq_ignore_ascii_case(identifying))
}

/// As much of a text as is looked at.
pub(super) fn counted(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES)]
}

/// What of a text counts as a term.
pub(super) fn term(text: &str) -> &str {
    &text[..text.floor_char_boundary(TERM_BYTES)]
}

/// The texts of a product, folded.
pub(in crate::catalogue) struct Texts {
    pub(super) id: Folded,
    pub(super) name: Folded,
    /// Its columns that identify it.
    pub(super) identifying: Vec<Folded>,
}

impl Texts {
    /// Those of a product with all its columns.
    pub(super) fn of(product: &Product) -> Texts {
        let identifying = product.further.iter().filter(|(column, _)| is_identifying(column));
        Texts::new(&product.id, &product.name, identifying.map(|(_, value)| value.as_str()))
    }

    pub(in crate::catalogue) fn new<'a>(id: &str, name: &str, identifying: impl Iterator<Item = &'a str>) -> Texts {
        let identifying = identifying.filter(|value| !value.is_empty()).map(|value| fold(counted(value))).collect();
        Texts { id: fold(counted(id)), name: fold(counted(name)), identifying }
    }

    fn each(&self) -> impl Iterator<Item = &Folded> {
        [&self.id, &self.name].into_iter().chain(&self.identifying)
    }

    /// Gives all terms, some more than once.
    pub(super) fn terms(&self, take: &mut impl FnMut(&str)) {
        self.each().for_each(|text| terms(text, take));
        for key in self.identifying.iter().map(key) {
            take(&format!("{IDENTIFIES}{key}"));
        }
    }

    /// Gives all pieces that are neighbours, some more than once.
    pub(super) fn neighbours(&self, take: &mut impl FnMut(&str, &str)) {
        for text in self.each() {
            for pair in words(text).windows_of_two() {
                let (first, second) = pair;
                for a in forms(text, first.at.clone()) {
                    for b in forms(text, second.at.clone()) {
                        take(term(&a), term(&b));
                    }
                }
            }
        }
    }
}

/// The pieces that are words, or characters of a script without blanks.
pub(super) fn words(text: &Folded) -> Words<'_> {
    let end = text.pieces().iter().position(|piece| piece.kind == Kind::Signs);
    Words(&text.pieces()[..end.unwrap_or(text.pieces().len())])
}

/// Pieces without the signs, which come last.
#[derive(Clone, Copy)]
pub(super) struct Words<'a>(pub(super) &'a [Piece]);

impl<'a> Words<'a> {
    fn windows_of_two(self) -> impl Iterator<Item = (&'a Piece, &'a Piece)> {
        self.0.iter().zip(self.0.iter().skip(1)).filter(|(first, _)| first.kind != Kind::Rest)
    }

    /// What stands between blanks.
    pub(super) fn chunks(self) -> impl Iterator<Item = &'a [Piece]> {
        self.0.chunk_by(|first, second| first.chunk == second.chunk)
    }
}

/// A part of a text as it was written, and as who has no ä, ö and ü writes it.
pub(super) fn forms(text: &Folded, part: Range<usize>) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    let written = std::borrow::Cow::Borrowed(text.part(part.clone()));
    [written].into_iter().chain(text.expanded(part).map(std::borrow::Cow::Owned))
}

fn terms(text: &Folded, take: &mut impl FnMut(&str)) {
    for signs in text.pieces().iter().filter(|piece| piece.kind == Kind::Signs) {
        take(term(&without_blanks(text, signs)));
    }
    for piece in words(text).0 {
        for form in forms(text, piece.at.clone()) {
            take(term(&form));
        }
        if let Some(meant) = contracted(text.part(piece.at.clone())) {
            take(&format!("{}{MEANT}", term(&meant)));
        }
    }
    for chunk in words(text).chunks() {
        if chunk.iter().all(|piece| piece.kind == Kind::Unspaced) && chunk.len() <= UNSPACED_MOST {
            take(&format!("{ALONE}{}", joined(text, chunk)));
        } else if chunk.len() > 1 && chunk.iter().all(|piece| piece.kind == Kind::Word) {
            take(term(&joined(text, chunk)));
            if let Some(joined) = joined_expanded(text, chunk) {
                take(term(&joined));
            }
        }
    }
}

/// Signs, and the word that they follow.
pub(super) fn without_blanks(text: &Folded, signs: &Piece) -> String {
    text.part(signs.at.clone()).replace(' ', "")
}

/// Pieces, one behind the other.
pub(super) fn joined(text: &Folded, pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| text.part(piece.at.clone())).collect()
}

/// The same as who has no ä, ö and ü writes it.
pub(super) fn joined_expanded(text: &Folded, pieces: &[Piece]) -> Option<String> {
    let part = |piece: &Piece| text.expanded(piece.at.clone());
    let any = pieces.iter().any(|piece| part(piece).is_some());
    let of = |piece: &Piece| part(piece).unwrap_or_else(|| text.part(piece.at.clone()).to_owned());
    any.then(|| pieces.iter().map(of).collect())
}

/// A word in which ae, oe and ue may stand for ä, ö and ü, without these e. Behind a vowel and q they do not: queen, neue.
pub(super) fn contracted(word: &str) -> Option<String> {
    let bytes = word.as_bytes();
    let is_meant = |at: usize| {
        bytes[at] == b'e'
            && at.checked_sub(1).is_some_and(|before| matches!(bytes[before], b'a' | b'o' | b'u'))
            && !at.checked_sub(2).is_some_and(|before| b"aeiouq".contains(&bytes[before]))
    };
    if !memchr::memchr_iter(b'e', bytes).any(is_meant) {
        return None;
    }
    Some(word.char_indices().filter(|&(at, _)| !is_meant(at)).map(|(_, character)| character).collect())
}

/// A whole text without anything between its pieces: what has the same key is the same, joined or apart.
pub(super) fn key(text: &Folded) -> String {
    joined(text, words(text).0)
}

/// The key of an id, by which products have their numbers.
pub(in crate::catalogue) fn folded_id(id: &str) -> String {
    key(&fold(counted(id)))
}

/// What orders a name: its words as they stand between blanks.
pub(super) fn start_key(name: &Folded) -> String {
    let mut start = String::new();
    for (number, chunk) in words(name).chunks().enumerate() {
        start.extend((number > 0).then_some(" "));
        start.extend(chunk.iter().map(|piece| name.part(piece.at.clone())));
    }
    start.truncate(cut_start(&start).len());
    start
}

/// As much of a name as orders it.
pub(super) fn cut_start(text: &str) -> &str {
    &text[..text.floor_char_boundary(START_BYTES)]
}
