//! Files as programs write them that shops have: what each becomes, or with which words it is refused. From a file,
//! through a pipe, and packed by gzip.

pub(crate) mod files;

use std::io::Write;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

use self::files::SHAPES;
use super::Shop;
use super::running::without_phases;
use crate::store::Store;

/// What the program says of a file, on stderr or else the products that are there; `-` is stdin.
fn outcome(file: &str, stdin: &[u8], options: &[&str], shop: &Shop) -> Result<Vec<String>, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    command.arg("import").args(options).arg(file).env_clear().env("PRODUCTS_DB", shop.store.setting());
    command.current_dir(shop.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // It may end before it has read that.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    let output = child.wait_with_output().expect("its end");
    let said = without_phases(&String::from_utf8(output.stderr).expect("UTF-8")).replace("product-lookup: ", "");
    if !output.status.success() {
        return Err(said);
    }
    Ok(shop.rows().into_iter().map(|(id, name, price)| format!("{id}|{name}|{price}")).collect())
}

#[test]
pub(super) fn what_each_becomes() {
    for (what, bytes, options, expected) in SHAPES {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(bytes).expect("memory");
        let packed = packed.finish().expect("memory");
        let ways = [("a file", "feed", bytes), ("a pipe", "-", bytes), ("gzip", "feed", &packed)];
        for (how, file, written) in ways {
            let shop = Shop::new();
            // How a file comes is nothing to a database.
            if how != "a file" && !matches!(shop.store, Store::File(_)) {
                continue;
            }
            if options.contains(&"--update") {
                assert_eq!(shop.import("old.csv", "id,name,price\nA001,Old,12\n"), Ok(1));
            }
            if file != "-" {
                shop.write(file, written);
            }
            let name = if file == "-" { "standard input" } else { file };
            let came = outcome(file, written, options, &shop);
            match (expected, came) {
                (Ok(expected), Ok(came)) => assert_eq!(came, expected, "{what}, {how}"),
                (Err(expected), Err(came)) => {
                    let named = |line: &str| {
                        line.replacen(&format!("{name}, "), "", 1).replacen(&format!("{name}: "), "", 1).replacen(
                            &format!("{name} "),
                            "",
                            1,
                        )
                    };
                    let came: Vec<String> = came.lines().map(named).collect();
                    assert_eq!(came.join("\n"), expected, "{what}, {how}");
                    let is_there = shop.files().iter().any(|name| name == "products.db");
                    assert!(!is_there || options.contains(&"--update"), "{what}, {how}");
                }
                (expected, came) => panic!("{what}, {how}: {expected:?} and {came:?}"),
            }
        }
    }
}
