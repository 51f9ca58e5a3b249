//! The table of questions again, with the catalogue in a MariaDB server.

#[test]
fn every_question_of_the_table() {
    crate::store::on_mariadb(&[crate::questions::every_question_of_the_table]);
}
