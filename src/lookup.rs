//! What was meant by the names and values that were sent: the one question that is put to the catalogue.

use crate::catalogue::{After, Search};
use crate::form::Form;
use crate::settings::limits;

/// A question to the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The product with this id.
    Id(String),
    /// The products with these ids.
    Ids(Vec<String>),
    /// The product so called, ignoring case.
    Name(String),
    /// The products that match.
    Search(Search),
}

/// What is wrong with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// Nothing was asked.
    Nothing,
    /// More ids than are looked up at once.
    Ids,
    /// A column that the catalogue has not.
    Field(String),
    /// `limit` is not one that is allowed.
    Limit(String),
    /// `after` is none that a reply gave as `next`.
    After,
}

impl Lookup {
    /// The question that was asked: `id` wins over `ids`, `ids` over `name`, `name` over `q`, and what was asked by
    /// a parameter over an id in the path. A `limit` and an `after` have to be right, used or not.
    pub fn of(form: &Form, path: &str) -> Result<Lookup, LookupError> {
        let search = search(form)?;
        if let Some(id) = form.value("id") {
            return Ok(Lookup::Id(id.to_owned()));
        }
        let ids = list(form, ["ids", "ids[]"]);
        if ids.len() > limits::IDS {
            return Err(LookupError::Ids);
        }
        if !ids.is_empty() {
            return Ok(Lookup::Ids(ids));
        }
        if let Some(name) = form.value("name") {
            return Ok(Lookup::Name(name.to_owned()));
        }
        // A blank `q` is a question too: for all products.
        if form.values("q").next().is_some() {
            return Ok(Lookup::Search(search));
        }
        // A blank id in the path is one too, though of no product.
        match path.trim_start_matches('/') {
            "" => Err(LookupError::Nothing),
            id => Ok(Lookup::Id(id.trim().to_owned())),
        }
    }
}

/// The columns that a form asks for, by their names; none: the usual ones.
pub fn fields(form: &Form) -> Vec<String> {
    list(form, ["fields", "fields[]"])
}

/// All values that are not blank.
fn list<'a>(form: &'a Form, names: [&'a str; 2]) -> Vec<String> {
    let values = names.into_iter().flat_map(|name| form.values(name));
    values.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// The search, one page of it, that a form asks for.
fn search(form: &Form) -> Result<Search, LookupError> {
    let limit = match form.value("limit") {
        None => limits::PAGE_DEFAULT,
        Some(text) => limit(text).ok_or_else(|| LookupError::Limit(text.to_owned()))?,
    };
    // As it was given: an id or a name may end with white space, where a person has edited it.
    let after = form.values("after").find(|token| !token.trim().is_empty());
    let after = after.map(|token| After::of(token).ok_or(LookupError::After));
    Ok(Search { limit, after: after.transpose()?, question: question(form) })
}

/// What a form searches for: as much of it as counts.
pub fn question(form: &Form) -> String {
    let text = form.value("q").unwrap_or_default();
    let text = &text[..text.floor_char_boundary(limits::QUESTION_BYTES)];
    // No product has a NUL, and SQLite ends texts at one where case does not count.
    text.replace('\0', " ").trim().to_owned()
}

/// A number of products on a page. As a number of JSON, 20.0 and 2e1 are integers too.
fn limit(text: &str) -> Option<usize> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let written = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !written(whole) || !written(decimals) {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    let zeros = exponent.parse::<i64>().ok()?.checked_sub(decimals.len() as i64)?;
    let power = 10_usize.checked_pow(u32::try_from(zeros).ok()?)?;
    let limit = format!("{whole}{decimals}").parse::<usize>().ok()?.checked_mul(power)?;
    (1..=limits::PAGE_MOST).contains(&limit).then_some(limit)
}
