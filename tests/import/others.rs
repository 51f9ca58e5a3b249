//! Several imports at once, and names that others hold beside the catalogue.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use super::running::Running;
use super::{Row, Shop, many, row};

const LAMP: &str = "id,name,price\nA003,Lamp,7\n";

/// None waits for another's end by a look at the catalogue, since there is none yet.
#[test]
fn imports_at_once_into_no_catalogue_lose_nothing() {
    for _ in 0..5 {
        let shop = Shop::new();
        let mut imports: Vec<Running> = (0..8).map(|_| Running::start(&shop, &["-"])).collect();
        for (number, import) in imports.iter_mut().enumerate() {
            import.send(&format!("id,name,price\nA00{number},Lamp,{number}\n"));
        }
        imports.iter_mut().for_each(Running::sent);
        for import in imports {
            let (done, _, err) = import.end();
            assert!(done, "{err}");
            assert!(["", "product-lookup: waiting for another import to end\n"].contains(&err.as_str()), "{err}");
        }
        let all: Vec<Row> = (0..8).map(|number| row(&format!("A00{number}"), "Lamp", &number.to_string())).collect();
        assert_eq!(shop.rows(), all);
        assert_eq!(shop.files(), ["products.db"]);
    }
}

/// Somebody else's, in a directory that everybody may write.
#[test]
fn names_that_others_hold_stop_no_import() {
    let shop = Shop::with_two_products();
    fs::set_permissions(shop.folder.path(), Permissions::from_mode(0o1777)).expect("rights");
    let names = [".products.db.import", ".products.db.import-0123456789abcdef"];
    let mut held = Vec::new();
    for name in names {
        let file = File::open(shop.write(name, "mine")).expect("a file");
        file.lock().expect("a lock");
        held.push(file);
    }
    // Only root may; else both are this user's, of which the second would be an import that goes on.
    if chown(shop.path(names[1]), Some(65534), Some(65534)).is_err() {
        fs::remove_file(shop.path(names[1])).expect("a file");
    }
    let before = shop.files();
    shop.write("lamp.csv", LAMP);
    let import = Running::start(&shop, &[shop.path("lamp.csv").to_str().expect("UTF-8")]);
    let (done, _, err) = import.end();
    assert_eq!((done, err.as_str()), (true, ""));
    fs::remove_file(shop.path("lamp.csv")).expect("a file");
    assert_eq!(shop.files(), before);
    assert_eq!(shop.rows().len(), 3);
}

#[test]
fn what_is_no_file_is_left_where_it_is() {
    let shop = Shop::with_two_products();
    shop.write("precious", "gold");
    symlink("precious", shop.path(".products.db.import-0123456789abcdef")).expect("a link");
    fs::create_dir(shop.path(".products.db.import-fedcba9876543210")).expect("a folder");
    assert_eq!(shop.import("lamp.csv", LAMP), Ok(1));
    assert_eq!(fs::read(shop.path("precious")).expect("the file"), b"gold");
    let left = [".products.db.import-0123456789abcdef", ".products.db.import-fedcba9876543210"];
    assert_eq!(shop.files(), [&left[..], &["lamp.csv", "precious", "products.db"]].concat());
}

#[test]
fn a_catalogue_that_comes_meanwhile_is_not_replaced() {
    let shop = Shop::new();
    let import = Running::begun(&shop, &["-"], "");
    fs::copy(Shop::with_two_products().catalogue(), shop.catalogue()).expect("a copy");
    let (done, _, err) = import.end();
    let message = "product-lookup: products.db cannot be written: something has been put there meanwhile\n";
    assert_eq!((done, shop.message(&err).as_str()), (false, message));
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]);
    assert_eq!(shop.files(), ["products.db"]);
}

#[test]
fn a_catalogue_that_others_put_there_meanwhile_stays() {
    let shop = Shop::with_two_products();
    let mut import = Running::start(&shop, &["-"]);
    import.send(&many(20_000, 5));
    let import = import.hold(|| shop.is_being_built());
    let other = Shop::new();
    assert_eq!(other.import("lamp.csv", LAMP), Ok(1));
    fs::copy(other.catalogue(), shop.path("other.db")).expect("a copy");
    fs::rename(shop.path("other.db"), shop.catalogue()).expect("it is there");
    let (done, _, err) = import.end();
    let message = "product-lookup: products.db cannot be written: something else has been put there meanwhile\n";
    assert_eq!((done, shop.message(&err).as_str()), (false, message));
    assert_eq!(shop.rows(), [row("A003", "Lamp", "7")]);
    assert_eq!(shop.files(), ["products.db"]);
}
