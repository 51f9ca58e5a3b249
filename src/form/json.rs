//! A JSON body as a form: one object, of whose members those count that something is asked by.

use std::fmt;

use encoding_rs::{Encoding, UTF_8};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Form, FormError, LISTS, NAMES, list_name, near_miss};

/// Reads the whole body. A number keeps the digits that it was sent with.
pub(super) fn read(body: &[u8], encoding: &'static Encoding) -> Result<Form, FormError> {
    let mut decoded = String::new();
    let body = match encoding == UTF_8 {
        true => body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body),
        false => {
            super::charset::append(body, encoding, &mut decoded);
            decoded.as_bytes()
        }
    };
    let mut members = Members::default();
    // Of a longer text no second copy while it grows.
    members.form.text.reserve(if encoding == UTF_8 { 0 } else { body.len() });
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = members.deserialize(&mut json).and_then(|()| json.end());
    match (read, members.refused) {
        (Ok(()), _) => Ok(members.form),
        (Err(_), Some(refused)) => Err(refused),
        (Err(error), None) => Err(FormError::Malformed(
            near_miss::instead_of_json(body)
                .unwrap_or_else(|| format!("The body is not a JSON object of strings and numbers: {error}.")),
        )),
    }
}

/// An object's members in order, and why there are no more of them. A map would keep only the last of those
/// with one name.
#[derive(Default)]
struct Members {
    form: Form,
    refused: Option<FormError>,
}

impl Members {
    fn push<E: Error>(&mut self, name: &str, text: &str) -> Result<(), E> {
        self.form.push(name, text).map_err(|refused| self.refuse(refused))
    }

    /// What ends the reading, since serde's errors are texts.
    fn refuse<E: Error>(&mut self, refused: FormError) -> E {
        self.refused = Some(refused);
        E::custom("")
    }
}

impl<'de> DeserializeSeed<'de> for &mut Members {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Members {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        // The values as they stand there: whatever they have in them is not made, nor is a number another.
        while let Some((name, value)) = object.next_entry::<String, &RawValue>()? {
            match scalar(value)? {
                Some(text) => self.push(&name, &text)?,
                None if value.get() == "null" => {}
                None if value.get().starts_with('[') && LISTS.contains(&list_name(&name)) => {
                    let mut json = serde_json::Deserializer::from_str(value.get());
                    let list = List { members: self, name: &name, empty: true };
                    json.deserialize_seq(list).map_err(A::Error::custom)?;
                }
                None if NAMES.contains(&list_name(&name)) => {
                    let how = format!("The member {name} is neither a string nor a number.");
                    return Err(self.refuse(FormError::Malformed(how)));
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// A list's elements, each of which is a value of its name.
struct List<'a> {
    members: &'a mut Members,
    name: &'a str,
    empty: bool,
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<&RawValue>()? {
            let Some(text) = scalar(value)? else {
                let how = format!("The member {} has an element that is neither a string nor a number.", self.name);
                return Err(self.members.refuse(FormError::Malformed(how)));
            };
            self.members.push(self.name, &text)?;
            self.empty = false;
        }
        // The list was given, with nothing in it.
        if self.empty { self.members.push(self.name, "") } else { Ok(()) }
    }
}

/// The text of a string, or a number's digits.
fn scalar<E: Error>(value: &RawValue) -> Result<Option<String>, E> {
    match value.get() {
        string if string.starts_with('"') => serde_json::from_str(string).map(Some).map_err(E::custom),
        number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => Ok(Some(number.to_owned())),
        _ => Ok(None),
    }
}
