//! The help, the man pages, and the completions as the shells themselves have them.

use std::fs;
use std::path::Path;
use std::process::Command;

use product_lookup::catalogue::import::KNOWN;
use product_lookup::settings::SETTINGS;
use tempfile::TempDir;

use crate::program::{Site, run};

/// The files that `make install` takes, in a folder.
fn manual() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(Command::new(env!("CARGO_BIN_EXE_manual")).arg(folder.path()), b"");
    assert!(output.status.success(), "{output:?}");
    folder
}

fn printed(command: &mut Command) -> String {
    let output = run(command, b"");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A page as a person reads it, and its warnings; blanks are one each.
fn page(folder: &Path, name: &str) -> String {
    let mut man = Command::new("man");
    man.env("MANWIDTH", "2000").env("LC_ALL", "C.UTF-8").args(["--warnings", "-l"]).arg(folder.join(name));
    let output = run(&mut man, b"");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
    let text = String::from_utf8(output.stdout).expect("UTF-8").replace(['\u{2010}', '\u{2212}'], "-");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn pages() {
    let folder = manual();
    let first = page(folder.path(), "product-lookup.1");
    for setting in &SETTINGS {
        let meaning = setting.help.replace('`', "");
        assert!(first.contains(&format!("{} {meaning}", setting.name)), "{}: {first}", setting.name);
    }
    for heading in ["SYNOPSIS product-lookup [COMMAND]", "FILES", "EXIT STATUS 0 done 1 failed", "EXAMPLES", "SEE ALSO"]
    {
        assert!(first.contains(heading), "{heading}: {first}");
    }
    let import = page(folder.path(), "product-lookup-import.1");
    for known in &KNOWN {
        for words in [known.english, known.german] {
            assert!(import.contains(words), "{words}: {import}");
        }
    }
    for command in ["serve", "import", "export", "get", "find", "set", "remove", "index", "check"] {
        let page = page(folder.path(), &format!("product-lookup-{command}.1"));
        assert!(page.contains(&format!("SYNOPSIS product-lookup {command} ")), "{page}");
        assert!(page.contains("EXIT STATUS 0 done 1 failed"), "{page}");
        assert!(first.contains(&format!("product-lookup-{command}(1)")), "{first}");
    }
}

#[test]
fn help_is_as_wide_as_the_terminal() {
    let site = Site::new();
    for arguments in [&["--help"][..], &["import", "--help"], &["check", "-h"]] {
        let help = printed(site.command().env("COLUMNS", "60").args(arguments));
        let wide = help.lines().find(|line| line.chars().count() > 60);
        assert_eq!(wide, None, "{help}");
        assert!(help.contains("\nExamples:\n"), "{help}");
    }
    let help = printed(site.command().arg("--help"));
    for setting in &SETTINGS {
        assert!(help.contains(&format!("\n  {}\n", setting.name)), "{help}");
    }
}

/// Each example that needs no server is done, in a folder with the files that it names.
#[test]
fn examples() {
    let site = Site::new();
    for (name, text) in [
        ("prices.csv", "id,name,price,stock,color\nA001,Clock,12,3,blue\nB001,Teapot,19.90,4,red\n"),
        ("prices.xlsx", "EAN;Bezeichnung;VK brutto\n4006381333931;Stift;1,50\n"),
        ("stock.csv", "id,stock\nA001,9\n"),
    ] {
        fs::write(site.path(name), text).expect("a file");
    }
    let shell = |line: &str| {
        let mut shell = Command::new("sh");
        let path = format!("{}:/usr/bin:/bin", site.folder.path().display());
        printed(shell.env_clear().env("PATH", path).current_dir(site.folder.path()).args(["-c", line]))
    };
    shell("PRODUCTS_DB=old.db product-lookup import prices.csv");
    let mut done = 0;
    for command in ["import", "export", "get", "find", "set", "remove"] {
        // Wider than any example.
        let help = printed(site.command().env("COLUMNS", "500").args([command, "--help"]));
        for line in help.lines().filter_map(|line| line.strip_prefix("    $ ")) {
            if !line.contains("https://") {
                shell(line);
                done += 1;
            }
        }
    }
    assert_eq!(done, 12);
}

/// What is typed, and what the last word of it becomes, by the second word and its options.
const COMPLETED: [(&str, &str); 6] = [
    ("product-lookup imp", "import"),
    ("product-lookup import --rep", "--replace"),
    ("product-lookup export --format j", "json"),
    ("product-lookup find --h", "--help"),
    ("product-lookup check --j", "--json"),
    // What is for the program itself, nobody is offered.
    ("product-lookup check --c", ""),
];

/// Has a shell run a script, with the folder of the completions and what is typed.
fn completed(shell: &[&str], script: &str) {
    let folder = manual();
    for (typed, word) in COMPLETED {
        let mut command = Command::new(shell[0]);
        command.env("HOME", folder.path()).env("TERM", "dumb").args(&shell[1..]).args(["-c", script]);
        command.args((shell[0] != "fish").then_some("shell"));
        let told = printed(command.arg(folder.path()).arg(typed));
        assert_eq!(told.trim(), word, "{typed} in {}", shell[0]);
    }
}

#[test]
fn bash_completes() {
    completed(
        &["bash", "--norc"],
        r#". "$1/product-lookup.bash"
        [[ $(complete -p product-lookup) =~ -F\ ([^ ]+) ]]
        COMP_WORDS=($2) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        "${BASH_REMATCH[1]}" product-lookup "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
        echo "${COMPREPLY[@]}""#,
    );
}

#[test]
fn fish_completes() {
    completed(
        &["fish", "--no-config"],
        r#"source $argv[1]/product-lookup.fish
        complete -C $argv[2] | cut -f 1"#,
    );
}

/// At a terminal of its own, where Tab tells what became of the line.
#[test]
fn zsh_completes() {
    completed(
        &["timeout", "60", "zsh", "-f"],
        r#"zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "fpath=($1 \$fpath); autoload -U compinit && compinit -u -D
            told() { zle complete-word; print -r -- \"<<\"\"\$BUFFER>>\" }
            zle -N told && bindkey '^I' told && print LOA''DED"
        zpty -r shell said '*LOADED*'
        zpty -w -n shell "$2"$'\t'
        zpty -r shell said '*<<*>>*'
        said=${${said##*<<}%%>>*}
        [[ $said = $2 ]] || print -r -- ${${said% }##* }"#,
    );
}
