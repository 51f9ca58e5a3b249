//! What a JSON file may look like, and what it becomes.

use super::{Shop, row};

#[test]
pub(super) fn an_array_of_objects() {
    let shop = Shop::with_two_products();
    let file = r#"[{"id":"A002","name":"Field Glasses","price":39.50}, {"price":"7","name":"Lamp","id":"A003"}]"#;
    assert_eq!(shop.import("prices.json", file), Ok(2));
    let expected = [row("A001", "Clock", "12"), row("A002", "Field Glasses", "39.50"), row("A003", "Lamp", "7")];
    assert_eq!(shop.rows(), expected);
    assert_eq!(shop.replace("all.JSON", "\u{feff}\n[\n]\n"), Ok(0));
    assert_eq!(shop.rows(), []);
}

#[test]
pub(super) fn numbers_keep_their_digits() {
    let shop = Shop::new();
    let file = r#"[{"id":4711,"name":1984,"price":0.10},{"id":"B","name":"b","price":12345678901234567890.12345678}]"#;
    assert_eq!(shop.import("prices.json", file), Ok(2));
    assert_eq!(shop.rows(), [row("4711", "1984", "0.10"), row("B", "b", "12345678901234567890.12345678")]);
}

#[test]
pub(super) fn other_members_and_outer_space_do_not_matter() {
    let shop = Shop::new();
    let file = r#"[{"id":" A001\t","name":"\u00a0Clock\n","price":" 12 ","stock":{"here":[1,2]},"old":null}]"#;
    assert_eq!(shop.import("prices.json", file), Ok(1));
    assert_eq!(shop.rows(), [row("A001", "Clock", "12")]);
}
