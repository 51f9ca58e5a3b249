//! What the READMEs say is true: their commands give what they show, their tables are the program's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use product_lookup::settings::{SETTINGS, Setting};

use crate::program::{Site, run};

const README: &str = include_str!("../README.md");
const SOURCES: &str = include_str!("../src/README.md");

/// The blocks of one language.
fn blocks<'a>(readme: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|block| block.split("```").next().expect("an end")).collect()
}

/// Each `console` block's commands run in order, in one folder, and print what follows them.
#[test]
fn commands_print_what_is_shown() {
    let site = Site::new();
    let mut shown = 0;
    for block in blocks(README, "console") {
        for step in block.split("$ ").filter(|step| step.contains("product-lookup") || step.starts_with("printf")) {
            let (command, expected) = step.split_once('\n').expect("a command and what it prints");
            let mut shell = Command::new("sh");
            let path = format!("{}:/usr/bin:/bin", site.folder.path().display());
            shell.env_clear().env("PATH", path).current_dir(site.folder.path()).args(["-c", command]);
            let output = run(&mut shell, b"");
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
            assert_eq!(printed.replace("\r\n", "\n").trim_end(), expected.trim_end(), "{command}");
            shown += 1;
        }
    }
    assert_eq!(shown, 9);
}

/// The first column of the table under a heading.
fn column(readme: &'static str, heading: &str) -> Vec<&'static str> {
    let section = readme.split(&format!("\n## {heading}\n")).nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its end");
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| row.split(" | ").next().expect("a column").trim_matches(['|', ' '])).collect()
}

/// The table of settings, as the program's own table has it.
#[test]
fn settings() {
    let row =
        |setting: &Setting| format!("| `{}` | {} | {} |\n", setting.name, setting.default_in_units(), setting.help);
    let rows: String = SETTINGS.iter().map(row).collect();
    let table = format!("\n| name | default | what |\n| --- | --- | --- |\n{rows}\n");
    assert!(README.contains(&table), "README.md must have this table:\n{table}");
}

#[test]
fn dependencies() {
    let manifest = include_str!("../Cargo.toml").split("[dependencies]\n").nth(1).expect("dependencies");
    let manifest = manifest.split("\n[").next().expect("an end");
    let needed: BTreeSet<String> =
        manifest.lines().filter_map(|line| Some(format!("`{}`", line.split_once(" = ")?.0))).collect();
    let told: BTreeSet<String> = column(SOURCES, "Dependencies").into_iter().map(str::to_owned).collect();
    assert_eq!(told, needed);
}

#[test]
fn crates_without_the_driver() {
    let drivers = |features: &[&str]| crates(features).iter().any(|name| name.starts_with("mysql"));
    assert!(drivers(&[]));
    assert!(!drivers(&["--no-default-features"]));
}

/// All that the program is built of, but itself.
fn crates(features: &[&str]) -> BTreeSet<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let output = run(tree.args(features).current_dir(env!("CARGO_MANIFEST_DIR")), b"");
    let listed = String::from_utf8(output.stdout).expect("UTF-8");
    // The first is the program.
    listed.lines().skip(1).map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// The app of the README is the one that `apps.rs` asks.
#[test]
fn an_app_of_your_own() {
    let function =
        |source: &str| source.split("/// Answers any method.\n").nth(1).expect("a function").trim().to_owned();
    let told = blocks(SOURCES, "rust").into_iter().find(|block| block.contains("Greets")).expect("the example");
    assert_eq!(function(told), function(include_str!("greet.rs")));
}

/// The newest of the changes is this version's; Debian's changelog is made of them.
#[test]
fn changes() {
    let newest = include_str!("../apache/debian/changes.md").split("### ").nth(1).expect("a version");
    assert_eq!(newest.split(' ').next(), Some(env!("CARGO_PKG_VERSION")));
}

/// Each file that a README leads to is there.
#[test]
fn links() {
    for file in ["README.md", "apache/README.md", "src/README.md", "src/gateway/README.md", "tests/README.md"] {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(&here).expect("a README");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { here.clone() } else { here.with_file_name(path) };
            assert!(target.exists(), "{file}: {link}");
            let text = if heading.is_empty() { String::new() } else { fs::read_to_string(target).expect("text") };
            let mut headings = text.lines().filter_map(|line| line.strip_prefix('#'));
            let anchor =
                |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(',', "").replace(' ', "-");
            assert!(heading.is_empty() || headings.any(|line| anchor(line) == heading), "{file}: {link}");
        }
    }
}
