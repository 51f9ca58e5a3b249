//! The same with a catalogue in a MariaDB server, and what is its own.

use mysql::prelude::Queryable;

use super::{Row, command, csv, export, further, json, meanwhile, refused, shapes};
use crate::store::{Store, on_mariadb};

/// What is read, by the bytes of the ids.
pub(super) fn rows(store: &Store) -> Vec<Row> {
    ask(store, "SELECT id, name, price FROM product JOIN product_generation ON generation = current ORDER BY BINARY id")
}

fn ask<T: mysql::prelude::FromRow>(store: &Store, sql: &str) -> Vec<T> {
    let Store::Database(server, database) = store else { panic!("no database") };
    let mut connection = server.connect();
    connection.query_drop(format!("USE {database}")).expect("a database");
    connection.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

pub(super) fn bytes(store: &Store) -> Vec<u8> {
    let products: Vec<Row> = ask(store, "SELECT generation, id, CONCAT_WS(',', name, price) FROM product");
    let words: Vec<Row> = ask(store, "SELECT generation, number, HEX(data) FROM product_block");
    let generations: Vec<Row> = ask(store, "SELECT current, last_begun, further FROM product_generation");
    format!("{products:?} {words:?} {generations:?}").into_bytes()
}

pub(super) fn is_there(store: &Store) -> bool {
    matches!(store, Store::Database(..)) && !ask::<String>(store, "SHOW TABLES").is_empty()
}

pub(super) fn is_locked(store: &Store) -> bool {
    ask::<bool>(store, "SELECT IS_USED_LOCK(LEFT(CONCAT('product-lookup ', DATABASE()), 64)) IS NOT NULL") == [true]
}

#[test]
fn what_a_file_becomes() {
    on_mariadb(&[
        csv::a_new_catalogue_has_the_products_of_the_file,
        csv::a_file_updates_products_and_adds_others,
        csv::with_replace_the_file_is_the_whole_catalogue,
        csv::an_id_comes_again_with_the_same_values_only,
        csv::prices_keep_their_digits,
        csv::the_dress_of_a_file_does_not_matter,
        csv::quoted_fields_may_hold_anything,
        csv::options_say_which_column_is_which,
        csv::a_large_file_in_a_large_catalogue,
        shapes::what_each_becomes,
        json::an_array_of_objects,
        json::numbers_keep_their_digits,
        json::other_members_and_outer_space_do_not_matter,
    ]);
}

#[test]
fn further_columns() {
    on_mariadb(&[
        further::columns_come_with_rows_and_stay,
        further::what_an_update_a_dry_run_and_a_shrinking_replace_do,
        further::one_product_is_set_and_removed,
    ]);
}

/// Tables of the first version had no room for further columns: they are read, and the next change adds it.
#[test]
fn tables_of_the_first_version() {
    on_mariadb(&[|| {
        let shop = super::Shop::with_two_products();
        for table in ["product", "product_generation"] {
            ask::<Row>(&shop.store, &format!("ALTER TABLE {table} DROP COLUMN further"));
        }
        let found = shop.store.open().by_id("a002").expect("an answer").expect("a product");
        assert_eq!(found.further, []);
        assert_eq!(shop.store.open().columns().expect("columns"), [""; 0]);
        further::columns_come_with_rows_and_stay();
        assert_eq!(shop.import("lamp.csv", "id,name,price\nA003,Lamp,7\n"), Ok(1));
        assert_eq!(shop.rows().len(), 3);
    }]);
}

#[test]
fn what_is_refused() {
    on_mariadb(&[
        refused::csv,
        refused::json,
        refused::a_bad_last_line_of_many,
        refused::a_product_that_would_fill_the_memory,
        refused::columns_that_are_not_there,
        refused::a_file_that_cannot_be_read,
    ]);
}

#[test]
fn what_is_exported() {
    on_mariadb(&[
        export::products_come_by_id,
        export::products_are_counted_and_come_one_by_one,
        export::an_empty_catalogue,
        export::what_an_export_writes_an_import_takes_back,
        export::a_closed_pipe_is_known_as_one,
    ]);
}

#[test]
fn the_commands() {
    on_mariadb(&[
        command::import_tells_what_it_did,
        command::import_from_stdin_and_replace,
        command::a_bad_line_is_told_on_stderr,
        command::export_writes_the_catalogue,
        command::a_closed_pipe_ends_an_export_quietly,
    ]);
}

#[test]
fn what_others_do_meanwhile() {
    on_mariadb(&[meanwhile::a_second_import_waits_and_adds_to_the_first, meanwhile::lookups_go_on_during_imports]);
}
