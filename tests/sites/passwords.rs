//! Sites that ask who somebody is: at every URL, and with the cache of apache/cache.conf beside.

use std::path::Path;

use product_lookup::catalogue::import::{Options, import};

use super::{README, WAYS, load, status};
use crate::servers::{self, Site, http, process};

/// The README's block, to the letter but for its file.
fn password(users: &Path) -> String {
    let blocks = README.split("```apache\n").filter_map(|block| block.split("```").next());
    let block = blocks.into_iter().find(|block| block.contains("AuthType")).expect("the block");
    assert!(block.contains("/etc/apache2/shop.htpasswd"), "{block}");
    block.replace("/etc/apache2/shop.htpasswd", &users.display().to_string())
}

#[test]
fn every_url_behind_one_password() {
    let folder = process::folder();
    let users = folder.path().join("users");
    // The password is "secret", as `openssl passwd -apr1` writes it.
    std::fs::write(&users, "ann:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n").expect("a file");
    let directives = load(&["authn_core", "authn_file", "authz_user", "auth_basic"]);
    for door in WAYS {
        for cached in [false, true] {
            let site = Site { directives: directives.clone(), after: password(&users), cached, ..Site::default() };
            let server = servers::start(door, &site);
            for target in [
                "/wsgi/myapp.py?id=A001",
                "/wsgi/sample",
                "/wsgi/anything.fcgi/A001",
                "/myapp?id=A001",
                "/sample",
                "/products/",
                "/products/get.html",
                "/products/openapi.json",
            ] {
                assert_eq!(status(&server, target), 401, "{door:?} {target} {}", server.error_log());
                let ask = format!(
                    "GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YW5uOnNlY3JldA==\r\n\r\n"
                );
                // The second time out of the cache, if anything is kept.
                for _ in 0..2 {
                    let reply = http::send(server.addr, ask.as_bytes());
                    assert_eq!(reply.status, 200, "{door:?} {target} {}", server.error_log());
                    if cached && target.ends_with("=A001") {
                        assert_eq!(reply.header("Cache-Control"), Some("private, max-age=60"), "{door:?}");
                    }
                }
                assert_eq!(status(&server, target), 401, "{door:?} {target}");
            }
        }
    }
}

/// By name and password, or by who a proxy in front says it is; with the cache asked after that, or before all else.
#[test]
fn a_cache_gives_no_users_reply_to_another() {
    let folder = process::folder();
    let path = |name: &str| folder.path().join(name);
    // The passwords are "secret" and "bob2", as `openssl passwd -apr1` writes them.
    let users = "ann:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\nbob:$apr1$abcdefgh$TP9EuDhGi3bGDa7Oucn6p1\n";
    std::fs::write(path("users"), users).expect("a file");
    let by = [("ann", "Authorization: Basic YW5uOnNlY3JldA=="), ("bob", "Authorization: Basic Ym9iOmJvYjI=")];
    let named = [("ann", "X-User: ann"), ("bob", "X-User: bob")];
    let mut settings = "SetEnvIf X-User (.+) REMOTE_USER=$1\n".to_owned();
    for (user, sent) in by.into_iter().chain(named) {
        let [csv, db] = ["csv", "db"].map(|kind| path(&format!("{user}.{kind}")));
        std::fs::write(&csv, format!("id,name,price\nA001,The clock of {user},12\n")).expect("a file");
        import(&csv, &db, &Options::default()).expect("an import");
        let (name, value) = sent.split_once(": ").expect("a header");
        settings += &format!("SetEnvIf {name} \"^{value}$\" PRODUCTS_DB={}\n", db.display());
    }
    let modules = load(&["authn_core", "authn_file", "authz_user", "auth_basic", "setenvif"]);
    for door in WAYS {
        for first in ["", "Define PRODUCT_LOOKUP_CACHE_FIRST\n"] {
            for (users, after) in [(by, password(&path("users"))), (named, String::new())] {
                let directives = format!("{modules}{first}{settings}");
                let site = Site { directives, after, cached: true, ..Site::default() };
                let server = servers::start(door, &site);
                let ask = |target: &str, sent: &str| {
                    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{sent}\r\n\r\n");
                    http::send(server.addr, request.as_bytes())
                };
                for target in ["/wsgi/myapp.py?id=A001", "/myapp/A001", "/wsgi/myapp.py?q=&format=text"] {
                    for (user, sent) in [users[0], users[0], users[1], users[0], users[1]] {
                        let reply = ask(target, sent);
                        let body = String::from_utf8_lossy(&reply.body);
                        let his = format!("The clock of {user}");
                        assert!(body.contains(&his), "{door:?} {first}{target} {user}: {body}\n{}", server.error_log());
                        assert_eq!(reply.header("Cache-Control"), Some("private, max-age=60"), "{door:?} {target}");
                        assert!(reply.header("X-Cache").is_none_or(|cache| cache.starts_with("MISS")), "{door:?}");
                    }
                    // Who says no name is given none of it.
                    let reply = ask(target, "X-Nobody: x");
                    let body = String::from_utf8_lossy(&reply.body);
                    assert!(!body.contains("The clock of"), "{door:?} {first}{target}: {body}");
                }
            }
        }
    }
}
