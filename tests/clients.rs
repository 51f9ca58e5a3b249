//! Clients of other people's, each as its documentation uses it: `make test-clients`.

use std::process::Command;

use crate::servers::{self, Connections, Door, Site, Socket};

const ALL: [&str; 6] = ["get", "form", "multipart", "json", "streamed", "again"];

/// A program and its arguments, and of each client in it what it can send.
type Clients = (&'static [&'static str], &'static [(&'static str, &'static [&'static str])]);

const CLIENTS: [Clients; 6] = [
    (&["/usr/bin/python3", "python.py"], &[("requests", &ALL), ("httpx", &ALL), ("aiohttp", &ALL)]),
    (&["node", "node.cjs"], &[("fetch", &ALL), ("axios", &["get", "form", "json", "streamed", "again"])]),
    (&["java", "Client.java"], &[("java", &["get", "form", "json", "streamed", "again"])]),
    (&["go", "run", "client.go"], &[("go", &ALL)]),
    (&["php", "client.php"], &[("php", &["get", "form", "json", "again"])]),
    (&["sh", "wget.sh"], &[("wget", &["get", "form", "json"])]),
];

fn expected(clients: &[(&str, &[&str])]) -> String {
    let line = |client: &str, what: &str| match what {
        "get" => format!("{client} get {{\"name\":\"Clock\",\"price\":12}}\n"),
        "again" => format!("{client} again 304\n"),
        _ => format!("{client} {what} {{\"name\":\"Bi-Noculars\",\"price\":40}}\n"),
    };
    clients.iter().flat_map(|(client, whats)| whats.iter().map(|what| line(client, what))).collect()
}

#[test]
#[ignore = "make test-clients runs it"]
fn other_peoples_clients() {
    for door in [
        Door::Fcgid,
        Door::Cgid,
        Door::Proxy(Socket::Unix, Connections::Closed),
        Door::Nginx(Socket::Unix, Connections::Kept),
        Door::Caddy,
    ] {
        let server = servers::start(door, &Site::default());
        for (program, clients) in CLIENTS {
            let mut command = Command::new(program[0]);
            command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients"));
            // Where Debian keeps the packages of Node.js.
            command.env("NODE_PATH", "/usr/share/nodejs");
            command.args(&program[1..]).arg(format!("http://{}/wsgi/myapp.py", server.addr));
            let output = command.output().expect("a client");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(said, expected(clients), "{door:?} {program:?} {error} {}", server.error_log());
        }
    }
}
