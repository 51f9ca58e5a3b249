//! Reads products from JSON, an array of objects with id, name and price; errors name the item and the line.

use std::fmt;
use std::io::{self, BufReader};

use anyhow::{Error, Result, anyhow, bail};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::input::{BUFFER_BYTES, Input, Unused};
use crate::catalogue::product::Product;
use crate::settings::limits;

/// Gives each product to `store`; says how many there are.
pub(super) fn read(input: Input, store: impl FnMut(&Product) -> Result<()>) -> Result<u64> {
    let name = input.name().to_owned();
    let mut items = Items { store, unused: input.unused(), item: None, products: 0, refused: None };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER_BYTES, input));
    match json.deserialize_seq(&mut items).and_then(|()| json.end()) {
        Ok(()) => Ok(items.products),
        Err(error) => Err(items.failure(&name, error)),
    }
}

/// Reads item by item, so that no more than one is in memory.
struct Items<Store> {
    store: Store,
    unused: Unused,
    /// The item that is being read, counted from 1.
    item: Option<u64>,
    products: u64,
    /// Why reading ended, where the JSON was well.
    refused: Option<Refused>,
}

enum Refused {
    /// The product is at fault.
    Product(Error),
    /// The catalogue is.
    Store(Error),
}

impl<Store: FnMut(&Product) -> Result<()>> Items<Store> {
    fn take(&mut self, object: &Map<String, Value>) -> Result<(), Refused> {
        let field = |name| text(object, name).map_err(Refused::Product);
        let (id, name, price) = (field("id")?, field("name")?, field("price")?);
        let product = Product::new(&id, &name, &price).map_err(Refused::Product)?;
        (self.store)(&product).map_err(Refused::Store)
    }

    fn failure(self, name: &str, error: serde_json::Error) -> Error {
        if error.is_io() {
            return Error::new(io::Error::from(error)).context(format!("{name} cannot be read"));
        }
        let item = self.item.map(|item| format!("item {item}, ")).unwrap_or_default();
        let place = format!("{name}, {item}line {}", error.line());
        match self.refused {
            Some(Refused::Store(error)) => error,
            Some(Refused::Product(error)) => error.context(place),
            None => {
                let text = error.to_string();
                let end = format!(" at line {} column {}", error.line(), error.column());
                // It repeats what it does not take, however long that is.
                let text = text.strip_suffix(&end).unwrap_or(&text);
                let shown: String = text.chars().take(2 * limits::QUOTED_CHARS).collect();
                anyhow!("{place}: {shown}{}", if shown.len() < text.len() { "..." } else { "" })
            }
        }
    }
}

impl<'de, Store: FnMut(&Product) -> Result<()>> Visitor<'de> for &mut Items<Store> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an array of objects with id, name and price")
    }

    fn visit_seq<Array: SeqAccess<'de>>(self, mut array: Array) -> Result<(), Array::Error> {
        loop {
            self.item = Some(self.products + 1);
            if array.next_element_seed(Item(&mut *self))?.is_none() {
                break;
            }
            self.products += 1;
            self.unused.clear();
        }
        self.item = None;
        Ok(())
    }
}

/// The next item. It is refused where its object ends, so that the error has that line.
struct Item<'a, Store>(&'a mut Items<Store>);

impl<'de, Store: FnMut(&Product) -> Result<()>> DeserializeSeed<'de> for Item<'_, Store> {
    type Value = ();

    fn deserialize<Json: Deserializer<'de>>(self, json: Json) -> Result<(), Json::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, Store: FnMut(&Product) -> Result<()>> Visitor<'de> for Item<'_, Store> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object with id, name and price")
    }

    fn visit_map<Object: MapAccess<'de>>(self, object: Object) -> Result<(), Object::Error> {
        let object = Map::deserialize(MapAccessDeserializer::new(object))?;
        self.0.take(&object).map_err(|refused| {
            self.0.refused = Some(refused);
            Object::Error::custom("")
        })
    }
}

/// A member as text. A number keeps its digits.
fn text(object: &Map<String, Value>, name: &str) -> Result<String> {
    match object.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => bail!("the {name} is neither a string nor a number"),
        None => bail!("the {name} is missing"),
    }
}
