//! Where Apache is called httpd, in a layout of its own; and where it does not tell its configuration.

use std::fs;

use super::{Tree, broken, commands};
use crate::servers::process::{debian, server_user, wait_for};

const MODULES: [&str; 8] = ["mpm_event", "authz_core", "alias", "dir", "env", "mime", "info", "fcgid"];

/// The program's installation, and beside Debian's files the same for a real Apache that is called httpd.
/// It does not run, and does not load mod_fcgid.
fn layout() -> Tree {
    let tree = Tree::new("fcgid");
    tree.done("pid=$(cat apache.pid) && apachectl stop && while kill -0 $pid 2>/dev/null; do sleep 0.1; done");
    tree.done("mkdir -p httpd/conf httpd/conf.d httpd/modules && cp $CONF httpd/conf.d");
    for module in MODULES {
        let file = debian(&format!("/usr/lib/apache2/modules/mod_{module}.so"));
        tree.done(&format!("ln -s {} httpd/modules", file.display()));
    }
    let loaded = MODULES.iter().filter(|module| !["info", "fcgid"].contains(module));
    let loaded: String = loaded.map(|name| format!("LoadModule {name}_module modules/mod_{name}.so\n")).collect();
    let user = if server_user().is_some() { "User www-data\nGroup www-data" } else { "" };
    let (root, address, apache) = (tree.path("").display().to_string(), tree.addr, debian("/usr/sbin/apache2"));
    let root = root.trim_end_matches('/');
    let text = format!(
        r#"ServerRoot "{root}/httpd"
ServerName localhost
DefaultRuntimeDir {root}/run
PidFile {root}/apache.pid
ErrorLog {root}/error.log
{user}
Listen {address}
{loaded}TypesConfig /dev/null
<Directory />
    Require all denied
</Directory>
Include conf.d/*.conf
<IfModule mod_fcgid.c>
    FcgidIPCDir {root}/sock
    FcgidProcessTableFile {root}/fcgid_shm
</IfModule>
"#
    );
    fs::write(tree.path("httpd/conf/httpd.conf"), text).expect("a new file");
    let httpd = format!("#!/bin/sh\nexec {} -d {root}/httpd -f conf/httpd.conf \"$@\"\n", apache.display());
    fs::write(tree.path("admin/httpd"), httpd).expect("a new file");
    tree.done("chmod 755 admin/httpd");
    tree
}

/// What `check` says, and its status. `before` is what it is run by.
fn check(tree: &Tree, before: &str) -> (String, Option<i32>) {
    let output = tree.shell(&format!("unset APACHE_CONFDIR; {before} product-lookup check"));
    let root = tree.path("").display().to_string();
    let text = String::from_utf8(output.stdout).expect("UTF-8").replace(root.trim_end_matches('/'), "$ROOT");
    (text.replace(env!("CARGO_MANIFEST_DIR"), "$SOURCE"), output.status.code())
}

#[test]
fn a_layout_of_its_own() {
    let tree = layout();
    let (text, status) = check(&tree, "");
    let module = "mod_fcgid is not loaded; $SOURCE/apache/fcgid.conf, line 38 needs it; \
                  this line loads it: LoadModule fcgid_module modules/mod_fcgid.so\n";
    assert_eq!((broken(&text), status), (format!("{module}Apache is not running\n"), Some(1)), "{text}");
    tree.done("echo 'LoadModule fcgid_module modules/mod_fcgid.so' > httpd/conf.d/fcgid.conf");
    let (text, _) = check(&tree, "");
    let systemd = ["/run/systemd/system", "/lib/systemd/system/httpd.service"];
    let systemd = systemd.iter().all(|path| fs::exists(path).is_ok_and(|there| there));
    let start = if systemd { "systemctl start httpd" } else { "httpd -k start" };
    assert_eq!(broken(&text), format!("Apache is not running\n$ {start}\n"), "{text}");
    tree.done("httpd -k start");
    tree.wait_until_it_answers();
    let (text, status) = check(&tree, "");
    assert!(text.contains("  ok      the configuration below $ROOT/httpd is valid\n  ok      it runs, as "), "{text}");
    assert_eq!((broken(&text).as_str(), status), ("", Some(0)), "{text}");
    tree.done("echo 'SetEnv CACHE_SECOND 1' >> httpd/conf.d/product-lookup.conf");
    let (text, _) = check(&tree, "");
    let told = "CACHE_SECOND ($ROOT/httpd/conf.d/product-lookup.conf, line 6) is not a setting; CACHE_SECONDS is\n\
                $ sed -i '6s/CACHE_SECOND/CACHE_SECONDS/' $ROOT/httpd/conf.d/product-lookup.conf\n\
                $ httpd -k graceful\n";
    assert_eq!(broken(&text), told, "{text}");
    commands(&text).into_iter().for_each(|command| tree.done(command));
    tree.wait_until_it_answers();
    assert_eq!(broken(&check(&tree, "").0), "");
    tree.done("rm httpd/conf.d/product-lookup.conf");
    let (text, status) = check(&tree, "");
    assert!(text.contains("  note    nothing below $ROOT/httpd leads to the program\n"), "{text}");
    assert_eq!((commands(&text), status), (Vec::new(), Some(0)), "{text}");
    tree.done(&format!(
        "mkdir -p share/product-lookup && cp -r {}/apache share/product-lookup",
        env!("CARGO_MANIFEST_DIR")
    ));
    let (text, status) = check(&tree, "");
    let file = "leads to the program; a file of its own there would, with Include \
                \"$ROOT/share/product-lookup/apache/fcgid.conf\"\n";
    assert!(text.contains(file) && status == Some(0), "{text}");
}

#[test]
fn no_word_of_it() {
    let tree = layout();
    tree.done("mv httpd/modules/mod_info.so .");
    let (text, status) = check(&tree, "");
    assert!(text.contains("  note    Apache does not tell its configuration: "), "{text}");
    assert!(text.contains("Cannot load modules/mod_info.so into server: "), "{text}");
    assert_eq!(status, Some(0), "{text}");
    tree.done("mv mod_info.so httpd/modules && rm httpd/modules/mod_fcgid.so");
    let (text, status) = check(&tree, "");
    assert!(broken(&text).starts_with("mod_fcgid is not loaded; $SOURCE/apache/fcgid.conf, line 38 "), "{text}");
    assert_eq!((broken(&text).lines().count(), status), (1, Some(1)), "{text}");
    if server_user().is_some() {
        tree.done("chmod 600 httpd/conf.d/product-lookup.conf");
        let (text, status) = check(&tree, "setpriv --reuid=nobody --regid=nogroup --clear-groups");
        let told = "cannot be read, since this is not run as root: ";
        assert!(text.contains(told) && text.contains("/product-lookup.conf: Permission denied; sudo "), "{text}");
        assert_eq!(status, Some(0), "{text}");
    }
    let long = "#!/bin/sh\ncase $1 in -[vV]) exec httpd.real \"$@\" ;; esac\nhead -c 17000000 /dev/zero\n";
    tree.done("mv admin/httpd admin/httpd.real");
    fs::write(tree.path("admin/httpd"), long).expect("a file");
    tree.done("chmod 755 admin/httpd");
    let (text, _) = check(&tree, "");
    let told = "  note    Apache does not tell its configuration: it has more than 16777216 bytes\n";
    assert!(text.contains(told), "{text}");
    tree.done("mv admin/httpd.real admin/httpd");
    // Apache waits for whoever writes into it.
    tree.done("mkfifo httpd/conf.d/a.conf");
    let (text, status) = check(&tree, "");
    assert!(text.contains("  note    Apache does not tell its configuration: it says nothing within 20 s\n"), "{text}");
    assert_eq!(status, Some(0), "{text}");
    let folder = tree.path("httpd").display().to_string();
    let runs = || {
        let processes = fs::read_dir("/proc").expect("processes").flatten();
        let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
        lines.filter(|line| String::from_utf8_lossy(line).contains(&folder)).count() > 0
    };
    assert!(wait_for(|| (!runs()).then_some(())).is_some(), "it has ended");
}
