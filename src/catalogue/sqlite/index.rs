//! The program's own index beside the table `product`, by which it finds and orders products. All of it has names
//! with one prefix, so that all else in the file is the shop's.

use anyhow::{Result, bail};
use rusqlite::Connection;

/// Lookups that ignore case, and searches by name. A product's position is where its words are in the index of
/// words: below zero in the order of the ids, so that a search, which gets its matches by position, finds a page
/// deep in its list as fast as the first. The row of words at zero has none: what comes one by one gets its
/// position behind it, where nothing is in order.
const INDEX: &str = "
CREATE INDEX product_lookup_id ON product (id COLLATE NOCASE, id);
CREATE INDEX product_lookup_name ON product (name COLLATE NOCASE, id COLLATE NOCASE, id);
CREATE TABLE product_lookup_position (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE product_lookup_word
    USING fts5 (name, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2');
INSERT OR IGNORE INTO product_lookup_position
    SELECT row_number() OVER (ORDER BY id COLLATE NOCASE, id) - 1 - (SELECT count(*) FROM product), id
    FROM product WHERE id IS NOT NULL ORDER BY id COLLATE NOCASE, id;
INSERT INTO product_lookup_word (rowid, name)
    SELECT product_lookup_position.position, product.name FROM product_lookup_position CROSS JOIN product
    WHERE product.id = product_lookup_position.id ORDER BY product_lookup_position.position;
INSERT INTO product_lookup_word (rowid, name) VALUES (0, '');
";

/// The index of words follows every change, whoever makes it. They are short, since SQLite reads them in each
/// process anew. What `REPLACE` removes fires no trigger: its words go when their product comes.
const FOLLOW: &str = "
CREATE TRIGGER product_lookup_added AFTER INSERT ON product BEGIN
    DELETE FROM product_lookup_word
        WHERE rowid = (SELECT position FROM product_lookup_position WHERE id = NEW.id);
    DELETE FROM product_lookup_position WHERE id = NEW.id;
    INSERT INTO product_lookup_word (name) VALUES (NEW.name);
    INSERT INTO product_lookup_position VALUES (last_insert_rowid(), NEW.id);
END;
CREATE TRIGGER product_lookup_removed AFTER DELETE ON product BEGIN
    DELETE FROM product_lookup_word
        WHERE rowid = (SELECT position FROM product_lookup_position WHERE id = OLD.id);
    DELETE FROM product_lookup_position WHERE id = OLD.id;
END;
CREATE TRIGGER product_lookup_renamed AFTER UPDATE OF id, name ON product
WHEN OLD.id IS NOT NEW.id OR OLD.name IS NOT NEW.name BEGIN
    DELETE FROM product_lookup_word
        WHERE rowid IN (SELECT position FROM product_lookup_position WHERE id IN (OLD.id, NEW.id));
    DELETE FROM product_lookup_position WHERE id IN (OLD.id, NEW.id);
    INSERT INTO product_lookup_word (name) VALUES (NEW.name);
    INSERT INTO product_lookup_position VALUES (last_insert_rowid(), NEW.id);
END;
";

/// With more products than this part that came one by one since all were put in order, an import makes the index anew.
const ONE_ADDED_IN: i64 = 16;

/// The column that is not the shop's in a file of the first version.
pub(in crate::catalogue) const POSITION: &str = "position";

/// Of whom the index of words is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalogue) enum Index {
    /// As `create` makes it.
    Own,
    /// Of the first version, which had positions in a column of the table `product`.
    First,
    /// There is none: somebody has made the table by hand.
    Missing,
}

impl Index {
    /// The one in a file.
    pub(in crate::catalogue) fn of(connection: &Connection) -> Result<Index> {
        let names = "SELECT max(name = 'product_lookup_word'), max(name = 'product_word') FROM main.sqlite_schema";
        let found = connection.prepare_cached(names)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(match found {
            (Some(true), _) => Index::Own,
            (_, Some(true)) => Index::First,
            _ => Index::Missing,
        })
    }

    /// A query of the index of words, which is written for the own one, for this one.
    pub(super) fn query(self, query: &str) -> Result<String> {
        Ok(match self {
            Index::Own => query.to_owned(),
            Index::First => query
                .replace("JOIN product_lookup_position ON product_lookup_position.id = product.id", "")
                .replace("JOIN product ON product.id = product_lookup_position.id", "")
                .replace("product_lookup_position", "product")
                .replace("product_lookup_word", "product_word"),
            Index::Missing => bail!("the catalogue has no index of words; product-lookup index makes it"),
        })
    }
}

/// Are few products behind those in order? The index is there.
pub(super) fn is_ordered(connection: &Connection) -> Result<bool> {
    let ends = "SELECT (SELECT min(position) FROM product_lookup_position), (SELECT max(position) FROM product_lookup_position)";
    let (first, last): (Option<i64>, Option<i64>) =
        connection.query_row(ends, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(last.unwrap_or(0).saturating_mul(ONE_ADDED_IN) <= -first.unwrap_or(0))
}

/// Creates the index. After a large change that takes less time than to keep it up with every row.
pub(in crate::catalogue) fn create(connection: &Connection) -> Result<()> {
    Ok([INDEX, FOLLOW].iter().try_for_each(|step| connection.execute_batch(step))?)
}

/// Drops it, all of it or what is there.
pub(in crate::catalogue) fn drop(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(
        "DROP TRIGGER IF EXISTS product_lookup_added;
         DROP TRIGGER IF EXISTS product_lookup_removed;
         DROP TRIGGER IF EXISTS product_lookup_renamed;
         DROP INDEX IF EXISTS product_lookup_id;
         DROP INDEX IF EXISTS product_lookup_name;
         DROP TABLE IF EXISTS product_lookup_position;
         DROP TABLE IF EXISTS product_lookup_word;",
    )?)
}
