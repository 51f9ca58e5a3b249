//! The program as it is built, started in a private folder, and ended with the test.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::store::Store;

/// A private folder with the program and the table's catalogue in it.
pub struct Site {
    pub folder: TempDir,
    /// Where its catalogue is, unless it is beside the program.
    catalogue: Option<String>,
}

impl Site {
    /// A copy of the program, so that its own folder is the test's.
    pub fn new() -> Site {
        let folder = tempfile::Builder::new().prefix("product-lookup.").tempdir().expect("a temporary folder");
        crate::servers::process::install_program(folder.path());
        Site { folder, catalogue: None }
    }

    /// The same with the table's catalogue beside the program.
    pub fn with_catalogue() -> Site {
        let mut site = Site::new();
        let store = Store::new(site.path("products.db"));
        crate::cases::write_catalogue_into(&store, &site.path("products.json"));
        if !matches!(store, Store::File(_)) {
            site.catalogue = Some(store.setting());
        }
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with an empty environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.path("product-lookup"));
        command.env_clear().stdin(Stdio::null());
        command.envs(self.catalogue.iter().map(|catalogue| ("PRODUCTS_DB", catalogue)));
        command
    }

    /// Runs the program with these variables and this stdin, to its end.
    pub fn run(&self, variables: &[(&str, &str)], stdin: &[u8]) -> Output {
        run(self.command().envs(variables.iter().copied()), stdin)
    }

    /// Starts `serve` on a unix socket, and waits for its line.
    pub fn serve(&self, variables: &[(&str, &str)]) -> Serving {
        let mut command = self.command();
        command.envs(variables.iter().copied());
        Serving::start(command, &format!("unix:{}", self.path("socket").display()))
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log/debug.log")).unwrap_or_default()
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command, stdin: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A body that is too long is not read to its end.
    let _ = child.stdin.take().expect("stdin").write_all(stdin);
    child.wait_with_output().expect("the program ends")
}

/// A `serve` that runs; it is killed where the test has not ended it.
pub struct Serving {
    pub child: Child,
    pub address: String,
}

impl Serving {
    pub fn start(mut command: Command, listen: &str) -> Serving {
        let mut child =
            command.args(["serve", "--listen", listen]).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut ready).expect("a line");
        let address = ready.strip_prefix("product-lookup: ready on ").expect("the line").trim_end().to_owned();
        Serving { child, address }
    }

    pub fn connect(&self) -> UnixStream {
        let path = self.address.strip_prefix("unix:").expect("a unix socket");
        let stream = UnixStream::connect(Path::new(path)).expect("a connection");
        stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a time limit");
        stream
    }

    /// Sends a signal by name.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("the process is there");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
