//! A MariaDB server of the tests' own, on a unix socket and a port of 127.0.0.1, which ends when it is
//! dropped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};
use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use super::process::{Running, debian, free_port, wait_for};

/// What the databases' user has for a password: everything that a URL has a meaning for.
pub(crate) const PASSWORD: &str = "pa:ss@w/o?r#d%";

/// The same in a URL.
pub(crate) const PASSWORD_IN_URL: &str = "pa%3Ass%40w%2Fo%3Fr%23d%25";

pub(crate) struct Mariadb {
    // Dropped in this order.
    process: Running,
    pub(crate) port: u16,
    databases: AtomicU32,
    folder: TempDir,
}

impl Mariadb {
    /// The one that tests share. It ends with the last of them.
    pub(crate) fn shared() -> Arc<Mariadb> {
        static SHARED: Mutex<Weak<Mariadb>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Mariadb::start(&[]));
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// One of its own, with further options.
    pub(crate) fn start(options: &[&str]) -> Mariadb {
        let folder = folder();
        install(folder.path());
        let server = Mariadb::over(folder, options);
        server.execute(&format!("CREATE USER shop IDENTIFIED BY '{PASSWORD}'"));
        server
    }

    /// One over data that is there.
    pub(crate) fn over(folder: TempDir, options: &[&str]) -> Mariadb {
        for _ in 0..10 {
            let port = free_port();
            if let Some(process) = run(folder.path(), port, options) {
                return Mariadb { process, port, databases: AtomicU32::new(0), folder };
            }
        }
        panic!("ten free ports were taken by others");
    }

    /// Starts it again, where it was.
    pub(crate) fn restart(&mut self, options: &[&str]) {
        self.process = run(self.folder.path(), self.port, options).expect("its port is free");
    }

    /// A copy of its data. It has to have ended.
    pub(crate) fn copy(&self) -> TempDir {
        let folder = folder();
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(self.folder.path().join("data")).arg(folder.path());
        assert!(copy.status().expect("cp(1)").success(), "{copy:?}");
        folder
    }

    pub(crate) fn stop(&mut self) {
        self.process.signal(Signal::TERM);
        wait_for(|| self.process.ended()).expect("its end");
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `kill -9`, and its end.
    pub(crate) fn kill(&mut self) {
        self.process.signal(Signal::KILL);
        wait_for(|| self.process.ended()).expect("its end");
    }

    /// How many connections lookups have to it.
    pub(crate) fn lookups_connected(&self) -> usize {
        self.lookups().len()
    }

    /// Ends the connections that lookups have.
    pub(crate) fn end_lookups(&self) {
        let mut connection = self.connect();
        for id in self.lookups() {
            connection.query_drop(format!("KILL {id}")).expect("it is there");
        }
        wait_for(|| (self.lookups_connected() == 0).then_some(())).expect("their end");
    }

    fn lookups(&self) -> Vec<u64> {
        let sql = "SELECT id FROM information_schema.processlist WHERE user = 'shop'";
        self.connect().query(sql).expect("connections")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// A connection of its administrator's.
    pub(crate) fn connect(&self) -> Conn {
        connect(self.folder.path()).expect("a connection")
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.connect().query_drop(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// What it says of its own state: nothing while it joins a cluster, when it ends its connections.
    pub(crate) fn status(&self, name: &str) -> String {
        let query = format!("SHOW GLOBAL STATUS LIKE '{name}'");
        let status = connect(self.folder.path()).and_then(|mut connection| connection.query_first(query));
        status.ok().flatten().map(|(_, value): (String, String)| value).unwrap_or_default()
    }

    /// The name of a new database, which is empty.
    pub(crate) fn database(&self) -> String {
        let name = format!("shop{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name}"));
        self.execute(&format!("GRANT ALL ON {name}.* TO shop"));
        name
    }

    /// What PRODUCTS_DB is for a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("mysql://shop:{PASSWORD_IN_URL}@127.0.0.1:{}/{database}", self.port)
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("product-lookup-").tempdir().expect("a temporary folder")
}

fn connect(folder: &Path) -> mysql::Result<Conn> {
    let socket = folder.join("socket").display().to_string();
    Conn::new(OptsBuilder::new().user(Some("root")).socket(Some(socket)))
}

/// `mariadbd` with what it needs to know where everything is, also where it is only unpacked.
pub(crate) fn command(folder: &Path) -> Command {
    let share = debian("/usr/share/mysql");
    let mut command = Command::new(debian("/usr/sbin/mariadbd"));
    command.args(["--no-defaults", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M"]);
    // A crash of the machine need not be survived.
    command.args(["--debug-no-sync", "--loose-innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=2"]);
    command.arg(format!("--lc-messages-dir={}", share.display()));
    command.arg(format!("--character-sets-dir={}", share.join("charsets").display()));
    command.arg(format!("--plugin-dir={}", folder.display()));
    command.arg(format!("--datadir={}", folder.join("data").display()));
    command.arg(format!("--tmpdir={}", folder.display()));
    if geteuid().is_root() {
        command.arg("--user=root");
    }
    command
}

/// Makes the server's own tables.
pub(crate) fn install(folder: &Path) {
    fs::create_dir(folder.join("data")).expect("a folder");
    let read = |name| fs::read_to_string(debian("/usr/share/mysql").join(name)).expect("a script of the server's");
    let tables = [read("mysql_system_tables.sql"), read("mysql_system_tables_data.sql")].concat();
    let script = format!("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n{tables}");
    fs::write(folder.join("install.sql"), script).expect("a script");
    let mut install = command(folder);
    install.args(["--bootstrap", "--skip-networking"]).stdout(Stdio::null());
    install.stdin(fs::File::open(folder.join("install.sql")).expect("the script"));
    let output = install.stderr(Stdio::piped()).output().expect("mariadbd runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Starts the server and waits until it answers; `None` where the port is taken.
fn run(folder: &Path, port: u16, options: &[&str]) -> Option<Running> {
    let mut command = command(folder);
    command.args(["--bind-address=127.0.0.1", "--skip-name-resolve"]).arg(format!("--port={port}"));
    command.arg(format!("--socket={}", folder.join("socket").display()));
    command.arg(format!("--pid-file={}", folder.join("pid").display())).args(options);
    // Where a node of a cluster looks for what brings its data.
    command.env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", folder.display()));
    let stderr = folder.join("stderr");
    command.stdout(Stdio::null()).stderr(fs::File::create(&stderr).expect("a file"));
    let mut process = Running::start(&mut command);
    let ready = wait_for(|| match process.ended() {
        Some(_) => Some(false),
        None => connect(folder).is_ok().then_some(true),
    });
    let said = fs::read_to_string(stderr).unwrap_or_default();
    match ready {
        Some(true) => Some(process),
        Some(false) if said.contains("Address already in use") => None,
        _ => panic!("{command:?} does not start:\n{said}"),
    }
}
