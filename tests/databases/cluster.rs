//! A Galera cluster of three nodes on this machine: each in turn is killed and comes back among
//! 20,000 requests, and no client notices. `make test-cluster` runs it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use super::clock;
use super::hosts::{Lookups, ask};
use crate::program::{Serving, Site};
use crate::servers::mariadb::{Mariadb, command};
use crate::servers::process::{debian, free_port, wait_for};

const REQUESTS: usize = 20_000;

/// A node, and how it joins the others.
struct Node {
    server: Mariadb,
    options: Vec<String>,
}

/// What brings a node that has nothing all that others have; ours says that there is no need. It is
/// asked for the changes since then too, which the nodes themselves send (an IST).
const BYPASS: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in --role) role=$2 ;; --address) address=$2 ;; --gtid) gtid=$2 ;; --bypass) bypass=yes ;; esac
    shift
done
if [ "$role" = joiner ]; then
    mkfifo "$0.$$" && echo "ready $0.$$" && cat "$0.$$"
else
    [ "$bypass" ] && echo "$gtid" > "$address" && echo "done $gtid"
fi
"#;

fn write_bypass(folder: &Path) {
    let script = folder.join("wsrep_sst_bypass");
    fs::write(&script, BYPASS).expect("a script");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("it can be run");
}

/// The nodes begin with the same data, and a node that was killed with what it had: so none has to
/// be sent everything, which takes programs besides the server.
fn cluster() -> Vec<Node> {
    let ports: Vec<[u16; 2]> = (0..3).map(|_| std::array::from_fn(|_| free_port())).collect();
    let members: Vec<String> = ports.iter().map(|[group, _]| format!("127.0.0.1:{group}")).collect();
    let provider = debian("/usr/lib/galera/libgalera_smm.so");
    let mut options = ports.iter().map(|[group, changes]| {
        vec![
            "--binlog-format=ROW".to_owned(),
            "--innodb-autoinc-lock-mode=2".to_owned(),
            "--wsrep-on=ON".to_owned(),
            format!("--wsrep-provider={}", provider.display()),
            format!("--wsrep-cluster-address=gcomm://{}", members.join(",")),
            "--wsrep-node-address=127.0.0.1".to_owned(),
            "--wsrep-sst-method=bypass".to_owned(),
            format!(
                "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};\
                 ist.recv_addr=127.0.0.1:{changes};gcache.size=16M"
            ),
        ]
    });
    let first_options = options.next().expect("three nodes");
    let alone: Vec<&str> = first_options.iter().map(String::as_str).chain(["--wsrep-new-cluster"]).collect();
    let mut server = Mariadb::start(&alone);
    server.stop();
    let copies = [server.copy(), server.copy()];
    write_bypass(server.folder());
    server.restart(&alone);
    let mut nodes = vec![Node { server, options: first_options }];
    for (options, copy) in options.zip(copies) {
        nodes[nodes.len() - 1].wait_until_synced();
        write_bypass(copy.path());
        let start = start(copy.path(), &options);
        let server = Mariadb::over(copy, &start.iter().map(String::as_str).collect::<Vec<_>>());
        nodes.push(Node { server, options });
    }
    nodes[2].wait_until_synced();
    assert_eq!(nodes[0].server.status("wsrep_cluster_size"), "3");
    nodes
}

/// The options to start over data that is there. As `galera_recovery` does it: the server says up to
/// where it has all, and starts there.
fn start(folder: &Path, options: &[String]) -> Vec<String> {
    let mut recover = command(folder);
    recover.args(options).args(["--wsrep-recover", "--skip-networking"]);
    let output = recover.arg(format!("--socket={}", folder.join("recover").display())).output().expect("mariadbd runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let position = said.split("Recovered position: ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let position = position.unwrap_or_else(|| panic!("no position: {said}"));
    [options, &[format!("--wsrep-start-position={position}")]].concat()
}

impl Node {
    fn wait_until_synced(&self) {
        let synced = || self.server.status("wsrep_local_state_comment") == "Synced";
        let said = || fs::read_to_string(self.server.folder().join("stderr")).unwrap_or_default();
        wait_for(|| synced().then_some(())).unwrap_or_else(|| panic!("it is not synced:\n{}", said()));
    }

    fn come_back(&mut self) {
        let start = start(self.server.folder(), &self.options);
        self.server.restart(&start.iter().map(String::as_str).collect::<Vec<_>>());
        self.wait_until_synced();
    }
}

/// Waits until the nodes but for one know of so many members.
fn wait_for_members(nodes: &[Node], but_for: usize, members: &str) {
    let others = || nodes.iter().enumerate().filter(|(number, _)| *number != but_for);
    let know = || others().all(|(_, node)| node.server.status("wsrep_cluster_size") == members);
    wait_for(|| know().then_some(())).unwrap_or_else(|| panic!("the cluster never has {members} members"));
}

#[test]
#[ignore = "make test-cluster"]
fn nodes_of_a_cluster_killed_among_20_000_requests() {
    let mut nodes = cluster();
    let ports: Vec<u16> = nodes.iter().map(|node| node.server.port).collect();
    let url = clock(&nodes[0].server)(&ports);
    let site = Site::new();
    // Responders share the nodes among them by their process ids: as many as it takes until each
    // node has lookups.
    let mut responders: Vec<Serving> = Vec::new();
    while nodes.iter().any(|node| node.server.lookups_connected() == 0) {
        assert!(responders.len() < 30, "30 process ids leave out no node");
        let mut command = site.command();
        command.env("PRODUCTS_DB", &url);
        let serving = Serving::start(command, &format!("unix:{}", site.path(&responders.len().to_string()).display()));
        assert_eq!(ask(&serving).status, 200);
        responders.push(serving);
    }
    let lookups = Lookups::default();
    thread::scope(|scope| {
        let _end = lookups.end_with_this();
        for client in 0..4 {
            let (responders, lookups) = (&responders, &lookups);
            scope.spawn(move || {
                let turn = std::cell::Cell::new(client);
                lookups.repeat(|| {
                    turn.set((turn.get() + 1) % responders.len());
                    let answer = ask(&responders[turn.get()]);
                    assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (200, super::CLOCK));
                });
            });
        }
        for killed in 0..nodes.len() {
            lookups.wait_for(REQUESTS / 9);
            nodes[killed].server.kill();
            lookups.wait_for(REQUESTS / 9);
            // Where a node is back before the others know that it was gone, the cluster may end up without a quorum.
            wait_for_members(&nodes, killed, "2");
            nodes[killed].come_back();
            wait_for_members(&nodes, killed, "3");
            let asked = || nodes[killed].server.lookups_connected() > 0;
            wait_for(|| asked().then_some(())).expect("it is asked again");
        }
        lookups.wait_for(REQUESTS.saturating_sub(lookups.done()));
    });
    eprintln!("{} requests, {} responders, and no failure", lookups.done(), responders.len());
}
