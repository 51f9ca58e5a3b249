//! Pages as they are written: no kind of page has anything in it that is no HTML.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::shop::{closed_shop, shop};
use crate::servers::{self, Door, http};

/// A name for a file, and the address.
const PAGES: [(&str, &str); 11] = [
    ("index", "/products/"),
    ("get", "/products/get.html"),
    ("post", "/products/post.html"),
    ("search", "/myapp?format=html"),
    ("list", "/myapp?format=html&q=clo"),
    ("long-list", "/myapp?format=html&q=%22%26%3C%27+lamp&limit=5"),
    ("names", "/myapp?format=html&q=n0"),
    ("nothing", "/myapp?format=html&q=%00%01%22%3E%3Cb%3E"),
    ("product", "/myapp?format=html&id=N001"),
    ("not-found", "/myapp?format=html&id=%00%3C%22"),
    ("bad-request", "/myapp?format=html&q=a&limit=0"),
];

#[test]
fn every_page_is_html() {
    let (_shop, site) = shop();
    let (_closed_shop, closed) = closed_shop();
    let folder = tempfile::tempdir().expect("a folder");
    let server = servers::start(Door::Fcgid, &site);
    for (name, address) in PAGES {
        save(folder.path(), name, &http::get(server.addr, address));
    }
    drop(server);
    let server = servers::start(Door::Fcgid, &closed);
    save(folder.path(), "closed", &http::get(server.addr, "/myapp?format=html&q=clo"));
    let mut check = Command::new("java");
    check.args(["-jar", concat!(env!("CARGO_MANIFEST_DIR"), "/target/npm/node_modules/vnu-jar/build/dist/vnu.jar")]);
    // The warnings are that it does not compute the hashes of a policy.
    check.args(["--stdout", "--errors-only", "--exit-zero-always"]).arg(folder.path());
    let output = check.output().expect("java: `make test` gets it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

fn save(folder: &Path, name: &str, reply: &http::HttpReply) {
    let content_type = reply.header("Content-Type").unwrap_or_default();
    assert!(content_type.starts_with("text/html"), "{name}: {content_type}");
    fs::write(folder.join(format!("{name}.html")), &reply.body).expect("a file");
}
