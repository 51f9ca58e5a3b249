//! Where in a text a question is found.

use std::ops::Range;

use super::question::{Asked, Question};
use super::terms::{counted, forms, without_blanks, words};
use crate::catalogue::fold::{Folded, Kind, fold};

/// The parts of a text that a question found, in order, as it was written.
pub fn marks(question: &Question, text: &str) -> Vec<Range<usize>> {
    let folded = fold(counted(text));
    let pieces = words(&folded).0;
    // All pieces, one behind the other, and where each byte of them is in the folded text.
    let joined: String = pieces.iter().map(|piece| folded.part(piece.at.clone())).collect();
    let places: Vec<usize> = pieces.iter().flat_map(|piece| piece.at.clone()).collect();
    let mut starts = vec![0];
    starts.extend(pieces.iter().scan(0, |end, piece| {
        *end += piece.at.len();
        Some(*end)
    }));
    let mut found: Vec<Range<usize>> = Vec::new();
    for group in question.groups() {
        let wanted = match &group.asked {
            Asked::Word { forms, .. } => forms.clone(),
            Asked::Unspaced(characters) => vec![characters.concat()],
        };
        let begin = |wanted: &String| {
            let ends = |&start: &usize| joined.get(start..).is_some_and(|rest| rest.starts_with(wanted.as_str()));
            let at: Vec<Range<usize>> = starts.iter().copied().filter(ends).map(|at| at..at + wanted.len()).collect();
            at
        };
        let mut here: Vec<Range<usize>> = wanted.iter().flat_map(begin).collect();
        if here.is_empty() && group.asked.is_long() {
            let inside = wanted.iter().flat_map(|wanted| joined.match_indices(wanted.as_str()));
            here.extend(inside.map(|(at, found)| at..at + found.len()));
        }
        let here = here.into_iter().filter(|here| !here.is_empty());
        found.extend(here.map(|here| places[here.start]..places[here.end - 1] + 1));
        found.extend(expanded(&folded, &wanted));
    }
    let signs = folded.pieces().iter().filter(|piece| piece.kind == Kind::Signs);
    found.extend(
        signs
            .filter(|piece| question.signs().iter().any(|sign| without_blanks(&folded, piece) == *sign))
            .map(|piece| piece.at.clone()),
    );
    let mut marks: Vec<Range<usize>> = found.into_iter().map(|found| folded.origin(found)).collect();
    marks.sort_by_key(|mark| mark.start);
    marks.dedup_by(|next, mark| {
        let touches = next.start <= mark.end;
        if touches {
            mark.end = mark.end.max(next.end);
        }
        touches
    });
    marks
}

/// The words in which ä, ö or ü were asked for as ae, oe and ue: all of each, since letters do not correspond.
fn expanded(folded: &Folded, wanted: &[String]) -> Vec<Range<usize>> {
    let starts = |form: &str| wanted.iter().any(|wanted| form.starts_with(wanted.as_str()));
    let pieces = words(folded).0.iter().map(|piece| piece.at.clone());
    pieces.filter(|at| forms(folded, at.clone()).skip(1).any(|form| starts(&form))).collect()
}
