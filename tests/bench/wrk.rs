//! wrk, which asks at an address as fast as it can, and compares every reply.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use crate::http::{self, HttpReply};
use crate::rounds::Figures;
use crate::typical::{self, ID};
use crate::wire::content_type;

/// What one run sends.
pub struct Asked {
    pub to: SocketAddr,
    pub path: &'static str,
    /// The multipart form of a POST; a GET without one.
    pub form: Option<PathBuf>,
    /// How many products there are to choose from.
    pub products: usize,
    /// How many of them are asked for, one after the other.
    pub different: usize,
    pub connections: usize,
    pub canned: bool,
    /// Must it not lose a request? A peer that has is asked again.
    pub ours: bool,
}

/// How often a peer may lose a request.
const TRIES: usize = 3;

impl Asked {
    /// Runs wrk. The status of every reply and the sum of their lengths are checked.
    pub fn measure(&self, seconds: u64) -> Figures {
        let tries = if self.ours { 1 } else { TRIES };
        let figures = (0..tries).find_map(|_| self.try_to_measure(seconds));
        figures.unwrap_or_else(|| panic!("{} {} loses requests", self.to, self.path))
    }

    fn try_to_measure(&self, seconds: u64) -> Option<Figures> {
        // Twice, since what comes out of a cache has other headers.
        self.check(self.products / 3);
        let length = self.check(self.products / 3);
        let connections = self.connections.to_string();
        let mut command = Command::new("wrk");
        command.args(["--threads", if self.connections > 1 { "2" } else { "1" }, "--connections", &connections]);
        command.args(["--timeout", "30s", "--duration", &format!("{seconds}s"), "--script"]);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/wrk.lua"));
        command.args([&format!("http://{}", self.to), "--", self.method(), self.path]);
        command.args([self.products.to_string(), self.different.to_string()]);
        if let Some(form) = &self.form {
            command.arg(content_type()).arg(form);
        }
        let output = command.output().expect("wrk starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("figures "));
        let line = line.unwrap_or_else(|| panic!("{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr)));
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
        let [requests, microseconds, bytes, errors, p50, p99] = numbers[..] else { panic!("{line}") };
        if errors > 0.0 {
            eprintln!("{command:?}: {text}");
            return None;
        }
        // The last reply of each connection may be cut, and a cache adds how old its reply is.
        assert!(
            (bytes - requests * length as f64).abs() <= 9.0 * requests,
            "{length} bytes a reply? {command:?}: {text}"
        );
        self.check(self.products / 2);
        Some(Figures { rate: requests / microseconds * 1e6, p50, p99, requests: requests as u64 })
    }

    fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }

    /// Asks once, looks at every byte of the body, and says how long the whole reply was.
    pub fn check(&self, number: usize) -> usize {
        let id = format!("P{number:07}");
        let reply = match &self.form {
            Some(form) => {
                let form = std::fs::read_to_string(form).expect("a form").replace(ID, &id);
                http::post(self.to, self.path, &content_type(), form.as_bytes())
            }
            None => http::get(self.to, &format!("{}?id={id}", self.path)),
        };
        let expected = typical::answer(if self.canned { 0 } else { number });
        let body = String::from_utf8_lossy(&reply.body);
        assert_eq!((reply.status, &*body), (200, &*expected), "{} {}", self.path, self.to);
        length(&reply)
    }
}

/// The reply's bytes as they came.
fn length(reply: &HttpReply) -> usize {
    let status_line = "HTTP/1.1 200 \r\n".len() + reply.reason.len();
    let header: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    status_line + header + 2 + reply.body.len()
}
