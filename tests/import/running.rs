//! The program while it imports: what it reads and when, and what it says.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{Shop, many};
use crate::servers::process::wait_for;

/// An import by the program.
pub(super) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Running {
    pub(super) fn start(shop: &Shop, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_product-lookup"));
        command.arg("import").args(arguments).env_clear().env("PRODUCTS_DB", shop.store.setting());
        Running::by(&mut command)
    }

    pub(super) fn by(command: &mut Command) -> Running {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdin = child.stdin.take();
        Running { child, stdin }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// No more is sent.
    pub(super) fn sent(&mut self) {
        drop(self.stdin.take());
    }

    /// One that has read 20,000 products and `more`, has the catalogue's lock, and stands still.
    pub(super) fn begun(shop: &Shop, arguments: &[&str], more: &str) -> Running {
        let mut running = Running::start(shop, arguments);
        running.send(&(many(20_000, 5) + more));
        running.hold(|| shop.is_locked())
    }

    /// The same with what was sent, where it has the lock.
    pub(super) fn hold(mut self, is_locked: impl Fn() -> bool) -> Running {
        self.sent();
        wait_for(|| is_locked().then_some(())).expect("it has begun");
        self.signal(Signal::STOP);
        assert!(is_locked(), "it has not ended yet");
        self
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    pub(super) fn send(&mut self, text: &str) {
        self.stdin.as_mut().expect("it is open").write_all(text.as_bytes()).expect("it reads");
    }

    /// Ends the stdin; what it says at the end on stdout and stderr, and whether that is well.
    pub(super) fn end(mut self) -> (bool, String, String) {
        self.sent();
        self.signal(Signal::CONT);
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        (self.child.wait().expect("a status").success(), out, without_phases(&err))
    }

    /// Its next line on stderr that tells of no phase, which the end will not give again.
    pub(super) fn complaint(&mut self) -> String {
        let mut lines = BufReader::with_capacity(1, self.child.stderr.as_mut().expect("a pipe")).lines();
        let line = lines.find(|line| !is_phase(line.as_deref().expect("text")));
        format!("{}\n", line.expect("a line").expect("text"))
    }

    pub(super) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("a status");
    }
}

/// Does this line of an import's stderr tell how far it is?
fn is_phase(line: &str) -> bool {
    let line = line.strip_prefix("product-lookup: ").unwrap_or_default();
    ["reading ", "comparing ", "finishing"].iter().any(|phase| line.starts_with(phase))
}

/// What an import says on stderr, without how far it is.
pub(crate) fn without_phases(err: &str) -> String {
    err.split_inclusive('\n').filter(|line| !is_phase(line)).collect()
}
