//! wrk, which asks at an address as fast as it can; replies are compared with the catalogue's file before.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use serde_json::Value;

use crate::contenders::{Front, Load, Program};
use crate::http::{self, HttpReply};
use crate::process::wait_for;
use crate::programs::Site;
use crate::rounds::Figures;
use crate::socket::HELLO;
use crate::typical::ID;
use crate::wire::content_type;

/// How often a peer may lose a request.
const TRIES: usize = 3;

/// How many replies are looked at.
const CHECKED: usize = 20;

/// Where something is asked in Apache, and what.
pub struct Asked<'a> {
    pub site: &'a Site,
    pub to: SocketAddr,
    pub load: Load,
    pub connections: usize,
}

impl Asked<'_> {
    /// Runs wrk. Every reply has to be a 200.
    pub fn measure(&self, seconds: u64) -> Figures {
        let ours = matches!(self.front().program(), Some(Program::Ours | Program::Before));
        let figures = (0..if ours { 1 } else { TRIES }).find_map(|_| self.try_to_measure(seconds));
        figures.unwrap_or_else(|| panic!("{:?} loses requests", self.load))
    }

    fn front(&self) -> Front {
        self.load.front().expect("it is in Apache")
    }

    /// The method, and what a file's line is written behind.
    fn target(&self) -> (&'static str, &'static str) {
        match self.load {
            Load::Get(Front::Static) => ("GET", "/answer.json?id="),
            Load::Post(_) => ("POST", "/wsgi/myapp.py"),
            Load::Search(_) => ("GET", "/wsgi/myapp.py?q="),
            Load::Unranked(_) => ("GET", "/wsgi/myapp.py?unranked&q="),
            _ => ("GET", "/wsgi/myapp.py?id="),
        }
    }

    fn try_to_measure(&self, seconds: u64) -> Option<Figures> {
        let (method, path) = self.target();
        let lines =
            if matches!(self.load, Load::Search(_) | Load::Unranked(_)) { "data/questions" } else { "data/ids" };
        let mut command = Command::new("wrk");
        let threads = if self.connections > 1 { "2" } else { "1" };
        command.args(["--threads", threads, "--connections", &self.connections.to_string()]);
        command.args(["--timeout", "30s", "--duration", &format!("{seconds}s"), "--script"]);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/wrk.lua"));
        command.args([&format!("http://{}", self.to), "--", method, path]).arg(self.site.path(lines));
        if method == "POST" {
            command.arg(content_type()).arg(self.site.path("data/form"));
        }
        let output = command.output().expect("wrk starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("figures "));
        let line = line.unwrap_or_else(|| panic!("{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr)));
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
        let [requests, microseconds, errors, p50, p99] = numbers[..] else { panic!("{line}") };
        if errors > 0.0 {
            eprintln!("{command:?}: {text}");
            return None;
        }
        Some(Figures { rate: requests / microseconds * 1e6, p50, p99, requests: requests as u64 })
    }

    /// Looks at status and body of some replies, and at what a POST has written to the log.
    pub fn check(&self) {
        for row in &self.site.drawn[..CHECKED] {
            let (_, path) = self.target();
            let (reply, expected) = match self.load {
                Load::Post(_) => (self.post(path, &row.id), row.answer()),
                Load::Search(_) | Load::Unranked(_) => return self.check_searches(path),
                Load::Get(Front::Static) => (http::get(self.to, path), self.site.drawn[0].answer()),
                _ if self.front().program().is_some_and(Program::is_hello) => (http::get(self.to, path), HELLO.into()),
                _ => (http::get(self.to, &format!("{path}{}", row.id)), row.answer()),
            };
            assert_eq!((reply.status, text(&reply)), (200, expected), "{:?}", self.load);
        }
    }

    fn post(&self, path: &str, id: &str) -> HttpReply {
        let form = fs::read_to_string(self.site.path("data/form")).expect("a form").replace(ID, id);
        let log = self.site.path("log/debug.log");
        let written = || fs::read_to_string(&log).unwrap_or_default();
        let before = written().len();
        let reply = http::post(self.to, path, &content_type(), form.as_bytes());
        let expected = [format!("content_len: {}", form.len()), format!("no of lines: {}", form.split('\n').count())];
        let logged = wait_for(|| {
            let all = written();
            // Behind the time.
            let lines: Vec<&str> = all[before..].lines().filter_map(|line| line.get(20..)).collect();
            (lines.len() >= 2).then(|| lines == expected)
        });
        assert_eq!(logged, Some(true), "{:?}: {:?}", self.load, &written()[before..]);
        reply
    }

    /// Something is found, and all of it is as in the catalogue.
    fn check_searches(&self, path: &str) {
        let questions = fs::read_to_string(self.site.path("data/questions")).expect("questions");
        for question in questions.lines().take(CHECKED) {
            let reply = http::get(self.to, &format!("{path}{question}"));
            let found: Value = serde_json::from_slice(&reply.body).unwrap_or_else(|_| panic!("{question}: {reply:?}"));
            let products = found["products"].as_array().unwrap_or_else(|| panic!("{question}: {found}"));
            assert!(reply.status == 200 && (1..=20).contains(&products.len()), "{question}: {found}");
            for product in products {
                let row = self.site.row(product["id"].as_str().expect("an id"));
                assert_eq!(
                    (&product["name"], product["price"].to_string()),
                    (&row.name.into(), row.price),
                    "{question}"
                );
            }
        }
    }
}

fn text(reply: &HttpReply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}
