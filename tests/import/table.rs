//! The rules that the table holds, and tables that somebody has made by hand.

use std::fs;

use product_lookup::catalogue::Product;
use rusqlite::Connection;

use super::Shop;
use super::kept::found;

/// What `Product` refuses the table does, and what it takes, the table does.
#[test]
fn the_table_holds_the_rules_of_a_product() {
    let shop = Shop::with_two_products();
    let connection = Connection::open(shop.catalogue()).expect("the catalogue");
    let prices =
        ["12", "-0.5", "+5", ".5", "5.", "007", "0.0000000000000000000000000001", "9999999999999999999999999999"];
    let none = [
        "",
        ".",
        "-",
        "--1",
        "+-1",
        "1-",
        "1.2.3",
        "1,5",
        "1e3",
        "5 EUR",
        " 5",
        "5\0",
        "\u{661}",
        "10000000000000000000000000000",
        "0.00000000000000000000000000001",
        "1_000",
        "0x1",
        "NaN",
    ];
    let texts = ["a", "a b", "a\u{a0}b", "\u{1f37a}", "'", "\u{301}"];
    let no_texts =
        ["", " a", "a ", "\ta", "a\u{a0}", "\u{3000}a", "a\u{200b}", "\u{feff}a", "a\u{ad}", "a\0b", "a\u{85}"];
    let update = |column: &str, value: &str| {
        connection
            .execute(&format!("UPDATE product SET {column} = ?1 WHERE id = 'A002'"), [value])
            .map_err(|error| error.to_string())
    };
    for price in prices {
        assert_eq!(update("price", price), Ok(1), "{price}");
        assert!(Product::new("A", "A", price).is_ok(), "{price}");
    }
    for price in none {
        let said = "CHECK constraint failed: the price is a decimal number of at most 28 digits";
        assert_eq!(update("price", price), Err(said.to_owned()), "{price}");
        assert!(price == " 5" || Product::new("A", "A", price).is_err(), "{price}");
    }
    for text in texts {
        assert_eq!(update("name", text), Ok(1), "{text}");
        assert_eq!(Product::new(text, text, "1").expect("a product").name, text);
    }
    for text in no_texts {
        let said = "CHECK constraint failed: the name is text, not empty, without blanks around it";
        assert_eq!(update("name", text), Err(said.to_owned()), "{text}");
        assert!(Product::new(text, "A", "1").map_or(true, |product| product.id != text), "{text}");
    }
    let blob = connection.execute("UPDATE product SET id = x'41' WHERE id = 'A002'", []);
    assert!(blob.is_err());
}

/// Numbers for prices, no index, and a column that is called as one of the first version's was.
#[test]
fn a_table_made_by_hand_is_a_catalogue() {
    let shop = Shop::new();
    let sql = "CREATE TABLE product (rowid TEXT, position TEXT, price NUMERIC, name TEXT, id TEXT);
        INSERT INTO product VALUES ('r', 'left', 2.5, 'Ärger', '1'), ('', '', 'dear', 'Lamp', '2'), ('', NULL, 12, 'Clock', '3');";
    let connection = Connection::open(shop.catalogue()).expect("a database");
    connection.execute_batch(sql).expect("a table");
    drop(connection);
    let catalogue = shop.store.open();
    assert_eq!(
        catalogue.by_id("1").expect("an answer").expect("a product").further,
        [("rowid", "r"), ("position", "left")].map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    for name in ["\u{e4}rger", "\u{c4}RGER"] {
        assert_eq!(catalogue.by_name(name).expect("an answer").expect("a product").id, "1");
    }
    assert_eq!(found(&shop, ""), ["1", "3"]);
    // All products are looked at.
    assert_eq!(found(&shop, "clo"), ["3"]);
    catalogue.index().expect("it is made");
    assert_eq!(found(&shop, "clo"), ["3"]);
    assert_eq!(fs::read_dir(shop.folder.path()).expect("a folder").count(), 1);
}
