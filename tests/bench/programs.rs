//! The programs that are measured, ours and its peers: built, laid out in one folder that Apache's
//! user may enter, and started on unix sockets.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::contenders::Program;
use crate::process::{self, Running, as_server_user, hand_over, wait_for};
use crate::typical;

/// How many products the catalogue has.
pub const PRODUCTS: usize = 100_000;

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/peers");

/// The folder of one run of the bench.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// Everything built, and a catalogue of [`PRODUCTS`].
    pub fn new() -> Site {
        let site = Site { folder: process::folder() };
        for part in ["bin", "data", "html", "log", "run", "wsgi", "wsgi/log"] {
            fs::create_dir(site.path(part)).expect("a new folder");
            hand_over(&site.path(part));
        }
        process::install_program(&site.path("bin"));
        build(&site.path("bin"));
        typical::fill(&site.catalogue(), PRODUCTS);
        fs::copy(site.path("data/products.csv"), site.path("wsgi/products.csv")).expect("a copy");
        for file in ["wsgi.py", "index.php"] {
            fs::copy(Path::new(PEERS).join(file), site.path("wsgi").join(file)).expect("a copy");
        }
        fs::write(site.path("html/answer.json"), typical::answer(0)).expect("a file");
        fs::write(site.path("data/form"), typical::multipart(0)).expect("a file");
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn catalogue(&self) -> PathBuf {
        self.path("data/products.db")
    }

    /// Where a program is.
    pub fn program(&self, program: Program) -> PathBuf {
        self.path("bin").join(match program {
            Program::Ours => "product-lookup",
            Program::Libfcgi => "responder",
            Program::FastcgiCrate => "crate",
            Program::Canned => "canned",
            Program::Go => "go",
            Program::CgiC => "cgi",
            Program::CgiPython => "cgi.py",
        })
    }

    /// Starts a responder on a unix socket of its own.
    pub fn serve(&self, program: Program) -> Serving {
        let socket = tempfile::Builder::new().make_in(self.path("run"), |path| Ok(path.to_owned())).expect("a name");
        let socket = socket.into_temp_path().keep().expect("a name");
        let mut command = Command::new(self.program(program));
        if program == Program::Ours {
            command.args(["serve", "--listen", &format!("unix:{}", socket.display())]);
        } else {
            command.arg(&socket);
        }
        command.env_clear().env("PRODUCTS_DB", self.catalogue()).env("DEBUG_LOG", self.path("log/debug.log"));
        // The crate says on stderr that it panics, for each connection that is closed.
        command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir(self.path("run"));
        let process = Running::start(as_server_user(&mut command));
        wait_for(|| UnixStream::connect(&socket).ok()).unwrap_or_else(|| panic!("{command:?} is not ready"));
        Serving { _process: process, socket }
    }
}

/// A responder that runs, until this goes.
pub struct Serving {
    _process: Running,
    pub socket: PathBuf,
}

/// Builds the peers, each with its language's own optimisation.
fn build(to: &Path) {
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench");
    let reply = fs::read_to_string(Path::new(PEERS).join("reply.txt")).expect("the canned reply");
    // JSON's escapes are C's.
    let reply = format!("-DREPLY={}", serde_json::to_string(&reply).expect("a string"));
    let file = |name: &str| to.join(name).display().to_string();
    let commands: [&[&str]; 5] = [
        &["cc", "-O2", &reply, "responder.c", "-lfcgi", "-o", &file("responder")],
        &["cc", "-O2", &reply, "cgi.c", "-o", &file("cgi")],
        &["go", "build", "-o", &file("go"), "main.go"],
        &["cargo", "build", "--quiet", "--release", "--locked", "--target-dir", target],
        &[
            "install",
            "cgi.py",
            &format!("{target}/release/canned"),
            &format!("{target}/release/crate"),
            &to.display().to_string(),
        ],
    ];
    for arguments in commands {
        let mut command = Command::new(arguments[0]);
        command.args(&arguments[1..]).current_dir(PEERS);
        // Cargo's own variables are about our build, not this one.
        command.env_remove("CARGO_TARGET_DIR");
        assert!(command.status().is_ok_and(|status| status.success()), "{command:?} failed");
    }
}
