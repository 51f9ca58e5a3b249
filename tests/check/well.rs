//! What `check` says of what is well, and of what it cannot tell, word by word.

use super::{Tree, broken};
use crate::program::{Site, run};
use crate::servers::process::server_user;

/// What it prints, with the process of Apache as PID.
fn whole(tree: &Tree) -> String {
    let pid = std::fs::read_to_string(tree.path("apache.pid")).expect("a process");
    tree.check("").0.replace(pid.trim(), "PID")
}

/// What is said to nobody, who cannot become Apache's user.
fn to_nobody(tree: &Tree) -> String {
    tree.done("chmod 755 admin");
    let output = tree.shell("setpriv --reuid=nobody --regid=nogroup --clear-groups product-lookup check");
    String::from_utf8(output.stdout).expect("UTF-8").replace(&tree.path("").display().to_string(), "$ROOT/")
}

#[test]
fn where_nothing_is_set() {
    let site = Site::new();
    let folder = site.folder.path().display().to_string();
    let said = |variables: &[(&str, &str)]| {
        let mut command = site.command();
        command.env("PATH", "/usr/bin:/bin").env("APACHE_CONFDIR", "/none").envs(variables.iter().copied());
        String::from_utf8(run(command.arg("check"), b"").stdout).expect("UTF-8").replace(&folder, "$")
    };
    let user = run(std::process::Command::new("id").arg("-un"), b"").stdout;
    let user = String::from_utf8_lossy(&user).trim().to_owned();
    let (settings, catalogue) = (
        "none is set",
        "PRODUCTS_DB is not set and $/products.db is not there: lookups know the two built-in products",
    );
    let whole = |settings: &str, catalogue: &str| {
        format!(
            "Apache\n  note    no Apache configuration found below /none, so none is looked at\n\
             Settings\n  ok      no name is misspelt, and every value can be parsed ({settings})\n\
             Catalogue\n  note    {catalogue}\n\
             Debug log\n  ok      {user} may make $/log, for $/log/debug.log\n\
             No problems found; 2 notes.\n"
        )
    };
    assert_eq!(said(&[]), whole(settings, catalogue));
    let catalogue = "the environment sets a database URL, which is not looked at";
    assert_eq!(said(&[("PRODUCTS_DB", "mysql://a@b/c")]), whole("PRODUCTS_DB", catalogue));
}

#[test]
fn where_all_is_well() {
    if server_user().is_none() {
        return;
    }
    let tree = Tree::new("proxy_fcgi");
    assert_eq!(
        whole(&tree),
        "Apache\n  ok      the configuration below $ROOT/apache2 is valid\n  ok      it runs, as process PID\n\
         Socket of serve\n  ok      www-data may connect to $ROOT/run/socket, and something answers\n\
         Settings\n  ok      no name is misspelt, and every value can be parsed (DEBUG_LOG, PRODUCTS_DB)\n\
         Catalogue\n  ok      www-data may read $ROOT/data/products.db, which has 1 product\n\
         Debug log\n  ok      www-data may write $ROOT/var/log/debug.log\n\
         No problems found.\n"
    );
    tree.done("chmod 600 run/socket");
    let told = "  note    whether something answers on $ROOT/run/socket cannot be told: permission denied\n";
    assert!(to_nobody(&tree).contains(told), "{}", to_nobody(&tree));
    tree.done("chmod 600 apache2/conf-available/product-lookup.conf");
    let told = to_nobody(&tree);
    let unread = "Apache's configuration cannot be read, since this is not run as root: ";
    assert!(told.contains(unread) && told.contains("; sudo product-lookup check reads it\n"), "{told}");
    assert!(
        told.contains("  note    what it sets, and whether it runs, can be told once Apache tells its configuration\n"),
        "{told}"
    );
}

#[test]
fn where_others_files_are() {
    if server_user().is_none() {
        return;
    }
    let tree = Tree::new("fcgid");
    let text = whole(&tree);
    assert!(text.contains("Program\n  ok      www-data may run $ROOT/bin/product-lookup\n"), "{text}");
    // A catalogue in somebody's folder, and a log in none.
    tree.done("mkdir -m 700 srv/other && cp data/products.db srv/other && touch srv/other/more");
    tree.done("sed -i 's|data/products.db|srv/other/products.db|; /PRODUCT_LOOKUP_LOG/d' $CONF && apachectl graceful");
    let (text, _) = tree.check("");
    assert_eq!(
        broken(&text),
        "www-data may not enter $ROOT/srv/other, where $ROOT/srv/other/products.db is; a catalogue is better in \
         /var/lib/product-lookup\n\
         there is no directory $ROOT/bin/log for $ROOT/bin/log/debug.log (the default where DEBUG_LOG is not set)\n\
         $ mkdir -p $ROOT/bin/log && chgrp www-data $ROOT/bin/log && chmod g+rwx $ROOT/bin/log\n",
        "{text}"
    );
    let hidden = tempfile::Builder::new().prefix("product-lookup-").tempdir_in("/var/tmp").expect("a folder");
    let database = hidden.path().join("products.db").display().to_string();
    tree.done(&format!("sed -i '3s|[^ ]*$|{database}|' $CONF"));
    let told = to_nobody(&tree);
    let note = format!("Temporary folders\n  note    {database} may be hidden from Apache (PrivateTmp)\n");
    assert!(told.contains(&note), "{told}");
    // It speaks of the program, and is not all its own.
    tree.done("printf 'ServerSignature Off\\nSetEnv NOTE product-lookup\\n' > $CONF");
    let (text, status) = tree.check("");
    let note = "  note    nothing below $ROOT/apache2 leads to the program, as far as it is understood; \
                $ROOT/apache2/conf-enabled/product-lookup.conf speaks of it, and is left as it is: check --url tells \
                whether it answers\n";
    assert_eq!((text.contains(note), status), (true, Some(0)), "{text}");
}
