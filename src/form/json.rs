//! An `application/json` body as a form: one object of strings and numbers.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Form, FormError};

/// Reads the whole body. A number keeps the digits that it was sent with.
pub(super) fn read(body: &[u8]) -> Result<Form, FormError> {
    let mut members = Members::default();
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = members.deserialize(&mut json).and_then(|()| json.end());
    match (read, members.refused) {
        (Ok(()), _) => Ok(members.form),
        (Err(_), Some(refused)) => Err(refused),
        (Err(error), None) => {
            Err(FormError::Malformed(format!("The body is not a JSON object of strings and numbers: {error}.")))
        }
    }
}

/// An object's members in order, and why there are no more of them. A map would keep only the last of those
/// with one name.
#[derive(Default)]
struct Members {
    form: Form,
    refused: Option<FormError>,
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
            let text = match value.get() {
                "null" => String::new(),
                string if string.starts_with('"') => serde_json::from_str(string).map_err(A::Error::custom)?,
                number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => number.to_owned(),
                _ => return Err(A::Error::custom("a member is neither a string nor a number")),
            };
            self.form.push(&name, &text).map_err(|refused| {
                self.refused = Some(refused);
                A::Error::custom("")
            })?;
        }
        Ok(())
    }
}
