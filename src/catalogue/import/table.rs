//! What every format becomes: rows of cells, each with the place at which an editor shows it.

use std::fmt;

use crate::catalogue::product::trim;

/// Where a row stands, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Of a text, from 1.
    Line(u64),
    /// Of a workbook's sheet, from 1.
    Row(u64),
    /// Of a JSON array, from 1, and the line at which it ends.
    Item(u64, u64),
}

impl Place {
    /// The number of the line, row or item.
    pub(super) fn number(self) -> u64 {
        match self {
            Place::Line(number) | Place::Row(number) | Place::Item(number, _) => number,
        }
    }

    /// Another place of this kind, for a message.
    pub(super) fn like(self, number: u64) -> String {
        match self {
            Place::Line(_) => format!("line {number}"),
            Place::Row(_) => format!("row {number}"),
            Place::Item(..) => format!("item {number}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Row(row) => write!(f, "row {row}"),
            Place::Item(item, line) => write!(f, "item {item}, line {line}"),
        }
    }
}

/// What a cell is, beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Text,
    /// Text in quotes, which has no more at its ends than was meant.
    Quoted,
    /// In plain notation, whatever the file's texts are in.
    Number,
    /// A number with more digits than a spreadsheet keeps.
    Cut,
    /// A day or a time, which a spreadsheet may have made of something else.
    Date,
    /// An array, an object, true or false.
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
}

impl<'a> Cell<'a> {
    /// What a further column has of it.
    pub(super) fn kept(self) -> &'a str {
        if self.kind == Kind::Quoted { self.text } else { trim(self.text) }
    }
}

/// Cells in a memory that the next row uses again.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<(usize, Kind)>,
}

impl Row {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds to the text of the cell that `end` ends.
    pub(super) fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn end(&mut self, kind: Kind) {
        self.ends.push((self.text.len(), kind));
    }

    pub(super) fn push(&mut self, text: &str, kind: Kind) {
        self.add(text);
        self.end(kind);
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell, counted from 0; an empty one where there is none.
    pub(super) fn cell(&self, column: usize) -> Cell<'_> {
        let Some(&(end, kind)) = self.ends.get(column) else { return Cell::default() };
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before].0);
        Cell { text: &self.text[start..end], kind }
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|column| self.cell(column))
    }

    /// Has no cell a value?
    pub(super) fn is_blank(&self) -> bool {
        self.cells().all(|cell| trim(cell.text).is_empty())
    }

    /// The cells' texts as headings, without those at the end that are empty.
    pub(super) fn headings(&self) -> Vec<String> {
        let mut headings: Vec<String> = self.cells().map(|cell| trim(cell.text).to_owned()).collect();
        while headings.last().is_some_and(String::is_empty) {
            headings.pop();
        }
        headings
    }
}
