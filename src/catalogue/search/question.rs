//! What was asked, folded, and how well a product answers it. Whatever is found, is found because `rank` says so: an
//! index only proposes.

use std::cmp;

use super::terms::{Texts, contracted, cut_start, joined, joined_expanded, key, start_key, term, without_blanks};
use crate::catalogue::fold::{Folded, Kind, Piece, fold};
use crate::settings::limits;

/// Pieces of a question that may be one word of a product, or the other way round.
pub(super) const JOINED_MOST: usize = 3;

/// Bytes of a word that may be two or three words of a product.
pub(super) const SPLIT_BYTES: usize = 32;

/// A question.
#[derive(Debug, Default)]
pub struct Question {
    /// All of it, joined.
    key: String,
    /// What a name that starts with it starts with.
    starts: Vec<String>,
    /// How many words it has.
    words: usize,
    /// Which of them are looked for as one, in the order of their ends.
    groups: Vec<Group>,
    /// Its signs, with the words that they follow.
    signs: Vec<String>,
}

/// Words of a question that are looked for as one.
#[derive(Debug)]
pub(super) struct Group {
    /// The first of them, and the one behind the last.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) asked: Asked,
}

/// What is looked for.
#[derive(Debug)]
pub(super) enum Asked {
    /// A word, in any of its forms.
    Word {
        /// As it was typed, and then as it may be meant.
        forms: Vec<String>,
        /// How it may be meant where a product has just this word.
        contracted: Option<String>,
    },
    /// Characters of a script without blanks, one behind the other.
    Unspaced(Vec<String>),
}

/// How well a word of a question is in a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Level {
    /// Inside a word.
    Inside,
    /// A word starts with it.
    Start,
    /// It is the very word.
    Whole,
}

/// A part of the list. The first come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Tier {
    /// The id, or a column that identifies, is the question.
    Identity,
    /// The id starts with it.
    StartOfId,
    /// The name starts with the very words, by name.
    StartOfNameWhole,
    /// It has the very words.
    Whole,
    /// The name starts with it, by name.
    StartOfName,
    /// Its words start so.
    Start,
    /// They have it inside.
    Inside,
}

impl Tier {
    pub(super) const ALL: [Tier; 7] = [
        Tier::Identity,
        Tier::StartOfId,
        Tier::StartOfNameWhole,
        Tier::Whole,
        Tier::StartOfName,
        Tier::Start,
        Tier::Inside,
    ];

    /// Is it of those whose words start as is asked?
    pub(super) fn is_by_starts(self) -> bool {
        (Tier::StartOfNameWhole..=Tier::Start).contains(&self)
    }

    /// Is it by name?
    pub(super) fn is_by_name(self) -> bool {
        matches!(self, Tier::StartOfNameWhole | Tier::StartOfName)
    }
}

/// Where a product is in the list, but for its name and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Rank {
    /// Has it not the signs of the question?
    pub(super) without_signs: bool,
    pub(super) tier: Tier,
}

impl Question {
    /// The question that somebody has typed.
    pub fn new(text: &str) -> Question {
        let folded = fold(&text[..text.floor_char_boundary(limits::QUESTION_BYTES)]);
        let characters = folded.text().char_indices().map(|(at, _)| at);
        let end =
            characters.take(limits::QUESTION_CHARS + 1).nth(limits::QUESTION_CHARS).unwrap_or(folded.text().len());
        let mut pieces: Vec<Piece> = folded.pieces().iter().filter(|piece| piece.at.start < end).cloned().collect();
        pieces.iter_mut().for_each(|piece| piece.at.end = cmp::min(piece.at.end, end));
        let signs = pieces.iter().filter(|piece| piece.kind == Kind::Signs);
        let mut signs: Vec<String> = signs.map(|piece| term(&without_blanks(&folded, piece)).to_owned()).collect();
        signs.truncate(limits::QUESTION_WORDS);
        pieces.retain(|piece| piece.kind != Kind::Signs);
        if !signs.is_empty() {
            // Where there are signs alone, they are the question.
            pieces.retain(|piece| piece.kind != Kind::Rest);
        }
        let mut question = Question { signs, ..Question::default() };
        // Letters and digits that were typed without anything between them are one word, as are characters of a script
        // without blanks.
        let are_one = |one: &Piece, next: &Piece| one.kind == next.kind && one.at.end == next.at.start;
        let mut elements: Vec<&[Piece]> = pieces.chunk_by(are_one).collect();
        elements.truncate(limits::QUESTION_WORDS);
        let counted: usize = elements.iter().map(|element| element.len()).sum();
        question.words = elements.len();
        question.key = joined(&folded, &pieces[..counted]);
        question.starts = starts(&folded, &pieces[..counted]);
        question.groups = groups(&folded, &elements);
        question
    }

    /// Is nothing asked?
    pub(super) fn is_empty(&self) -> bool {
        self.words == 0 && self.signs.is_empty()
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn starts(&self) -> &[String] {
        &self.starts
    }

    pub(super) fn words(&self) -> usize {
        self.words
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn signs(&self) -> &[String] {
        &self.signs
    }

    /// Where a product is in the list; `None` where it is not.
    pub(super) fn rank(&self, texts: &Texts) -> Option<Rank> {
        let mut terms = String::new();
        texts.terms(&mut |term| terms.extend([term, "\n"]));
        let has_sign = |sign: &String| terms.lines().any(|term| term.starts_with(sign.as_str()));
        let without_signs = !self.signs.iter().all(has_sign);
        let tier = match self.words {
            0 if without_signs => None,
            0 => Some(Tier::Start),
            _ => self.tier(texts, &terms),
        };
        tier.map(|tier| Rank { without_signs, tier })
    }

    fn tier(&self, texts: &Texts, terms: &str) -> Option<Tier> {
        let id = key(&texts.id);
        if id == self.key || texts.identifying.iter().any(|text| key(text) == self.key) {
            return Some(Tier::Identity);
        }
        if id.starts_with(&self.key) {
            return Some(Tier::StartOfId);
        }
        let level = self.level(|group| group.asked.level(texts, terms))?;
        let name = start_key(&texts.name);
        let rests = || self.starts.iter().filter_map(|start| name.strip_prefix(start.as_str()));
        Some(match level {
            Level::Whole if rests().any(|rest| rest.is_empty() || rest.starts_with(' ')) => Tier::StartOfNameWhole,
            Level::Whole => Tier::Whole,
            Level::Start if rests().next().is_some() => Tier::StartOfName,
            Level::Start => Tier::Start,
            Level::Inside => Tier::Inside,
        })
    }

    /// How well all words are there, taken together as they are best.
    fn level(&self, level: impl Fn(&Group) -> Option<Level>) -> Option<Level> {
        let mut best = vec![Some(Level::Whole)];
        best.resize(self.words + 1, None);
        for group in &self.groups {
            let Some(before) = best[group.from] else { continue };
            let with = level(group).map(|level| cmp::min(level, before));
            best[group.to] = cmp::max(best[group.to], with);
        }
        best[self.words]
    }
}

/// What names start with that start with a question, whatever stands between its words.
fn starts(folded: &Folded, pieces: &[Piece]) -> Vec<String> {
    let mut starts: Vec<String> = Vec::new();
    let chunks = pieces.chunk_by(|one, next| one.chunk == next.chunk);
    let is_spaced = pieces.iter().all(|piece| piece.kind != Kind::Unspaced);
    let apart = pieces.chunks(1).filter(|_| is_spaced);
    let parts: [Vec<&[Piece]>; 3] = [chunks.collect(), apart.collect(), vec![pieces]];
    for parts in parts.iter().filter(|parts| !parts.is_empty()) {
        let text: Vec<String> = parts.iter().map(|part| joined(folded, part)).collect();
        starts.push(text.join(" "));
        let of = |part: &&[Piece]| joined_expanded(folded, part).unwrap_or_else(|| joined(folded, part));
        starts.push(parts.iter().map(of).collect::<Vec<String>>().join(" "));
    }
    starts.iter_mut().for_each(|start| start.truncate(cut_start(start).len()));
    starts.retain(|start| !start.is_empty());
    starts.sort();
    starts.dedup();
    starts
}

fn groups(folded: &Folded, elements: &[&[Piece]]) -> Vec<Group> {
    let mut groups = Vec::new();
    let kind = |element: &[Piece]| element.first().map(|piece| piece.kind);
    for (last, element) in elements.iter().enumerate() {
        let to = last + 1;
        if kind(element) == Some(Kind::Unspaced) {
            let characters = element.iter().map(|piece| folded.part(piece.at.clone()).to_owned()).collect();
            groups.push(Group { from: last, to, asked: Asked::Unspaced(characters) });
            continue;
        }
        let chunk = |element: &[Piece]| element.first().map(|piece| piece.chunk);
        let words = elements[..to].iter().rev().take_while(|element| kind(element) == Some(Kind::Word)).count().max(1);
        let in_chunk = elements[..to].iter().rev().take_while(|other| chunk(other) == chunk(element)).count();
        for from in to - words..to {
            // One, neighbours, or all that stands between two blanks.
            let pieces = elements[from..to].concat();
            if to - from == 1 || pieces.len() <= JOINED_MOST || to - from == in_chunk {
                groups.push(Group { from, to, asked: Asked::word(folded, &pieces) });
            }
        }
    }
    groups
}

impl Asked {
    fn word(folded: &Folded, pieces: &[Piece]) -> Asked {
        let typed = joined(folded, pieces);
        let contracted = contracted(&typed).map(|meant| term(&meant).to_owned());
        let all = [Some(typed), joined_expanded(folded, pieces)].into_iter().flatten();
        Asked::Word { forms: all.map(|form| term(&form).to_owned()).collect(), contracted }
    }
}
