//! Reads a table from JSON: an array of objects, an object that has just one array of objects, or an object a line.

mod document;

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Cursor, Read};
use std::rc::Rc;

use anyhow::{Error, Result, anyhow};
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use self::document::Document;
use super::ROW_BYTES;
use super::intake::Intake;
use super::table::{Kind, Place, Row};
use crate::settings::limits;

/// Objects of which the members are known before the columns are found.
const FIRST_OBJECTS: usize = 1000;

/// Bytes of these, at most.
const FIRST_BYTES: usize = 1 << 20;

/// Gives the members' names as the header, and the objects as rows, to `intake`.
pub(super) fn read(mut text: impl BufRead, intake: &mut Intake) -> Result<()> {
    let mut first = Vec::new();
    while first.trim_ascii().is_empty() && text.by_ref().take(ROW_BYTES as u64).read_until(b'\n', &mut first)? > 0 {}
    let line = 1 + line_ends(first.trim_ascii_end());
    let mut objects = Objects::new(intake);
    match serde_json::from_slice::<Object>(&first) {
        Ok(object) if !(object.has_objects() && is_at_end(&mut text)?) => {
            objects.take(Place::Line(line), Ok(object), first.len())?;
            read_lines(text, line, &mut objects)?;
        }
        _ => read_document(Cursor::new(first).chain(text), &mut objects)?,
    }
    objects.begin()
}

fn line_ends(text: &[u8]) -> u64 {
    text.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Is there nothing more but white space? It is read over.
fn is_at_end(text: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let more = text.fill_buf()?;
        let blank = more.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if blank < more.len() || more.is_empty() {
            return Ok(more.is_empty());
        }
        text.consume(blank);
    }
}

/// An object a line, the first of which has been read.
fn read_lines(mut text: impl BufRead, mut line: u64, objects: &mut Objects) -> Result<()> {
    let mut object = Vec::new();
    loop {
        object.clear();
        line += 1;
        let most = ROW_BYTES as u64 + 1;
        let read = text.by_ref().take(most).read_until(b'\n', &mut object)?;
        if read as u64 == most {
            return Err(io::Error::other(format!("line {line} is longer than {} MiB", ROW_BYTES >> 20)).into());
        }
        if read == 0 {
            return Ok(());
        }
        if !object.trim_ascii().is_empty() {
            let read = serde_json::from_slice(&object).map_err(|error| anyhow!("{}", words(&error)));
            objects.take(Place::Line(line), read, object.len())?;
        }
    }
}

/// An array of objects, or an object with one.
fn read_document(text: impl Read, objects: &mut Objects) -> Result<()> {
    let counts = Rc::new(Counts::default());
    objects.counts = Rc::clone(&counts);
    let mut json = serde_json::Deserializer::from_reader(Lines { text, counts });
    let read = Document { objects: &mut *objects, member: None }.deserialize(&mut json).and_then(|_| json.end());
    read.map_err(|error| objects.failure(error))
}

/// How far a document is read.
#[derive(Default)]
struct Counts {
    line_ends: Cell<u64>,
    /// Bytes since the last object was complete.
    unused: Cell<usize>,
}

struct Lines<Text> {
    text: Text,
    counts: Rc<Counts>,
}

impl<Text: Read> Read for Lines<Text> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        self.counts.line_ends.set(self.counts.line_ends.get() + line_ends(&buffer[..read]));
        self.counts.unused.set(self.counts.unused.get() + read);
        if self.counts.unused.get() > ROW_BYTES {
            return Err(io::Error::other(format!("an item is longer than {} MiB", ROW_BYTES >> 20)));
        }
        Ok(read)
    }
}

/// An object's members, in its own order.
struct Object(Vec<(String, Value)>);

impl Object {
    /// Has it an array of objects?
    fn has_objects(&self) -> bool {
        let are_objects = |value: &Value| matches!(value, Value::Array(items) if items.iter().all(Value::is_object));
        self.0.iter().any(|(_, value)| are_objects(value))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<Json: Deserializer<'de>>(json: Json) -> Result<Object, Json::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<Object, Map::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        json.deserialize_map(Members)
    }
}

/// Objects on their way to an intake.
struct Objects<'a, 'b> {
    intake: &'a mut Intake<'b>,
    counts: Rc<Counts>,
    headings: Vec<String>,
    /// The first ones, until the columns are found.
    first: Option<Vec<(Place, Object)>>,
    first_bytes: usize,
    items: u64,
    /// Why reading ended, where the JSON was well.
    refused: Option<Error>,
}

impl<'a, 'b> Objects<'a, 'b> {
    fn new(intake: &'a mut Intake<'b>) -> Objects<'a, 'b> {
        let (headings, first) = (Vec::new(), Some(Vec::new()));
        Objects { intake, counts: Rc::default(), headings, first, first_bytes: 0, items: 0, refused: None }
    }

    /// Takes an object of so many bytes, or why it is none.
    fn take(&mut self, place: Place, object: Result<Object>, bytes: usize) -> Result<()> {
        let object = match object {
            Ok(object) => object,
            Err(error) => {
                self.intake.bad(place, error);
                return Ok(());
            }
        };
        let known = self.headings.len();
        for (index, (name, _)) in object.0.iter().enumerate() {
            if object.0[..index].iter().any(|(before, _)| before == name) {
                self.intake.bad(place, anyhow!("it has two members {name:?}"));
                self.headings.truncate(known);
                return Ok(());
            }
            if !self.headings.contains(name) {
                self.headings.push(name.clone());
            }
        }
        match &mut self.first {
            Some(first) => {
                first.push((place, object));
                self.first_bytes += bytes;
                if first.len() == FIRST_OBJECTS || self.first_bytes > FIRST_BYTES {
                    self.begin()?;
                }
                Ok(())
            }
            None => {
                if self.headings.len() > known {
                    self.intake.header(Some(place), self.headings.clone())?;
                }
                self.row(place, &object)
            }
        }
    }

    /// Finds the columns, and gives the first objects.
    fn begin(&mut self) -> Result<()> {
        let first = self.first.take().unwrap_or_default();
        if !first.is_empty() {
            self.intake.header(None, self.headings.clone())?;
        }
        first.into_iter().try_for_each(|(place, object)| self.row(place, &object))
    }

    fn row(&mut self, place: Place, object: &Object) -> Result<()> {
        let mut row = Row::default();
        for heading in &self.headings {
            let value = object.0.iter().find(|(name, _)| name == heading).map(|(_, value)| value);
            match value {
                None | Some(Value::Null) => row.push("", Kind::Text),
                Some(Value::String(text)) => row.push(text, Kind::Quoted),
                Some(Value::Number(number)) => row.push(&number.to_string(), Kind::Number),
                Some(other) => row.push(&other.to_string(), Kind::Other),
            }
        }
        self.intake.row(place, &row)
    }

    /// Takes an item of a document's array.
    fn take_item(&mut self, item: &RawValue) -> Result<()> {
        self.items += 1;
        let place = Place::Item(self.items, self.counts.line_ends.get() + 1);
        let object =
            serde_json::from_str(item.get()).map_err(|_| anyhow!("it is not an object, but {}", cut(item.get())));
        self.take(place, object, item.get().len())?;
        self.counts.unused.set(0);
        Ok(())
    }

    fn failure(&mut self, error: serde_json::Error) -> Error {
        match self.refused.take() {
            Some(refused) => refused,
            None if error.is_io() => io::Error::from(error).into(),
            None => anyhow!("{}: {}", self.intake.at(Place::Line(error.line() as u64)), words(&error)),
        }
    }
}

/// What is wrong, without the place. It repeats what it does not take, however long that is.
fn words(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "it ends in the middle; get it anew".to_owned();
    }
    let text = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    cut(text.strip_suffix(&end).unwrap_or(&text))
}

fn cut(text: &str) -> String {
    let shown: String = text.replace(char::is_control, " ").chars().take(2 * limits::QUOTED_CHARS).collect();
    if text.chars().count() > 2 * limits::QUOTED_CHARS { shown + "..." } else { shown }
}
