//! Which column of a file is what, by its heading. None is guessed by its position: where no heading is known, or
//! more than one is, the file is refused, and the message says how to say which.

use anyhow::{Result, bail, ensure};

use super::prices::{currency, is_price};
use super::{Column, Options};

/// Columns of a file, at most; shops' have 60, and large market places' 400.
const COLUMNS: usize = 1000;

/// Characters of a heading, at most.
const HEADING_CHARS: usize = 200;

/// Bytes of headings that a message repeats, at most, and characters of each.
const SHOWN: usize = 2000;
const SHOWN_CHARS: usize = 50;

/// What a product must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What it is asked for by.
    Id,
    /// What it is called.
    Name,
    /// What it costs.
    Price,
}

impl Field {
    /// As a heading and a message name it.
    pub fn name(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Name => "name",
            Field::Price => "price",
        }
    }

    fn asked(self, options: &Options) -> Option<&Column> {
        match self {
            Field::Id => options.columns.id.as_ref(),
            Field::Name => options.columns.name.as_ref(),
            Field::Price => options.columns.price.as_ref(),
        }
    }
}

/// Known headings of a field. Capitals, blanks and `_ - . *` in them do not count, nor does a currency at the end of a
/// price's.
pub struct Known {
    /// Of which field.
    pub field: Field,
    /// In English, separated by commas.
    pub english: &'static str,
    /// In German.
    pub german: &'static str,
}

/// The known headings, a language a column. Those of an earlier row count before a field's later ones; two columns
/// that one row knows compete. What a thing costs the shop, or costs now and then, is no price.
pub const KNOWN: [Known; 4] = [
    Known {
        field: Field::Id,
        english: "sku, variant sku, product sku, item sku, seller sku, article number, article no, article id, \
            item number, item no, item id, part number, part no, product number, product no, product id, product code, \
            item code, article code, stock code",
        german: "Artikelnummer, Artikelnr, Artikel-Nr., Art.-Nr., Artikel-ID, Artikelcode, Produktnummer, Produktnr, \
            Produkt-Nr., Produkt-ID, Bestellnummer, Bestellnr, Bestell-Nr., Materialnummer, Teilenummer",
    },
    Known { field: Field::Id, english: "handle, ean, ean13, gtin, barcode", german: "" },
    Known {
        field: Field::Name,
        english: "name, title, product name, product title, item name, item title, article name",
        german: "Bezeichnung, Artikelbezeichnung, Artikelname, Produktname, Produktbezeichnung, Titel, Produkttitel",
    },
    Known {
        field: Field::Price,
        english: "price, regular price, variant price, sales price, selling price, retail price, list price, \
            unit price, product price, item price, gross price, net price, price gross, price net, price incl tax, \
            price excl tax, price including tax, price excluding tax, price tax included, price tax excluded",
        german: "Preis, VK, VK-Preis, Verkaufspreis, Listenpreis, Einzelpreis, Stückpreis, Artikelpreis, Bruttopreis, \
            Nettopreis, Preis brutto, Preis netto, VK brutto, VK netto, Brutto-VK, Netto-VK, VK-Preis brutto, \
            VK-Preis netto",
    },
];

/// Which column is what, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) headings: Vec<String>,
    pub(super) id: usize,
    /// `None` only where products are updated.
    pub(super) name: Option<usize>,
    pub(super) price: Option<usize>,
    /// The currency in the price's heading.
    pub(super) currency: Option<&'static str>,
    /// Shopify's: products of one handle share a title.
    pub(super) handle: Option<usize>,
    pub(super) kept: Vec<usize>,
    /// Other columns, whose headings would say that they are the id, the name or the price.
    pub(super) left_out: Vec<usize>,
}

/// What was taken for what, the headings that are kept, and those that are not.
type Told = (Vec<(Field, String)>, Vec<String>, Vec<String>);

impl Columns {
    /// For who imports.
    pub(super) fn told(self) -> Told {
        let headings = |columns: &[usize]| columns.iter().map(|&column| on_one_line(&self.headings[column])).collect();
        let taken = [(Field::Id, Some(self.id)), (Field::Name, self.name), (Field::Price, self.price)];
        let taken = taken.into_iter().filter_map(|(field, column)| Some((field, on_one_line(&self.headings[column?]))));
        (taken.collect(), headings(&self.kept), headings(&self.left_out))
    }
}

/// May a file have so many columns?
pub(super) fn ensure_columns(columns: usize) -> Result<()> {
    ensure!(columns <= COLUMNS, "it has {columns} columns, and {COLUMNS} are the most");
    Ok(())
}

/// Finds the columns; `where_else` says what may be wrong where no heading is known.
pub(super) fn find(headings: Vec<String>, options: &Options, where_else: &str) -> Result<Columns> {
    ensure_columns(headings.len())?;
    if let Some(long) = headings.iter().find(|heading| heading.chars().count() > HEADING_CHARS) {
        let begin: String = long.chars().take(SHOWN_CHARS).collect();
        bail!("the heading that begins with {begin:?} is longer than {HEADING_CHARS} characters");
    }
    let [id, name, price] = [Field::Id, Field::Name, Field::Price].map(|field| column(field, &headings, options));
    let (id, name, price) = (id?, name?, price?);
    let needed: &[Field] = if options.update { &[Field::Id] } else { &[Field::Id, Field::Name, Field::Price] };
    let missing = needed.iter().zip([id, name, price]).filter(|(_, column)| column.is_none());
    let missing: Vec<&str> = missing.map(|(field, _)| field.name()).collect();
    let Some(id) = id.filter(|_| missing.is_empty()) else {
        let hint = match (id, name, price) {
            (None, None, None) => where_else,
            (None, ..) => "",
            _ => ", or --update, if the file only changes products that are there",
        };
        bail!(unknown(&missing, &headings, hint))
    };
    // A file without a header would lose its first product.
    if let Some(heading) = price.map(|price| &headings[price]).filter(|heading| is_price(heading)) {
        bail!("a header row is needed, like id,name,price, and this one has a price, {heading:?}");
    }
    let handle = headings.iter().position(|heading| heading.eq_ignore_ascii_case("handle"));
    let currency = price.and_then(|price| split_currency(&headings[price]).1);
    let taken = [Some(id), name, price];
    let (kept, left_out) = kept(&headings, taken, options)?;
    ensure!(
        taken[1..] != [None, None] || !kept.is_empty(),
        "it has no column but the id, so there is nothing to update"
    );
    Ok(Columns { headings, id, name, price, currency, handle, kept, left_out })
}

/// The column of a field: as it is asked for, or as a heading says it.
fn column(field: Field, headings: &[String], options: &Options) -> Result<Option<usize>> {
    if let Some(asked) = field.asked(options) {
        return asked_for(asked, headings).map(Some).map_err(|error| error.context(format!("the {}", field.name())));
    }
    let exactly = find_one(field, headings, |heading| heading.eq_ignore_ascii_case(field.name()))?;
    if exactly.is_some() {
        return Ok(exactly);
    }
    for known in KNOWN.iter().filter(|known| known.field == field) {
        if let Some(column) = find_one(field, headings, |heading| knows(known, heading))? {
            return Ok(Some(column));
        }
    }
    Ok(None)
}

fn find_one(field: Field, headings: &[String], is: impl Fn(&str) -> bool) -> Result<Option<usize>> {
    let columns: Vec<usize> = (0..headings.len()).filter(|&column| is(&headings[column])).collect();
    match columns[..] {
        [] => Ok(None),
        [column] => Ok(Some(column)),
        [one, other, ..] => {
            let name = field.name();
            let [one, other] = [one, other].map(|column| on_one_line(&headings[column]));
            let shown = shown(headings);
            ensure!(one != other, "two columns are headed {one:?}; say which with --{name} and its number; {shown}");
            bail!(
                "both {one:?} and {other:?} could be the {name}; say which with --{name} {one:?} or --{name} {other:?}; \
                 {shown}"
            )
        }
    }
}

fn knows(known: &Known, heading: &str) -> bool {
    let heading = match known.field {
        Field::Price => split_currency(heading).0,
        _ => folded(heading),
    };
    // A row may have no words in a language.
    let words = [known.english, known.german].into_iter().filter(|words| !words.is_empty());
    words.flat_map(|words| words.split(',')).any(|word| folded(word) == heading)
}

/// A heading as it is compared.
fn folded(heading: &str) -> String {
    let counts = |character: &char| !character.is_whitespace() && !matches!(character, '_' | '-' | '.' | '*');
    heading.chars().filter(counts).flat_map(char::to_lowercase).collect()
}

/// A price's heading as it is compared, and the currency that stands behind it: `Price (EUR)`, `price_usd`, `Preis in €`.
fn split_currency(heading: &str) -> (String, Option<&'static str>) {
    let apart = |character: char| character.is_whitespace() || matches!(character, '_' | '-' | '(' | '[');
    let end = heading.trim_end().trim_end_matches([')', ']']);
    if let Some((before, behind)) = end.rsplit_once(apart)
        && let Some(currency) = currency(&behind.to_uppercase())
    {
        let before = before.trim_end_matches(apart);
        let before = before.strip_suffix(" in").unwrap_or(before);
        return (folded(before), Some(currency));
    }
    (folded(heading), None)
}

/// By its heading, or else by its number.
fn asked_for(asked: &Column, headings: &[String]) -> Result<usize> {
    let number = match asked {
        Column::Number(number) => *number,
        Column::Heading(asked) => {
            let same = |heading: &String| heading == asked;
            let alike = |heading: &String| folded(heading) == folded(asked);
            let count = |is: &dyn Fn(&String) -> bool| headings.iter().filter(|heading| is(heading)).count();
            let is: &dyn Fn(&String) -> bool = if count(&same) > 0 { &same } else { &alike };
            ensure!(count(is) <= 1, "more than one column is headed {asked:?}; say its number; {}", shown(headings));
            match (headings.iter().position(is), asked.parse()) {
                (Some(column), _) => return Ok(column),
                (None, Ok(number)) => number,
                (None, Err(_)) => bail!("no column is headed {asked:?}; {}", shown(headings)),
            }
        }
    };
    ensure!(number > 0, "there is no column 0; the first is 1");
    ensure!(number <= headings.len(), "there is no column {number}; {}", shown(headings));
    Ok(number - 1)
}

/// The further columns that are kept, and those that cannot be.
fn kept(headings: &[String], taken: [Option<usize>; 3], options: &Options) -> Result<(Vec<usize>, Vec<usize>)> {
    let further: Vec<usize> = (0..headings.len()).filter(|&column| !taken.contains(&Some(column))).collect();
    let is_own = |column: &usize| ["id", "name", "price"].iter().any(|own| headings[*column].eq_ignore_ascii_case(own));
    let (own, mut kept): (Vec<usize>, Vec<usize>) = further.into_iter().partition(is_own);
    if let Some(only) = &options.only {
        let asked = only.iter().map(|heading| {
            let column = asked_for(&Column::Heading(heading.clone()), headings)?;
            ensure!(kept.contains(&column), "the column {heading:?} is the id, the name or the price, or headed so");
            Ok(column)
        });
        kept = asked.collect::<Result<_>>().map_err(|error| error.context("--only"))?;
    }
    for (place, &column) in kept.iter().enumerate() {
        let heading = &headings[column];
        let how = "rename it, or say which columns to keep, for example --only stock,ean (or --only '' for none)";
        ensure!(!heading.is_empty(), "column {} has no heading; {how}", column + 1);
        let again = kept[..place].iter().any(|&before| headings[before].eq_ignore_ascii_case(heading));
        ensure!(!again, "two columns are headed {heading:?}; {how}");
    }
    Ok((kept, own))
}

fn unknown(missing: &[&str], headings: &[String], hint: &str) -> String {
    let shown = shown(headings);
    if missing.contains(&Field::Id.name()) && headings.iter().any(|heading| is_price(heading)) {
        return format!("a header row is needed, like id,name,price; {shown}");
    }
    let options: Vec<String> = missing.iter().map(|name| format!("--{name} HEADING")).collect();
    let (fields, options) = (missing.join(", the "), options.join(" "));
    format!("no heading says which column is the {fields}; say so with {options}{hint}; {shown}")
}

/// A heading as people are shown it: it may have line ends.
pub(super) fn on_one_line(heading: &str) -> String {
    heading.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The headings, for a message.
fn shown(headings: &[String]) -> String {
    if headings.is_empty() {
        return "there are no headings".to_owned();
    }
    let mut left = SHOWN;
    let cut = |heading: &String| on_one_line(heading).chars().take(SHOWN_CHARS).collect::<String>();
    let quoted = headings.iter().map(|heading| format!("{:?}", cut(heading)));
    let mut shown: Vec<String> = quoted
        .take_while(|heading| {
            left = left.saturating_sub(heading.len());
            left > 0
        })
        .collect();
    if headings.len() > shown.len() {
        shown.push(format!("and {} more", headings.len() - shown.len()));
    }
    format!("the headings are {}", shown.join(", "))
}
