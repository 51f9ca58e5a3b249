//! Who may do what with the catalogue, which an import leaves as it was, or else does not begin.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use product_lookup::catalogue::import::Options;
use rustix::fs::{XattrFlags, getxattr, setxattr};

use super::running::Running;
use super::{Shop, row};
use crate::servers::process::{self, as_server_user, server_user};

const LAMP: &str = "id,name,price\nA003,Lamp,7\n";

#[test]
fn rights_and_owner_stay() {
    let shop = Shop::with_two_products();
    fs::set_permissions(shop.catalogue(), Permissions::from_mode(0o640)).expect("rights");
    // Only root may.
    let _ = chown(shop.catalogue(), Some(65534), Some(65534));
    let mut before = fs::metadata(shop.catalogue()).expect("the catalogue");
    for replace in [false, true] {
        let options = Options { replace, allow_shrink: true, ..Options::default() };
        assert_eq!(shop.import_with("lamp.csv", LAMP, &options), Ok(1));
        let after = fs::metadata(shop.catalogue()).expect("the catalogue");
        assert_ne!(after.ino(), before.ino());
        assert_eq!((after.mode(), after.uid(), after.gid()), (0o100640, before.uid(), before.gid()));
        before = after;
    }
}

#[test]
fn who_may_not_write_the_catalogue_may_not_replace_it() {
    let shop = Shop::with_two_products();
    fs::set_permissions(shop.catalogue(), Permissions::from_mode(0o444)).expect("rights");
    let root = File::options().append(true).open(shop.catalogue()).is_ok();
    let message = "the catalogue products.db cannot be changed: it is read-only for this user";
    let expected = if root { Ok(1) } else { Err(message.to_owned()) };
    assert_eq!(shop.import("lamp.csv", LAMP), expected);
}

#[test]
fn a_new_catalogue_has_the_rights_of_any_new_file() {
    let shop = Shop::new();
    let lamp = shop.write("lamp.csv", LAMP);
    assert_eq!(shop.import_into(&lamp, &shop.catalogue(), &Options::default()), Ok(1));
    let mode = |name| fs::metadata(shop.path(name)).expect("a file").mode();
    assert_eq!(mode("products.db"), mode("lamp.csv"));
}

fn acl(command: &str, arguments: &[&str], path: &Path) -> String {
    let output = Command::new(command).args(arguments).arg(path).output().expect("the package acl");
    assert!(output.status.success(), "{command} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// In the mode, where an ACL has a mask, this stands in the group's place.
#[test]
fn an_acl_and_other_attributes_stay() {
    let shop = Shop::with_two_products();
    fs::set_permissions(shop.catalogue(), Permissions::from_mode(0o600)).expect("rights");
    acl("setfacl", &["-m", "u:65534:rw,u:33:r"], &shop.catalogue());
    setxattr(shop.catalogue(), "user.origin", b"warehouse", XattrFlags::empty()).expect("an attribute");
    let kept = "user::rw-\nuser:33:r--\nuser:65534:rw-\ngroup::---\nmask::rw-\nother::---\n\n";
    for replace in [false, true] {
        let options = Options { replace, allow_shrink: true, ..Options::default() };
        assert_eq!(shop.import_with("lamp.csv", LAMP, &options), Ok(1));
        assert_eq!(acl("getfacl", &["-cpn"], &shop.catalogue()), kept);
        let mut origin = [0; 20];
        assert_eq!(getxattr(shop.catalogue(), "user.origin", &mut origin[..]), Ok(9));
        assert_eq!(&origin[..9], b"warehouse");
    }
}

/// The directory may have got an ACL for new files after the catalogue was made.
#[test]
fn an_acl_for_new_files_is_for_new_catalogues() {
    let shop = Shop::with_two_products();
    fs::set_permissions(shop.catalogue(), Permissions::from_mode(0o640)).expect("rights");
    acl("setfacl", &["-d", "-m", "u::rwx,g::rx,o::---,u:65534:rw"], shop.folder.path());
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(acl("getfacl", &["-cpn"], &shop.catalogue()), "user::rw-\ngroup::r--\nother::---\n\n");
    fs::remove_file(shop.catalogue()).expect("a file");
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    let new = "user::rw-\nuser:65534:rw-\ngroup::r-x\t#effective:r--\nmask::rw-\nother::---\n\n";
    assert_eq!(acl("getfacl", &["-cpn"], &shop.catalogue()), new);
}

/// Who may write the catalogue, but not give it back as it was.
#[test]
fn who_cannot_keep_owner_and_group_is_refused_before_anything_is_read() {
    let Some((user, group)) = server_user() else {
        println!("skipped: only root may give files away");
        return;
    };
    let owners = [
        ((65534, group), "it would no longer be nobody's; import as nobody, or as root"),
        (
            (user, 65534),
            "it would no longer be of its group 65534, in which www-data is not; import as root, or give it another group",
        ),
    ];
    for ((owner, owning_group), message) in owners {
        let shop = Shop::with_two_products();
        fs::set_permissions(shop.folder.path(), Permissions::from_mode(0o755)).expect("rights");
        process::hand_over(shop.folder.path());
        chown(shop.catalogue(), Some(owner), Some(owning_group)).expect("root may");
        fs::set_permissions(shop.catalogue(), Permissions::from_mode(0o664)).expect("rights");
        let before = (shop.bytes(), fs::metadata(shop.catalogue()).expect("the catalogue").ino());
        let program = process::install_program(shop.folder.path());
        let mut command = Command::new(program);
        as_server_user(command.args(["import", "-"]).env_clear().env("PRODUCTS_DB", shop.catalogue()));
        command.env("PATH", "/usr/bin:/bin");
        // It says so and ends, though nobody has sent or ended anything.
        let mut import = Running::by(&mut command);
        let said = shop.message(&import.complaint());
        assert_eq!(said, format!("product-lookup: the catalogue products.db cannot be changed: {message}\n"));
        assert!(!import.end().0);
        assert_eq!(shop.files(), ["product-lookup", "products.db"]);
        assert!((shop.bytes(), fs::metadata(shop.catalogue()).expect("the catalogue").ino()) == before);
        assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]);
    }
}
