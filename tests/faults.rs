//! Faults with a real cause each: a disk, a catalogue, a log, a limit, a kill or a client that fails.
//! Nothing is lost, nothing is wrong, and the next request is answered.

mod catalogue;
pub(crate) mod clients;
mod crowd;
mod disk;
pub(crate) mod killed;
mod locked;
mod log;
mod memory;
mod names;
mod written;

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::answer::Answer;
use crate::fastcgi_client::{self as fastcgi, WHOLE};
use crate::program::Serving;
use crate::servers::process;

const CLOCK: &[u8] = br#"{"name":"Clock","price":12}"#;

/// What a 503 says to everyone.
const UNREADABLE: &str = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\
    \"detail\":\"The catalogue cannot be read at the moment; try again later.\"}";

/// A folder of the web server's user, with the program and the table's catalogue in it.
struct Shop {
    folder: TempDir,
}

impl Shop {
    fn new() -> Shop {
        let shop = Shop { folder: process::folder() };
        process::install_program(shop.folder.path());
        crate::cases::write_catalogue(&shop.path("products.db"));
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command as the web server's user, with an empty environment; what it complains of is kept.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command.stderr(OpenOptions::new().append(true).create(true).open(self.path("stderr")).expect("a file"));
        process::as_server_user(&mut command);
        command
    }

    /// The program so.
    fn program(&self) -> Command {
        self.command(&self.path("product-lookup").display().to_string())
    }

    /// `serve` on a unix socket, as this command starts it.
    fn start(&self, command: Command) -> Serving {
        Serving::start(command, &format!("unix:{}", self.path("socket").display()))
    }

    fn serve(&self, settings: &[(&str, &str)]) -> Serving {
        let mut command = self.program();
        command.envs(settings.iter().copied());
        self.start(command)
    }

    /// All that was complained of.
    fn stderr(&self) -> String {
        fs::read_to_string(self.path("stderr")).expect("a file")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log/debug.log")).unwrap_or_default()
    }
}

/// The bytes of a request with these CGI variables.
pub(crate) fn request(variables: &[(&str, &str)], body: &[u8], keep: bool) -> Vec<u8> {
    let pairs: Vec<_> = variables.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    fastcgi::request(1, keep, &pairs, body, WHOLE)
}

/// The answer on a connection that a request was sent on.
pub(crate) fn answer(connection: &mut impl Read) -> Answer {
    Answer::of_document(&fastcgi::read_document(connection, 1), false)
}

/// The answer to a request with these variables, on a connection of its own.
fn ask(serving: &Serving, variables: &[(&str, &str)]) -> Answer {
    let mut connection = serving.connect();
    connection.write_all(&request(variables, b"", false)).expect("it is read");
    answer(&mut connection)
}

fn get(serving: &Serving, query: &str) -> Answer {
    ask(serving, &[("QUERY_STRING", query)])
}

/// Is it the clock, as it is imported?
fn assert_clock(serving: &Serving) {
    let answer = get(serving, "id=A001");
    assert_eq!((answer.status, String::from_utf8_lossy(&answer.body)), (200, String::from_utf8_lossy(CLOCK)));
}
