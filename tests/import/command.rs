//! The subcommands `import` and `export`, as one types them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::running::without_phases;
use super::{Shop, row};

fn command(shop: &Shop, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
    command.args(arguments).env_clear().env("PRODUCTS_DB", shop.store.setting()).current_dir(shop.folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(shop: &Shop, arguments: &[&str], stdin: &str) -> Output {
    let mut child = command(shop, arguments).spawn().expect("the program starts");
    // It may end before it has read that.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
    child.wait_with_output().expect("its end")
}

/// Exit status, stdout and stderr.
fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), without_phases(&text(output.stderr)))
}

#[test]
pub(super) fn import_tells_what_it_did() {
    let shop = Shop::new();
    shop.write("prices.csv", "cost,sku,title\n12,A001,Clock\n40,A002,Bi-Noculars\n");
    let columns = ["--id-column", "2", "--name-column", "3", "--price-column", "1"];
    let (status, out, err) = told(run(&shop, &[&["import", "prices.csv"], &columns[..]].concat(), ""));
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let expected = format!(
        "imported 2 products into {}: 2 new, 0 changed, 0 unchanged; 2 in all\n\
         the id is \"sku\", the name is \"title\", the price is \"cost\"\n",
        shop.place()
    );
    assert_eq!(out, expected);
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]);
}

#[test]
pub(super) fn import_from_stdin_and_replace() {
    let shop = Shop::with_two_products();
    let file = "\u{feff}id,name,price\r\nA003,Lamp,7";
    let refused = told(run(&shop, &["import", "-", "--replace"], file));
    let expected = "product-lookup: 2 of 2 products would be removed; --allow-shrink says that this is meant\n";
    assert_eq!(refused, (Some(1), String::new(), expected.to_owned()));
    let (status, out, err) = told(run(&shop, &["import", "-", "--replace", "--allow-shrink"], file));
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("imported 1 product into "), "{out}");
    assert!(out.contains(": 1 new, 0 changed, 0 unchanged, 2 removed; 1 in all\n"), "{out}");
    assert_eq!(shop.rows(), [row("A003", "Lamp", "7")]);
}

#[test]
pub(super) fn a_bad_line_is_told_on_stderr() {
    let shop = Shop::with_two_products();
    shop.write("prices.csv", "id,name,price\nA001,Clock,13\nA003,Lamp,dear\n");
    let expected = "product-lookup: prices.csv, line 3: the price \"dear\" is not a decimal number (write 30 or 30.00)\n\
        product-lookup: nothing was imported; --skip-bad leaves out what is not a product\n";
    let refused = told(run(&shop, &["import", "prices.csv"], ""));
    assert_eq!(refused, (Some(1), String::new(), expected.to_owned()));
    let expected = "product-lookup: standard input, line 2: the name is empty\n\
        product-lookup: nothing was imported; --skip-bad leaves out what is not a product\n";
    let refused = told(run(&shop, &["import", "-"], "id,name,price\nA001,,13\n"));
    assert_eq!(refused, (Some(1), String::new(), expected.to_owned()));
    assert_eq!(shop.rows(), [row("A001", "Clock", "12"), row("A002", "Bi-Noculars", "40")]);
}

#[test]
pub(super) fn export_writes_the_catalogue() {
    let shop = Shop::with_two_products();
    let csv = "id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n".to_owned();
    assert_eq!(told(run(&shop, &["export"], "")), (Some(0), csv.clone(), String::new()));
    assert_eq!(told(run(&shop, &["export", "--format", "csv"], "")), (Some(0), csv, String::new()));
    let json = "[\n{\"id\":\"A001\",\"name\":\"Clock\",\"price\":12},\n\
        {\"id\":\"A002\",\"name\":\"Bi-Noculars\",\"price\":40}\n]\n";
    let exported = told(run(&shop, &["export", "--format", "json"], ""));
    assert_eq!(exported, (Some(0), json.to_owned(), String::new()));
}

#[test]
pub(super) fn a_closed_pipe_ends_an_export_quietly() {
    let shop = Shop::new();
    assert_eq!(shop.import("many.csv", super::many(20_000, 1)), Ok(20_000));
    for format in ["csv", "json"] {
        let mut child = command(&shop, &["export", "--format", format]).spawn().expect("the program starts");
        drop(child.stdout.take());
        let (status, _, err) = told(child.wait_with_output().expect("its end"));
        assert_eq!((status, err.as_str()), (Some(0), ""));
    }
}
