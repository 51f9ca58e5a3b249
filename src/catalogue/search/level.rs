//! How well a product has a word of a question.

use std::borrow::Cow;
use std::cmp;

use super::question::{Asked, JOINED_MOST, Level, SPLIT_BYTES};
use super::terms::{ALONE, IDENTIFIES, MEANT, Texts, forms, term, words};
use crate::catalogue::fold::{Folded, Piece};

/// Characters of what is looked for inside words, where it is not Hangul, of which each is a syllable.
const INSIDE_LEAST: usize = 3;
const INSIDE_LEAST_HANGUL: usize = 2;

impl Asked {
    /// Can it be looked for inside words?
    pub(super) fn is_long(&self) -> bool {
        let Asked::Word { forms, .. } = self else { return false };
        let typed = forms.first().map_or("", String::as_str);
        let is_hangul = |character: char| matches!(character, '\u{ac00}'..='\u{d7a3}');
        let least = if typed.chars().all(is_hangul) { INSIDE_LEAST_HANGUL } else { INSIDE_LEAST };
        typed.chars().count() >= least
    }

    /// Of a product with these texts, and their terms, a line each.
    pub(super) fn level(&self, texts: &Texts, terms: &str) -> Option<Level> {
        let all = || [&texts.id, &texts.name].into_iter().chain(&texts.identifying);
        match self {
            Asked::Unspaced(characters) => {
                let alone = format!("{ALONE}{}", characters.concat());
                let whole = terms.lines().any(|term| term == alone).then_some(Level::Whole);
                whole.or_else(|| all().any(|text| has_run(text, characters)).then_some(Level::Start))
            }
            Asked::Word { forms, contracted } => {
                let of_term = |term| self.level_in(term, forms, contracted.as_deref());
                let in_terms = terms.lines().filter_map(of_term).max();
                let split = all().flat_map(|text| forms.iter().filter_map(move |form| level_apart(text, form))).max();
                cmp::max(in_terms, split)
            }
        }
    }

    /// How well one term has it.
    fn level_in(&self, term: &str, forms: &[String], contracted: Option<&str>) -> Option<Level> {
        if term.starts_with([IDENTIFIES, ALONE]) {
            return None;
        }
        if forms.iter().any(|form| term == form) {
            return Some(Level::Whole);
        }
        if forms.iter().any(|form| term.starts_with(form.as_str())) || contracted == Some(term) {
            return Some(Level::Start);
        }
        let inside =
            self.is_long() && !term.ends_with(MEANT) && forms.first().is_some_and(|form| term.contains(form.as_str()));
        inside.then_some(Level::Inside)
    }
}

/// Are these characters in it, one behind the other, whatever stands between them?
fn has_run(text: &Folded, characters: &[String]) -> bool {
    let is = |(piece, character): (&Piece, &String)| text.part(piece.at.clone()) == character;
    words(text).0.windows(characters.len()).any(|window| window.iter().zip(characters).all(is))
}

/// How well two or three neighbours have a word.
fn level_apart(text: &Folded, word: &str) -> Option<Level> {
    if word.len() > SPLIT_BYTES {
        return None;
    }
    let pieces = words(text).0;
    (0..pieces.len()).filter_map(|first| level_from(text, &pieces[first..], word, JOINED_MOST)).max()
}

/// The same where the first of them is the start of it.
fn level_from(text: &Folded, pieces: &[Piece], word: &str, most: usize) -> Option<Level> {
    let (first, more) = pieces.split_first().filter(|_| most > 0)?;
    let of = |form: Cow<str>| {
        let form = term(&form);
        if most < JOINED_MOST && form == word {
            return Some(Level::Whole);
        }
        if most < JOINED_MOST && form.starts_with(word) {
            return Some(Level::Start);
        }
        level_from(text, more, word.strip_prefix(form).filter(|rest| !rest.is_empty())?, most - 1)
    };
    forms(text, first.at.clone()).filter_map(of).max()
}
