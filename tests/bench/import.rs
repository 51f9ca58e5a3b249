//! `import` of a million rows with eight columns of the shop's own, against what the `sqlite3` shell takes to import the
//! same file and to build the same index, whose SQL is that of the catalogue which `import` has made.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::contenders::Program;
use crate::programs::Site;
use crate::report::{Found, Goal};
use crate::rounds::{Spread, variable};

const ROWS: usize = 1_000_000;

pub fn run(site: &Site) -> Found {
    let (csv, ours, theirs) = (site.path("data/rows.csv"), site.path("data/rows.db"), site.path("data/shell.db"));
    write_csv(&csv);
    let mut seconds = (Vec::new(), Vec::new());
    for _ in 0..variable("ROUNDS", 5) {
        for old in [&ours, &theirs] {
            let _ = fs::remove_file(old);
        }
        let mut import = Command::new(site.program(Program::Ours));
        import.arg("import").arg(&csv).env("PRODUCTS_DB", &ours);
        seconds.0.push(time(&mut import));
        let script = site.path("data/shell.sql");
        fs::write(&script, shell_script(&ours, &csv)).expect("a script");
        let mut shell = Command::new("sqlite3");
        shell.arg("-bail").arg(&theirs).arg(format!(".read \"{}\"", script.display()));
        seconds.1.push(time(&mut shell));
        let count = "SELECT count(*) FROM product";
        assert_eq!(sqlite3(&ours, count), ROWS.to_string());
        assert_eq!(sqlite3(&theirs, count), ROWS.to_string());
    }
    let (ours, theirs) = (Spread::of(seconds.0).median, Spread::of(seconds.1).median);
    let what =
        format!("`import` of {ROWS} rows of eleven columns ({ours:.1} s) against the `sqlite3` shell ({theirs:.1} s)");
    Found { goals: vec![Goal::at_most(what, ours / theirs, 1.5)], ..Found::default() }
}

fn write_csv(path: &Path) {
    let mut csv = String::from("id,name,price,stock,weight,colour,maker,shelf,unit,tax,note\n");
    for number in 0..ROWS {
        let [stock, weight, maker, shelf, age] = [500, 37, 300, 900, 11].map(|different| number % different);
        let product = format!("P{number:07},Product {number:07},12.95");
        let _ = writeln!(csv, "{product},{stock},{weight}.5,blue,Smith {maker},S{shelf},pc,19,as new {age}");
    }
    fs::write(path, csv).expect("a CSV file");
}

/// The rows go into a table as they are, and from there in the order of their ids into the one that
/// is indexed, as the index of words asks for.
fn shell_script(catalogue: &Path, csv: &Path) -> String {
    let sql = |name: &str| sqlite3(catalogue, &format!("SELECT sql || ';' FROM sqlite_schema WHERE name = '{name}'"));
    let columns = sqlite3(catalogue, "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('product')");
    format!(
        "CREATE TABLE row ({columns});\n\
         .import --csv --skip 1 \"{}\" row\n\
         BEGIN;\n{}\n\
         INSERT INTO product SELECT {columns} FROM row ORDER BY id COLLATE NOCASE, id;\n\
         DROP TABLE row;\n{}\n\
         CREATE VIRTUAL TABLE word USING fts5 (name, content = '', prefix = '1 2 3');\n\
         INSERT INTO word (rowid, name) SELECT rowid, name FROM product;\nCOMMIT;\n",
        csv.display(),
        sql("product"),
        sql("product_lookup_id"),
    )
}

fn sqlite3(catalogue: &Path, sql: &str) -> String {
    let output = Command::new("sqlite3").arg("-readonly").arg(catalogue).arg(sql).output().expect("sqlite3 starts");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

fn time(command: &mut Command) -> f64 {
    let start = Instant::now();
    let output = command.output().expect("it starts");
    let elapsed = start.elapsed().as_secs_f64();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    elapsed
}
