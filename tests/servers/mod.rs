//! Real web servers with the program behind them, each on an address of its own, with what it wrote.
//!
//! A server lives as long as its [`Server`]; one in a `static` would never end.

mod apache;
mod caddy;
mod haproxy;
pub(crate) mod http;
mod lighttpd;
#[cfg(feature = "mysql")]
pub(crate) mod mariadb;
mod nginx;
pub(crate) mod process;
mod site;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::Signal;
pub(crate) use site::{Included, Site};
use tempfile::TempDir;

use process::{Running, as_server_user, debian, free_port, hand_over, install, install_program, wait_for};

/// A way to set up a web server in front of the program. All of them answer at the same paths:
/// /myapp, /sample, and below /wsgi/ the names in [`SCRIPTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// apache/fcgid.conf
    Fcgid,
    /// mod_fcgid with SetHandler and no wrapper
    FcgidSetHandler,
    /// mod_fcgid with a ScriptAlias to a folder of links to the program
    FcgidScriptAlias,
    /// mod_fcgid with FcgidWrapper for a folder of script files, without `virtual`
    FcgidWrapper,
    /// apache/cgi.conf with mod_cgid
    Cgid,
    /// apache/cgi.conf with mod_cgi
    Cgi,
    /// apache/proxy_fcgi.conf
    Proxy(Socket, Connections),
    /// apache/balancer.conf with two responders
    Balancer,
    /// mod_proxy_fcgi with SetHandler
    ProxySetHandler,
    /// nginx with fastcgi_pass
    Nginx(Socket, Connections),
    /// lighttpd, which connects to `serve`
    Lighttpd,
    /// lighttpd, which starts the program by itself, with the settings in its environment
    LighttpdSpawns,
    /// Caddy with the FastCGI transport of its reverse proxy
    Caddy,
    /// HAProxy with an fcgi-app
    HaProxy,
}

/// Where `product-lookup serve` listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    Unix,
    Tcp,
}

/// What a server does with a connection to `serve` after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    Closed,
    Kept,
}

impl Door {
    pub(crate) const ALL: [Door; 20] = [
        Door::Fcgid,
        Door::FcgidSetHandler,
        Door::FcgidScriptAlias,
        Door::FcgidWrapper,
        Door::Cgid,
        Door::Cgi,
        Door::Proxy(Socket::Unix, Connections::Closed),
        Door::Proxy(Socket::Unix, Connections::Kept),
        Door::Proxy(Socket::Tcp, Connections::Closed),
        Door::Proxy(Socket::Tcp, Connections::Kept),
        Door::Balancer,
        Door::ProxySetHandler,
        Door::Nginx(Socket::Unix, Connections::Closed),
        Door::Nginx(Socket::Unix, Connections::Kept),
        Door::Nginx(Socket::Tcp, Connections::Closed),
        Door::Nginx(Socket::Tcp, Connections::Kept),
        Door::Lighttpd,
        Door::LighttpdSpawns,
        Door::Caddy,
        Door::HaProxy,
    ];

    /// Where `serve` has to listen, for the doors that connect to one.
    fn socket(self) -> Option<Socket> {
        match self {
            Door::Proxy(socket, _) | Door::Nginx(socket, _) => Some(socket),
            Door::ProxySetHandler | Door::Lighttpd | Door::Caddy | Door::HaProxy => Some(Socket::Unix),
            Door::Balancer => Some(Socket::Tcp),
            _ => None,
        }
    }

    /// How many of them.
    fn responders(self) -> usize {
        match self {
            Door::Balancer => 2,
            _ => usize::from(self.socket().is_some()),
        }
    }
}

/// The names that stand below /wsgi/ for each door; most take any other name too.
pub(crate) const SCRIPTS: [&str; 7] =
    ["myapp", "myapp.py", "myapp.fcgi", "sample", "sample.py", "sample.fcgi", "anything.fcgi"];

/// What a server is set up with.
struct Plan<'a> {
    door: Door,
    site: &'a Site,
    folder: &'a Path,
    port: u16,
    program: &'a Path,
    /// Where `serve` listens, as it says itself: `unix:PATH` or `HOST:PORT`, one after the other.
    backend: &'a str,
}

impl Plan<'_> {
    /// The site's block of the README, with this server's own paths; else what the tests have by themselves.
    fn snippet_or(&self, otherwise: String) -> String {
        let Some(snippet) = self.site.snippet else { return otherwise };
        let path = |path: &Path| path.display().to_string();
        let catalogue = self.site.products_db.as_deref().expect("a catalogue");
        snippet
            .replace("/run/product-lookup/socket", self.backend.strip_prefix("unix:").expect("a unix socket"))
            .replace("/srv/shop/products.db", &path(catalogue))
            .replace("/usr/local/share/product-lookup/html", &path(&self.folder.join("html")))
            .replace("bind :80", &format!("bind 127.0.0.1:{}", self.port))
    }
}

/// A web server that runs, and ends when this is dropped.
pub(crate) struct Server {
    pub door: Door,
    pub addr: SocketAddr,
    /// The debug log of its site.
    pub debug_log: PathBuf,
    // Dropped in this order: the web server, what it connects to, their folder.
    process: Running,
    responders: Vec<Responder>,
    folder: TempDir,
}

/// A `serve` behind a server.
struct Responder {
    process: Running,
    listens: String,
}

/// Starts a server. It answers when this returns.
pub(crate) fn start(door: Door, site: &Site) -> Server {
    let folder = process::folder();
    let root = folder.path();
    for part in ["bin", "html", "log", "run", "www", "wsgi"] {
        fs::create_dir(root.join(part)).expect("a new folder");
        hand_over(&root.join(part));
    }
    let program = install_program(&root.join("bin"));
    if let Some(other) = &site.program {
        install(other.as_ref(), &program);
    }
    lay_out(root, &program, door);
    let listen = match door.socket() {
        Some(Socket::Unix) => format!("unix:{}", root.join("run/serve.sock").display()),
        _ => "127.0.0.1:0".to_owned(),
    };
    let responders: Vec<_> = (0..door.responders())
        .map(|_| match &site.program {
            Some(_) => start_on(&root.join("run/serve.sock"), root, &program),
            None => start_serve(root, &program, &listen),
        })
        .collect();
    let backend = responders.iter().map(|responder| responder.listens.as_str()).collect::<Vec<_>>().join(" ");
    let debug_log = site.debug_log.clone().unwrap_or_else(|| root.join("log/debug.log"));
    // Between the look for a free port and the server's own bind, another may have taken it.
    for _ in 0..10 {
        let port = free_port();
        let plan = Plan { door, site, folder: root, port, program: &program, backend: &backend };
        let command = match door {
            Door::Nginx(..) => nginx::command(&plan),
            Door::Lighttpd | Door::LighttpdSpawns => lighttpd::command(&plan),
            Door::Caddy => caddy::command(&plan),
            Door::HaProxy => haproxy::command(&plan),
            _ => apache::command(&plan),
        };
        if let Some(process) = start_at(port, command, root) {
            let addr = SocketAddr::from(([127, 0, 0, 1], port));
            return Server { door, addr, debug_log, process, responders, folder };
        }
    }
    panic!("ten free ports were taken by others");
}

impl Server {
    /// The server's own temporary folder.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Does what `apachectl graceful` and the like do, to whichever server this is.
    pub(crate) fn apachectl(&self, action: &str) {
        let nginx = matches!(self.door, Door::Nginx(..));
        self.process.signal(match action {
            "graceful" if nginx => Signal::HUP,
            "graceful" => Signal::USR1,
            "stop" => Signal::TERM,
            other => panic!("{other}: graceful or stop"),
        });
    }

    /// Kills a responder with -9, and waits for its end.
    pub(crate) fn kill_responder(&mut self, number: usize) {
        let responder = &mut self.responders[number].process;
        responder.signal(Signal::KILL);
        wait_for(|| responder.ended()).expect("its end");
    }

    /// Starts it again where it was.
    pub(crate) fn restart_responder(&mut self, number: usize) {
        let listens = self.responders[number].listens.clone();
        self.responders[number] = start_serve(self.root(), &self.root().join("bin/product-lookup"), &listens);
    }

    /// What the servers and the program wrote on stderr and to the error log.
    pub(crate) fn error_log(&self) -> String {
        error_log(self.root())
    }
}

fn error_log(root: &Path) -> String {
    let read = |name| String::from_utf8_lossy(&fs::read(root.join(name)).unwrap_or_default()).into_owned();
    ["stderr", "error.log", "serve.stderr"].map(read).concat()
}

/// Fills the server's folder: a page that tells it from others, the forms, the scripts.
fn lay_out(root: &Path, program: &Path, door: Door) {
    fs::write(root.join("www/ready.txt"), root.as_os_str().as_encoded_bytes()).expect("a page");
    let html = Path::new(env!("CARGO_MANIFEST_DIR")).join("html");
    for page in fs::read_dir(html).expect("the forms") {
        let page = page.expect("a form");
        fs::copy(page.path(), root.join("html").join(page.file_name())).expect("a copy of a form");
    }
    for name in SCRIPTS {
        let script = root.join("wsgi").join(name);
        match door {
            Door::FcgidScriptAlias => std::os::unix::fs::symlink(program, script).expect("a link"),
            _ => fs::write(script, "A script that the program stands in for.\n").expect("a script"),
        }
    }
}

/// Starts a program on a unix socket that listens, as spawn-fcgi does.
fn start_on(socket: &Path, root: &Path, program: &Path) -> Responder {
    let listener = UnixListener::bind(socket).expect("a socket");
    hand_over(socket);
    let mut command = Command::new(program);
    command.current_dir(root).env_clear().stderr(fs::File::create(root.join("serve.stderr")).expect("a file"));
    let process = Running::start_with(as_server_user(&mut command), OwnedFd::from(listener).into());
    Responder { process, listens: format!("unix:{}", socket.display()) }
}

/// Starts `serve`: the process, and where it says that it listens.
fn start_serve(root: &Path, program: &Path, listen: &str) -> Responder {
    let said = root.join("serve.stdout");
    let mut command = Command::new(program);
    command.args(["serve", "--listen", listen]).current_dir(root).env_clear();
    // Over TCP settings come from who is named alone.
    command.env("FCGI_WEB_SERVER_ADDRS", "127.0.0.1");
    command.stdout(fs::File::create(&said).expect("a file"));
    let stderr = fs::File::options().append(true).create(true).open(root.join("serve.stderr"));
    command.stderr(stderr.expect("a file"));
    let process = Running::start(as_server_user(&mut command));
    let ready = wait_for(|| {
        let mut line = String::new();
        BufReader::new(fs::File::open(&said).ok()?).read_line(&mut line).ok()?;
        line.ends_with('\n').then_some(line)
    });
    let ready = ready.unwrap_or_else(|| panic!("serve is not ready: {}", error_log(root)));
    let listens = ready.trim_end().rsplit(' ').next().unwrap_or_default().to_owned();
    Responder { process, listens }
}

/// Starts a server at a port and waits until it answers there; `None` if the port is taken.
fn start_at(port: u16, mut command: Command, root: &Path) -> Option<Running> {
    let stderr = fs::File::create(root.join("stderr")).expect("a file");
    command.current_dir(root).env_clear().env("PATH", "/usr/bin:/bin").stdout(Stdio::null()).stderr(stderr);
    let mut process = Running::start(&mut command);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let expected = root.as_os_str().as_encoded_bytes();
    let request = b"GET /ready.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let ready = wait_for(|| match process.ended() {
        Some(_) => Some(false),
        // Another server may answer at this port before this one fails to bind it.
        None => http::try_send(address, request).is_ok_and(|reply| reply.body == expected).then_some(true),
    });
    match ready {
        Some(true) => Some(process),
        Some(false) if error_log(root).to_lowercase().contains("address already in use") => None,
        _ => panic!("{command:?} does not start:\n{}", error_log(root)),
    }
}
