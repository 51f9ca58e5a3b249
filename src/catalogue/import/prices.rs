//! How people write prices. A price is digits, perhaps a sign and a point; what a file writes otherwise is read where
//! that is said, or cannot be misread, and refused else.

use anyhow::{Result, bail, ensure};

use super::Decimal;
use super::table::{Cell, Kind, Place};
use crate::catalogue::product::{Price, trim};
use crate::settings::limits;

/// Codes of the currencies that are in use (ISO 4217).
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD \
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL \
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD \
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD \
    UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";

/// Signs of currencies, the one code that some of them stand for, or themselves.
const SIGNS: [(&str, &str); 25] = [
    ("€", "EUR"),
    ("Euro", "EUR"),
    ("£", "GBP"),
    ("$", "$"),
    ("US$", "USD"),
    ("¥", "¥"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("₫", "VND"),
    ("₴", "UAH"),
    ("₪", "ILS"),
    ("₱", "PHP"),
    ("₦", "NGN"),
    ("฿", "THB"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("лв", "BGN"),
    ("R$", "BRL"),
    ("kr", "kr"),
    ("kr.", "kr"),
    ("Fr.", "Fr."),
    ("SFr.", "CHF"),
];

/// The currency that a text names, and nothing else.
pub(super) fn currency(text: &str) -> Option<&'static str> {
    let text = trim(text);
    // As most prices have it, and a million of them are looked at.
    if text.is_empty() {
        return None;
    }
    let sign = SIGNS.iter().find(|(sign, _)| sign.to_lowercase() == text.to_lowercase());
    sign.map(|&(_, currency)| currency).or_else(|| CODES.split_ascii_whitespace().find(|&code| code == text))
}

/// Is this text a price as it is written without any option?
pub(super) fn is_price(text: &str) -> bool {
    plain(split(trim(text)).1, None).is_some_and(|plain| plain.parse::<Price>().is_ok())
}

/// How the prices of a file are written, as far as it is known.
#[derive(Debug)]
pub(super) struct Notation {
    decimal: Option<Decimal>,
    /// The currency that the first price has, which all must have, or none.
    shared: Option<Option<&'static str>>,
    /// In the heading of the column.
    heading: Option<&'static str>,
    /// The first price that would be another number where points set thousands apart.
    ambiguous: Option<Place>,
    /// Is it known that points set decimals apart?
    has_decimal_point: bool,
    /// The first price that can only be read with an option.
    other: Option<Place>,
}

impl Notation {
    pub(super) fn new(decimal: Option<Decimal>) -> Notation {
        Notation { decimal, shared: None, heading: None, ambiguous: None, has_decimal_point: false, other: None }
    }

    /// The price's heading may name a currency, and is `price` where an export has written the file.
    pub(super) fn head(&mut self, heading: Option<&str>, currency: Option<&'static str>) {
        self.heading = currency;
        self.has_decimal_point = heading == Some("price");
    }

    /// The currency that was taken off all prices.
    pub(super) fn taken_off(&self) -> Option<&'static str> {
        self.shared.flatten()
    }

    /// Can a price only be read with an option?
    pub(super) fn has_other(&self) -> bool {
        self.other.is_some()
    }

    /// Where the file may be written otherwise than it was read: a price has a comma, which a bad line that is left out
    /// could hide, or none shows what a point is.
    pub(super) fn ensure_one(&self) -> Result<()> {
        let Some(ambiguous) = self.ambiguous else { return Ok(()) };
        if let Some(other) = self.other {
            bail!(
                "the price at {other} is written with a comma, so the point at {ambiguous} may stand for thousands; \
                 say which with --decimal comma or --decimal point"
            );
        }
        ensure!(
            self.has_decimal_point,
            "the point in the price at {ambiguous} may stand for thousands or be a decimal point; say which with \
             --decimal comma or --decimal point"
        );
        Ok(())
    }

    /// The price in a cell.
    pub(super) fn read(&mut self, cell: Cell, place: Place) -> Result<Price> {
        let text = trim(cell.text);
        let shown = || text.chars().take(limits::QUOTED_CHARS).collect::<String>();
        if text.is_empty() {
            match place {
                Place::Row(_) => {
                    bail!("the price is empty, or a formula not yet calculated; open the file and save it")
                }
                _ => bail!("the price is empty"),
            }
        }
        let (decimal, (currency, number)) = match cell.kind {
            Kind::Text | Kind::Quoted => (self.decimal, split(text)),
            Kind::Number | Kind::Cut => return written_out(text)?.parse(),
            Kind::Date => bail!("the price {:?} is a date", shown()),
            Kind::Other => bail!("the price is neither a string nor a number"),
        };
        let Some(plain) = plain(number, decimal) else {
            let is_read = |decimal| plain(number, Some(decimal)).is_some();
            if decimal.is_none() && (is_read(Decimal::Comma) || is_read(Decimal::Point)) {
                self.other.get_or_insert(place);
                bail!(
                    "the price {:?} is not a decimal number; say how the file writes them: --decimal comma for \
                     1.299,00 or --decimal point for 1,299.00",
                    shown()
                );
            }
            bail!(
                "the price {:?} is not a decimal number (write 30 or {})",
                shown(),
                match decimal {
                    Some(Decimal::Comma) => "30,00, as --decimal comma has it",
                    Some(Decimal::Point) => "30.00, as --decimal point has it",
                    None => "30.00",
                }
            );
        };
        let price = plain.parse()?;
        let shared = *self.shared.get_or_insert(currency);
        if shared != currency {
            let named = |currency: Option<&'static str>| currency.unwrap_or("no currency");
            bail!(
                "the price {:?} has {}, and the first has {}; write one currency at all prices, or none",
                shown(),
                named(currency),
                named(shared)
            );
        }
        if let (Some(heading), Some(currency)) = (self.heading, currency) {
            ensure!(heading == currency, "the price {:?} is in {currency}, and its heading says {heading}", shown());
        }
        if decimal.is_none() && are_thousands(number, '.') {
            self.ambiguous.get_or_insert(place);
        } else if number.contains('.') {
            self.has_decimal_point = true;
        }
        Ok(price)
    }
}

/// The currency before or behind a number, and the number with its sign.
fn split(text: &str) -> (Option<&'static str>, &str) {
    let begins = |character: char| character.is_ascii_digit() || matches!(character, '-' | '+');
    let is_digit = |character: char| character.is_ascii_digit();
    let (Some(first), Some(last)) = (text.find(begins), text.rfind(is_digit)) else { return (None, text) };
    let (before, behind) = (&text[..first], &text[last + 1..]);
    match (currency(before), currency(behind)) {
        (Some(currency), None) if behind.is_empty() => (Some(currency), &text[first..]),
        (None, Some(currency)) if before.is_empty() => (Some(currency), &text[..=last]),
        _ => (None, text),
    }
}

/// A number as digits, perhaps a sign and a point; `None` where it is none.
fn plain(number: &str, decimal: Option<Decimal>) -> Option<String> {
    let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
    let sign = &number[..number.len() - unsigned.len()];
    let (point, thousands): (char, &[char]) = match decimal {
        None => ('.', &[]),
        Some(Decimal::Point) => ('.', &[',', ' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '\u{2019}']),
        Some(Decimal::Comma) => (',', &['.', ' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '\u{2019}']),
    };
    let (whole, fraction) = unsigned.split_once(point).unwrap_or((unsigned, ""));
    let whole = match thousands.iter().find(|&&apart| whole.contains(apart)) {
        Some(&apart) if are_thousands(whole, apart) => whole.replace(apart, ""),
        _ => whole.to_owned(),
    };
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(&whole) || !are_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = if unsigned.contains(point) { "." } else { "" };
    Some(format!("{sign}{whole}{end}{fraction}"))
}

/// Are these digits in groups of three, after a first of one to three that is not 0?
fn are_thousands(number: &str, apart: char) -> bool {
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = number.trim_start_matches(['-', '+']).split(apart);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    matches!(first.len(), 1..=3)
        && digits(first)
        && !first.starts_with('0')
        && !rest.is_empty()
        && rest.iter().all(|group| group.len() == 3 && digits(group))
}

/// A number of JSON's without its exponent: `1.2e1` is 12.
pub(super) fn written_out(number: &str) -> Result<String> {
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else { return Ok(number.to_owned()) };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let sign = &mantissa[..mantissa.len() - unsigned.len()];
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let exponent: i64 = exponent.parse().unwrap_or(i64::MAX);
    let point = exponent.saturating_add(whole.len() as i64);
    // More zeros than a price may have digits.
    ensure!(point.abs() < 64, "the price {:?} has more than 28 digits", number.chars().take(100).collect::<String>());
    let point = point as isize;
    Ok(match (usize::try_from(point), digits.len()) {
        (Ok(point), length) if point >= length => format!("{sign}{digits}{}", "0".repeat(point - length)),
        (Ok(point), _) if point > 0 => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
        _ => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs())),
    })
}
