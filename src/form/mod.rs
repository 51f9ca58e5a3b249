//! Names and values as they were sent, in a query or in a body of any type that is read. What they
//! mean is not known here.

mod charset;
mod json;
mod multipart;
mod near_miss;
mod parameters;

use std::collections::{HashMap, HashSet};
use std::fmt;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use percent_encoding::percent_decode;

use crate::gateway::memory::GROWTH;
use crate::gateway::request::Params;
use crate::settings::limits;

/// The types of body that are read, as `Accept-Post` lists them.
pub const ACCEPTED: &str = "multipart/form-data, application/x-www-form-urlencoded, application/json";

/// The names that something is asked by, as opposed to those that anybody may send for reasons of their own.
const NAMES: [&str; 8] = ["id", "name", "q", "limit", "after", "format", "ids", "fields"];

/// Those of which a list may be sent, also under the name with `[]` that PHP and its clients give to one.
const LISTS: [&str; 2] = ["ids", "fields"];

/// A list's own name.
fn list_name(name: &str) -> &str {
    name.strip_suffix("[]").filter(|list| LISTS.contains(list)).unwrap_or(name)
}

/// Names and values that there is room for from the start, and bytes of them.
const FIELDS: usize = 16;
const TEXT_BYTES: usize = 256;

/// Names and values in the order in which they were sent. One text holds them all: a field of two bytes
/// takes twelve beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    text: String,
    fields: Vec<Field>,
    /// One of `NAMES` that came as a file, and so is no parameter.
    file: Option<&'static str>,
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
    /// It is in a charset that nobody knows.
    UnsupportedCharset(String),
    /// It is compressed, by its `Content-Encoding`.
    UnsupportedCoding(String),
    /// It is not what its type says; the sentence says how.
    Malformed(String),
}

impl FormError {
    /// The status that says so.
    pub fn status(&self) -> u16 {
        if matches!(self, FormError::Malformed(_)) { 400 } else { 415 }
    }

    /// The header field that tells what would have been taken (RFC 9110, section 15.5.16).
    pub fn header(&self) -> Option<(&'static str, &'static str)> {
        match self {
            FormError::Malformed(_) => None,
            FormError::UnsupportedCoding(_) => Some(("Accept-Encoding", "identity")),
            _ => Some(("Accept-Post", ACCEPTED)),
        }
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            FormError::UnsupportedType => write!(f, "The body's Content-Type must be one of {ACCEPTED}."),
            FormError::UnsupportedCharset(label) => write!(f, "The charset \"{label}\" is not known; send UTF-8."),
            FormError::UnsupportedCoding(coding) => {
                write!(f, "The Content-Encoding \"{coding}\" is not read; send the body as it is.")
            }
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
        Form::of_urlencoded(query, UTF_8)
    }

    fn of_urlencoded(encoded: &[u8], encoding: &'static Encoding) -> Result<Form, FormError> {
        let mut form = Form::default();
        for pair in encoded.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            let end = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
            let (name, value) = (&pair[..end], pair.get(end + 1..).unwrap_or_default());
            form.add(|text| decode(name, encoding, text), |text| decode(value, encoding, text))?;
        }
        Ok(form)
    }

    /// Reads a body by its `CONTENT_TYPE`. No body is an empty form, whatever its type says.
    pub fn of_body(params: &Params, body: &Bytes) -> Result<Form, FormError> {
        if body.is_empty() {
            return Ok(Form::default());
        }
        let codings = params.text("HTTP_CONTENT_ENCODING");
        let mut codings = codings.split(',').map(str::trim);
        if let Some(coding) = codings.find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")) {
            return Err(FormError::UnsupportedCoding(coding.to_owned()));
        }
        let content_type = params.text("CONTENT_TYPE");
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let encoding = || charset::of(&content_type, UTF_8);
        match essence.as_str() {
            "multipart/form-data" => multipart::read(&content_type, encoding()?, body),
            "application/x-www-form-urlencoded" => Form::of_urlencoded(body, encoding()?),
            "application/json" => json::read(body, encoding()?),
            other if other.starts_with("application/") && other.ends_with("+json") => json::read(body, encoding()?),
            _ => Err(FormError::UnsupportedType),
        }
    }

    /// This form, and what another has under names that are not in this one.
    pub fn or(mut self, other: &Form) -> Result<Form, FormError> {
        let own: HashSet<&str> = self.pairs().map(|(name, _)| list_name(name)).collect();
        let others: Vec<_> = other.pairs().filter(|(name, _)| !own.contains(list_name(name))).collect();
        others.into_iter().try_for_each(|(name, value)| self.push(name, value))?;
        Ok(self)
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

/// Appends what is encoded, piece by piece: a copy of all of a megabyte would be one more for each request. In other
/// encodings than UTF-8 a character may be in more than one piece.
fn decode(encoded: &[u8], encoding: &'static Encoding, text: &mut String) {
    let pieces = encoded.split(|&byte| byte == b'+').map(percent_decode);
    if encoding != UTF_8 {
        let mut bytes = Vec::with_capacity(encoded.len() + 1);
        for piece in pieces {
            bytes.extend(piece);
            bytes.push(b' ');
        }
        bytes.pop();
        return charset::append(&bytes, encoding, text);
    }
    text.reserve(encoded.len());
    for (number, piece) in pieces.enumerate() {
        if number > 0 {
            text.push(' ');
        }
        text.push_str(&piece.decode_utf8_lossy());
    }
}
