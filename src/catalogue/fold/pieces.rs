//! Cuts a folded text into pieces.

use std::ops::Range;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::character::{category, is_unspaced};

/// A part of a folded text that is compared as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it is in the folded text.
    pub at: Range<usize>,
    /// What is in it.
    pub kind: Kind,
    /// Which of the parts between blanks it is in, from 0.
    pub chunk: usize,
}

/// What a piece is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters, or digits.
    Word,
    /// One character of a script that puts no blanks between words.
    Unspaced,
    /// Signs, and once more with the word that they follow, with blanks or without: `++` and `c++`, an emoji.
    Signs,
    /// All that stands between blanks in a text that has nothing else.
    Rest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Letter,
    Digit,
    Unspaced,
    Sign,
    Punctuation,
}

/// Signs that Unicode takes for punctuation.
const SIGNS: &str = "#\"%&@*";

fn class(character: char) -> Class {
    if character.is_ascii() {
        return match character {
            'a'..='z' | 'A'..='Z' => Class::Letter,
            '0'..='9' => Class::Digit,
            ' ' => Class::Blank,
            '$' | '+' | '<' | '=' | '>' | '^' | '|' | '~' => Class::Sign,
            other if SIGNS.contains(other) => Class::Sign,
            other if other.is_ascii_whitespace() || other.is_ascii_control() => Class::Blank,
            _ => Class::Punctuation,
        };
    }
    if character.is_whitespace() || character.is_control() {
        return Class::Blank;
    }
    let category = category(character);
    let is = |group: GeneralCategoryGroup| group.contains(category);
    if is(GeneralCategoryGroup::Letter) || is(GeneralCategoryGroup::Mark) {
        return if is_unspaced(character) { Class::Unspaced } else { Class::Letter };
    }
    match category {
        GeneralCategory::LetterNumber => Class::Letter,
        GeneralCategory::DecimalNumber | GeneralCategory::OtherNumber => Class::Digit,
        _ if is(GeneralCategoryGroup::Symbol) => Class::Sign,
        _ => Class::Punctuation,
    }
}

/// The pieces of a folded text.
pub(super) fn cut(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut signs: Vec<Piece> = Vec::new();
    let mut chunk = 0;
    let mut before = Class::Blank;
    for (at, character) in text.char_indices() {
        let here = at..at + character.len_utf8();
        let class = class(character);
        match class {
            Class::Letter | Class::Digit if before == class => {
                if let Some(piece) = pieces.last_mut() {
                    piece.at.end = here.end;
                }
            }
            Class::Letter | Class::Digit => pieces.push(Piece { at: here, kind: Kind::Word, chunk }),
            Class::Unspaced => pieces.push(Piece { at: here, kind: Kind::Unspaced, chunk }),
            Class::Sign if before == Class::Sign => {
                signs.iter_mut().filter(|piece| piece.at.end == at).for_each(|piece| piece.at.end = here.end);
            }
            Class::Sign => {
                let is_before = |piece: &&Piece| text[piece.at.end..at].bytes().all(|byte| byte == b' ');
                let word = pieces.last().filter(|piece| piece.kind == Kind::Word).filter(is_before);
                let starts = word.map(|word| word.at.start).into_iter().chain([at]);
                signs.extend(starts.map(|start| Piece { at: start..here.end, kind: Kind::Signs, chunk }));
            }
            Class::Blank if before != Class::Blank => chunk += 1,
            Class::Blank | Class::Punctuation => {}
        }
        before = class;
    }
    if pieces.is_empty() {
        pieces = rest(text);
    }
    pieces.append(&mut signs);
    pieces
}

/// Of a text without letters and digits all that stands between blanks.
fn rest(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for part in text.split(char::is_whitespace) {
        if !part.is_empty() {
            pieces.push(Piece { at: at..at + part.len(), kind: Kind::Rest, chunk: pieces.len() });
        }
        at += part.len() + 1;
    }
    pieces
}
