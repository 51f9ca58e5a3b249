//! The programs that are measured, ours and its peers: built, laid out in one folder that Apache's
//! user may enter, and started on unix sockets.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::contenders::Program;
use crate::names;
use crate::process::{self, Running, as_server_user, hand_over, wait_for};
use crate::typical;

/// How many products the catalogue has.
pub const PRODUCTS: usize = 100_000;

/// How many of them are asked for, one after the other.
const ASKED: usize = 10_000;

/// Builds the peers.
const BUILD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/peers/build.sh");

/// A product as it is in the catalogue's file.
pub struct Row {
    pub id: String,
    pub name: String,
    pub price: String,
}

impl Row {
    fn of(row: &rusqlite::Row) -> rusqlite::Result<Row> {
        Ok(Row { id: row.get(0)?, name: row.get(1)?, price: row.get(2)? })
    }

    /// The reply's body for it.
    pub fn answer(&self) -> String {
        format!("{{\"name\":{},\"price\":{}}}", serde_json::Value::from(self.name.as_str()), self.price)
    }
}

/// The folder of one run of the bench.
pub struct Site {
    folder: TempDir,
    /// Products, drawn anew for each run.
    pub drawn: Vec<Row>,
}

impl Site {
    /// Everything built, and catalogues of [`PRODUCTS`].
    pub fn new() -> Site {
        let mut site = Site { folder: process::folder(), drawn: Vec::new() };
        for part in ["bin", "data", "html", "log", "run"] {
            fs::create_dir(site.path(part)).expect("a new folder");
            hand_over(&site.path(part));
        }
        process::install_program(&site.path("bin"));
        let mut build = Command::new("sh");
        build.arg(BUILD).arg(site.path("bin"));
        assert!(build.status().is_ok_and(|status| status.success()), "{build:?} failed");
        names::write_csv(&site.path("data/products.csv"), PRODUCTS);
        site.import(Program::Ours);
        typical::fill(&site.path("data/typical.db"), PRODUCTS);
        site.fill_fts5();
        site.draw();
        fs::write(site.path("data/form"), typical::multipart(0)).expect("a file");
        fs::write(site.path("html/answer.json"), site.drawn[0].answer()).expect("a file");
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The catalogue that a program is asked for.
    pub fn catalogue(&self, program: Program) -> PathBuf {
        self.path(if program == Program::Before { "data/before.db" } else { "data/products.db" })
    }

    /// Where a program is.
    pub fn program(&self, program: Program) -> PathBuf {
        self.path("bin").join(match program {
            Program::Ours => "product-lookup",
            Program::Before => "before",
            Program::C => "lookup-c",
            Program::Go => "lookup-go",
            Program::Rust => "lookup-rust",
            Program::Python => "lookup.py",
            Program::HelloGateway => "hello-gateway",
            Program::HelloC => "hello-c",
            Program::HelloGo => "hello-go",
            Program::HelloRust => "hello-rust",
        })
    }

    /// Has a program make its catalogue.
    pub fn import(&self, program: Program) {
        let mut import = Command::new(self.program(program));
        import.arg("import").arg(self.path("data/products.csv")).stdout(Stdio::null());
        let status = import.env_clear().env("PRODUCTS_DB", self.catalogue(program)).status();
        assert!(status.is_ok_and(|status| status.success()), "{import:?} failed");
    }

    /// The same names in the index that SQLite brings along.
    fn fill_fts5(&self) {
        let database = Connection::open(self.path("data/fts5.db")).expect("a database");
        let catalogue = self.catalogue(Program::Ours);
        database.execute("ATTACH ?1 AS catalogue", [catalogue.to_str()]).expect("the catalogue");
        let made = database.execute_batch(
            "CREATE VIRTUAL TABLE word USING fts5 (id UNINDEXED, name, price UNINDEXED, prefix = '1 2 3',
                 tokenize = 'unicode61 remove_diacritics 2');
             INSERT INTO word SELECT id, name, price FROM catalogue.product;
             INSERT INTO word (word) VALUES ('optimize');",
        );
        made.expect("an index");
    }

    /// Draws products by chance, and what is typed on the way to the first two words of their names.
    fn draw(&mut self) {
        let catalogue = Connection::open(self.catalogue(Program::Ours)).expect("the catalogue");
        let sql = format!("SELECT id, name, price FROM product ORDER BY random() LIMIT {ASKED}");
        let mut statement = catalogue.prepare(&sql).expect("SQL");
        let rows = statement.query_map([], Row::of).expect("products");
        self.drawn = rows.map(|row| row.expect("a product")).collect();
        let ids: Vec<&str> = self.drawn.iter().map(|row| row.id.as_str()).collect();
        let questions: Vec<String> = self.drawn.iter().flat_map(|row| typed(&row.name)).take(ASKED).collect();
        fs::write(self.path("data/ids"), ids.join("\n")).expect("a file");
        fs::write(self.path("data/questions"), questions.join("\n")).expect("a file");
    }

    /// The product with this id.
    pub fn row(&self, id: &str) -> Row {
        let catalogue = Connection::open(self.catalogue(Program::Ours)).expect("the catalogue");
        let sql = "SELECT id, name, price FROM product WHERE id = ?1";
        catalogue.query_row(sql, [id], Row::of).unwrap_or_else(|error| panic!("{id}: {error}"))
    }

    /// Starts a responder for a catalogue on a unix socket of its own.
    pub fn serve(&self, program: Program, catalogue: &Path) -> Serving {
        let socket = tempfile::Builder::new().make_in(self.path("run"), |path| Ok(path.to_owned())).expect("a name");
        let socket = socket.into_temp_path().keep().expect("a name");
        let mut command = Command::new(self.program(program));
        command.env_clear().env("PRODUCTS_DB", catalogue).env("DEBUG_LOG", self.path("log/debug.log"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir(self.path("run"));
        let processes = if program == Program::Ours {
            command.args(["serve", "--listen", &format!("unix:{}", socket.display())]);
            vec![Running::start(as_server_user(&mut command))]
        } else {
            let listener = UnixListener::bind(&socket).expect("a socket");
            hand_over(&socket);
            let mut start = || {
                let stdin = OwnedFd::from(listener.try_clone().expect("a descriptor"));
                Running::start_with(as_server_user(&mut command), stdin.into())
            };
            // libfcgi serves one connection at a time.
            (0..if program == Program::HelloC { 8 } else { 1 }).map(|_| start()).collect()
        };
        wait_for(|| UnixStream::connect(&socket).ok()).unwrap_or_else(|| panic!("{command:?} is not ready"));
        Serving { _processes: processes, socket }
    }
}

/// What stands in a field for questions after each letter from the second one on, as it is sent.
fn typed(name: &str) -> Vec<String> {
    let two_words = name.match_indices(' ').nth(1).map_or(name.len(), |(end, _)| end);
    let ends = name[..two_words].char_indices().map(|(at, letter)| at + letter.len_utf8()).skip(1);
    let letters = ends.filter(|&end| !name[..end].ends_with(' '));
    letters.map(|end| utf8_percent_encode(&name[..end], NON_ALPHANUMERIC).to_string()).collect()
}

/// A responder that runs, until this goes.
pub struct Serving {
    _processes: Vec<Running>,
    pub socket: PathBuf,
}
