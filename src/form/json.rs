//! An `application/json` body as a form: one object of strings and numbers.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use super::{Form, FormError};

/// Reads the whole body. A number keeps the digits that it was sent with.
pub(super) fn read(body: &[u8]) -> Result<Form, FormError> {
    let Members(members) = serde_json::from_slice(body).map_err(|error| {
        FormError::Malformed(format!("The body is not a JSON object of strings and numbers: {error}."))
    })?;
    let mut form = Form::default();
    for (name, value) in members {
        form.push(name, value)?;
    }
    Ok(form)
}

/// An object's members in order. A map would keep only the last of those with one name.
struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            let value = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Null => String::new(),
                _ => return Err(A::Error::custom("a member is neither a string nor a number")),
            };
            members.push((name, value));
        }
        Ok(Members(members))
    }
}
