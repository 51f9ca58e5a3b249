//! Root imports into another user's directory, who tries to lead that to root's own database.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use rustix::process::geteuid;

use super::running::Running;
use super::{Row, Shop, is_locked, many, row, rows};
use crate::servers::process::{self, as_server_user, wait_for};

const NOBODY: u32 = 65534;

const LAMP: &str = "id,name,price\nA003,Lamp,7\n";

const READ_ONLY: &str = "product-lookup: the catalogue nobody/products.db cannot be changed: \
    it is read-only for nobody, as whom root works in that user's directory; chown it to that user\n";

/// Root's database, which is a catalogue too, and a directory of nobody's.
struct Trap {
    shop: Shop,
}

impl Trap {
    fn new() -> Option<Trap> {
        if !geteuid().is_root() {
            println!("skipped: only root may be led to what only root may write");
            return None;
        }
        let shop = Shop::with_two_products();
        fs::set_permissions(shop.folder.path(), Permissions::from_mode(0o755)).expect("rights");
        fs::set_permissions(shop.catalogue(), Permissions::from_mode(0o600)).expect("rights");
        fs::create_dir(shop.path("nobody")).expect("a folder");
        Trap { shop }.given("nobody")
    }

    fn given(self, name: &str) -> Option<Trap> {
        lchown(self.shop.path(name), Some(NOBODY), Some(NOBODY)).expect("root may");
        Some(self)
    }

    fn catalogue(&self) -> PathBuf {
        self.shop.path("nobody/products.db")
    }

    /// Nobody's own catalogue.
    fn with_catalogue() -> Option<Trap> {
        let trap = Trap::new()?;
        fs::copy(trap.shop.catalogue(), trap.catalogue()).expect("a copy");
        trap.given("nobody/products.db")
    }

    /// Root's import into nobody's directory.
    fn import(&self) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
        command.args(["import", "-"]).env_clear().env("PATH", "/usr/bin:/bin").env("PRODUCTS_DB", self.catalogue());
        Running::by(&mut command)
    }

    /// What it said, and whether that was well, of an import of a lamp.
    fn imported(&self) -> (bool, String) {
        let mut import = self.import();
        import.send(LAMP);
        let (done, _, err) = import.end();
        (done, err)
    }

    fn lead_to_root(&self) {
        fs::rename(self.catalogue(), self.shop.path("nobody/away.db")).expect("it is nobody's");
        symlink(self.shop.catalogue(), self.catalogue()).expect("a link");
        lchown(self.catalogue(), Some(NOBODY), Some(NOBODY)).expect("root may");
    }

    /// What is said where that would be in root's directory.
    fn nothing_made(&self) -> String {
        let directory = self.shop.folder.path().display();
        format!(
            "product-lookup: no new catalogue can be made in {directory} by nobody, as whom root works in that user's \
             directory: Permission denied\n"
        )
    }

    fn assert_roots_is_as_it_was(&self) {
        assert_eq!(self.shop.rows(), two());
        let file = fs::metadata(self.shop.catalogue()).expect("the catalogue");
        assert_eq!((file.uid(), file.mode(), file.nlink()), (0, 0o100600, 1));
        assert_eq!(self.shop.files(), ["nobody", "products.db"]);
    }
}

fn two() -> [Row; 2] {
    [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]
}

fn owner(path: &Path) -> (u32, u32) {
    let file = fs::symlink_metadata(path).expect("a file");
    (file.uid(), file.gid())
}

#[test]
fn a_link_that_comes_while_root_waits_for_a_writer_leads_nowhere() {
    let Some(trap) = Trap::with_catalogue() else { return };
    let writer = Connection::open(trap.catalogue()).expect("the catalogue");
    writer.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let mut import = trap.import();
    import.send(LAMP);
    import.sent();
    let begun = || fs::read_dir(trap.shop.path("nobody")).expect("the folder").count() == 2;
    wait_for(|| begun().then_some(())).expect("the new file is there");
    trap.lead_to_root();
    writer.execute_batch("COMMIT").expect("nobody else has it");
    let said = trap.shop.message(&import.complaint());
    assert_eq!(said, "product-lookup: nobody/products.db cannot be a catalogue, since it is not a file\n");
    assert!(!import.end().0);
    trap.assert_roots_is_as_it_was();
}

#[test]
fn a_link_that_comes_while_root_imports_leads_nowhere() {
    let Some(trap) = Trap::with_catalogue() else { return };
    let mut import = trap.import();
    import.send(&many(20_000, 5));
    let import = import.hold(|| is_locked(&trap.catalogue()));
    trap.lead_to_root();
    let (done, _, err) = import.end();
    // Where it stood decides on what is before this.
    let message = "nobody/products.db cannot be a catalogue, since it is not a file\n";
    assert!(!done && trap.shop.message(&err).ends_with(message), "{err}");
    trap.assert_roots_is_as_it_was();
}

#[test]
fn a_link_leads_root_only_to_what_its_owner_may_write() {
    let Some(trap) = Trap::with_catalogue() else { return };
    trap.lead_to_root();
    assert_eq!(trap.imported(), (false, trap.nothing_made()));
    trap.assert_roots_is_as_it_was();
    fs::remove_file(trap.catalogue()).expect("a link");
    symlink("away.db", trap.catalogue()).expect("a link");
    assert_eq!(trap.imported(), (true, String::new()));
    assert_eq!(rows(&trap.shop.path("nobody/away.db")).len(), 3);
    assert_eq!(owner(&trap.shop.path("nobody/away.db")), (NOBODY, NOBODY));
    // On the way to the catalogue too.
    fs::create_dir(trap.shop.path("nobody/deep")).expect("a folder");
    symlink("../..", trap.shop.path("nobody/deep/up")).expect("a link");
    lchown(trap.shop.path("nobody/deep/up"), Some(NOBODY), Some(NOBODY)).expect("root may");
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    let path = trap.shop.path("nobody/deep/up/products.db");
    command.args(["import", "-"]).env_clear().env("PATH", "/usr/bin:/bin").env("PRODUCTS_DB", path);
    let (done, _, err) = Running::by(&mut command).end();
    assert_eq!((done, err), (false, trap.nothing_made()));
    trap.assert_roots_is_as_it_was();
}

#[test]
fn a_hard_link_leads_root_nowhere() {
    let Some(trap) = Trap::new() else { return };
    fs::hard_link(trap.shop.catalogue(), trap.catalogue()).expect("a link");
    let (done, err) = trap.imported();
    assert_eq!((done, trap.shop.message(&err).as_str()), (false, READ_ONLY));
    fs::remove_file(trap.catalogue()).expect("a link");
    trap.assert_roots_is_as_it_was();
}

/// Also of what only root may read.
#[test]
fn a_new_catalogue_in_anothers_directory_is_that_users() {
    let Some(trap) = Trap::new() else { return };
    let file = trap.shop.write("lamp.csv", LAMP);
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("rights");
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    command.arg("import").arg(file).env_clear().env("PATH", "/usr/bin:/bin").env("PRODUCTS_DB", trap.catalogue());
    for _ in 0..2 {
        let (done, _, err) = Running::by(&mut command).end();
        assert_eq!((done, err.as_str()), (true, ""));
        assert_eq!(rows(&trap.catalogue()), [row("A003", "Lamp", "7")]);
        assert_eq!(owner(&trap.catalogue()), (NOBODY, NOBODY));
    }
    assert_eq!(fs::read_dir(trap.shop.path("nobody")).expect("the folder").count(), 1);
}

/// Root alone can give the file another owner or group than the directory's owner has.
#[test]
fn the_owner_and_group_of_a_catalogue_in_anothers_directory_stay() {
    let Some(trap) = Trap::with_catalogue() else { return };
    chown(trap.catalogue(), Some(33), Some(0)).expect("root may");
    fs::set_permissions(trap.catalogue(), Permissions::from_mode(0o666)).expect("rights");
    assert_eq!(trap.imported(), (true, String::new()));
    let file = fs::metadata(trap.catalogue()).expect("the catalogue");
    assert_eq!((file.uid(), file.gid(), file.mode()), (33, 0, 0o100666));
    assert_eq!(rows(&trap.catalogue()).len(), 3);
}

#[test]
fn who_is_not_root_follows_nobody_elses_link() {
    let Some(trap) = Trap::with_catalogue() else { return };
    let shop = &trap.shop;
    fs::set_permissions(trap.catalogue(), Permissions::from_mode(0o666)).expect("rights");
    symlink("products.db", shop.path("nobody/link.db")).expect("a link");
    let mut command = Command::new(process::install_program(shop.folder.path()));
    as_server_user(command.args(["import", "-"]).env_clear()).env("PATH", "/usr/bin:/bin");
    let (done, _, err) = Running::by(command.env("PRODUCTS_DB", shop.path("nobody/link.db"))).end();
    let message = "product-lookup: the catalogue nobody/link.db cannot be changed: a symbolic link on the way to it \
        is nobody's, who may lead it anywhere; name the file itself\n";
    assert_eq!((done, shop.message(&err).as_str()), (false, message));
}
