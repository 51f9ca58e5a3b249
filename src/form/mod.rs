//! What was sent: in go a query or a body with its type, out come names and values. What they
//! mean is not known here.

mod json;
mod multipart;
mod parameters;

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use url::form_urlencoded;

use crate::gateway::request::Params;
use crate::settings::limits;

/// The types of body that are read, as `Accept-Post` lists them.
pub const ACCEPTED: &str = "multipart/form-data, application/x-www-form-urlencoded, application/json";

/// Names and values that there is room for from the start.
const FIELDS: usize = 16;

/// Names and values in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
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

impl Form {
    /// Reads a query string: `+` and percent decoding, bad UTF-8 becomes U+FFFD.
    pub fn of_query(query: &[u8]) -> Result<Form, FormError> {
        let mut form = Form::default();
        for (name, value) in form_urlencoded::parse(query) {
            form.push(name.into_owned(), value.into_owned())?;
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

    fn push(&mut self, name: String, value: String) -> Result<(), FormError> {
        if self.fields.len() == limits::FORM_FIELDS {
            let how = format!("More than {} names and values were sent.", limits::FORM_FIELDS);
            return Err(FormError::Malformed(how));
        }
        if self.fields.is_empty() {
            self.fields.reserve(FIELDS);
        }
        self.fields.push((name, value));
        Ok(())
    }

    /// The first value of this name that is not blank, without white space around it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).map(str::trim).find(|value| !value.is_empty())
    }

    /// All values of a name, as they were sent.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |field| field.0 == name).map(|field| field.1.as_str())
    }

    /// All values of each name, in the order in which the names were first sent.
    pub fn by_name(&self) -> Vec<(&str, Vec<&str>)> {
        let mut places = HashMap::new();
        let mut names: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, value) in &self.fields {
            let place = *places.entry(name.as_str()).or_insert(names.len());
            if place == names.len() {
                names.push((name, Vec::new()));
            }
            names[place].1.push(value);
        }
        names
    }
}
