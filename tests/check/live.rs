//! `check --url`: at which hop a live lookup fails.

use super::{Tree, broken};
use crate::servers::process::free_port;

/// What is said of a live lookup there.
fn live(tree: &Tree, path: &str) -> String {
    let (text, _) = tree.check(&format!("--url http://{}{path}", tree.addr));
    let (_, live) = text.split_once("Live GET\n").expect("a live lookup");
    // How long it took differs, as Apache's log does.
    let words = |line: &str| line.split(" in ").next().and_then(|line| line.split(';').next()).map(str::to_owned);
    live.lines().filter(|line| line.starts_with(' ')).filter_map(words).map(|line| line + "\n").collect()
}

#[test]
fn hops() {
    let tree = Tree::new("cgi");
    let answers = "  ok      a lookup answers\n  ok      a lookup answers\n";
    assert_eq!(live(&tree, "/wsgi/myapp.py"), answers);
    assert!(tree.check(&format!("--url http://{}/myapp", tree.addr)).0.contains("a lookup answers in "));
    assert_eq!(live(&tree, "/myapp?id=A001"), answers);
    let no_such = "  note    the program answers 404: No product has the id \"none\".\n";
    assert_eq!(live(&tree, "/myapp?id=none"), no_such.repeat(2));
    assert_eq!(
        live(&tree, "/nothing"),
        "  broken  Apache answered 404 by itself: this URL does not reach the program. \
         Is the configuration enabled, and Apache reloaded?\n"
    );
    // Whatever the URL asks for is asked in JSON.
    assert_eq!(live(&tree, "/wsgi/myapp.py?id=A001&format=html&fields=id"), answers);
    assert_eq!(live(&tree, "/wsgi/myapp.py?format=text"), answers);
    let sample = "  broken  the program answers there, as its app sample\n";
    assert_eq!(live(&tree, "/wsgi/sample.py"), sample);
    assert_eq!(live(&tree, "/products/"), "  broken  Apache answers 200, and not by this program\n");
    tree.done("mv data/products.db other");
    assert_eq!(
        live(&tree, "/wsgi/myapp.py"),
        "  broken  the program answers, and cannot read its catalogue: The catalogue cannot be read at the moment\n"
    );
    tree.done("mv other data/products.db && chmod a-x bin/product-lookup");
    assert_eq!(
        live(&tree, "/wsgi/myapp.py"),
        "  broken  Apache itself answers 500: it could not start the program, or had no reply from it\n"
    );
    let (text, _) = tree.check(&format!("--url http://{}/myapp", tree.addr));
    assert!(text.contains("had no reply from it; the last error in its log: ["), "{text}");
}

#[test]
fn before_the_program() {
    let tree = Tree::new("proxy_fcgi");
    tree.done("kill -9 $(cat serve.pid)");
    assert_eq!(
        live(&tree, "/wsgi/myapp.py"),
        "  broken  Apache itself answers 503: it could not reach the program, or had no reply from it\n"
    );
    let port = free_port();
    let (text, _) = tree.check(&format!("--url http://127.0.0.1:{port}/"));
    let refused = format!("no web server answers at 127.0.0.1:{port}: Connection refused");
    assert!(broken(&text).contains(&refused), "{text}");
    let (text, _) = tree.check("--url http://no-such-name.invalid/");
    assert!(broken(&text).contains("the name no-such-name.invalid cannot be resolved: "), "{text}");
}
