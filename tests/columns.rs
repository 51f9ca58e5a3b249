//! The shop's own columns, whatever they are called: asked for by `fields`, shown in every format, and changed by the
//! commands.

use std::process::Output;

use rusqlite::Connection;

use crate::program::Site;

/// Columns that are called as parts of SQL, with quotes, a comma, and as a column of the program's once was.
const COLUMNS: [&str; 7] = ["stock", "select", "order", "position", "a \"b\" 'c'", "d,e", "\u{1f37a}"];

/// A catalogue of three, of which the first has a value in each column.
fn site() -> Site {
    let site = Site::new();
    let file = "id,name,price\nA1,Clock,12\na1,Lamp,3\nB,\"x,\"\"y\"\"\",1.50\n";
    std::fs::write(site.path("products.csv"), file).expect("a file");
    assert!(run(&site, &["import", "products.csv"]).status.success());
    let connection = Connection::open(site.path("products.db")).expect("the catalogue");
    for column in COLUMNS {
        let name = format!("\"{}\"", column.replace('"', "\"\""));
        connection.execute_batch(&format!("ALTER TABLE product ADD COLUMN {name} TEXT")).expect(column);
        let value = format!("<{column}>");
        connection.execute(&format!("UPDATE product SET {name} = ?1 WHERE id = 'A1'"), [value]).expect(column);
    }
    site
}

fn run(site: &Site, arguments: &[&str]) -> Output {
    site.command().args(arguments).current_dir(site.folder.path()).output().expect("the program runs")
}

/// What the command says on stdout, or else on stderr, with its status.
fn said(site: &Site, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = run(site, arguments);
    let text = [stdout, stderr].concat();
    (status.code().expect("a status"), String::from_utf8(text).expect("UTF-8"))
}

/// The reply to a query: its head and its body.
fn ask(site: &Site, query: &str) -> (String, String) {
    let output = site.command().env("QUERY_STRING", query).output().expect("the program runs");
    let reply = String::from_utf8(output.stdout).expect("UTF-8");
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

fn body(site: &Site, query: &str) -> String {
    ask(site, query).1
}

#[test]
fn fields_say_which_columns_come_and_in_which_order() {
    let site = site();
    for (query, expected) in [
        ("id=A1", r#"{"name":"Clock","price":12}"#),
        ("id=A1&fields=price,%20stock,id", r#"{"price":12,"stock":"<stock>","id":"A1"}"#),
        ("id=A1&fields=order&fields=SELECT&fields=select", r#"{"order":"<order>","select":"<select>"}"#),
        ("id=A1&fields=d,e", r#"{"d,e":"<d,e>"}"#),
        ("id=B&fields=stock", r#"{"stock":""}"#),
        ("name=lamp&fields=id", r#"{"id":"a1"}"#),
        ("q=clo&fields=id,position", r#"{"products":[{"id":"A1","position":"<position>"}],"next":null}"#),
        ("ids=B&ids=A1&fields=price", r#"{"products":[{"price":1.50},{"price":12}],"missing":[]}"#),
        ("id=A1&format=text&fields=id,%F0%9F%8D%BA", "id: A1\n\u{1f37a}: <\u{1f37a}>\n"),
        ("q=clo&format=text&fields=stock,name", "<stock>\tClock\n"),
        ("id=A1&format=csv&fields=d,e&fields=price", "\"d,e\",price\r\n\"<d,e>\",12\r\n"),
        ("id=B&format=csv", "id,name,price\r\nB,\"x,\"\"y\"\"\",1.50\r\n"),
    ] {
        assert_eq!(body(&site, query), expected, "{query}");
    }
    let all = body(&site, "id=A1&fields=*");
    let expected = r#"{"id":"A1","name":"Clock","price":12,"stock":"<stock>","select":"<select>","order":"<order>",
"position":"<position>","a \"b\" 'c'":"<a \"b\" 'c'>","d,e":"<d,e>","🍺":"<🍺>"}"#;
    assert_eq!(all, expected.replace('\n', ""));
    let (head, body) = ask(&site, "id=A1&fields=name,nope");
    assert!(head.starts_with("Status: 400 Bad Request\r\n"), "{head}");
    assert!(body.ends_with(r#""detail":"No product has a column \"nope\"."}"#), "{body}");
}

#[test]
fn ids_are_answered_in_the_order_asked() {
    let site = site();
    let ids = "ids=B&ids[]=none&ids=A1&ids=%20b%20&ids=";
    let expected = r#"{"products":[{"id":"B","name":"x,\"y\"","price":1.50},{"id":"A1","name":"Clock","price":12},
{"id":"B","name":"x,\"y\"","price":1.50}],"missing":["none"]}"#;
    assert_eq!(body(&site, ids), expected.replace('\n', ""));
    assert_eq!(body(&site, "ids=B&id=A1"), r#"{"name":"Clock","price":12}"#, "id wins");
    assert_eq!(body(&site, "ids=none&name=lamp"), r#"{"products":[],"missing":["none"]}"#, "and then ids");
    assert_eq!(body(&site, "ids=B&ids=x&format=text"), "B\tx,\"y\"\t1.50\nmissing: x\n");
    assert_eq!(body(&site, "ids=B&ids=x&format=csv"), "id,name,price\r\nB,\"x,\"\"y\"\"\",1.50\r\n");
    assert!(body(&site, "ids=B&ids=%3Cx&format=html").contains("1 product. Not found: “\u{2068}&lt;x\u{2069}”"));
    assert!(ask(&site, &"ids=B&".repeat(100)).0.starts_with("Status: 200"));
    let (head, body) = ask(&site, &"ids=B&".repeat(101));
    assert!(head.starts_with("Status: 400") && body.contains("`ids` may have 100 ids at most."), "{head} {body}");
}

#[test]
fn an_id_is_found_where_it_differs_in_case_alone_and_just_one_does() {
    let site = site();
    assert_eq!(body(&site, "id=b&fields=id"), r#"{"id":"B"}"#);
    assert_eq!(body(&site, "id=a1&fields=name"), r#"{"name":"Lamp"}"#);
    run(&site, &["set", "bB", "--name", "Two", "--price", "2"]);
    run(&site, &["set", "Bb", "--name", "Two", "--price", "2"]);
    assert!(ask(&site, "id=BB").0.starts_with("Status: 404"));
}

#[test]
fn a_list_names_its_next_page_in_a_link() {
    let site = site();
    let (head, _) = ask(&site, "q=&limit=1&fields=id&fields=d,e&format=csv");
    let expected = "Link: <?q=&after=iA1&format=csv&limit=1&fields=id&fields=d%2Ce>; rel=\"next\"";
    assert!(head.lines().any(|line| line == expected), "{head}");
    let (head, csv) = ask(&site, "q=&after=iA1&format=csv&limit=2&fields=id");
    assert_eq!(csv, "id\r\na1\r\nB\r\n");
    assert!(head.contains("\r\nContent-Type: text/csv; charset=utf-8; header=present\r\n"), "{head}");
    assert!(!head.contains("\r\nLink:"), "it is the last one: {head}");
}

#[test]
fn a_page_shows_every_column() {
    let site = site();
    let page = body(&site, "id=A1&format=html");
    for column in COLUMNS {
        let text = column.replace('"', "&quot;").replace('\'', "&#39;");
        let item = format!("<dt><bdi>{text}</bdi></dt><dd class=\"value\"><bdi>&lt;{text}&gt;</bdi></dd>");
        assert!(page.contains(&item), "{item} in {page}");
    }
}

#[test]
fn commands_ask_for_one_product_and_change_it() {
    let site = site();
    let connection = Connection::open(site.path("products.db")).expect("the catalogue");
    for column in &COLUMNS[1..] {
        let name = column.replace('"', "\"\"");
        connection.execute_batch(&format!("ALTER TABLE product DROP COLUMN \"{name}\"")).expect(column);
    }
    let b = r#"{"id":"B","name":"x,\"y\"","price":1.50,"stock":""}"#;
    for (arguments, status, expected) in [
        (&["get", "B", "b"][..], 0, format!("{b}\n{b}\n")),
        (&["get", "none", "B"], 1, format!("{b}\nproduct-lookup: no product has the id \"none\"\n")),
        (&["find", "clo"], 0, "A1  Clock  12\n".to_owned()),
        (&["find", "none"], 0, "product-lookup: no products match \"none\"\n".to_owned()),
        (
            &["set", "B", "--price", "2.00", "Stock=7=8"],
            0,
            format!("old: {b}\nnew: {}\n", r#"{"id":"B","name":"x,\"y\"","price":2.00,"stock":"7=8"}"#),
        ),
        (
            &["set", "N", "--name", " New "],
            1,
            "product-lookup: \"N\" is new, and needs a name and a price\n".to_owned(),
        ),
        (
            &["set", "N", "--name", " New ", "--price", "-1"],
            0,
            format!("new: {}\n", r#"{"id":"N","name":"New","price":-1,"stock":""}"#),
        ),
        (&["find", "new"], 0, "N  New  -1\n".to_owned()),
        (
            &["set", "N", "--price", "5 EUR"],
            1,
            "product-lookup: the price \"5 EUR\" is not a decimal number (write 30 or 30.00)\n".to_owned(),
        ),
        (&["remove", "N", "none"], 1, "product-lookup: no product has the id \"none\"\n".to_owned()),
        (&["remove", "N"], 0, format!("removed: {}\n", r#"{"id":"N","name":"New","price":-1,"stock":""}"#)),
        (&["find", "new"], 0, "product-lookup: no products match \"new\"\n".to_owned()),
        (&["index"], 0, "indexed 3 products\n".to_owned()),
        (&["find", "--limit", "1", "l"], 0, "a1  Lamp  3\n".to_owned()),
    ] {
        assert_eq!(said(&site, arguments), (status, expected), "{arguments:?}");
    }
    let (status, said) = said(&site, &["set", "B", "sto'ck=7"]);
    let path = site.path("products.db");
    let expected = format!(
        "product-lookup: the catalogue has no column \"sto'ck\"; this adds it: \
         sqlite3 '{}' 'ALTER TABLE product ADD COLUMN \"sto'\\''ck\" TEXT'\n",
        path.display()
    );
    assert_eq!((status, said.as_str()), (1, expected.as_str()));
    let command = said.split_once("adds it: ").expect("a command").1;
    assert!(std::process::Command::new("sh").args(["-c", command]).status().expect("sh").success());
    assert!(run(&site, &["set", "B", "sto'ck=7"]).status.success());
    for wrong in [&["set", "B"][..], &["set", "B", "stock"], &["set", "B", "price=3"], &["get"], &["find"]] {
        assert_eq!(run(&site, wrong).status.code(), Some(2), "{wrong:?}");
    }
}
