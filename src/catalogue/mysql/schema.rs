//! How products lie in a database server, and the keys by which they are found.
//!
//! All keys are bytes that the program makes itself, as is the index of words, so that neither collations nor full-text
//! indexes, of which each server has its own, decide what is found. A catalogue is a generation:
//! `import` writes a new one beside the one that is read, in transactions of bounded size, and the
//! update of one row makes it the one that is read. Every table has a primary key, and nothing
//! locks a table: Galera, MySQL, TiDB and Vitess ask for that.

use anyhow::{Context, Error, Result};
use mysql::Row;
use serde::de::DeserializeOwned;

use crate::catalogue::product::Product;

/// InnoDB's keys have 3,072 bytes at most, which is why ids have a length here.
pub(super) const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS product (
        generation BIGINT NOT NULL,
        id_key     VARBINARY(1001) NOT NULL,
        id         VARCHAR(500) NOT NULL,
        name       VARCHAR(3000) NOT NULL,
        price      VARCHAR(40) NOT NULL,
        further    MEDIUMTEXT,
        PRIMARY KEY (generation, id_key)
    ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS product_block (
        generation BIGINT NOT NULL,
        number     BIGINT NOT NULL,
        block_key  VARBINARY(2000),
        data       LONGBLOB NOT NULL,
        PRIMARY KEY (generation, number),
        KEY product_block_key (generation, block_key)
    ) ENGINE = InnoDB",
    "CREATE TABLE IF NOT EXISTS product_generation (
        one         TINYINT NOT NULL PRIMARY KEY,
        current     BIGINT NOT NULL,
        last_begun  BIGINT NOT NULL,
        further     MEDIUMTEXT CHARACTER SET utf8mb4
    ) ENGINE = InnoDB",
];

/// What tables of earlier versions have too few or too many: a table, a column, whether it is to be there, and what
/// mends that. The shop's own columns are in `further`: of a product pairs of name and value, of a generation the names,
/// both as JSON. Readers take what there is.
pub(super) const CHANGES: [(&str, &str, bool, &str); 4] = [
    ("product", "further", true, "ALTER TABLE product ADD COLUMN further MEDIUMTEXT CHARACTER SET utf8mb4"),
    (
        "product_generation",
        "further",
        true,
        "ALTER TABLE product_generation ADD COLUMN further MEDIUMTEXT CHARACTER SET utf8mb4",
    ),
    ("product", "words", false, "ALTER TABLE product DROP COLUMN words, DROP KEY product_name, DROP COLUMN name_key"),
    ("product_word", "word", false, "DROP TABLE product_word"),
];

/// Bytes of a product's further columns, at most.
pub(super) const FURTHER_BYTES: usize = 1 << 20;

/// Bytes of an id, at most.
pub(super) const ID_BYTES: usize = 500;

/// Bytes of a name, at most.
pub(super) const NAME_BYTES: usize = 3000;

/// Keys are in the order of the ids: case does not count, and then it does. No id has a NUL.
pub(super) fn id_key(id: &str) -> Vec<u8> {
    [id.to_ascii_lowercase().as_bytes(), b"\0", id.as_bytes()].concat()
}

/// Is it the error that there is no such table?
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(mysql::Error::MySqlError(error)) if error.code == 1146)
}

/// Is it the error that a statement took longer than it may, as MariaDB or as MySQL says it?
pub(super) fn is_timeout(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(mysql::Error::MySqlError(error)) if matches!(error.code, 1969 | 3024))
}

/// A product of a row of the table.
pub(super) fn product(mut row: Row) -> Result<Product> {
    let mut text = |column| Ok::<_, Error>(row.take_opt::<String, _>(column).context("a column is missing")??);
    let (id, name, price) = (text("id")?, text("name")?, text("price")?);
    Ok(Product::stored(&id, &name, &price, further(&mut row)?)?)
}

/// What a row has as JSON, where it has any.
pub(super) fn further<T: Default + DeserializeOwned>(row: &mut Row) -> Result<T> {
    match row.take_opt::<Option<String>, _>("further").transpose()?.flatten() {
        Some(json) => Ok(serde_json::from_str(&json)?),
        None => Ok(T::default()),
    }
}
