//! The one way in which texts are compared: names, ids and questions, in every store.
//!
//! A text is folded character by character, and the folded text is cut into pieces: letters, digits, and each
//! character of a script that puts no blanks between its words. Accents, case and what cannot be seen are gone then.

mod character;
mod pieces;

use std::ops::Range;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

pub(super) use self::pieces::{Kind, Piece};

/// A folded text, and where it came from.
#[derive(Debug, Default)]
pub struct Folded {
    /// The text itself: small letters without accents; blanks and punctuation stay.
    text: String,
    /// For each byte of it where its character begins in the original; none where all bytes stay in their places.
    origins: Vec<u32>,
    /// Where in it an e may follow, since the letter before was ä, ö or ü.
    umlauts: Vec<u32>,
    pieces: Vec<Piece>,
}

/// Folds a text.
pub fn fold(text: &str) -> Folded {
    let mut folded = if text.is_ascii() {
        Folded { text: text.to_ascii_lowercase(), ..Folded::default() }
    } else {
        by_character(text)
    };
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        folded.text = folded.text.replace(|c: char| c.is_ascii_control(), " ");
    }
    folded.pieces = pieces::cut(&folded.text);
    folded
}

/// The same text but for case and normal form alone (canonical caseless matching, Unicode 3.13, D145).
pub fn caseless(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let decompose = DecomposingNormalizerBorrowed::new_nfd();
    let mut folded = String::new();
    for part in decompose.normalize_iter(text.chars()) {
        // A mark that has a capital letter (Greek iota below) stays one.
        if character::is_mark(part) { folded.push(part) } else { folded.extend(character::without_case(part)) }
    }
    decompose.normalize(&folded).into_owned()
}

/// A character at a time, with the marks that belong to it.
fn by_character(text: &str) -> Folded {
    let mut folded = Folded::default();
    let mut ends = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]);
    let mut rest = text.chars();
    let mut start = 0;
    while start < text.len() {
        rest.next();
        let mut end = ends.next().unwrap_or(text.len());
        while rest.clone().next().is_some_and(character::goes_on) {
            rest.next();
            end = ends.next().unwrap_or(text.len());
        }
        folded.add(&text[start..end]);
        folded.origins.resize(folded.text.len(), start as u32);
        start = end;
    }
    folded.origins.push(text.len() as u32);
    folded
}

impl Folded {
    /// Adds a character and its marks.
    fn add(&mut self, character: &str) {
        if character.len() == 1 {
            self.text.push(char::from(character.as_bytes()[0]).to_ascii_lowercase());
            return;
        }
        let begin = self.text.len();
        let mut base = None;
        let first = character.chars().map(character::plain);
        for part in DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(first.flatten()) {
            if character::is_invisible(part) {
                continue;
            }
            if character::is_mark(part) {
                let Some(letter) = base else { continue };
                // White space, signs and digits have none, and letters of some scripts can do without.
                if !character::has_accents(letter) {
                    self.text.push(part);
                } else if part == '\u{308}' && matches!(letter, 'a' | 'o' | 'u') {
                    self.umlauts.push(self.text.len() as u32);
                }
                continue;
            }
            for part in character::without_case(part).flat_map(character::plain) {
                self.text.push(if part.is_whitespace() || part.is_control() { ' ' } else { part });
                base = Some(part).filter(|part| part.is_alphabetic());
            }
        }
        if !character::is_plain(&self.text[begin..]) {
            // Marks that have stayed, and Hangul, are one with their letters.
            let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&self.text[begin..]).into_owned();
            self.text.replace_range(begin.., &composed);
        }
    }

    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its pieces, in order.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// What a part of the folded text was in the original.
    pub(super) fn origin(&self, part: Range<usize>) -> Range<usize> {
        if self.origins.is_empty() || part.is_empty() {
            return part;
        }
        let last = self.origins[part.end - 1];
        let end = self.origins[part.end..].iter().find(|&&at| at > last).copied();
        self.origins[part.start] as usize..end.unwrap_or(last) as usize
    }

    /// A part of the folded text.
    pub(super) fn part(&self, part: Range<usize>) -> &str {
        &self.text[part]
    }

    /// The same with an e behind each ä, ö and ü, as who has none of them writes; `None` where it has none.
    pub(super) fn expanded(&self, part: Range<usize>) -> Option<String> {
        let (start, end) = (part.start as u32, part.end as u32);
        let here: Vec<u32> = self.umlauts.iter().copied().filter(|&at| at > start && at <= end).collect();
        if here.is_empty() {
            return None;
        }
        let mut expanded = String::with_capacity(part.len() + here.len());
        let mut from = part.start;
        for at in here {
            expanded += &self.text[from..at as usize];
            expanded.push('e');
            from = at as usize;
        }
        Some(expanded + &self.text[from..part.end])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        fold(text).text().to_owned()
    }

    #[test]
    fn what_becomes_of_texts() {
        for (text, expected) in [
            ("Bi-Noculars", "bi-noculars"),
            ("Straße GROẞ", "strasse gross"),
            ("Ünal Łódź Işıklı İ", "unal lodz isikli i"),
            ("ΚΑΦΕΣ καφές", "καφεσ καφεσ"),
            ("Ёлка Зелёный", "елка зеленыи"),
            ("مُحَمَّد أحمد", "محمد احمد"),
            ("Điện thoại", "dien thoai"),
            ("तेल", "तेल"),
            ("ข้าว", "ข้าว"),
            ("ﾊﾞｯﾃﾘｰ", "バッテリー"),
            ("무선", "무선"),
            ("Kaffee\u{200b}maschine Dampf\u{ad}garer", "kaffeemaschine dampfgarer"),
            ("m² ½ ①Ⅷ ™ ١٢", "m2 1\u{2044}2 1viii  12"),
            ("a\u{a0}b\u{2028}c\td\0e", "a b c d e"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn umlauts_are_written_both_ways() {
        let text = fold("Größe Übel äh");
        let forms: Vec<_> = text.pieces().iter().map(|piece| text.expanded(piece.at.clone())).collect();
        assert_eq!(forms, [Some("groesse".to_owned()), Some("uebel".to_owned()), Some("aeh".to_owned())]);
        assert_eq!(fold("Gruen").expanded(0..5), None);
    }

    #[test]
    fn what_a_part_was_before() {
        let text = "Écl\u{e9}air ﬁt x\u{301}y";
        let folded = fold(text);
        assert_eq!(folded.text(), "ecleair fit xy");
        for (part, origin) in [(0..1, "É"), (0..4, "Écl\u{e9}"), (8..9, "ﬁ"), (8..11, "ﬁt"), (12..13, "x\u{301}")]
        {
            assert_eq!(&text[folded.origin(part)], origin);
        }
    }

    /// Every character that is assigned, alone and behind a letter that takes its marks.
    #[test]
    fn the_fold_of_a_fold_is_itself() {
        let decompose = DecomposingNormalizerBorrowed::new_nfd();
        for character in ('\0'..='\u{32fff}').chain('\u{e0000}'..='\u{e0fff}') {
            for text in [character.to_string(), format!("a{character}")] {
                let once = folded(&text);
                assert_eq!(folded(&once), once, "{text:?}");
                assert_eq!(folded(&decompose.normalize(&text)), once, "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn of_any_text_too(text in "\\PC{0,12}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once.clone());
            prop_assert_eq!(folded(&DecomposingNormalizerBorrowed::new_nfd().normalize(&text)), once.clone());
            prop_assert_eq!(folded(&ComposingNormalizerBorrowed::new_nfc().normalize(&text)), once);
        }
    }
}
