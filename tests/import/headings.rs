//! No column is guessed: whatever headings and cells a file has.

use product_lookup::catalogue::import::{Field, Options, import};
use proptest::prelude::*;
use tempfile::TempDir;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever the headings and cells are: each column that is taken has a heading that says what it is, or the
    /// file is refused.
    #[test]
    fn no_column_is_taken_that_no_heading_names(
        headings in proptest::collection::vec(heading(), 1..7),
        cells in proptest::collection::vec("[A-Z0-9]{1,3}|[0-9]{1,2}\\.[0-9]{2}", 6),
        separator in proptest::sample::select(vec![",", ";", "\t", "|"]),
    ) {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("file");
        let row = cells[..headings.len().min(6)].join(separator);
        std::fs::write(&file, format!("{}\n{row}\n", headings.join(separator))).expect("a file");
        let imported = import(&file, &folder.path().join("products.db"), &Options::default());
        if let Ok(imported) = imported {
            prop_assert_eq!(imported.taken.len(), 3);
            for (field, heading) in imported.taken {
                let said: &[&str] = match field {
                    Field::Id => &["id", "ID", "SKU", "Artikel-Nr.", "Handle", "EAN"],
                    Field::Name => &["name", "Name *", "Product name", "Titel"],
                    Field::Price => &["price", "Price (EUR)", "Regular price", "VK-Preis"],
                };
                prop_assert!(said.contains(&heading.as_str()), "{:?}: {}", field, heading);
            }
        }
    }
}

/// Headings that say what a column is, and others that nearly do.
fn heading() -> impl Strategy<Value = String> {
    let headings = [
        "id",
        "ID",
        "SKU",
        "Artikel-Nr.",
        "Handle",
        "EAN",
        "name",
        "Name *",
        "Product name",
        "Titel",
        "price",
        "Price (EUR)",
        "Regular price",
        "VK-Preis",
        "Cost price",
        "EK-Preis",
        "Sale price",
        "Price / International",
        "Description",
        "Stock",
        "Parent id",
        "SEO title",
        "Brand name",
        "Compare at price",
        "Price list",
        "",
    ];
    proptest::sample::select(headings.map(str::to_owned).to_vec())
}

#[test]
fn a_column_without_a_heading_is_none_that_is_known() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "name,,price\nMug,X1,5\n").expect("a file");
    let refused = import(&file, &folder.path().join("products.db"), &Options::default()).expect_err("it is refused");
    let message =
        "no heading says which column is the id; say so with --id HEADING; the headings are \"name\", \"\", \"price\"";
    assert_eq!(format!("{refused:#}"), format!("{}, line 1: {message}", file.display()));
}
