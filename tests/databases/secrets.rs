//! How a password comes in, and that it never goes out; TLS and unix sockets.

use std::process::{Command, Output};

use product_lookup::catalogue::{Catalogues, DatabaseUrl, Source};

use super::{assert_clock, clock, open, source};
use crate::program::{Site, run};
use crate::servers::mariadb::{Mariadb, PASSWORD};

/// A password that stands nowhere else.
const SECRET: &str = "s3cr3t";

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// Whatever is wrong with a URL or its server, nobody reads the password.
#[test]
fn the_password_is_in_no_message() {
    let server = Mariadb::shared();
    let (port, database) = (server.port, server.database());
    for url in [
        format!("mysql://shop:{SECRET}@127.0.0.1:{port}/{database}"),
        format!("mysql://shop:{SECRET}@127.0.0.1:{port},127.0.0.1:1/none"),
        format!("mysql://shop:{SECRET}@127.0.0.1:{port}"),
        format!("mysql://shop:{SECRET}@127.0.0.1:port/shop"),
        format!("mysql://shop:{SECRET}@/shop"),
        format!("mysql://shop:{SECRET}@[::1/shop"),
        format!("mysql://shop:{SECRET}@127.0.0.1:{port}/shop?password={SECRET}"),
        format!("mysql://shop:{SECRET}@127.0.0.1:{port}/shop?tls={SECRET}"),
        format!("mysql://shop:{SECRET}@127.0.0.1:{port}/shop?tls_ca=/none"),
        format!("mysql://shop:{SECRET}@localhost/shop?socket=/none"),
        format!("postgres://shop:{SECRET}@127.0.0.1/shop"),
    ] {
        let site = Site::new();
        let answer = site.run(&[("PRODUCTS_DB", &url), ("DEVELOP_MODE", "on"), ("QUERY_STRING", "id=A001")], b"");
        assert!(said(&answer).contains("Status: 503 "), "{url}: {}", said(&answer));
        let mut told = said(&answer) + &site.log();
        for arguments in [&["export"][..], &["import", "-"]] {
            let output = run(site.command().args(arguments).env("PRODUCTS_DB", &url), b"id,name,price\n");
            assert_eq!(output.status.code(), Some(1), "{url} {arguments:?}: {}", said(&output));
            told += &said(&output);
        }
        told += &format!("{:?}", source(&url));
        assert!(!told.contains(SECRET), "{url}: {told}");
    }
}

#[test]
fn the_password_may_come_from_a_file_and_change() {
    let server = Mariadb::start(&[]);
    let url = clock(&server)(&[server.port]);
    let (user, rest) =
        url.split_once(':').and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))).expect("a URL");
    let url = format!("{user}://shop@{rest}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    let catalogue = Catalogues::default().at(Source::Url(DatabaseUrl::new(&url, Some(&file)))).expect("a catalogue");
    let error = format!("{:#}", catalogue.by_id("A001").expect_err("there is no file"));
    assert!(error.contains(&format!("the password file {} cannot be read", file.display())), "{error}");
    std::fs::write(&file, format!("{PASSWORD}\n")).expect("a file");
    crate::servers::process::wait_for(|| catalogue.by_id("A001").ok()).expect("it is read when it is there");
    // The command reads it too, and its arguments and the server's list of processes have nothing of it.
    let site = Site::new();
    let variables = [("PRODUCTS_DB", url.as_str()), ("PRODUCTS_DB_PASSWORD_FILE", file.to_str().expect("UTF-8"))];
    let output = run(site.command().arg("export").envs(variables), b"");
    assert_eq!(said(&output), "id,name,price\nA001,Clock,12\n");
    server.execute("ALTER USER shop IDENTIFIED BY 'another'");
    std::fs::write(&file, "another\n").expect("a file");
    server.end_lookups();
    assert_clock(&*catalogue);
}

#[test]
fn a_unix_socket() {
    let server = Mariadb::shared();
    let url = clock(&server)(&[server.port]);
    let url = url.replace(&format!("127.0.0.1:{}", server.port), "localhost");
    let socket: String = url::form_urlencoded::byte_serialize(server.socket().as_os_str().as_encoded_bytes()).collect();
    assert_clock(&*open(&format!("{url}?socket={socket}")));
}

/// With an authority of the test's own.
#[test]
fn tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let openssl = |arguments: &str| {
        let mut openssl = Command::new("/usr/bin/openssl");
        openssl.args(arguments.split(' ')).current_dir(folder.path());
        let output = openssl.output().expect("openssl runs");
        assert!(output.status.success(), "{}", said(&output));
    };
    std::fs::write(path("names"), "subjectAltName=DNS:localhost\n").expect("a file");
    for name in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -subj /CN={name} -days 2"
        ));
    }
    openssl("req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost");
    openssl("x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names");
    let [cert, key] =
        [("cert", "cert.pem"), ("key", "key.pem")].map(|(name, file)| format!("--ssl-{name}={}", path(file)));
    let server = Mariadb::start(&[&cert, &key]);
    let plain = clock(&server)(&[server.port]);
    let localhost = plain.replace("127.0.0.1", "localhost");
    server.execute("ALTER USER shop REQUIRE SSL");
    let ask = |url: String| open(&url).by_id("A001").map(|found| found.is_some()).map_err(|error| format!("{error:#}"));
    assert_eq!(ask(format!("{localhost}?tls_ca={}", path("ca.pem"))), Ok(true));
    for (url, why) in [
        (plain.clone(), "Access denied"),
        (format!("{localhost}?tls=on"), "UnknownIssuer"),
        (format!("{localhost}?tls_ca={}", path("other.pem")), "UnknownIssuer"),
        (format!("{plain}?tls_ca={}", path("ca.pem")), "certificate not valid for name"),
    ] {
        let error = ask(url.clone()).expect_err("it is refused");
        assert!(error.contains(why), "{url}: {error}");
    }
}
