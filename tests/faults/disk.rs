//! The disk full, a small tmpfs of the test's own: an import fails with the old catalogue whole, and works
//! once there is room; a log has whole lines.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::geteuid;

use super::{CLOCK, Shop, get};
use crate::import::running::without_phases;

/// A file system of few bytes that only this test's processes see.
struct SmallDisk {
    holder: Child,
    /// At whose end the holder ends.
    stdin: Option<ChildStdin>,
    place: PathBuf,
}

impl SmallDisk {
    /// Mounts it on a folder of the shop; `None`, and why, where that is not allowed.
    fn mount(shop: &Shop, options: &str) -> Option<SmallDisk> {
        if !geteuid().is_root() {
            println!("skipped: only root may mount a small disk");
            return None;
        }
        let place = shop.path("small");
        fs::create_dir(&place).expect("a folder");
        let script = "mount -t tmpfs -o \"$0\" tmpfs \"$1\" && echo ready && read -r end";
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script, options]).arg(&place);
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare(1)");
        let mut ready = String::new();
        BufReader::new(holder.stdout.take().expect("a pipe")).read_line(&mut ready).expect("a line");
        assert_eq!(ready, "ready\n", "{command:?}");
        let stdin = holder.stdin.take();
        Some(SmallDisk { holder, stdin, place })
    }

    /// The program, where the disk is seen.
    fn program(&self, shop: &Shop) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.holder.id())).arg(shop.path("product-lookup"));
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command
    }

    /// As this process sees what is on the disk.
    fn seen(&self, name: &str) -> PathBuf {
        let place = self.place.strip_prefix("/").expect("an absolute path");
        Path::new(&format!("/proc/{}/root", self.holder.id())).join(place).join(name)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.seen("")).expect("the disk");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
        names.sort();
        names
    }

    /// Writes until there is no room.
    fn fill(&self) {
        let mut file = fs::File::create(self.seen("filler")).expect("a file");
        while file.write_all(&[0; 4096]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.holder.wait();
    }
}

/// An import of so many products into the disk's catalogue; its exit status, and what it complains of.
fn import(disk: &SmallDisk, shop: &Shop, products: u32, arguments: &[&str]) -> (Option<i32>, String) {
    let csv = csv(shop, products, |number| format!("Product {number}"));
    let mut command = disk.program(shop);
    command.arg("import").arg(csv).args(arguments).env("PRODUCTS_DB", disk.place.join("products.db"));
    ended(&mut command)
}

/// A file of so many products.
fn csv(shop: &Shop, products: u32, name: impl Fn(u32) -> String) -> PathBuf {
    let lines: String = (0..products).map(|number| format!("N{number:06},{},5\n", name(number))).collect();
    let csv = shop.path("many.csv");
    fs::write(&csv, format!("id,name,price\n{lines}")).expect("a file");
    csv
}

/// The exit status, and what is complained of.
fn ended(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().expect("it ends");
    (output.status.code(), without_phases(&String::from_utf8(output.stderr).expect("UTF-8")))
}

/// What a lookup answers by the shell, as the disk's processes see it.
fn lookup(disk: &SmallDisk, shop: &Shop, id: &str) -> String {
    lookup_in(disk, shop, &disk.place.join("products.db"), id)
}

fn lookup_in(disk: &SmallDisk, shop: &Shop, catalogue: &Path, id: &str) -> String {
    let mut command = disk.program(shop);
    command.env("QUERY_STRING", format!("id={id}")).env("PRODUCTS_DB", catalogue);
    let output = command.stdin(Stdio::null()).output().expect("it ends");
    let document = String::from_utf8(output.stdout).expect("UTF-8");
    document.rsplit("\r\n").next().expect("a body").to_owned()
}

/// Is the catalogue on the disk whole? How many products does it have?
fn products(disk: &SmallDisk, shop: &Shop) -> u32 {
    // SQLite would look for the file itself in this process's own namespace.
    let copy = shop.path("copy.db");
    fs::copy(disk.seen("products.db"), &copy).expect("a copy");
    let connection = rusqlite::Connection::open(&copy).expect("a catalogue");
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a look");
    assert_eq!(whole, "ok");
    connection.query_row("SELECT count(*) FROM product", [], |row| row.get(0)).expect("a number")
}

/// An import that the disk has no room for, then one that it has room for.
fn full_during_import(journal_mode: &str) {
    let shop = Shop::new();
    let Some(disk) = SmallDisk::mount(&shop, "size=1m,mode=0755") else { return };
    let connection = rusqlite::Connection::open(shop.path("products.db")).expect("a catalogue");
    connection.pragma_update(None, "journal_mode", journal_mode).expect("the mode");
    drop(connection);
    fs::copy(shop.path("products.db"), disk.seen("products.db")).expect("a copy");
    let catalogue = disk.place.join("products.db");
    let message = format!("product-lookup: {} cannot be written: database or disk is full\n", catalogue.display());
    for arguments in [&[][..], &["--replace", "--allow-shrink"]] {
        assert_eq!(import(&disk, &shop, 50_000, arguments), (Some(1), message.clone()));
        assert_eq!(disk.files(), ["products.db"]);
        assert_eq!(products(&disk, &shop), 10);
        assert_eq!(lookup(&disk, &shop, "A001"), r#"{"name":"Clock","price":12}"#);
    }
    assert_eq!(import(&disk, &shop, 100, &[]), (Some(0), String::new()));
    assert_eq!(disk.files(), ["products.db"]);
    assert_eq!(products(&disk, &shop), 110);
    assert_eq!(lookup(&disk, &shop, "N000099"), r#"{"name":"Product 99","price":5}"#);
    assert_eq!(lookup(&disk, &shop, "A001"), r#"{"name":"Clock","price":12}"#);
}

#[test]
fn full_during_an_import() {
    full_during_import("delete");
}

/// In WAL mode the catalogue changes where it is.
#[test]
fn full_during_an_import_in_wal_mode() {
    full_during_import("wal");
}

/// No room for as much as the new file's name and first page.
#[test]
fn full_before_an_import() {
    let shop = Shop::new();
    let Some(disk) = SmallDisk::mount(&shop, "size=256k,mode=0755") else { return };
    fs::copy(shop.path("products.db"), disk.seen("products.db")).expect("a copy");
    let before = fs::read(disk.seen("products.db")).expect("a catalogue");
    disk.fill();
    let path = disk.place.join("products.db");
    let message = format!("product-lookup: {} cannot be written: database or disk is full\n", path.display());
    assert_eq!(import(&disk, &shop, 1, &[]), (Some(1), message));
    assert_eq!(disk.files(), ["filler", "products.db"]);
    assert!(fs::read(disk.seen("products.db")).expect("a catalogue") == before);
    fs::remove_file(disk.seen("filler")).expect("room");
    assert_eq!(import(&disk, &shop, 1, &[]), (Some(0), String::new()));
    assert_eq!(disk.files(), ["products.db"]);
}

/// The disk that the log is on is full for a while: every reply is the same, one line complains of
/// it, and what is logged is whole lines.
#[test]
fn full_under_the_log() {
    let shop = Shop::new();
    let Some(disk) = SmallDisk::mount(&shop, "size=64k,mode=0777") else { return };
    let log = disk.place.join("debug.log");
    let mut command = disk.program(&shop);
    command.env("DEBUG_LOG", &log).env("DEVELOP_MODE", "1").env("PRODUCTS_DB", shop.path("products.db"));
    command.stderr(fs::File::create(shop.path("stderr")).expect("a file"));
    let serving = shop.start(command);
    for round in 0..3 {
        disk.fill();
        for _ in 0..400 {
            assert_eq!(get(&serving, "id=A001").body, CLOCK);
        }
        fs::remove_file(disk.seen("filler")).expect("room");
        assert_eq!(get(&serving, "id=A001").body, CLOCK);
        let written = fs::read_to_string(disk.seen("debug.log")).expect("a log");
        let torn = |line: &&str| !matches!(line.get(20..), Some("QUERY_STRING: id=A001" | "qs: {'id': ['A001']}"));
        assert_eq!(written.lines().filter(torn).collect::<Vec<_>>(), [""; 0], "round {round}");
        assert!(written.ends_with("QUERY_STRING: id=A001\n") || written.ends_with("qs: {'id': ['A001']}\n"));
    }
    let (log, directory) = (log.display(), disk.place.display());
    assert_eq!(
        shop.stderr(),
        format!(
            "product-lookup: the debug log {log} cannot be written (No space left on device); to let \
             the web server's user write it: mkdir -p {directory} && chgrp www-data {directory} && chmod g+w {directory}\n"
        )
    );
}

/// What is read, and what an index is made of, waits in temporary files: the one that has no room first.
fn full_temporary_directory(products: u32, words: u32, cause: &str) {
    let shop = Shop::new();
    let Some(disk) = SmallDisk::mount(&shop, "size=2m,mode=1777") else { return };
    let name = |product: u32| (0..words).map(|word| format!("w{} ", product * words + word)).collect();
    let csv = csv(&shop, products, name);
    let catalogue = shop.path("products.db");
    let mut command = disk.program(&shop);
    command.arg("import").arg(&csv).env("PRODUCTS_DB", &catalogue).env("TMPDIR", &disk.place);
    let place = disk.place.display();
    let message = format!("product-lookup: a temporary file in {place} cannot be written: {cause}\n");
    assert_eq!(ended(&mut command), (Some(1), message));
    assert_eq!(disk.files(), [""; 0]);
    assert_eq!(lookup_in(&disk, &shop, &catalogue, "A001").as_bytes(), CLOCK);
    assert_eq!(ended(command.env_remove("TMPDIR")).0, Some(0));
    assert_eq!(lookup_in(&disk, &shop, &catalogue, "N000001").matches("\"price\":5").count(), 1);
}

#[test]
fn a_temporary_directory_without_room_for_what_is_read_is_named() {
    full_temporary_directory(6_000, 200, "database or disk is full");
}

#[test]
fn a_temporary_directory_without_room_for_an_index_is_named() {
    full_temporary_directory(6_000, 50, "No space left on device");
}

#[test]
fn an_export_to_a_full_disk_fails_and_says_so() {
    let shop = Shop::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let status = shop.program().arg("export").stdout(full).status().expect("it ends");
    assert_eq!(status.code(), Some(1));
    assert_eq!(shop.stderr(), "product-lookup: No space left on device\n");
}
