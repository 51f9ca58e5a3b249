//! Private Apaches, one for each front, all with the same settings.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::contenders::{Front, Load, Program};
use crate::http;
use crate::memory;
use crate::process::{self, Running, debian, free_port, hand_over, server_user, wait_for};
use crate::programs::{Serving, Site};
use crate::wrk::Asked;

/// The files in apache/.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/apache");

/// Processes and threads are fixed, so that none is started or ended while figures are taken.
const THREADS: &str = "StartServers 2
ServerLimit 2
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
MaxConnectionsPerChild 0
MaxKeepAliveRequests 0
";

/// As many processes of a program as mod_fcgid starts.
const PROCESSES: usize = 24;

/// An Apache that runs, with what it connects to, until this goes.
pub struct Apache {
    pub address: SocketAddr,
    _process: Running,
    _behind: (Option<Serving>, Option<Running>),
}

/// Starts one. It answers when this returns.
pub fn start(site: &Site, front: Front) -> Apache {
    let folder = tempfile::tempdir_in(site.path("run")).expect("a folder").keep();
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a folder of ours");
    hand_over(&folder);
    let serving = match front {
        Front::Proxy(program) => Some(site.serve(program, &site.catalogue(program))),
        _ => None,
    };
    let php = (front == Front::PhpFpm).then(|| php_fpm(&folder));
    let socket = serving.as_ref().map_or(folder.join("php"), |serving| serving.socket.clone());
    for _ in 0..10 {
        let port = free_port();
        let configuration = configuration(site, front, &folder, port, &socket);
        fs::write(folder.join("apache.conf"), configuration).expect("a configuration");
        let mut command = Command::new(debian("/usr/sbin/apache2"));
        command.arg("-f").arg(folder.join("apache.conf")).args(["-D", "FOREGROUND"]);
        let errors = fs::File::create(folder.join("stderr")).expect("a file");
        command.env_clear().env("PATH", "/usr/bin:/bin").stdout(Stdio::null()).stderr(errors);
        let mut process = Running::start(&mut command);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mine = folder.join("apache.pid");
        let ready = wait_for(|| match process.ended() {
            Some(_) => Some(false),
            None => (mine.exists() && http::try_send(address, b"HEAD / HTTP/1.0\r\n\r\n").is_ok()).then_some(true),
        });
        if ready == Some(true) {
            return Apache { address, _process: process, _behind: (serving, php) };
        }
        let read = |name| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let said = read("stderr") + &read("error.log");
        assert!(said.contains("Address already in use"), "{front:?} does not start:\n{said}");
    }
    panic!("ten free ports were taken by others");
}

/// The same with all processes of a program that mod_fcgid starts. It starts one only after a request has slept for a
/// second, and wrk has a reply before mod_fcgid knows that the process is free: it takes more clients than processes.
pub fn warm(site: &Site, front: Front) -> Apache {
    let running = |program| memory::processes(&site.program(program)).len();
    let before = front.program().map_or(0, running);
    let apache = start(site, front);
    let Front::Fcgid(program) = front else { return apache };
    let asked = Asked { site, to: apache.address, load: Load::Get(front), connections: 2 * PROCESSES };
    let all = (0..30).any(|_| {
        asked.measure(1);
        running(program) == before + PROCESSES
    });
    assert!(all, "{front:?} does not get {PROCESSES} processes");
    apache
}

fn configuration(site: &Site, front: Front, folder: &std::path::Path, port: u16, socket: &std::path::Path) -> String {
    let mut modules = vec!["mpm_event", "authz_core", "alias", "dir", "env", "mime"];
    modules.extend(match front {
        Front::Static => &[][..],
        Front::Fcgid(_) => &["fcgid"],
        Front::Proxy(_) | Front::PhpFpm => &["proxy", "proxy_fcgi"],
        Front::Cgid(_) => &["cgid"],
        Front::WsgiEmbedded | Front::WsgiDaemon => &["wsgi"],
    });
    let load = |module: &str| {
        let file = debian(&format!("/usr/lib/apache2/modules/mod_{module}.so"));
        format!("LoadModule {module}_module {}\n", file.display())
    };
    let user = if server_user().is_some() { "User www-data\nGroup www-data\n" } else { "" };
    let html = site.path("html");
    let (folder, html) = (folder.display(), html.display());
    let modules: String = modules.into_iter().map(load).collect();
    let front = directives(site, front, &folder.to_string(), &socket.display().to_string());
    format!(
        r#"ServerRoot "{folder}"
ServerName localhost
Listen 127.0.0.1:{port}
DefaultRuntimeDir "{folder}"
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
LogLevel warn
DocumentRoot "{html}"
{user}{modules}{THREADS}TypesConfig /dev/null
AddType application/json .json
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory "{html}">
    Require all granted
</Directory>
{front}"#
    )
}

/// What is particular to a front. A peer stands in the very file that ours is used with.
fn directives(site: &Site, front: Front, folder: &str, socket: &str) -> String {
    let (bin, log) = (site.path("bin"), site.path("log/debug.log"));
    let (bin, run, log) = (bin.display(), site.path("run"), log.display());
    let ours = |program: Program, file: &str| {
        let define = |name: &str, value: PathBuf| format!("Define PRODUCT_LOOKUP_{name} \"{}\"\n", value.display());
        define("BIN", site.program(program))
            + &define("HTML", site.path("html"))
            + &define("FILES", FILES.into())
            + &define("DB", site.catalogue(program))
            + &define("LOG", site.path("log/debug.log"))
            + &define("MIN_PROCESSES", PROCESSES.to_string().into())
            + &define("MAX_PROCESSES", PROCESSES.to_string().into())
            + &define("SOCKET", socket.into())
            + &format!("Define PRODUCT_LOOKUP_REUSE on\nInclude \"{FILES}/{file}\"\n")
    };
    // Without the limit on how many processes are started in a second.
    let fcgid = format!(
        "FcgidIPCDir \"{folder}\"\nFcgidProcessTableFile \"{folder}/fcgid_shm\"\nFcgidSpawnScoreUpLimit 1000\n"
    );
    let catalogue = site.catalogue(Program::Ours);
    let variables = format!(
        "SetEnv PRODUCTS_DB \"{}\"\nSetEnv FTS5_DB \"{}\"\nSetEnv DEBUG_LOG \"{log}\"\n",
        catalogue.display(),
        site.path("data/fts5.db").display()
    );
    let python = format!(
        "{variables}WSGIScriptAlias /wsgi/myapp.py \"{bin}/lookup.py\"\n\
         <Directory \"{bin}\">\nRequire all granted\n</Directory>\n"
    );
    match front {
        Front::Static => String::new(),
        Front::Fcgid(program) => fcgid + &ours(program, "fcgid.conf"),
        Front::Proxy(program) => ours(program, "proxy_fcgi.conf"),
        Front::Cgid(program) => format!("ScriptSock \"{folder}/cgid.sock\"\n") + &ours(program, "cgi.conf"),
        Front::WsgiEmbedded => python,
        Front::WsgiDaemon => format!(
            "WSGISocketPrefix \"{}/wsgi\"\nWSGIDaemonProcess lookup processes=2 threads=15\nWSGIProcessGroup lookup\n{python}",
            run.display()
        ),
        Front::PhpFpm => {
            format!(
                "{variables}ProxyPass /wsgi/myapp.py \"unix:{folder}/php|fcgi://php{bin}/lookup.php\" enablereuse=on\n\
                 <Location /wsgi>\nRequire all granted\nSetEnv ap_trust_cgilike_cl 1\n</Location>\n"
            )
        }
    }
}

/// PHP-FPM with its cache of compiled scripts. A connection that is kept holds a process, so there is
/// one for each of Apache's threads.
fn php_fpm(folder: &std::path::Path) -> Running {
    let (file, socket) = (folder.join("php.conf"), folder.join("php"));
    let user = if server_user().is_some() { "user = www-data\nlisten.owner = www-data\n" } else { "" };
    let configuration = format!(
        "[global]\nerror_log = {}/php.log\ndaemonize = no\n[www]\n{user}listen = {}\n\
         pm = static\npm.max_children = 50\n",
        folder.display(),
        socket.display()
    );
    fs::write(&file, configuration).expect("a configuration");
    let mut command = Command::new(debian("/usr/sbin/php-fpm8.2"));
    command.arg("--no-php-ini").arg("--fpm-config").arg(file);
    for (kind, module) in [("zend_extension", "opcache"), ("extension", "pdo"), ("extension", "pdo_sqlite")] {
        let file = debian(&format!("/usr/lib/php/20220829/{module}.so"));
        command.arg(format!("-d{kind}={}", file.display()));
    }
    // The body as it was sent is counted.
    command.args(["-dopcache.enable=1", "-denable_post_data_reading=0", "--allow-to-run-as-root"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let process = Running::start(&mut command);
    process::wait_for(|| std::os::unix::net::UnixStream::connect(&socket).ok()).expect("PHP-FPM listens");
    process
}
