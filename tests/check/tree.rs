//! An installation as Debian lays it out, in a private folder, with Debian's own apachectl and
//! a2enmod, and what shell commands print in it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::servers::http;
use crate::servers::process::{debian, folder_called, free_port, hand_over, install_program, server_user, wait_for};

/// The installation. Its Apache runs from `Tree::new` on, and ends with it.
pub(super) struct Tree {
    folder: TempDir,
    pub(super) addr: SocketAddr,
}

/// What Debian's package enables, as far as it is needed here.
const ENABLED: [&str; 6] = ["mpm_event", "authz_core", "alias", "dir", "env", "mime"];

/// The names of the causes' shell lines for folders and files.
pub(super) const NAMES: [(&str, &str); 11] = [
    ("$SHIPPED", "$SOURCE/apache"),
    ("$CONF", "$ROOT/apache2/conf-available/product-lookup.conf"),
    ("$ETC", "$ROOT/apache2"),
    ("$BIN", "$ROOT/bin/product-lookup"),
    ("$DATA", "$ROOT/data"),
    ("$LOGS", "$ROOT/var/log"),
    ("$SRV", "$ROOT/srv"),
    ("$SOCKET", "$ROOT/run/socket"),
    ("$RUN", "$ROOT/run"),
    ("$PID", "$ROOT/apache.pid"),
    ("$SERVE", "$ROOT/serve.pid"),
];

/// The modules that the files in `apache/` need, and what a2enmod has to enable before each.
const AVAILABLE: [(&str, &str); 4] = [("fcgid", ""), ("cgid", ""), ("proxy", ""), ("proxy_fcgi", "proxy")];

impl Tree {
    /// The program behind `apache/fcgid.conf`, `cgi.conf` or `proxy_fcgi.conf`.
    pub(super) fn new(door: &str) -> Tree {
        let port = free_port();
        // Not called after the program: what names the folder would speak of it.
        let tree = Tree { folder: folder_called("installation-"), addr: SocketAddr::from(([127, 0, 0, 1], port)) };
        for name in ["admin", "bin", "data", "run", "sock", "srv", "state", "var", "var/log", "www"] {
            fs::create_dir(tree.path(name)).expect("a new folder");
        }
        for name in ["run", "sock", "var/log"] {
            hand_over(&tree.path(name));
        }
        install_program(&tree.path("admin"));
        install_program(&tree.path("bin"));
        tree.lay_out(door);
        for module in ENABLED {
            tree.done(&format!("a2enmod -q {module}"));
        }
        let module = if door == "cgi" { "cgid" } else { door };
        tree.done(&format!("a2enmod -q {module} && a2enconf -q product-lookup"));
        tree.done(
            "printf 'id,name,price\\nA001,Clock,12\\n' | PRODUCTS_DB=$ROOT/data/products.db product-lookup import -",
        );
        if door == "proxy_fcgi" {
            tree.start_serve();
        }
        tree.done("apachectl start");
        tree.wait_until_it_answers();
        tree
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A configuration as Debian's, and all of it below this folder.
    fn lay_out(&self, door: &str) {
        let root = self.folder.path().display();
        for name in ["conf-available", "conf-enabled", "mods-available", "mods-enabled"] {
            fs::create_dir_all(self.path("apache2").join(name)).expect("a new folder");
        }
        let write = |name: &str, text: &str| fs::write(self.path("apache2").join(name), text).expect("a new file");
        for (module, needed) in ENABLED.map(|module| (module, "")).into_iter().chain(AVAILABLE) {
            let file = debian(&format!("/usr/lib/apache2/modules/mod_{module}.so"));
            let depends = if needed.is_empty() { String::new() } else { format!("# Depends: {needed}\n") };
            let load = format!("{depends}LoadModule {module}_module {}\n", file.display());
            write(&format!("mods-available/{module}.load"), &load);
        }
        let apache = debian("/usr/sbin/apache2");
        let apache = apache.display();
        write(
            "envvars",
            &format!(
                r"export APACHE_RUN_USER=www-data
export APACHE_RUN_GROUP=www-data
export APACHE_RUN_DIR={root}/run
export APACHE_LOCK_DIR={root}/run
export APACHE_LOG_DIR={root}
export APACHE_PID_FILE={root}/apache.pid
export APACHE_HTTPD={apache}
"
            ),
        );
        let user = if server_user().is_some() { "User ${APACHE_RUN_USER}\nGroup ${APACHE_RUN_GROUP}" } else { "" };
        let address = self.addr;
        write(
            "apache2.conf",
            &format!(
                r"ServerName localhost
DefaultRuntimeDir ${{APACHE_RUN_DIR}}
PidFile ${{APACHE_PID_FILE}}
ErrorLog ${{APACHE_LOG_DIR}}/error.log
{user}
Listen {address}
IncludeOptional mods-enabled/*.load
TypesConfig /dev/null
<IfModule mod_fcgid.c>
    FcgidIPCDir {root}/sock
    FcgidProcessTableFile {root}/fcgid_shm
</IfModule>
<IfModule mod_cgid.c>
    ScriptSock {root}/cgid.sock
</IfModule>
<Directory />
    AllowOverride None
    Require all denied
</Directory>
DocumentRoot {root}/www
<Directory {root}/www>
    Require all granted
</Directory>
IncludeOptional conf-enabled/*.conf
"
            ),
        );
        let source = env!("CARGO_MANIFEST_DIR");
        // As long as Debian's.
        let (first, third) = match door {
            "proxy_fcgi" => (format!("SOCKET {root}/run/socket"), "# The package's has a line more.\n"),
            _ => (format!("BIN {root}/bin/product-lookup"), ""),
        };
        write(
            "conf-available/product-lookup.conf",
            &format!(
                r"Define PRODUCT_LOOKUP_{first}
Define PRODUCT_LOOKUP_FILES {source}/apache
{third}Define PRODUCT_LOOKUP_DB {root}/data/products.db
Define PRODUCT_LOOKUP_LOG {root}/var/log/debug.log
Include {source}/apache/{door}.conf
"
            ),
        );
    }

    pub(super) fn start_serve(&self) {
        let prefix =
            if server_user().is_some() { "setpriv --reuid=www-data --regid=www-data --init-groups " } else { "" };
        self.done(&format!(
            "{prefix}product-lookup serve --listen unix:$ROOT/run/socket < /dev/null > $ROOT/serve.stdout 2>&1 & \
             echo $! > $ROOT/serve.pid"
        ));
        let ready =
            || fs::read_to_string(self.path("serve.stdout")).is_ok_and(|line| line.ends_with('\n')).then_some(());
        wait_for(ready).expect("serve is ready");
    }

    /// Waits until Apache answers by the program with the product, as after a reload.
    pub(super) fn wait_until_it_answers(&self) {
        let request = b"GET /wsgi/myapp.py?id=A001 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let answers = || {
            let reply = http::try_send(self.addr, request).ok()?;
            (reply.body == br#"{"name":"Clock","price":12}"#).then_some(())
        };
        assert!(wait_for(answers).is_some(), "{}", fs::read_to_string(self.path("error.log")).unwrap_or_default());
    }

    /// Runs a shell command in this installation; `$ROOT` is its folder.
    pub(super) fn shell(&self, command: &str) -> Output {
        let mut shell = Command::new("sh");
        let apachectl = debian("/usr/sbin/apachectl");
        let sbin = apachectl.parent().expect("a folder").display();
        let bin = self.path("admin");
        shell.args(["-c", command]).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        shell.env("PATH", format!("{}:{sbin}:/usr/sbin:/usr/bin:/sbin:/bin", bin.display()));
        shell.env("ROOT", self.folder.path()).env("APACHE_CONFDIR", self.path("apache2"));
        shell.env("APACHE_STATE_DIRECTORY", self.path("state")).env("SOURCE", env!("CARGO_MANIFEST_DIR"));
        let root = self.folder.path().display().to_string();
        for (name, path) in NAMES {
            let path = path.replace("$ROOT", &root).replace("$SOURCE", env!("CARGO_MANIFEST_DIR"));
            shell.env(name.trim_start_matches('$'), path);
        }
        shell.output().expect("a shell")
    }

    /// Runs a shell command that has to go well. A start or reload is waited for: asked for the next before,
    /// Apache may wait for ever for a process manager of mod_fcgid that did not hear it.
    pub(super) fn done(&self, command: &str) {
        let errors = || fs::read_to_string(self.path("error.log")).unwrap_or_default();
        let starts = || errors().matches("resuming normal operations").count();
        let before = starts();
        let output = self.shell(command);
        assert!(output.status.success(), "{command}: {output:?}");
        if ["apachectl start", "apachectl graceful"].iter().any(|start| command.contains(start)) {
            assert!(wait_for(|| (starts() > before).then_some(())).is_some(), "{command}: {}", errors());
        }
    }

    /// The text that `product-lookup check` prints, this folder written as `$ROOT` and the
    /// sources' as `$SOURCE`, and its status.
    pub(super) fn check(&self, arguments: &str) -> (String, Option<i32>) {
        let output = self.shell(&format!("product-lookup check {arguments}"));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "check {arguments}");
        let root = self.folder.path().display().to_string();
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        (text.replace(&root, "$ROOT").replace(env!("CARGO_MANIFEST_DIR"), "$SOURCE"), output.status.code())
    }

    /// The processes of `serve` here, also those which a printed command started.
    fn serving(&self) -> Vec<Pid> {
        let listen = format!("unix:{}/run/socket", self.folder.path().display());
        let processes = fs::read_dir("/proc").expect("processes").flatten();
        let pids = processes.filter_map(|process| Some((process.path(), process.file_name().to_str()?.parse().ok()?)));
        let ours = pids.filter(|(path, _)| {
            let arguments = fs::read(path.join("cmdline")).unwrap_or_default();
            arguments.split(|&byte| byte == 0).any(|argument| argument == listen.as_bytes())
        });
        ours.filter_map(|(_, pid)| Pid::from_raw(pid)).collect()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let apache = fs::read_to_string(self.path("apache.pid")).ok().and_then(|pid| pid.trim().parse().ok());
        let processes = self.serving().into_iter().chain(apache.and_then(Pid::from_raw));
        for pid in processes {
            let there = || Path::new("/proc").join(pid.as_raw_nonzero().to_string()).exists();
            if kill_process(pid, Signal::TERM).is_ok() {
                let _ = wait_for(|| (!there()).then_some(()));
            }
        }
    }
}
