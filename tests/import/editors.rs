//! Edits by the sqlite3 shell beside an import, in each mode of its journal: each is kept, or the shell
//! is told that it is not.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::running::Running;
use super::{Row, Shop, row};

const MODES: [&str; 5] = ["delete", "truncate", "persist", "memory", "off"];

const LAMP: &str = "id,name,price\nA003,Lamp,7\n";

const EDIT: &str = "UPDATE product SET price = '13' WHERE id = 'A001';";

/// A session that stays open.
struct Shell {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Shell {
    fn open(catalogue: &Path, mode: &str) -> Shell {
        let mut command = Command::new("sh");
        command.args(["-c", "exec sqlite3 -batch \"$0\" 2>&1"]).arg(catalogue);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sqlite3");
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().expect("a pipe")));
        let mut shell = Shell { child, stdin, stdout };
        assert_eq!(shell.run(&format!("PRAGMA journal_mode = {mode};")), format!("{mode}\n"));
        shell
    }

    /// What it says to this.
    fn run(&mut self, sql: &str) -> String {
        writeln!(self.stdin.as_mut().expect("it is open"), "{sql}\nSELECT 'done';").expect("it reads");
        let mut said = String::new();
        while !said.ends_with("done\n") {
            assert_ne!(self.stdout.read_line(&mut said).expect("text"), 0, "{said}");
        }
        said.truncate(said.len() - "done\n".len());
        said
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

fn three(price: &str) -> [Row; 3] {
    [row("A001", "Clock", price), row("A002", "Bi-Noculars", "40"), row("A003", "Lamp", "7")]
}

/// The first of those that there are.
fn first_three(shop: &Shop) -> Vec<Row> {
    shop.rows().into_iter().take(3).collect()
}

fn begun(shop: &Shop) -> Running {
    Running::begun(shop, &["-"], "A003,Lamp,7\n")
}

fn done(import: Running) {
    let (done, _, err) = import.end();
    assert!(done, "{err}");
}

#[test]
fn an_edit_of_what_an_import_has_replaced_is_refused() {
    for mode in MODES {
        let shop = Shop::with_two_products();
        let connection = Connection::open(shop.catalogue()).expect("the catalogue");
        connection.execute_batch("CREATE TABLE note (text TEXT)").expect("a table");
        drop(connection);
        let mut shell = Shell::open(&shop.catalogue(), mode);
        assert_eq!(shell.run("SELECT count(*) FROM product;"), "2\n");
        let import = begun(&shop);
        assert!(shell.run(EDIT).ends_with("database is locked (5)\n"), "{mode}");
        done(import);
        // Nothing at all can be written there, by no statement.
        for edit in [EDIT, "INSERT INTO note VALUES ('mine');", "DROP TABLE note;"] {
            let said = shell.run(edit);
            assert!(said.ends_with("attempt to write a readonly database (8)\n"), "{mode}: {edit} {said}");
        }
        assert_eq!(shell.run("SELECT count(*) FROM product;"), "2\n");
        assert_eq!(first_three(&shop), three("12"));
        let mut again = Shell::open(&shop.catalogue(), mode);
        assert_eq!(again.run(EDIT), "");
        assert_eq!(first_three(&shop), three("13"));
    }
}

#[test]
fn an_edit_that_began_before_an_import_is_kept() {
    for mode in MODES {
        let shop = Shop::with_two_products();
        let mut shell = Shell::open(&shop.catalogue(), mode);
        assert_eq!(shell.run(&format!("BEGIN; {EDIT}")), "");
        let mut import = Running::start(&shop, &["-"]);
        import.send(LAMP);
        import.sent();
        assert_eq!(shell.run("COMMIT;"), "");
        done(import);
        assert_eq!(shop.rows(), three("13"));
    }
}

/// It reads since before the import, and wants to write in the middle of it.
#[test]
fn a_reader_that_becomes_a_writer_is_refused() {
    for mode in MODES {
        let shop = Shop::with_two_products();
        let mut shell = Shell::open(&shop.catalogue(), mode);
        assert_eq!(shell.run("BEGIN; SELECT count(*) FROM product;"), "2\n");
        let import = begun(&shop);
        assert!(shell.run(EDIT).ends_with("database is locked (5)\n"), "{mode}");
        assert_eq!(shell.run("SELECT count(*) FROM product; COMMIT;"), "2\n");
        done(import);
        assert!(shell.run(EDIT).ends_with("attempt to write a readonly database (8)\n"), "{mode}");
        assert_eq!(first_three(&shop), three("12"));
    }
}

/// A file that is read all the time is never replaced, since its reader could write to it afterwards.
#[test]
fn a_reader_that_does_not_end_keeps_the_catalogue_as_it_is() {
    let shop = Shop::with_two_products();
    let mut shell = Shell::open(&shop.catalogue(), "memory");
    assert_eq!(shell.run("BEGIN; SELECT count(*) FROM product;"), "2\n");
    let start = Instant::now();
    let mut import = Running::start(&shop, &["-"]);
    import.send(LAMP);
    import.sent();
    // New readers are not kept waiting, however long it waits itself.
    let reader = Connection::open(shop.catalogue()).expect("the catalogue");
    reader.busy_timeout(Duration::ZERO).expect("no patience");
    while start.elapsed() < Duration::from_secs(5) {
        assert_eq!(reader.query_row("SELECT count(*) FROM product", [], |row| row.get(0)), Ok(2));
    }
    let (done, _, err) = import.end();
    let message = "product-lookup: products.db cannot be written: \
        another program reads it without a pause for 10 seconds; end that\n";
    assert_eq!((done, shop.message(&err).as_str()), (false, message));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(shell.run(&format!("{EDIT} COMMIT;")), "");
    assert_eq!(shop.rows(), [row("A001", "Clock", "13"), row("A002", "Bi-Noculars", "40")]);
    assert_eq!(shop.files(), ["products.db"]);
}

/// `kill -9` at each call that changes a file, its place or its locks.
#[test]
fn kill_9_anywhere_leaves_a_whole_catalogue_that_can_be_written() {
    let old = Shop::with_two_products();
    let (mut killed, mut replaced) = (0, 0);
    for call in ["flock", "fcntl", "pwrite64", "fchmod", "fsync", "renameat", "write"] {
        for when in 1.. {
            let shop = Shop::new();
            fs::copy(old.catalogue(), shop.catalogue()).expect("a copy");
            let mut command = Command::new("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={call}:signal=KILL:when={when}")]);
            command.arg(env!("CARGO_BIN_EXE_product-lookup")).arg("import").arg(shop.write("lamp.csv", LAMP));
            command.env_clear().env("PRODUCTS_DB", shop.catalogue()).stdout(Stdio::null());
            let ended = command.status().expect("strace").success();
            let rows = whole(&shop);
            if ended {
                assert_eq!(rows, three("13"));
                break;
            }
            assert!(rows == three("13") || rows == three("13")[..2], "{call} {when}: {rows:?}");
            killed += 1;
            replaced += usize::from(rows.len() == 3);
        }
    }
    assert!(killed > 40 && replaced > 8, "{killed} killed, {replaced} of them afterwards");
}

/// Its products, after an edit that must work; another import works too.
fn whole(shop: &Shop) -> Vec<Row> {
    let connection = Connection::open(shop.catalogue()).expect("the catalogue");
    assert_eq!(connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)), Ok("ok".to_owned()));
    connection.execute_batch(EDIT).expect("it can be written");
    drop(connection);
    let rows = shop.rows();
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(shop.rows(), three("13"));
    assert_eq!(shop.files(), ["lamp.csv", "products.db"]);
    rows
}

/// A backup, say. What is written there afterwards is not lost.
#[test]
fn another_name_of_what_an_import_has_replaced_can_be_written() {
    let shop = Shop::with_two_products();
    fs::hard_link(shop.catalogue(), shop.path("backup.db")).expect("a link");
    let before = fs::read(shop.path("backup.db")).expect("a file");
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert!(fs::read(shop.path("backup.db")).expect("a file") == before);
}
