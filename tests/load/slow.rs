//! Slow clients, Debian's slowhttptest, and an ordinary one meanwhile, which is answered; responders are all
//! there afterwards and hold no more than before.

use std::process::{Command, Stdio};

use super::responders::Responders;
use crate::faults::clients::write_long_catalogue;
use crate::servers::process::{self, Running, debian, wait_for};
use crate::servers::{self, Connections, Door, Server, Site, Socket, http};

/// Slow headers, a slow body, a slow reader of 2 MB, overlapping ranges of them.
const ATTACKS: [(&str, &str); 4] = [
    ("-H -i 2", "/myapp?id=A001"),
    ("-B -i 2 -s 8192", "/myapp"),
    ("-X -w 512 -y 1024 -n 2 -z 512", "/myapp?q=x&limit=100&format=html"),
    ("-R -a 5 -b 3000", "/myapp?q=x&limit=100&format=html"),
];

/// mpm_event.conf, reqtimeout.conf and apache2.conf of Debian. 100 slow connections leave 50 of
/// Apache's threads to others; how long it bears with each is Apache's affair.
fn as_debian() -> String {
    let module = debian("/usr/lib/apache2/modules/mod_reqtimeout.so");
    format!(
        "StartServers 2\nMinSpareThreads 25\nMaxSpareThreads 75\nThreadLimit 64\nThreadsPerChild 25\n\
         MaxRequestWorkers 150\nTimeout 300\nLoadModule reqtimeout_module {}\n\
         RequestReadTimeout header=20-40,minrate=500\nRequestReadTimeout body=10,minrate=500\n",
        module.display()
    )
}

/// Answers to an ordinary client while the attack goes on.
fn attack(server: &Server, how: &str, target: &str) -> usize {
    let mut command = Command::new(debian("/usr/bin/slowhttptest"));
    command.args(how.split(' ')).args(["-c", "100", "-r", "100", "-l", "15", "-u"]);
    command.arg(format!("http://{}{target}", server.addr)).current_dir(server.root());
    let mut attack = Running::start(command.stdout(Stdio::null()));
    let mut answers = 0;
    let status = loop {
        let reply = http::get(server.addr, "/myapp?id=A001");
        let body = String::from_utf8_lossy(&reply.body);
        assert_eq!((reply.status, &*body), (200, r#"{"name":"Clock","price":12}"#), "{how}: {}", server.error_log());
        answers += 1;
        if let Some(status) = attack.ended() {
            break status;
        }
    };
    assert!(status.success(), "slowhttptest {how}: {status}");
    answers
}

fn slow_clients(door: Door) {
    let folder = process::folder();
    write_long_catalogue(folder.path());
    let products_db = Some(folder.path().join("products.db"));
    let server = servers::start(door, &Site { products_db, directives: as_debian(), ..Site::default() });
    http::get(server.addr, "/myapp?id=A001");
    let mut before = Responders::of(&server);
    for (how, target) in ATTACKS {
        let answers = attack(&server, how, target);
        // Apache lets go of the last ones when it sees that they are gone.
        wait_for(|| Responders::of(&server).have_outlived(&before).then_some(()))
            .unwrap_or_else(|| panic!("{how}: {before}, then {}", Responders::of(&server)));
        before = Responders::of(&server);
        println!("{door:?}, slowhttptest {how}: {answers} answers to others; {before}");
    }
    assert!(!server.error_log().contains("product-lookup: "), "{}", server.error_log());
}

#[test]
#[ignore = "make load runs it"]
fn slow_clients_of_mod_fcgid() {
    slow_clients(Door::Fcgid);
}

#[test]
#[ignore = "make load runs it"]
fn slow_clients_of_mod_proxy_fcgi() {
    slow_clients(Door::Proxy(Socket::Unix, Connections::Closed));
}
