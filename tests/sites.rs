//! What apache/README.md says of other web servers, and the files in `apache/` among other things that an Apache has:
//! passwords, other sites, compression, HTTP/2.

mod passwords;

use std::path::Path;
use std::process::Command;

use crate::servers::http::{self, HttpReply};
use crate::servers::process::{self, debian};
use crate::servers::{self, Connections, Door, Included, Server, Site, Socket};
use crate::web_servers;

const README: &str = include_str!("../apache/README.md");

/// The five ways that the files in `apache/` have.
const WAYS: [Door; 5] =
    [Door::Fcgid, Door::Cgid, Door::Cgi, Door::Proxy(Socket::Unix, Connections::Closed), Door::Balancer];

const CLOCK: &[u8] = br#"{"name":"Clock","price":12}"#;

/// The README's blocks for other web servers, to the letter but for paths: the program, a catalogue and the page.
#[test]
fn blocks_of_the_readme() {
    let (_folder, site) = web_servers::catalogue();
    for (language, door) in [
        ("nginx", Door::Nginx(Socket::Unix, Connections::Closed)),
        ("lighttpd", Door::Lighttpd),
        ("caddy", Door::Caddy),
        ("haproxy", Door::HaProxy),
    ] {
        let (_, block) = README.split_once(&format!("```{language}\n")).expect("a block");
        let snippet = block.split("```").next();
        let server = servers::start(door, &Site { snippet, ..site.clone() });
        for (target, expected) in [
            ("/wsgi/myapp.py?id=B001", r#"{"name":"Teapot","price":19.90}"#),
            ("/wsgi/myapp.py/B001", r#"{"name":"Teapot","price":19.90}"#),
            ("/myapp/H%2001", r#"{"name":"a space in the id","price":1}"#),
            ("/sample", "Hello World!"),
            ("/products/", include_str!("../html/index.html")),
        ] {
            let reply = http::get(server.addr, target);
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert_eq!((reply.status, body.as_str()), (200, expected), "{language} {target} {}", server.error_log());
            assert_eq!(
                target == "/products/",
                reply.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html"))
            );
        }
        let body = format!("id=A002&x={}", "x".repeat(1_000_000));
        let reply = http::post(server.addr, "/wsgi/myapp.py", "application/x-www-form-urlencoded", body.as_bytes());
        assert_eq!(reply.body, br#"{"name":"Bi-Noculars","price":40}"#, "{language} {}", server.error_log());
    }
}

/// Lines that load modules beside those that the program needs.
fn load(modules: &[&str]) -> String {
    let file = |name: &str| debian(&format!("/usr/lib/apache2/modules/mod_{name}.so"));
    modules.iter().map(|name| format!("LoadModule {name}_module {}\n", file(name).display())).collect()
}

fn status(server: &Server, target: &str) -> u16 {
    http::get(server.addr, target).status
}

#[test]
fn paths_of_its_own() {
    let directives = "Define PRODUCT_LOOKUP_AT /shop/lookup\nDefine PRODUCT_LOOKUP_PAGES /catalogue\n";
    let moved = "Define PRODUCT_LOOKUP_MYAPP /shop/myapp\nDefine PRODUCT_LOOKUP_SAMPLE /shop/sample\n";
    let without = "Define PRODUCT_LOOKUP_NO_ALIASES\nDefine PRODUCT_LOOKUP_NO_PAGES\n";
    for door in WAYS {
        for (more, there, pages) in [(moved, 200, 200), (without, 404, 404)] {
            let server = servers::start(door, &Site { directives: format!("{directives}{more}"), ..Site::default() });
            for (target, expected) in [
                ("/shop/lookup/myapp.py?id=A001", 200),
                ("/shop/lookup/myapp.py/A001", 200),
                ("/shop/lookup/sample.py", 200),
                ("/shop/myapp/A001", there),
                ("/shop/sample", there),
                ("/catalogue/get.html", pages),
                ("/wsgi/myapp.py?id=A001", 404),
                ("/myapp?id=A001", 404),
                ("/sample", 404),
                ("/products/", 404),
            ] {
                assert_eq!(status(&server, target), expected, "{door:?} {target} {}", server.error_log());
            }
        }
    }
}

/// What another site of the same server answers to all that might be changed by ours.
fn other_site(at: std::net::SocketAddr) -> Vec<HttpReply> {
    let long = "x".repeat(200_000);
    let posted = |path: &str, body: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: other.example\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let asked = |method: &str, path: &str| format!("{method} {path} HTTP/1.1\r\nHost: other.example\r\n\r\n");
    let requests = [
        asked("GET", "/wsgi/sample"),
        asked("GET", "/wsgi/?id=A001"),
        posted("/wsgi/sample", "short"),
        // More than mod_fcgid takes by itself.
        posted("/wsgi/sample", &long),
        asked("TRACE", "/wsgi/sample"),
        asked("TRACE", "/"),
        asked("GET", "/products/"),
        asked("GET", "/myapp"),
        asked("GET", "/sample"),
        posted("/", &long),
    ];
    let reply = |request: String| {
        let mut reply = http::send(at, request.as_bytes());
        reply.headers.retain(|(name, _)| name != "Date");
        reply
    };
    requests.into_iter().map(reply).collect()
}

/// Two sites in one Apache, of which the other has a FastCGI program at the same path: it answers, to the byte, what
/// it does where ours is not there.
#[test]
fn another_site_of_the_same_server() {
    let folder = process::folder();
    let program = process::install_program(folder.path());
    for door in WAYS.into_iter().filter(|door| *door != Door::Cgi) {
        let answers = [Included::Nowhere, Included::InVirtualHost].map(|included| {
            let other = format!(
                "<VirtualHost *>\nServerName other.example\nAlias \"/wsgi\" \"{}\"\n<Location \"/wsgi\">\n\
                 SetHandler fcgid-script\nOptions +ExecCGI\nRequire all granted\n</Location>\n</VirtualHost>\n",
                program.display()
            );
            let fcgid = if door == Door::Fcgid { String::new() } else { fcgid(folder.path()) };
            let site = Site { included, directives: fcgid + &other, ..Site::default() };
            let server = servers::start(door, &site);
            if included == Included::InVirtualHost {
                let reply = http::post(
                    server.addr,
                    "/wsgi/myapp.py",
                    "application/x-www-form-urlencoded",
                    format!("id=A001&x={}", "x".repeat(200_000)).as_bytes(),
                );
                assert_eq!((reply.status, reply.body.as_slice()), (200, CLOCK), "{door:?} {}", server.error_log());
            }
            other_site(server.addr)
        });
        let [without, with] = answers;
        let statuses: Vec<u16> = without.iter().map(|reply| reply.status).collect();
        assert_eq!(statuses[..4], [200, 200, 200, 500], "{door:?}");
        for (without, with) in without.iter().zip(&with) {
            assert_eq!(without, with, "{door:?}");
        }
    }
}

/// mod_fcgid for the other site, where ours does not have it.
fn fcgid(folder: &Path) -> String {
    let module = debian("/usr/lib/apache2/modules/mod_fcgid.so");
    let (module, folder) = (module.display(), folder.display());
    format!(
        "LoadModule fcgid_module {module}\nFcgidIPCDir \"{folder}\"\nFcgidProcessTableFile \"{folder}/fcgid_shm\"\n"
    )
}

/// mod_deflate, which Debian has on, gives a tag back with what it has done.
#[test]
fn a_tag_that_mod_deflate_has_changed() {
    let directives = load(&["deflate"]) + "SetOutputFilter DEFLATE\n";
    let server = servers::start(Door::Fcgid, &Site { directives, ..Site::default() });
    let ask = |more: &str| {
        let head = "GET /wsgi/myapp.py?id=A001&format=html HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n";
        http::send(server.addr, format!("{head}{more}\r\n").as_bytes())
    };
    let first = ask("");
    let tag = first.header("ETag").expect("a tag").to_owned();
    assert_eq!((first.status, first.header("Content-Encoding"), tag.ends_with("-gzip\"")), (200, Some("gzip"), true));
    assert_eq!(ask(&format!("If-None-Match: {tag}\r\n")).status, 304);
    assert_eq!(ask("If-None-Match: \"x-gzip\"\r\n").status, 200);
}

/// HTTP/2, where a body may come without a length, whichever way Apache hands it on.
#[test]
fn bodies_by_http_2() {
    let folder = process::folder();
    let long = folder.path().join("long");
    std::fs::write(&long, format!("x={}&id=A002", "x".repeat(300_000))).expect("a body");
    for door in WAYS.into_iter().filter(|door| *door != Door::Cgi) {
        let directives = load(&["http2"]) + "Protocols h2c http/1.1\n";
        let server = servers::start(door, &Site { directives, ..Site::default() });
        let ask = |arguments: &[&str], query: &str| {
            let mut curl = Command::new("curl");
            curl.args([
                "-s",
                "--http2-prior-knowledge",
                "-m",
                "20",
                "-X",
                "POST",
                "-w",
                " %{http_code} %{http_version}",
            ]);
            curl.args(arguments).arg(format!("http://{}/wsgi/myapp.py{query}", server.addr));
            String::from_utf8(curl.output().expect("curl").stdout).expect("UTF-8")
        };
        let form = "Content-Type: application/x-www-form-urlencoded";
        let long = format!("@{}", long.display());
        let bi_noculars = r#"{"name":"Bi-Noculars","price":40} 200 2"#;
        assert_eq!(ask(&["-d", "id=A002"], ""), bi_noculars, "{door:?} {}", server.error_log());
        assert_eq!(ask(&["--data-binary", &long], ""), bi_noculars, "{door:?} {}", server.error_log());
        let without_length = ["-H", form, "-H", "Content-Length:", "--data-binary", &long];
        assert_eq!(ask(&without_length, ""), bi_noculars, "{door:?} {}", server.error_log());
        assert_eq!(ask(&[], "?id=A001"), r#"{"name":"Clock","price":12} 200 2"#, "{door:?} {}", server.error_log());
    }
}
