//! Content negotiation: whatever bytes an `Accept` field has, the format must be the one that RFC 9110
//! (section 12.5.1) gives, whichever way they are written.

use product_lookup::render::Format;

use super::request::with;
use super::site::{Params, SITE};

const FORMATS: [(Format, &str, &str); 4] = [
    (Format::Json, "application/*", "application/json"),
    (Format::Text, "text/*", "text/plain"),
    (Format::Html, "text/*", "text/html"),
    (Format::Csv, "text/*", "text/csv"),
];

pub fn check(accept: &[u8]) {
    let format = Format::of_accept(accept);
    assert_eq!(format, expected(accept));
    assert_eq!(Format::of_accept(&accept.to_ascii_uppercase()), format, "case is no matter");
    assert_eq!(Format::of_accept(&[b" ,, \t", accept].concat()), format, "nor are empty elements");
    let params: Params = vec![(b"QUERY_STRING".to_vec(), b"id=A001".to_vec())];
    let answer = SITE.with(|site| site.ask(&with(&params, "HTTP_ACCEPT", accept), b""));
    assert_eq!((answer.status, answer.field("Content-Type")), (200, Some(format.content_type())));
}

/// The format by the letter: each takes the quality of the most specific range that it is in, the
/// first of equals, and the highest quality wins, JSON before text before HTML before CSV.
fn expected(accept: &[u8]) -> Format {
    let text: String = accept.iter().map(|&byte| char::from(byte).to_ascii_lowercase()).collect();
    let ranges: Vec<(String, usize, u32)> = pieces(&text, ',').iter().filter_map(|range| read(range)).collect();
    let quality = |&(_, group, exact): &(Format, &str, &str)| {
        let of = |name: &str| {
            let same = ranges.iter().filter(|range| range.0 == name);
            same.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|range| range.2)
        };
        of(exact).or_else(|| of(group)).or_else(|| of("*/*")).unwrap_or(0)
    };
    let best = FORMATS.iter().map(quality).max().unwrap_or(0);
    FORMATS.iter().find(|format| best > 0 && quality(format) == best).map_or(Format::Json, |format| format.0)
}

/// A media range: what it is of, how many parameters it has, and its quality in thousandths; `None`
/// for what is none, or has parameters that our formats have not.
fn read(range: &str) -> Option<(String, usize, u32)> {
    let pieces = pieces(range, ';');
    let (name, rest) = pieces.split_first()?;
    let (mut parameters, mut quality) = (0, 1000);
    for parameter in rest.iter().filter(|parameter| !parameter.is_empty()) {
        match parameter.strip_prefix("q=") {
            Some(value) => {
                let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
                let digits = format!("{whole}{decimals:0<3}");
                let shaped = whole.len() == 1 && digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
                quality = digits.parse().ok().filter(|&quality| shaped && quality <= 1000)?;
            }
            None if parameter == "charset=utf-8" => parameters += 1,
            None => return None,
        }
    }
    Some((name.clone(), parameters, quality))
}

/// The pieces between separators that are in no quoted string, without white space around them.
fn pieces(text: &str, separator: char) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = text.chars();
    let mut quoted = false;
    while let Some(character) = rest.next() {
        let piece = pieces.last_mut().expect("a piece");
        if character == separator && !quoted {
            pieces.push(String::new());
            continue;
        }
        piece.push(character);
        if character == '\\' && quoted {
            piece.extend(rest.next());
        }
        quoted ^= character == '"';
    }
    let blank = |c: char| c.is_ascii_whitespace();
    pieces.iter().map(|piece| piece.trim_matches(blank).to_owned()).collect()
}
