//! The catalogue truncated, filled with noise, replaced, overwritten, unreadable: replies say so, and are
//! the right ones again after it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use product_lookup::catalogue::import::{Options, import};

use super::{Shop, UNREADABLE, assert_clock, get};
use crate::program::Serving;
use crate::servers::process;

const MALFORMED: &str = "database disk image is malformed";

/// Bytes that mean nothing, the same for the same seed (Marsaglia's xorshift64).
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..bytes).map(|_| next()).collect()
}

fn truncate(path: &Path, bytes: u64) {
    OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(bytes)).expect("a shorter file");
}

/// Damages the catalogue while the program runs, and puts it back in two ways: as another file,
/// and into the file that is there. In what is to be complained of, PATH is the catalogue's.
fn damaged(damage: impl Fn(&Path), cause: &str) {
    let shop = Shop::new();
    let path = shop.path("products.db");
    let good = fs::read(&path).expect("a catalogue");
    let mut serving = shop.serve(&[]);
    assert_clock(&serving);
    let error = format!("the catalogue PATH cannot be read: {cause}").replace("PATH", &path.display().to_string());
    let (mut complaints, mut lines) = (String::new(), Vec::new());
    for in_place in [false, true, false] {
        damage(&path);
        for query in ["id=A001", "name=clock", "q=clo", "q=", "id=none"] {
            let answer = get(&serving, query);
            assert_eq!(String::from_utf8_lossy(&answer.body), UNREADABLE, "{query}");
            assert_eq!((answer.status, answer.field("Retry-After")), (503, Some("5")));
            complaints += &format!("product-lookup: {error}\n");
            lines.push(format!("error: 503: {error}"));
        }
        assert_eq!(shop.stderr(), complaints);
        assert_eq!(shop.log().lines().map(|line| &line[20..]).collect::<Vec<_>>(), lines);
        assert!(serving.child.try_wait().expect("a child").is_none(), "it lives");
        if in_place && path.is_file() {
            fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("its rights");
            fs::write(&path, &good).expect("the bytes of before");
        } else {
            fs::write(shop.path("good"), &good).expect("a good one");
            let _ = fs::remove_dir(&path);
            fs::rename(shop.path("good"), &path).expect("it is put back");
        }
        assert_clock(&serving);
    }
    assert_eq!(shop.stderr(), complaints);
}

#[test]
fn cut_in_its_first_page() {
    damaged(|path| truncate(path, 1000), MALFORMED);
}

#[test]
fn cut_after_its_first_page() {
    damaged(|path| truncate(path, 4096), MALFORMED);
}

#[test]
fn filled_with_noise() {
    let fill = |path: &Path| fs::write(path, noise(1, 100_000)).expect("a file");
    damaged(fill, "it is not an SQLite file");
}

#[test]
fn replaced_by_a_directory() {
    let replace = |path: &Path| fs::remove_file(path).and_then(|()| fs::create_dir(path)).expect("a directory");
    damaged(replace, "disk I/O error");
}

/// Are these answers right, or a 503?
fn assert_right_or_none(serving: &Serving, what: &str) -> usize {
    let questions = [
        ("id=N000", r#"{"name":"Product 0","price":0}"#),
        ("id=N299", r#"{"name":"Product 299","price":299}"#),
        ("id=N150", r#"{"name":"Product 150","price":150}"#),
        ("name=product%20299", r#"{"name":"Product 299","price":299}"#),
        ("q=299", r#"{"products":[{"id":"N299","name":"Product 299","price":299}],"next":null}"#),
    ];
    let right = |(query, expected): &(&str, &str)| {
        let answer = get(serving, query);
        let body = String::from_utf8_lossy(&answer.body);
        assert_eq!(body, if answer.status == 503 { UNREADABLE } else { expected }, "{query}, {what}");
        answer.status == 200
    };
    questions.iter().filter(|question| right(question)).count()
}

/// A catalogue of 300 products that any part of may be gone from.
fn three_hundred(shop: &Shop) -> Vec<u8> {
    let products = (0..300).map(|number| format!("N{number:03},Product {number},{number}\n"));
    fs::write(shop.path("many.csv"), format!("id,name,price\n{}", products.collect::<String>())).expect("a file");
    let path = shop.path("many.db");
    import(&shop.path("many.csv"), &path, &Options::default()).expect("an import");
    fs::read(path).expect("a catalogue")
}

/// Another file in the catalogue's place.
fn put(shop: &Shop, bytes: &[u8]) {
    fs::write(shop.path("new"), bytes).expect("a file");
    fs::rename(shop.path("new"), shop.path("products.db")).expect("its place");
}

#[test]
fn pages_of_noise_give_no_wrong_answer() {
    let shop = Shop::new();
    let whole = three_hundred(&shop);
    let serving = shop.serve(&[]);
    for page in 0..whole.len() / 4096 {
        for seed in 1..=10 {
            let mut damaged = whole.clone();
            damaged[page * 4096..][..4096].copy_from_slice(&noise(seed, 4096));
            put(&shop, &damaged);
            assert_right_or_none(&serving, &format!("noise {seed} in page {page}"));
        }
    }
    put(&shop, &whole);
    assert_eq!(assert_right_or_none(&serving, "whole"), 5);
}

/// Nobody may write beside the catalogue: it is read as ever, and an import leaves it as it is.
#[test]
fn its_directory_read_only() {
    let shop = Shop::new();
    fs::create_dir(shop.path("shop")).expect("a directory");
    let path = shop.path("shop/products.db");
    fs::rename(shop.path("products.db"), &path).expect("a catalogue");
    process::hand_over(&path);
    let before = fs::read(&path).expect("a catalogue");
    process::hand_over(&shop.path("shop"));
    fs::set_permissions(shop.path("shop"), Permissions::from_mode(0o555)).expect("its rights");
    let catalogue = path.display().to_string();
    let serving = shop.serve(&[("PRODUCTS_DB", &catalogue)]);
    assert_clock(&serving);
    fs::write(shop.path("new.csv"), "id,name,price\nA001,Clock,13\n").expect("a file");
    let mut import = shop.program();
    let import = import.arg("import").arg(shop.path("new.csv")).env("PRODUCTS_DB", &catalogue);
    assert_eq!(import.status().expect("it ends").code(), Some(1));
    let refused = format!(
        "product-lookup: no new catalogue can be made in {} by this user: Permission denied\n",
        shop.path("shop").display()
    );
    assert_eq!(shop.stderr(), refused);
    assert!(fs::read(&path).expect("a catalogue") == before);
    assert_clock(&serving);
    fs::set_permissions(shop.path("shop"), Permissions::from_mode(0o755)).expect("its rights");
}

#[test]
fn cut_anywhere_it_gives_no_wrong_answer() {
    let shop = Shop::new();
    let whole = three_hundred(&shop);
    let serving = shop.serve(&[]);
    let lengths = (0..whole.len()).step_by(509).chain(whole.len() - 40..whole.len());
    for length in lengths {
        put(&shop, &whole[..length]);
        assert_right_or_none(&serving, &format!("{length} of {} bytes", whole.len()));
    }
    put(&shop, &whole);
    assert_eq!(assert_right_or_none(&serving, "whole"), 5);
}

#[test]
fn emptied() {
    damaged(|path| drop(File::create(path).expect("a file")), "the file is empty");
}

#[test]
fn unreadable() {
    let forbid = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o000)).expect("its rights");
    damaged(forbid, "unable to open database file: PATH");
}

/// `cp` writes another catalogue into the file that is there: nothing of the old one is answered.
#[test]
fn overwritten_in_place_by_another_catalogue() {
    let shop = Shop::new();
    let path = shop.path("products.db");
    let serving = shop.serve(&[]);
    for price in 1..=20 {
        fs::write(shop.path("new.csv"), format!("id,name,price\nA001,Clock,{price}\n")).expect("a file");
        import(&shop.path("new.csv"), &shop.path("new.db"), &Options::default()).expect("an import");
        fs::copy(shop.path("new.db"), &path).expect("a copy");
        fs::remove_file(shop.path("new.db")).expect("a file");
        let body = String::from_utf8(get(&serving, "id=A001").body).expect("UTF-8");
        assert_eq!(body, format!("{{\"name\":\"Clock\",\"price\":{price}}}"));
    }
}
