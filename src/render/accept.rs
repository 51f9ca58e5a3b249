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

/// The formats in the order of our preference, since JSON wins ties; what the parameter `format` calls each, and its
/// `Content-Type`.
const FORMATS: [(Format, &str, &str); 4] = [
    (Format::Json, "json", "application/json"),
    (Format::Text, "text", "text/plain; charset=utf-8"),
    (Format::Html, "html", "text/html; charset=utf-8"),
    (Format::Csv, "csv", "text/csv; charset=utf-8; header=present"),
];

impl Format {
    fn row(self) -> (Format, &'static str, &'static str) {
        FORMATS.into_iter().find(|(format, ..)| *format == self).unwrap_or(FORMATS[0])
    }

    /// What the parameter `format` calls it.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The names of all of them, as a sentence lists them.
    pub fn names() -> String {
        let [first @ .., last] = FORMATS.map(|(_, name, _)| name);
        format!("{} or {last}", first.join(", "))
    }

    /// The `Content-Type`.
    pub fn content_type(self) -> &'static str {
        self.row().2
    }

    fn media_type(self) -> (&'static str, &'static str) {
        let essence = self.content_type().split(';').next().unwrap_or_default();
        essence.split_once('/').unwrap_or_default()
    }

    /// The parameter `format`; `Err` holds a value that names none.
    pub fn of_parameter(form: &Form) -> Result<Option<Format>, String> {
        let Some(value) = form.value("format") else { return Ok(None) };
        match FORMATS.into_iter().find(|(_, name, _)| *name == value) {
            Some((format, ..)) => Ok(Some(format)),
            None => Err(value.to_owned()),
        }
    }

    /// Content negotiation (RFC 9110, section 12.5.1). What none of them satisfies gets
    /// JSON: a reply that can be read beats a 406.
    pub fn of_accept(accept: &[u8]) -> Format {
        let ranges: Vec<Range> = split(accept, b',').filter_map(Range::parse).collect();
        let mut best = (Format::Json, 0);
        for (format, ..) in FORMATS {
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
            let equals = piece.iter().position(|&byte| byte == b'=')?;
            let (name, value) = (&piece[..equals], unquoted(&piece[equals + 1..]));
            match name.to_ascii_lowercase().as_slice() {
                b"q" => range.quality = thousandths(value)?,
                // Our formats have no parameter but the charset they say they have.
                b"charset" if value.eq_ignore_ascii_case(b"utf-8") => range.parameters += 1,
                _ => return None,
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

/// A parameter's value means the same in quotes (RFC 9110, section 5.6.6).
fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

/// A qvalue (RFC 9110, section 12.4.2): 0 to 1 with at most three decimals. Some clients leave the zero out.
fn thousandths(text: &[u8]) -> Option<u16> {
    let (whole, decimals) = match text {
        [b'.', decimals @ ..] if (1..=3).contains(&decimals.len()) => (&b'0', decimals),
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
