//! Which of the formats a request gets, by its parameter `format` or by what it accepts.

use crate::form::Form;

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`
    Json,
    /// `text/plain`
    Text,
    /// `text/html`
    Html,
    /// `text/csv`
    Csv,
}

/// In the order of our preference: JSON wins ties.
const OFFERED: [Format; 4] = [Format::Json, Format::Text, Format::Html, Format::Csv];

impl Format {
    /// What the parameter `format` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Text => "text",
            Format::Html => "html",
            Format::Csv => "csv",
        }
    }

    /// The `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Text => "text/plain; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
            Format::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Format::Json => ("application", "json"),
            Format::Text => ("text", "plain"),
            Format::Html => ("text", "html"),
            Format::Csv => ("text", "csv"),
        }
    }

    /// The parameter `format`; `Err` holds a value that names none.
    pub fn of_parameter(form: &Form) -> Result<Option<Format>, String> {
        match form.value("format") {
            None => Ok(None),
            Some("json") => Ok(Some(Format::Json)),
            Some("text") => Ok(Some(Format::Text)),
            Some("html") => Ok(Some(Format::Html)),
            Some("csv") => Ok(Some(Format::Csv)),
            Some(other) => Err(other.to_owned()),
        }
    }

    /// Content negotiation (RFC 9110, section 12.5.1). What none of the four satisfies gets
    /// JSON: a reply that can be read beats a 406.
    pub fn of_accept(accept: &[u8]) -> Format {
        let ranges: Vec<Range> = split(accept, b',').filter_map(Range::parse).collect();
        let mut best = (Format::Json, 0);
        for format in OFFERED {
            // The most specific range that matches decides on a format; the first of equals.
            let matching = ranges.iter().rev().filter(|range| range.matches(format));
            let quality = matching.max_by_key(|range| range.specificity()).map_or(0, |range| range.quality);
            if quality > best.1 {
                best = (format, quality);
            }
        }
        best.0
    }
}

/// One media range of an `Accept` field; case does not count in its names.
struct Range<'a> {
    main: &'a [u8],
    sub: &'a [u8],
    parameters: usize,
    /// Thousandths: the grammar has three decimals.
    quality: u16,
}

impl Range<'_> {
    /// `None` for what is no media range; it is ignored.
    fn parse(text: &[u8]) -> Option<Range<'_>> {
        let mut pieces = split(text, b';').map(<[u8]>::trim_ascii);
        let essence = pieces.next()?;
        let slash = essence.iter().position(|&byte| byte == b'/')?;
        let mut range = Range { main: &essence[..slash], sub: &essence[slash + 1..], parameters: 0, quality: 1000 };
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            match piece.strip_prefix(b"q=").or(piece.strip_prefix(b"Q=")) {
                Some(quality) => range.quality = thousandths(quality)?,
                // Our formats have no parameter but the charset they say they have.
                None if piece.eq_ignore_ascii_case(b"charset=utf-8") => range.parameters += 1,
                None => return None,
            }
        }
        Some(range)
    }

    fn matches(&self, format: Format) -> bool {
        let (main, sub) = format.media_type();
        let is = |part: &[u8], name: &str| part.eq_ignore_ascii_case(name.as_bytes());
        (is(self.main, "*") && is(self.sub, "*")) || (is(self.main, main) && (is(self.sub, "*") || is(self.sub, sub)))
    }

    fn specificity(&self) -> (bool, bool, usize) {
        (self.main != b"*", self.sub != b"*", self.parameters)
    }
}

/// A qvalue (RFC 9110, section 12.4.2): 0 to 1 with at most three decimals.
fn thousandths(text: &[u8]) -> Option<u16> {
    let (whole, decimals) = match text {
        [whole @ b'0'..=b'1'] => (whole, &[][..]),
        [whole @ b'0'..=b'1', b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let mut quality = u16::from(whole - b'0') * 1000;
    for (digit, weight) in decimals.iter().zip([100, 10, 1]) {
        quality += u16::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?) * weight;
    }
    (quality <= 1000).then_some(quality)
}

/// Splits at a separator that stands outside of quoted strings (RFC 9110, section 5.6.4).
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |&byte| {
        let here = byte == separator && !quoted;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        here
    })
}
