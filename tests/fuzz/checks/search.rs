//! Searches: an input is `q`, `limit` and `after`, a line each and any bytes, and the pages must be the pieces of
//! one list, in which nothing comes twice and nothing is missing.

use product_lookup::catalogue::budget;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::site::{CALLS, Params, SITE, Site};

/// A page of products: their ids, and what `after` must be for the next.
type Page = (Vec<String>, Option<String>);

/// `None` for a 400.
fn page(site: &Site, fields: &[(&str, &str)]) -> Option<Page> {
    let query = Serializer::new(String::new()).extend_pairs(fields).finish();
    let params: Params = vec![(b"QUERY_STRING".to_vec(), query.into_bytes())];
    let answer = site.ask(&params, b"");
    assert!(budget::calls() <= CALLS, "{} calls for {fields:?}", budget::calls());
    if answer.status == 400 {
        return None;
    }
    assert_eq!(answer.status, 200);
    let value: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let products = value["products"].as_array().expect("an array").iter().map(|product| text(&product["id"]));
    Some((products.collect(), value["next"].as_str().map(str::to_owned)))
}

pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.splitn(3, '\n');
    let [question, limit, after] = [(); 3].map(|()| lines.next().unwrap_or_default());
    SITE.with(|site| {
        let asked = page(site, &[("q", question), ("limit", limit), ("after", after)]);
        let Some(most) = number(limit.trim()) else {
            assert!(asked.is_none(), "the limit {limit:?}");
            return;
        };
        if let Some((ids, next)) = &asked {
            assert!(ids.len() <= most && (ids.len() == most || next.is_none()), "{ids:?} {next:?}");
        }
        let (all, rest) = page(site, &[("q", question), ("limit", "100")]).expect("a page");
        assert_eq!(rest, None, "all of them fit one page");
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len(), "each product comes once: {all:?}");
        assert!(!question.trim().is_empty() || all.len() == site.ids.len(), "{all:?}");
        let start = question.trim().to_ascii_lowercase();
        let started: Vec<&String> = site.ids.iter().filter(|id| id.to_ascii_lowercase().starts_with(&start)).collect();
        assert_eq!(all.iter().take(started.len()).collect::<Vec<_>>(), started, "ids that start so come first, by id");
        if after.trim().is_empty() {
            walk(site, question, most, &all);
        }
    });
}

/// What `limit` says: a number from 1 to 100, which JSON may write with a point and an exponent.
fn number(limit: &str) -> Option<usize> {
    if limit.is_empty() {
        return Some(20);
    }
    let (mantissa, exponent) = limit.split_once(['e', 'E']).unwrap_or((limit, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if [whole, decimals].iter().any(|part| part.is_empty() || part.contains(|c: char| !c.is_ascii_digit())) {
        return None;
    }
    let exponent: i64 = exponent.parse().ok()?;
    // Digit by digit, as long as there may be some of the whole number.
    let mut digits = whole.chars().chain(decimals.chars());
    let places = whole.len() as i64 + exponent;
    let mut number = 0_usize;
    for _ in 0..places.clamp(0, 1 << 20) {
        let digit = digits.next().unwrap_or('0').to_digit(10).expect("a digit");
        number = number.saturating_mul(10).saturating_add(digit as usize);
    }
    let rest = digits.all(|digit| digit == '0');
    let integer = exponent >= decimals.trim_end_matches('0').len() as i64;
    (integer && rest && (1..=100).contains(&number)).then_some(number)
}

/// Page by page, the list must be the same.
fn walk(site: &Site, question: &str, most: usize, all: &[String]) {
    let most = most.to_string();
    let (mut walked, mut after) = (Vec::new(), String::new());
    loop {
        let fields = [("q", question), ("limit", &most), ("after", &after)];
        let (ids, next) = page(site, &fields).expect("`next` is taken as `after`");
        assert!(!ids.is_empty() || all.is_empty(), "a next page has something on it");
        walked.extend(ids);
        match next {
            Some(next) => after = next,
            None => break,
        }
        assert!(walked.len() < all.len(), "the pages come to an end: {walked:?}");
    }
    assert_eq!(walked, all);
}
