//! What belongs to others stays as it is: a second site's files, another application's data, and a
//! configuration that is not understood, whatever is wrong there and whatever `check` prints.

use super::{Tree, commands};
use crate::servers::process::{debian, free_port, server_user};

/// What is wrong: a name, lines of the second site's, and what has to be told of them.
const WRONG: [(&str, &str, &str); 12] = [
    (
        "a typing error in an address",
        "<Location /staff>\nRequire ip 10.0.0.0/8x\n</Location>",
        "; that line is: Require ip 10.0.0.0/8x\n",
    ),
    ("a misspelt directive", "Requier all denied", "; that line is: Requier all denied\n"),
    (
        "a name like one of the settings'",
        "SetEnv DEVELOPMODE 1",
        "  note    DEVELOPMODE ($ROOT/apache2/sites-enabled/wrong.conf, line 1) is not a setting; DEVELOP_MODE is; this \
         stands outside the program's own configuration: $ROOT/apache2/sites-enabled/wrong.conf, line 1: \
         SetEnv DEVELOPMODE 1\n",
    ),
    ("a value that cannot be parsed", "SetEnv MAX_BODY_BYTES 5MB", ", line 1: SetEnv MAX_BODY_BYTES 5MB\n"),
    ("a path under a name like one of the settings'", "SetEnv PRODUCT_DB /x", ", line 1: SetEnv PRODUCT_DB /x\n"),
    (
        "a mutex",
        "Mutex file:${APACHE_LOCK_DIR} default",
        "/wrong.conf, line 1 gives mod_fcgid a mutex that breaks connections under load: \
         Mutex file:${APACHE_LOCK_DIR} default; ",
    ),
    (
        "a log below root's home",
        "SetEnv DEBUG_LOG /root/app/debug.log",
        "  note    www-data may not enter /root, where /root/app/debug.log is to be; ",
    ),
    (
        "a log in a directory that is shut",
        "SetEnv DEBUG_LOG $ROOT/other/shut/app.log",
        "  note    www-data may not write into $ROOT/other/shut, where $ROOT/other/shut/app.log is to be; ",
    ),
    (
        "another program's database",
        "SetEnv PRODUCTS_DB $ROOT/other/app.db",
        "  broken  $ROOT/other/app.db cannot be read: the file is an SQLite database of another kind ",
    ),
    (
        "a macro",
        "LoadModule macro_module $MACRO\n<Macro Shop $db>\n<Location /shop>\nSetEnv PRODUCTS_DB $db\n</Location>\n\
         </Macro>\nUse Shop $ROOT/other/app.db",
        "where it is another program's, have PRODUCTS_DB name another file; this stands outside the program's own \
         configuration: $ROOT/apache2/sites-enabled/wrong.conf, line 4: SetEnv PRODUCTS_DB $db\n",
    ),
    ("a section that is not closed", "<Location /staff\nRequire all denied", "; that line is: <Location /staff\n"),
    ("a file that is missing", "Include /none/app.conf", "; that line is: Include /none/app.conf\n"),
];

/// Those with which Apache starts.
const STARTS: std::ops::Range<usize> = 2..10;

/// The program's installation, with a second site and another application in it.
fn with_others() -> Tree {
    let tree = Tree::new("fcgid");
    tree.done(
        "mkdir -p other/shut other/www apache2/sites-enabled && echo secret > other/shut/keys && chmod 700 other/shut",
    );
    tree.done(
        "sqlite3 other/app.db 'CREATE TABLE person (name TEXT); PRAGMA user_version = 7' && chmod 640 other/app.db",
    );
    tree.done("chown www-data other/app.db && touch other/app.log && chmod 600 other/app.log");
    let authz_host = debian("/usr/lib/apache2/modules/mod_authz_host.so");
    let (port, authz_host) = (free_port(), authz_host.display());
    tree.done(&format!(
        r#"echo 'IncludeOptional sites-enabled/*.conf' >> apache2/apache2.conf && cat > apache2/sites-enabled/other.conf <<END
LoadModule authz_host_module {authz_host}
Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
    DocumentRoot "$ROOT/other/www"
    <Directory "$ROOT/other/www">
        Require ip 10.0.0.1
    </Directory>
</VirtualHost>
END
apachectl graceful"#
    ));
    tree.wait_until_it_answers();
    tree
}

/// All that is not the program's: contents, owners and modes.
fn others(tree: &Tree) -> String {
    let files = "apache2/apache2.conf apache2/conf-enabled apache2/mods-enabled apache2/sites-enabled other";
    let look = format!(
        "find {files} -printf '%p %m %u %g %s %l\\n' | sort; find {files} -type f -exec sha256sum {{}} + | sort; ls"
    );
    String::from_utf8(tree.shell(&look).stdout).expect("UTF-8")
}

/// Runs all commands that were printed, where root's home and the machine's own folders are others,
/// and says what is changed of root's home then.
fn run_all(tree: &Tree, text: &str) -> String {
    let mount = "mount -t tmpfs -o mode=700 none /root; mount -t tmpfs none /var/lib; mount -t tmpfs none /var/log";
    let root = tree.path("").display().to_string();
    let printed = commands(text).join("\n").replace("$SOURCE", env!("CARGO_MANIFEST_DIR"));
    let printed = printed.replace("$ROOT", root.trim_end_matches('/'));
    std::fs::write(tree.path("run/commands"), format!("{mount}\n{printed}\nstat -c 'root: %a' /root\n"))
        .expect("a file");
    let output = tree.shell("unshare --mount sh run/commands");
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with("root: ")).collect()
}

fn lay_wrong(tree: &Tree, lines: &str) {
    let root = tree.path("").display().to_string();
    let macro_module = debian("/usr/lib/apache2/modules/mod_macro.so").display().to_string();
    let lines = lines.replace("$ROOT", root.trim_end_matches('/')).replace("$MACRO", &macro_module);
    std::fs::write(tree.path("apache2/sites-enabled/wrong.conf"), lines + "\n").expect("a file");
}

#[test]
fn a_second_site() {
    if server_user().is_none() {
        return;
    }
    let tree = with_others();
    let mut wrong = Vec::new();
    let mut look = |name: &str, lines: &str, told: &[&str]| {
        lay_wrong(&tree, lines);
        let before = others(&tree);
        let (text, _) = tree.check("");
        wrong.extend(
            told.iter().filter(|told| !text.contains(**told)).map(|told| format!("{name}: not told: {told}\n{text}")),
        );
        let root = run_all(&tree, &text);
        if (others(&tree), root.as_str()) != (before, "root: 700") {
            wrong.push(format!("{name}: changed by:\n{}", commands(&text).join("\n")));
            tree.done("chmod 700 other/shut; rm -f other/app.db.broken");
        }
    };
    for (name, lines, told) in WRONG {
        look(name, lines, &[told]);
    }
    let together: Vec<&str> = WRONG[STARTS].iter().map(|(_, lines, _)| *lines).collect();
    lay_wrong(&tree, &together.join("\n"));
    tree.done("apachectl graceful");
    tree.wait_until_it_answers();
    look("all together", &together.join("\n"), &["DEVELOPMODE", "MAX_BODY_BYTES", "PRODUCT_DB", "Mutex", "/root"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the program's own configuration names may be another's all the same.
#[test]
fn what_its_own_configuration_names() {
    if server_user().is_none() {
        return;
    }
    let tree = with_others();
    tree.done(
        "cp apache2/conf-available/product-lookup.conf original && echo text > other/text && chmod 600 other/text",
    );
    let mut wrong = Vec::new();
    for (define, path, told) in [
        ("DB", "other/app.db", "a database of another kind"),
        ("DB", "other/text", "www-data may not read $ROOT/other/text"),
        ("DB", "other/shut/keys", "www-data may not enter $ROOT/other/shut, "),
        ("LOG", "other/shut/keys", "www-data may not write into $ROOT/other/shut, "),
        ("LOG", "other/app.log", "www-data may not write $ROOT/other/app.log"),
        ("LOG", "other/shut/debug.log", "www-data may not write into $ROOT/other/shut, "),
        ("LOG", "other/www/debug.log", "www-data may not write into $ROOT/other/www, "),
        ("BIN", "other/text", "www-data may not run $ROOT/other/text"),
    ] {
        let path = format!("$ROOT/{path}");
        tree.done(&format!(
            "sed \"/PRODUCT_LOOKUP_{define} /s|[^ ]*$|{path}|\" original > apache2/conf-available/product-lookup.conf"
        ));
        let before = others(&tree);
        let (text, _) = tree.check("");
        let root = run_all(&tree, &text);
        if (others(&tree), root.as_str()) != (before, "root: 700") {
            wrong.push(format!("{define} {path}: changed by:\n{}", commands(&text).join("\n")));
        }
        if !text.contains(told.trim_start_matches("a database ")) {
            wrong.push(format!("{define} {path}: not told: {told}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file at the place where the program's configuration would go is never written over.
#[test]
fn a_configuration_that_is_not_understood() {
    if server_user().is_none() {
        return;
    }
    let tree = Tree::new("fcgid");
    tree.done(&format!(
        "mkdir -p share/product-lookup && cp -r {}/apache share/product-lookup",
        env!("CARGO_MANIFEST_DIR")
    ));
    let macro_module = debian("/usr/lib/apache2/modules/mod_macro.so").display().to_string();
    let by_macro = format!(
        "LoadModule macro_module {macro_module}\n<Macro Lookup $at $bin>\nAlias \"$at\" \"$bin\"\n</Macro>\n\
         Use Lookup /wsgi /usr/bin/product-lookup\n"
    );
    for (kept, enabled, told) in [
        (
            by_macro.as_str(),
            "a2enconf",
            "; this stands outside the program's own configuration: $ROOT/apache2/conf-enabled/product-lookup.conf, \
             line 3: Alias \"$at\" \"$bin\"\n",
        ),
        (by_macro.as_str(), "a2disconf", "$ROOT/apache2/conf-available/product-lookup.conf is not enabled, "),
        ("ServerSignature Off\n", "a2enconf", "product-lookup.conf does not either, and is left as it is"),
        ("ServerSignature Off\n", "a2disconf", "product-lookup.conf does not either, and is left as it is"),
    ] {
        let file = tree.path("apache2/conf-available/product-lookup.conf");
        std::fs::write(&file, kept).expect("a file");
        tree.done(&format!("{enabled} -q product-lookup"));
        let (text, _) = tree.check("");
        run_all(&tree, &text);
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), kept, "{enabled}: {text}");
        assert!(text.contains(told), "{enabled}: {told}\n{text}");
    }
    // Where there is none, one is made.
    tree.done("rm apache2/conf-available/product-lookup.conf");
    let (text, _) = tree.check("");
    run_all(&tree, &text);
    let made = std::fs::read_to_string(tree.path("apache2/conf-available/product-lookup.conf")).expect("a file");
    let root = tree.path("share").display().to_string();
    assert_eq!(
        made,
        format!(
            "Define PRODUCT_LOOKUP_DB /var/lib/product-lookup/products.db\n\
             Define PRODUCT_LOOKUP_LOG /var/log/product-lookup/debug.log\n\
             Include \"{root}/product-lookup/apache/fcgid.conf\"\n"
        ),
        "{text}"
    );
}
