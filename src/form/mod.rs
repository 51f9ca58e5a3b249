//! What was sent: in go a query or a body with its type, out come names and values. What they
//! mean is not known here.

mod json;
mod multipart;
mod parameters;

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use percent_encoding::percent_decode;

use crate::gateway::memory::GROWTH;
use crate::gateway::request::Params;
use crate::settings::limits;

/// The types of body that are read, as `Accept-Post` lists them.
pub const ACCEPTED: &str = "multipart/form-data, application/x-www-form-urlencoded, application/json";

/// Names and values that there is room for from the start, and bytes of them.
const FIELDS: usize = 16;
const TEXT_BYTES: usize = 256;

/// Names and values in the order in which they were sent. One text holds them all: a field of two bytes
/// takes twelve beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    text: String,
    fields: Vec<Field>,
}

/// Where a name starts, where its value does, and where that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    name: u32,
    value: u32,
    end: u32,
}

/// Why a body is no form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormError {
    /// It is of a type that is not read.
    UnsupportedType,
    /// It is not what its type says; the sentence says how.
    Malformed(String),
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            FormError::UnsupportedType => write!(f, "The body's Content-Type is none of {ACCEPTED}."),
            FormError::Malformed(how) => write!(f, "{how}"),
        }
    }
}

/// Bytes that each field takes beside its text, in the form and in `by_name`.
const FIELD_BYTES: usize = 100;

/// Bytes of memory that a form takes at most while it is read from so many: the parser's copy, a text in which
/// what is not UTF-8 is three times as long, and the list of fields, of which each is two bytes at least.
pub fn memory(sent: usize) -> usize {
    let fields = (sent / 2).min(limits::FORM_FIELDS);
    GROWTH * (4 * sent + fields * FIELD_BYTES)
}

impl Form {
    /// Reads a query string: `+` and percent decoding, bad UTF-8 becomes U+FFFD.
    pub fn of_query(query: &[u8]) -> Result<Form, FormError> {
        let mut form = Form::default();
        for pair in query.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            let end = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
            let (name, value) = (&pair[..end], pair.get(end + 1..).unwrap_or_default());
            form.add(|text| decode(name, text), |text| decode(value, text))?;
        }
        Ok(form)
    }

    /// Reads a body by its `CONTENT_TYPE`. No body of no type is an empty form.
    pub fn of_body(params: &Params, body: &Bytes) -> Result<Form, FormError> {
        let content_type = params.text("CONTENT_TYPE");
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "multipart/form-data" => multipart::read(&content_type, body),
            "application/x-www-form-urlencoded" => Form::of_query(body),
            "application/json" => json::read(body),
            "" if body.is_empty() => Ok(Form::default()),
            _ => Err(FormError::UnsupportedType),
        }
    }

    fn push(&mut self, name: &str, value: &str) -> Result<(), FormError> {
        self.add(|text| text.push_str(name), |text| text.push_str(value))
    }

    /// Adds a name and a value, each of which is appended to the text.
    fn add(&mut self, name: impl FnOnce(&mut String), value: impl FnOnce(&mut String)) -> Result<(), FormError> {
        if self.fields.len() == limits::FORM_FIELDS {
            let how = format!("More than {} names and values were sent.", limits::FORM_FIELDS);
            return Err(FormError::Malformed(how));
        }
        if self.fields.is_empty() {
            self.fields.reserve(FIELDS);
            self.text.reserve(TEXT_BYTES);
        }
        let name_at = self.text.len();
        name(&mut self.text);
        let value_at = self.text.len();
        value(&mut self.text);
        let [name, value, end] = [name_at, value_at, self.text.len()].map(u32::try_from);
        let too_long = |_| FormError::Malformed("The names and values are longer than is read.".to_owned());
        let (name, value, end) = (name.map_err(too_long)?, value.map_err(too_long)?, end.map_err(too_long)?);
        self.fields.push(Field { name, value, end });
        Ok(())
    }

    /// All names with their values, as they were sent.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |from: u32, to: u32| &self.text[from as usize..to as usize];
        self.fields.iter().map(move |field| (text(field.name, field.value), text(field.value, field.end)))
    }

    /// The first value of this name that is not blank, without white space around it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).map(str::trim).find(|value| !value.is_empty())
    }

    /// All values of a name, as they were sent.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs().filter(move |pair| pair.0 == name).map(|pair| pair.1)
    }

    /// All values of each name, in the order in which the names were first sent.
    pub fn by_name(&self) -> Vec<(&str, Vec<&str>)> {
        let mut places = HashMap::new();
        let mut names: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, value) in self.pairs() {
            let place = *places.entry(name).or_insert(names.len());
            if place == names.len() {
                names.push((name, Vec::new()));
            }
            names[place].1.push(value);
        }
        names
    }
}

/// Appends what is encoded, piece by piece: a copy of all of a megabyte would be one more for each request.
fn decode(encoded: &[u8], text: &mut String) {
    text.reserve(encoded.len());
    for (number, piece) in encoded.split(|&byte| byte == b'+').enumerate() {
        if number > 0 {
            text.push(' ');
        }
        text.push_str(&percent_decode(piece).decode_utf8_lossy());
    }
}
