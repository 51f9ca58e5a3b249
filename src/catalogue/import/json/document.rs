//! A JSON document as a whole: the array of objects, or the object around it, read item by item.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

use super::Objects;

/// A document, or a member of the object that it is.
pub(super) struct Document<'a, 'b, 'c> {
    pub(super) objects: &'a mut Objects<'b, 'c>,
    /// The member, and the one before that was an array of objects.
    pub(super) member: Option<(&'a str, Option<&'a str>)>,
}

/// Was there an array, and one of objects?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Array,
    Objects,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_, '_> {
    type Value = Found;

    fn deserialize<Json: Deserializer<'de>>(self, json: Json) -> Result<Found, Json::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_, '_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of objects, or an object that has one")
    }

    fn visit_seq<Array: SeqAccess<'de>>(self, mut array: Array) -> Result<Found, Array::Error> {
        let mut found = if self.member.is_none() { Found::Objects } else { Found::Array };
        while let Some(item) = array.next_element::<Box<RawValue>>()? {
            if found == Found::Array && !item.get().starts_with('{') {
                while array.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Found::Nothing);
            }
            if let Some((name, Some(before))) = self.member {
                let message =
                    format!("both {before:?} and {name:?} are arrays of objects, and one is read; take the other out");
                return Err(Array::Error::custom(message));
            }
            found = Found::Objects;
            if let Err(refused) = self.objects.take_item(&item) {
                self.objects.refused = Some(refused);
                return Err(Array::Error::custom(""));
            }
        }
        Ok(found)
    }

    fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<Found, Map::Error> {
        if self.member.is_some() {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Found::Nothing);
        }
        let (mut found, mut table) = (Found::Nothing, None::<String>);
        while let Some(name) = map.next_key::<String>()? {
            let member = Some((name.as_str(), table.as_deref()));
            match map.next_value_seed(Document { objects: &mut *self.objects, member })? {
                Found::Nothing => {}
                Found::Array if found == Found::Objects => {}
                Found::Array => found = Found::Array,
                Found::Objects => (found, table) = (Found::Objects, Some(name)),
            }
        }
        match found {
            Found::Nothing => Err(Map::Error::custom(
                "the object has no array of objects; products must be in one, at the top or one level below",
            )),
            found => Ok(found),
        }
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Found, E> {
        self.other(Unexpected::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Found, E> {
        self.other(Unexpected::Signed(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Found, E> {
        self.other(Unexpected::Unsigned(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Found, E> {
        self.other(Unexpected::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Found, E> {
        self.other(Unexpected::Str(value))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Found, E> {
        self.other(Unexpected::Unit)
    }
}

impl Document<'_, '_, '_> {
    /// A value that is neither an array nor an object; a number may come as an object (`arbitrary_precision`).
    fn other<E: serde::de::Error>(self, value: Unexpected) -> Result<Found, E> {
        match self.member {
            Some(_) => Ok(Found::Nothing),
            None => Err(E::invalid_type(value, &self)),
        }
    }
}
