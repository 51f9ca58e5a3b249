//! What becomes of one character. What Unicode has a property for is not listed here.

use std::iter;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Letters that people type otherwise, and that Unicode takes for others.
const PLAIN: [(char, &str); 37] = [
    // With a stroke, or tied together: many keyboards have none of them.
    ('đ', "d"),
    ('ð', "d"),
    ('ħ', "h"),
    ('ł', "l"),
    ('ø', "o"),
    ('ŧ', "t"),
    ('ƀ', "b"),
    ('ɨ', "i"),
    ('ʉ', "u"),
    ('ǥ', "g"),
    ('ƶ', "z"),
    ('ŋ', "n"),
    ('ə', "e"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('þ', "th"),
    ('ґ', "г"),
    // Forms of one Arabic letter, by language and by habit; the line that stretches a word.
    ('ى', "ي"),
    ('ی', "ي"),
    ('ک', "ك"),
    ('ة', "ه"),
    ('ہ', "ه"),
    ('ٱ', "ا"),
    ('ـ', ""),
    // Signs behind a name, of which compatibility would make letters of it.
    ('™', ""),
    ('℠', ""),
    // Between measures, where a keyboard has a letter.
    ('×', "x"),
    // Inches, and quotation marks that stand for them; apostrophes.
    ('″', "\""),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‟', "\""),
    ('´', "'"),
    ('\u{1ffd}', "'"),
    ('’', "'"),
    ('‘', "'"),
    ('′', "'"),
];

/// The zeros of scripts whose digits people mix with ASCII's, each before its nine others.
const ZEROS: [char; 9] = ['٠', '۰', '०', '০', '௦', '๐', '໐', '០', '၀'];

/// A character as it is typed where it has another one that is.
pub(super) fn plain(character: char) -> Plain {
    if character.is_ascii() {
        return Plain::One(iter::once(character));
    }
    if let Some((_, plain)) = PLAIN.iter().find(|(other, _)| *other == character) {
        return Plain::More(plain.chars());
    }
    let digit =
        ZEROS.iter().find_map(|&zero| u32::from(character).checked_sub(zero.into()).filter(|&digit| digit < 10));
    let digit = digit.and_then(|digit| char::from_digit(digit, 10));
    Plain::One(iter::once(digit.unwrap_or(character)))
}

/// What `plain` gives.
pub(super) enum Plain {
    /// A character.
    One(iter::Once<char>),
    /// None or several.
    More(std::str::Chars<'static>),
}

impl Iterator for Plain {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Plain::One(one) => one.next(),
            Plain::More(more) => more.next(),
        }
    }
}

/// A character whose case does not count: what its capital letters are in small ones. So ß is ss, ς σ, and ı i.
pub(super) fn without_case(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Does it belong to the character before?
pub(super) fn goes_on(character: char) -> bool {
    // Letters that compose with the one before: vowels of Hangul and of Kirat Rai; and the half-width marks of kana.
    !character.is_ascii()
        && (matches!(character, '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}' | '\u{16d63}'..='\u{16d6a}' | '\u{ff9e}' | '\u{ff9f}')
            || GeneralCategoryGroup::Mark.contains(category(character))
            || is_invisible(character))
}

/// Is there nothing to see of it?
pub(super) fn is_invisible(character: char) -> bool {
    !character.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

/// Is it a mark above, below or around a letter?
pub(super) fn is_mark(character: char) -> bool {
    let category = category(character);
    !character.is_ascii() && matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

/// Can people do without the marks of this letter? Those of other scripts are vowels and tones.
pub(super) fn has_accents(letter: char) -> bool {
    letter.is_ascii()
        || matches!(script(letter), Script::Latin | Script::Greek | Script::Cyrillic | Script::Arabic | Script::Hebrew)
}

/// Is there nothing in it that could be composed?
pub(super) fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let one = characters.next().is_none_or(|first| !is_hangul(first));
    one && characters.next().is_none()
}

fn is_hangul(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{11ff}')
}

/// Is it of a script that puts no blanks between words?
pub(super) fn is_unspaced(character: char) -> bool {
    // The mark of length is of no script.
    character == 'ー'
        || matches!(
            script(character),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Bopomofo
                | Script::Yi
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        )
}

pub(super) fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

fn script(character: char) -> Script {
    CodePointMapData::<Script>::new().get(character)
}
