//! What was meant: in go the form and the app's own path, out comes the one question that is put
//! to the catalogue.

use crate::form::Form;

/// A question to the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The product with exactly this id.
    Id(String),
    /// The product so called, ignoring case.
    Name(String),
}

impl Lookup {
    /// The question that was asked, if any: `id` wins over `name`, and what was asked by name and
    /// value over an id in the path.
    pub fn of(form: &Form, path: &str) -> Option<Lookup> {
        let id = form.value("id").map(|id| Lookup::Id(id.to_owned()));
        let name = || form.value("name").map(|name| Lookup::Name(name.to_owned()));
        let in_path = || match path.trim_start_matches('/').trim() {
            "" => None,
            id => Some(Lookup::Id(id.to_owned())),
        };
        id.or_else(name).or_else(in_path)
    }
}
