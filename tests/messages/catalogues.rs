//! What is said of catalogues that are odd, and of sockets, word by word.

use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use rusqlite::Connection;
use rustix::process::geteuid;

use crate::fastcgi_client as fastcgi;
use crate::program::{Serving, Site, run};
use crate::servers::process::{as_server_user, wait_for};

/// What is done to a catalogue of ten products before, what is typed, the status, and what is said.
const ODD: &[(&str, &str, i32, &str)] = &[
    (
        "UPDATE product_lookup_block SET data = x'ff' WHERE key IS NOT NULL",
        "find clock",
        1,
        "the catalogue $/odd.db cannot be read: the index of words is damaged; product-lookup index makes it anew",
    ),
    (
        "CREATE TRIGGER gone AFTER UPDATE ON product BEGIN DELETE FROM product WHERE id = NEW.id; END",
        "set A001 --price 3",
        1,
        "nothing is changed, since a trigger would remove \"A001\" at once",
    ),
    (
        "PRAGMA ignore_check_constraints = ON; UPDATE product SET price = 'dear' WHERE id = 'A001'",
        "get A001",
        1,
        "product \"A001\": the price \"dear\" is not a decimal number (write 30 or 30.00); it is left out (product-lookup \
         check tells of all)\nno product has the id \"A001\"",
    ),
    // Products without end.
    (
        "DROP TABLE product; CREATE VIEW product AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
         SELECT CAST(i AS TEXT) AS id, 'x' AS name, '1' AS price FROM n",
        "find clock",
        1,
        "the catalogue $/odd.db cannot be read: the question took longer than 1.5s",
    ),
];

#[test]
fn of_catalogues_that_are_odd() {
    let site = Site::with_catalogue();
    let folder = site.folder.path().display().to_string();
    for &(sql, typed, status, message) in ODD {
        fs::copy(site.path("products.db"), site.path("odd.db")).expect("a copy");
        Connection::open(site.path("odd.db")).expect("a catalogue").execute_batch(sql).expect("SQL");
        let output = run(site.command().env("PRODUCTS_DB", site.path("odd.db")).args(typed.split(' ')), b"");
        let said = String::from_utf8(output.stderr).expect("UTF-8").replace(&folder, "$");
        let expected = format!("product-lookup: {}\n", message.replace('\n', "\nproduct-lookup: "));
        assert_eq!((said, output.status.code()), (expected, Some(status)), "{sql}");
    }
    let (public, causes) = (
        "The question took too long; try fewer or longer words.",
        "the catalogue $/odd.db cannot be read: the question took longer than 1.5s",
    );
    for (mode, expected) in [("0", public.to_owned()), ("1", format!("{public} ({causes})"))] {
        let odd = site.path("odd.db").display().to_string();
        let asked = [("QUERY_STRING", "q=clock"), ("PRODUCTS_DB", &odd), ("DEVELOP_MODE", mode)];
        let said = String::from_utf8(site.run(&asked, b"").stdout).expect("UTF-8").replace(&folder, "$");
        assert!(said.contains(&format!("\"detail\":\"{expected}\"")), "{said}");
    }
}

/// Of more than eight at once who ask whether a catalogue answers that does not, some are told so at once.
#[test]
fn of_a_catalogue_that_does_not_answer() {
    let site = Site::new();
    let catalogue = Connection::open(site.path("products.db")).expect("a catalogue");
    catalogue.execute_batch("CREATE TABLE product (id)").and_then(|()| catalogue.execute_batch(ODD[3].0)).expect("SQL");
    let serving = site.serve(&[("STATUS", "1"), ("DEVELOP_MODE", "1")]);
    let asked = [("SCRIPT_NAME".into(), "/status".into()), ("QUERY_STRING".into(), "ready".into())];
    let asked = fastcgi::request(1, false, &asked, b"", fastcgi::WHOLE);
    let mut connections: Vec<_> = (0..12).map(|_| serving.connect()).collect();
    connections.iter_mut().for_each(|connection| fastcgi::send(connection, &asked, usize::MAX));
    let said: String = connections
        .iter_mut()
        .map(|connection| String::from_utf8_lossy(&fastcgi::read_document(connection, 1)).into_owned())
        .collect();
    let times = |why: &str| said.matches(&format!("try again later. ({why})")).count();
    let busy = times("others have asked for its status, and are not answered yet");
    assert_eq!((busy >= 1, busy + times("it did not answer within 800ms")), (true, 12), "{said}");
}

/// Root works in others' directories as they.
#[test]
fn of_others_directories() {
    if !geteuid().is_root() {
        return;
    }
    let site = Site::with_catalogue();
    fs::set_permissions(site.folder.path(), Permissions::from_mode(0o755)).expect("rights");
    for (name, user, leads) in [("one", 33, "../other/link"), ("other", 65534, "../products.db")] {
        fs::create_dir(site.path(name)).expect("a folder");
        symlink(leads, site.path(name).join("link")).expect("a link");
        lchown(site.path(name), Some(user), Some(user)).expect("root may");
        lchown(site.path(name).join("link"), Some(user), Some(user)).expect("root may");
    }
    let said = |catalogue: &str| {
        let output = run(site.command().env("PRODUCTS_DB", site.path(catalogue)).args(["remove", "A001"]), b"");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).expect("UTF-8").replace(&site.folder.path().display().to_string(), "$")
    };
    assert_eq!(
        said("one/link"),
        "product-lookup: the catalogue $/one/link cannot be changed: www-data and nobody both may lead it elsewhere by \
         symbolic links; name the file itself\n"
    );
    fs::set_permissions(site.path("other"), Permissions::from_mode(0o300)).expect("rights");
    assert_eq!(
        said("other/products.db"),
        "product-lookup: the catalogue's directory $/other cannot be opened by nobody, as whom root works in that user's \
         directory: Permission denied\n"
    );
}

/// What a `serve` says that cannot begin.
fn refused(site: &Site, set_up: impl FnOnce(&mut Command)) -> String {
    let mut command = site.command();
    set_up(&mut command);
    let output = run(command.args(["serve", "--listen", &format!("unix:{}", site.path("socket").display())]), b"");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).expect("UTF-8").replace(&site.folder.path().display().to_string(), "$")
}

#[test]
fn of_sockets() {
    let site = Site::with_catalogue();
    let serving = site.serve(&[]);
    assert_eq!(refused(&site, |_| {}), "product-lookup: something answers on unix:$/socket already\n");
    fs::set_permissions(site.folder.path(), Permissions::from_mode(0o755)).expect("rights");
    let as_other = geteuid().is_root();
    if as_other {
        assert_eq!(
            refused(&site, |command| _ = as_server_user(command)),
            "product-lookup: cannot tell whether something answers on unix:$/socket: Permission denied\n"
        );
    }
    drop(serving);
    if as_other {
        fs::remove_file(site.path("socket")).expect("a socket");
        drop(UnixListener::bind(site.path("socket")).expect("a socket"));
        fs::set_permissions(site.path("socket"), Permissions::from_mode(0o777)).expect("rights");
        assert_eq!(
            refused(&site, |command| _ = as_server_user(command)),
            "product-lookup: cannot remove the stale socket $/socket: Permission denied\n"
        );
    }
}

#[test]
fn of_a_responder() {
    let site = Site::with_catalogue();
    let said = || fs::read_to_string(site.path("said")).expect("what it says");
    let start = |limit: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limit} exec \"$0\" \"$@\"")]).arg(site.path("product-lookup")).env_clear();
        command.stderr(File::create(site.path("said")).expect("a file"));
        Serving::start(command, &format!("unix:{}", site.path("socket").display()))
    };
    let serving = start("");
    let mut connection = serving.connect();
    let mut record = fastcgi::begin(1, false);
    record[0] = 2;
    fastcgi::send(&mut connection, &record, usize::MAX);
    connection.read_to_end(&mut Vec::new()).expect("its end");
    assert_eq!(said(), "product-lookup: closed a FastCGI connection: a record's version is not 1\n");
    drop(serving);
    let serving = start("ulimit -n 30;");
    let connections: Vec<_> = (0..60).map(|_| serving.connect()).collect();
    let full = "product-lookup: cannot take another connection, and goes on trying: Too many open files\n";
    assert!(wait_for(|| (said() == full).then_some(())).is_some(), "{}", said());
    drop(connections);
}
