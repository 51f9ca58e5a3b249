//! The gateway's own examples, programs of some twenty lines, behind real web servers and in a shell.

mod ends;

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use rustix::process::Signal;

use crate::fastcgi_client as fastcgi;
use crate::faults::killed::responders;
use crate::program::run;
use crate::servers::process::{self, debian, wait_for};
use crate::servers::{self, Connections, Door, Server, Site, Socket, http};

const DOORS: [Door; 7] = [
    Door::Fcgid,
    Door::Cgid,
    Door::Cgi,
    Door::Proxy(Socket::Unix, Connections::Closed),
    Door::Proxy(Socket::Unix, Connections::Kept),
    Door::Nginx(Socket::Unix, Connections::Kept),
    Door::Lighttpd,
];

/// The folder of the examples, which are built first.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let target = Path::new(env!("CARGO_BIN_EXE_product-lookup")).parent().expect("a folder");
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--locked",
        "--offline",
        "--package",
        "cgi-responder",
        "--all-features",
        "--examples",
    ]);
    build.arg("--target-dir").arg(target.parent().expect("a folder")).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(build.status().expect("cargo").success(), "{build:?}");
    target.parent().expect("a folder").join("debug/examples")
});

fn example(name: &str, door: Door) -> Server {
    servers::start(door, &Site { program: Some(EXAMPLES.join(name)), ..Site::default() })
}

#[test]
fn by_hand_each_says_how_it_is_started() {
    let output = run(Command::new(EXAMPLES.join("hello")).env_clear(), b"");
    let told =
        "there is no request: as in a shell, set QUERY_STRING, or have a web server start this by CGI or FastCGI\n";
    assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), (told, Some(1)));
}

#[test]
fn an_axum_router_behind_each_server() {
    for door in DOORS {
        let server = example("axum", door);
        let said = || server.error_log();
        let hello = http::get(server.addr, "/wsgi/hello?x=1");
        assert_eq!((hello.status, hello.body.as_slice()), (200, &b"Hello you!\n"[..]), "{door:?} {}", said());
        let none = http::get(server.addr, "/wsgi/caf%C3%A9");
        assert_eq!((none.status, none.body.as_slice()), (404, &b"Not here.\n"[..]), "{door:?} {}", said());
        let form = "application/x-www-form-urlencoded";
        let posted = http::post(server.addr, "/wsgi/hello", form, b"name=ann");
        assert_eq!((posted.status, posted.body.as_slice()), (303, &b""[..]), "{door:?} {}", said());
        assert_eq!(posted.header("Location").map(|to| to.ends_with("/welcome")), Some(true), "{door:?} {posted:?}");
        assert_eq!(posted.header("Set-Cookie"), Some("name=ann"), "{door:?}");
        let other = http::post(server.addr, "/wsgi/hello", "text/plain", b"name=ann");
        assert_eq!(other.status, 415, "{door:?}");
    }
}

/// Who the web server says is asking, and nobody who says so himself.
#[test]
fn a_user_behind_a_password() {
    let folder = process::folder();
    let users = folder.path().join("users");
    // The password is "secret", as `openssl passwd -apr1` writes it.
    let output = Command::new("openssl").args(["passwd", "-apr1", "secret"]).output().expect("openssl");
    std::fs::write(&users, [b"ann:", output.stdout.as_slice()].concat()).expect("a file");
    for door in DOORS {
        let directives = password(door, &users);
        let site = Site { program: Some(EXAMPLES.join("axum")), directives, ..Site::default() };
        let server = servers::start(door, &site);
        assert_eq!(http::get(server.addr, "/wsgi/hello").status, 401, "{door:?} {}", server.error_log());
        let ask = "GET /wsgi/hello HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YW5uOnNlY3JldA==\r\n\
            Remote-User: root\r\n\r\n";
        let reply = http::send(server.addr, ask.as_bytes());
        let said = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!((reply.status, said.as_str()), (200, "Hello ann!\n"), "{door:?} {}", server.error_log());
    }
}

/// What has a server ask for a password, and tell whose it is, at /wsgi/hello.
fn password(door: Door, users: &Path) -> String {
    let users = users.display();
    match door {
        Door::Nginx(..) => {
            format!("auth_basic shop;\nauth_basic_user_file \"{users}\";\nfastcgi_param REMOTE_USER $remote_user;\n")
        }
        Door::Lighttpd => format!(
            "auth.backend = \"htpasswd\"\nauth.backend.htpasswd.userfile = \"{users}\"\nauth.require = (\n\
             \"/wsgi/hello\" => (\"method\" => \"basic\", \"realm\" => \"shop\", \"require\" => \"valid-user\"))\n"
        ),
        _ => {
            let modules = ["authn_core", "authn_file", "authz_user", "auth_basic"].map(|name| {
                let file = debian(&format!("/usr/lib/apache2/modules/mod_{name}.so"));
                format!("LoadModule {name}_module {}\n", file.display())
            });
            modules.concat()
                + &format!(
                    "<If \"%{{REQUEST_URI}} == '/wsgi/hello'\">\nAuthType Basic\nAuthName shop\n\
                     AuthUserFile \"{users}\"\nRequire valid-user\n</If>\n"
                )
        }
    }
}

#[test]
fn a_redirect_with_a_cookie() {
    for door in DOORS {
        let server = example("form", door);
        let led = http::get(server.addr, "/wsgi/form?name=ann");
        assert_eq!((led.status, led.body.as_slice()), (302, &b""[..]), "{door:?} {}", server.error_log());
        assert_eq!(led.header("Location").map(|to| to.ends_with("/welcome/ann")), Some(true), "{door:?} {led:?}");
        assert_eq!(led.header("Set-Cookie"), Some("greeted=1; HttpOnly"), "{door:?}");
    }
}

#[test]
fn on_a_socket_of_its_own() {
    let folder = process::folder();
    let socket = folder.path().join("socket");
    let mut command = Command::new(EXAMPLES.join("commands"));
    command.arg("serve").arg(format!("unix:{}", socket.display()));
    let mut running = process::Running::start(command.stdout(Stdio::null()));
    let mut connection = wait_for(|| UnixStream::connect(&socket).ok()).expect("it listens");
    connection.write_all(&fastcgi::request(1, false, &[], b"", fastcgi::WHOLE)).expect("a request");
    let said = String::from_utf8(fastcgi::read_document(&mut connection, 1)).expect("UTF-8");
    assert_eq!(said, WELCOME);
    running.signal(Signal::TERM);
    let ended = wait_for(|| running.ended()).expect("its end");
    assert_eq!((ended.code(), socket.exists()), (Some(0), false));
}

/// What `commands` answers.
const WELCOME: &str = "Status: 302 Found\r\nLocation: /welcome\r\nSet-Cookie: greeted=1; HttpOnly\r\nContent-Length: 0\r\n\
    X-Content-Type-Options: nosniff\r\n\r\n";

#[test]
fn a_router_in_a_runtime_of_tokios() {
    for door in DOORS {
        let server = example("tokio", door);
        let later = http::get(server.addr, "/wsgi/later");
        assert_eq!((later.status, later.body.as_slice()), (200, &b"At last.\n"[..]), "{door:?} {}", server.error_log());
    }
}

#[test]
fn plain_and_streamed_routes() {
    for door in DOORS {
        let server = example("routes", door);
        let page = http::get(server.addr, "/wsgi/");
        let expected = (200, &b"<a href=numbers?9>Numbers</a>\n"[..]);
        assert_eq!((page.status, page.body.as_slice()), expected, "{door:?} {}", server.error_log());
        let numbers = http::get(server.addr, "/wsgi/numbers?100000");
        assert_eq!((numbers.status, numbers.body.len()), (200, 588_895), "{door:?}");
        let sum = http::post(server.addr, "/wsgi/sum", "text/plain", &numbers.body);
        assert_eq!((sum.status, sum.body.as_slice()), (200, &b"5000050000\n"[..]), "{door:?} {}", server.error_log());
        let refused = http::post(server.addr, "/wsgi/sum", "text/plain", b"1\ntwo\n");
        assert_eq!((refused.status, refused.body.as_slice()), (400, &b"A number a line.\n"[..]), "{door:?}");
        assert_eq!(http::get(server.addr, "/wsgi/other").status, 404, "{door:?}");
    }
}

/// Bytes of an upload, which Apache's own limits still take, and of a download.
const UPLOAD: usize = 8_000_000;
const DOWNLOAD: usize = 100_000_000;

/// The most memory, in KiB, that a process of this server's has had.
fn peak(server: &Server) -> u64 {
    responders(server).into_iter().map(|pid| process::peak_memory(pid.as_raw_nonzero())).max().unwrap_or(0)
}

#[test]
fn a_body_and_a_reply_that_no_memory_holds() {
    let body: Vec<u8> = (0..UPLOAD).map(|number| (number * 7 + number / 251) as u8).collect();
    let sum = body.iter().fold(0_u64, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    for door in DOORS {
        let server = example("upload", door);
        let taken = http::post(server.addr, "/wsgi/myapp", "application/octet-stream", &body);
        let told = format!("{UPLOAD} bytes, {sum:016x}\n");
        assert_eq!((taken.status, String::from_utf8_lossy(&taken.body).as_ref()), (200, told.as_str()), "{door:?}");
        assert!(peak(&server) < 16 << 10, "{door:?}: {} KiB", peak(&server));
        assert_eq!(http::get(server.addr, "/wsgi/myapp").status, 405, "{door:?}");

        let server = example("download", door);
        let given = http::get(server.addr, &format!("/wsgi/myapp?bytes={DOWNLOAD}"));
        assert_eq!((given.status, given.body.len()), (200, DOWNLOAD), "{door:?} {}", server.error_log());
        assert!(given.body.iter().all(|&byte| byte == b'x'), "{door:?}");
        assert!(peak(&server) < 16 << 10, "{door:?}: {} KiB", peak(&server));
        assert_eq!(http::get(server.addr, "/wsgi/myapp?bytes=many").status, 400, "{door:?}");
        // What nobody has read is read to its end, and nobody waits for it.
        let ignored = http::post(server.addr, "/wsgi/myapp?bytes=5", "text/plain", &body);
        assert_eq!((ignored.status, ignored.body.as_slice()), (200, &b"xxxxx"[..]), "{door:?}");
        // More than is held before the body's end.
        let early = http::post(server.addr, "/wsgi/myapp?bytes=1000000", "text/plain", &body);
        assert_eq!(early.status, 500, "{door:?}");
        assert_eq!(http::get(server.addr, "/wsgi/myapp?bytes=7").body, b"xxxxxxx", "{door:?}");
    }
}

#[test]
fn in_a_shell() {
    let said = |name: &str, variables: &[(&str, &str)], stdin: &[u8]| {
        let mut command = Command::new(EXAMPLES.join(name));
        let output = run(command.env_clear().envs(variables.iter().copied()), stdin);
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let document = |status: &str, fields: &str, body: &str| {
        let length = body.len();
        (
            Some(0),
            format!(
                "Status: {status}\r\n{fields}Content-Length: {length}\r\nX-Content-Type-Options: nosniff\r\n\r\n{body}"
            ),
        )
    };
    let text = "Content-Type: text/plain; charset=utf-8\r\n";
    let user = [("QUERY_STRING", ""), ("REMOTE_USER", "ann")];
    assert_eq!(said("hello", &user, b""), document("200 OK", text, "Hello ann!\n"));
    assert_eq!(said("state", &user, b""), document("200 OK", text, "This process was asked 1 times.\n"));
    let fields = "Location: /welcome/ann+%2F%C3%A9\r\nSet-Cookie: greeted=1; HttpOnly\r\n";
    assert_eq!(said("form", &[("QUERY_STRING", "name=ann+/%C3%A9")], b""), document("302 Found", fields, ""));
    let post = [("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "8")];
    assert!(said("form", &post, b"name=bob and more").1.contains("Location: /welcome/bob\r\n"));
    assert!(said("form", &[("REQUEST_METHOD", "GET")], b"").1.contains("400 Bad Request"));
    let short = [("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "80")];
    assert!(said("form", &short, b"name=bob").1.contains("400 Bad Request"));
    let axum = [("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/wsgi"), ("PATH_INFO", "/hello"), ("REMOTE_USER", "ann")];
    let fields = "content-type: text/plain; charset=utf-8\r\n";
    assert_eq!(said("axum", &axum, b""), document("200 OK", fields, "Hello ann!\n"));
    let none = [("REQUEST_METHOD", "HEAD"), ("SCRIPT_NAME", "/wsgi/hello")];
    let (_, head) = said("axum", &none, b"");
    assert!(head.contains("Content-Length: 11\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    for (length, status) in [("x", "400 Bad Request"), ("30", "400 Bad Request"), ("4", "200 OK")] {
        let upload = [("REQUEST_METHOD", "PUT"), ("CONTENT_LENGTH", length)];
        let (_, document) = said("upload", &upload, b"four");
        assert!(document.starts_with(&format!("Status: {status}\r\n")), "{length}: {document}");
    }
    let chunked = [("REQUEST_METHOD", "PUT"), ("HTTP_TRANSFER_ENCODING", "chunked")];
    assert!(said("upload", &chunked, b"four").1.contains("4 bytes, "));
    assert_eq!(said("commands", &[], b""), (Some(0), "commands serve unix:PATH|HOST:PORT\n".to_owned()));
    assert_eq!(said("commands", &[("QUERY_STRING", "")], b""), (Some(0), WELCOME.to_owned()));
    assert_eq!(said("hello", &[], b""), (Some(1), String::new()));
}

/// Through mod_fcgid, which keeps it on disk, and through mod_proxy_fcgi: a gibibyte each way.
#[test]
#[ignore = "make load runs it"]
fn a_gibibyte_each_way() {
    const GIBIBYTE: usize = 1 << 30;
    for door in [Door::Fcgid, Door::Proxy(Socket::Unix, Connections::Closed)] {
        let limits = "Define PRODUCT_LOOKUP_MAX_REQUEST 2000000000\n".to_owned();
        let site = |name| Site { program: Some(EXAMPLES.join(name)), directives: limits.clone(), ..Site::default() };
        let server = servers::start(door, &site("upload"));
        let taken = http::post(server.addr, "/wsgi/myapp", "application/octet-stream", &vec![0; GIBIBYTE]);
        let said = String::from_utf8_lossy(&taken.body).into_owned();
        assert_eq!(
            (taken.status, said.as_str()),
            (200, "1073741824 bytes, 0000000000000000\n"),
            "{}",
            server.error_log()
        );
        println!("{door:?}: 1 GiB sent, {} KiB", peak(&server));
        assert!(peak(&server) < 16 << 10);
        let server = servers::start(door, &site("download"));
        let given = http::get(server.addr, &format!("/wsgi/myapp?bytes={GIBIBYTE}"));
        assert_eq!((given.status, given.body.len()), (200, GIBIBYTE), "{}", server.error_log());
        println!("{door:?}: 1 GiB received, {} KiB", peak(&server));
        assert!(peak(&server) < 16 << 10);
    }
}
