//! What lookups in MariaDB cost: per second, of the program's pool beside the driver alone, and of 1, 2
//! and 4 responders. They take turns, and ratios are of the same run.

#![allow(dead_code)]

#[path = "../fastcgi_client.rs"]
mod fastcgi_client;
#[path = "../servers/mariadb.rs"]
mod mariadb;
#[path = "../servers/process.rs"]
mod process;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use fastcgi_client::WHOLE;
use mariadb::{Mariadb, PASSWORD};
use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};
use product_lookup::catalogue::import::{Options, import};
use product_lookup::catalogue::{Catalogues, DatabaseUrl, Source};

const PRODUCTS: usize = 10_000;
const ROUNDS: usize = 40;
const LOOKUPS: usize = 500;
const CLIENTS: usize = 8;

fn main() {
    let server = Mariadb::start(&[]);
    let database = server.database();
    let url = server.url(&database);
    let source = Source::Url(DatabaseUrl::new(&url, None));
    let folder = tempfile::tempdir().expect("a folder");
    let mut csv = String::from("id,name,price\n");
    (0..PRODUCTS).for_each(|number| writeln!(csv, "P{number:05},Product {number},{number}.90").expect("text"));
    let file = folder.path().join("products.csv");
    std::fs::write(&file, csv).expect("a file");
    let start = Instant::now();
    import(&file, source.clone(), &Options::default()).expect("an import");
    println!("{PRODUCTS} products imported in {:.1} s", start.elapsed().as_secs_f64());
    pool(&server, &database, source);
    responders(folder.path(), &url);
}

/// The same statement by the driver alone, and by the catalogue.
fn pool(server: &Mariadb, database: &str, source: Source) {
    let bare = OptsBuilder::new().ip_or_hostname(Some("127.0.0.1")).tcp_port(server.port).prefer_socket(false);
    let bare = bare.user(Some("shop")).pass(Some(PASSWORD)).db_name(Some(database));
    let mut bare = Conn::new(bare).expect("a connection");
    let catalogue = Catalogues::default().at(source).expect("a catalogue");
    let sql = "SELECT p.id, p.name, p.price FROM product_generation g JOIN product p ON p.generation = g.current
        WHERE g.one = 1 AND p.id_key = ?";
    let statement = bare.prep(sql).expect("a statement");
    let mut seconds = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let ids: Vec<String> = (0..LOOKUPS).map(|n| format!("P{:05}", (round * 7919 + n * 31) % PRODUCTS)).collect();
        let start = Instant::now();
        for id in &ids {
            let key = format!("{}\0{id}", id.to_ascii_lowercase());
            let row: Option<(String, String, String)> = bare.exec_first(&statement, (key,)).expect("an answer");
            assert!(row.is_some());
        }
        seconds[0].push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        for id in &ids {
            assert!(catalogue.by_id(id).expect("an answer").is_some());
        }
        seconds[1].push(start.elapsed().as_secs_f64());
    }
    let [bare, pool] = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        LOOKUPS as f64 / seconds[ROUNDS / 2]
    });
    println!("a bare SELECT {bare:.0}/s, the pool {pool:.0}/s: {:.2}", pool / bare);
}

/// Clients that keep their connections, spread over so many responders.
fn responders(folder: &Path, url: &str) {
    let sockets: Vec<_> = (0..4).map(|number| folder.join(number.to_string())).collect();
    let mut children: Vec<Child> = sockets.iter().map(|socket| serve(socket, url)).collect();
    let mut rates = [1, 2, 4].map(|count| (count, Vec::new()));
    for _ in 0..5 {
        for (count, rates) in &mut rates {
            rates.push(rate(&sockets[..*count]));
        }
    }
    for (count, mut rates) in rates {
        rates.sort_by(f64::total_cmp);
        println!("{count} responders, {CLIENTS} clients: {:.0} lookups/s", rates[rates.len() / 2]);
    }
    for child in &mut children {
        child.kill().expect("it runs");
        child.wait().expect("its end");
    }
}

fn serve(socket: &Path, url: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    command.args(["serve", "--listen", &format!("unix:{}", socket.display())]);
    let mut child = command.env_clear().env("PRODUCTS_DB", url).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut ready = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut ready).expect("a line");
    child
}

fn rate(sockets: &[std::path::PathBuf]) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                let mut connection = UnixStream::connect(&sockets[client % sockets.len()]).expect("a connection");
                for number in 0..LOOKUPS {
                    let query = format!("id=P{:05}", (client * 1009 + number * 31) % PRODUCTS);
                    let pairs = [(b"QUERY_STRING".to_vec(), query.into_bytes())];
                    let request = fastcgi_client::request(1, true, &pairs, b"", WHOLE);
                    fastcgi_client::send(&mut connection, &request, usize::MAX);
                    let document = fastcgi_client::read_document(&mut connection, 1);
                    assert!(document.starts_with(b"Status: 200 "));
                }
            });
        }
    });
    (CLIENTS * LOOKUPS) as f64 / start.elapsed().as_secs_f64()
}
