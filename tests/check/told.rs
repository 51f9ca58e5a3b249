//! How `check` tells what it finds, where no Apache is, and to whom.

use serde_json::Value;

use super::{Tree, broken};
use crate::program::{Site, run};
use crate::servers::process::server_user;

/// Runs `check` where there is no Apache.
fn check(arguments: &[&str], variables: &[(&str, &str)]) -> (String, String, Option<i32>) {
    let site = Site::with_catalogue();
    let mut command = site.command();
    command.env("PATH", "/usr/bin:/bin").env("APACHE_CONFDIR", "/none").arg("check").args(arguments);
    let output = run(command.envs(variables.iter().copied()), b"");
    let text =
        |bytes| String::from_utf8(bytes).expect("UTF-8").replace(&site.folder.path().display().to_string(), "$SITE");
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn without_apache() {
    let (text, _, status) = check(&[], &[]);
    assert!(
        text.starts_with("Apache\n  note    no Apache configuration found below /none, so none is looked at\n"),
        "{text}"
    );
    assert!(text.contains(" may read $SITE/products.db, which has 10 products\n"), "{text}");
    assert!(text.ends_with("No problems found; 1 note.\n"), "{text}");
    assert_eq!(status, Some(0));
}

#[test]
fn settings_in_the_environment() {
    let wrong = [
        ("DEVELOPMODE", "1"),
        ("DEBUGLOG", "/a b"),
        ("CACHE_SECONDS", "abc"),
        ("PRODUCT_DB", "x"),
        ("DEBUG", "1"),
        ("STATE", "1"),
    ];
    let (text, _, status) = check(&[], &wrong);
    let mut told: Vec<String> = broken(&text).lines().map(str::to_owned).collect();
    told.sort();
    assert_eq!(
        told,
        [
            "$ unset CACHE_SECONDS",
            "CACHE_SECONDS=\"abc\" (the environment) cannot be parsed, so the default holds: 0",
            "DEBUGLOG (the environment) is not a setting; DEBUG_LOG is",
            "DEVELOPMODE (the environment) is not a setting; DEVELOP_MODE is",
            "PRODUCT_DB (the environment) is not a setting; PRODUCTS_DB is",
        ]
    );
    assert_eq!(status, Some(1));
}

#[test]
fn for_programs() {
    let (text, _, status) = check(&["--json"], &[("DEVELOPMODE", "1")]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["broken"], 1);
    assert_eq!(
        report["findings"][1],
        serde_json::json!({
            "about": "Settings",
            "state": "broken",
            "found": "DEVELOPMODE (the environment) is not a setting; DEVELOP_MODE is",
            "mend": [],
        })
    );
    assert_eq!(status, Some(1));
}

#[test]
fn wrong_usage() {
    for url in ["https://localhost/", "localhost", "http:///"] {
        let (text, error, status) = check(&["--url", url], &[]);
        assert_eq!((text.as_str(), error.lines().count(), status), ("", 1, Some(2)), "{url}: {error}");
    }
    let (_, error, _) = check(&["--url", "foo"], &[]);
    assert!(error.contains("not a full URL; write http://HOST/wsgi/myapp.py"), "{error}");
}

/// Colour is for a terminal, which script(1) is, and not where NO_COLOR is set.
#[test]
fn colour() {
    let site = Site::with_catalogue();
    let on_a_terminal = |variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new("script");
        command.args(["-qec", "./product-lookup check", "/dev/null"]).current_dir(site.folder.path());
        let output = run(command.envs(variables.iter().copied()).env("APACHE_CONFDIR", "/none"), b"");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert!(on_a_terminal(&[]).contains("\x1b[33mnote  \x1b[0m  no Apache"), "{}", on_a_terminal(&[]));
    assert!(!on_a_terminal(&[("NO_COLOR", "1")]).contains('\x1b'));
    assert!(!check(&[], &[]).0.contains('\x1b'));
}

/// Somebody who cannot become Apache's user is told what the mode bits say.
#[test]
fn by_another_user() {
    if server_user().is_none() {
        return;
    }
    let tree = Tree::new("fcgid");
    tree.done("chmod o-r data/products.db");
    let output = tree.shell("setpriv --reuid=nobody --regid=nogroup --clear-groups product-lookup check");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let caveat = "  note    what www-data may do is told by the files' mode bits, since this is not run as root: \
                  sudo product-lookup check tries it\n";
    assert!(text.contains(caveat), "{text}");
    let database = tree.path("data/products.db").display().to_string();
    assert!(text.contains(&format!("  broken  www-data may not read {database}\n")), "{text}");
}

/// An Apache whose /var/tmp is its own, as by PrivateTmp.
#[test]
fn temporary_folders_of_its_own() {
    if server_user().is_none() {
        return;
    }
    let tree = Tree::new("fcgid");
    let hidden = tempfile::Builder::new().prefix("product-lookup-").tempdir_in("/var/tmp").expect("a folder");
    let hidden = hidden.path().display();
    tree.done(&format!("chmod 755 {hidden} && cp data/products.db {hidden}"));
    tree.done(&format!("sed -i '3s|[^ ]*$|{hidden}/products.db|' apache2/conf-available/product-lookup.conf"));
    tree.done("pid=$(cat apache.pid) && apachectl stop && while kill -0 $pid 2>/dev/null; do sleep 0.1; done");
    tree.done("unshare --mount sh -c 'mount -t tmpfs none /var/tmp && apachectl start'");
    let (text, status) = tree.check("");
    let told = format!(
        "Apache does not see {hidden}/products.db, which $ROOT/apache2/conf-enabled/product-lookup.conf, line 3 names: \
         it has temporary folders of its own (PrivateTmp)\n\
         $ mkdir -p /var/lib/product-lookup && mv {hidden}/products.db /var/lib/product-lookup/products.db\n\
         $ sed -i '3s|{hidden}/products.db|/var/lib/product-lookup/products.db|' \
         $ROOT/apache2/conf-available/product-lookup.conf\n\
         $ apachectl graceful\n"
    );
    assert_eq!((broken(&text), status), (told, Some(1)), "{text}");
}
