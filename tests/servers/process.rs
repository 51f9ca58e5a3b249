//! Processes and folders of the tests: each process, and nothing but it, is ended when its guard goes.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process, kill_process_group};
use tempfile::TempDir;

/// How long a server may take to start or to end; Apache needs some two seconds to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What lies between two looks at something that takes its time.
const INTERVAL: Duration = Duration::from_millis(5);

/// Looks until there is something or the patience is over.
pub(crate) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look() {
            None if Instant::now() < deadline => thread::sleep(INTERVAL),
            seen => return seen,
        }
    }
}

/// A process that ends, and is waited for, when this goes, after a panic too.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts a command in a process group of its own: Apache ends its whole group.
    pub(crate) fn start(command: &mut Command) -> Running {
        Running::start_with(command, Stdio::null())
    }

    /// The same with something on descriptor 0.
    pub(crate) fn start_with(command: &mut Command, stdin: Stdio) -> Running {
        let child = command.stdin(stdin).process_group(0).spawn();
        Running { child: child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}")) }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
    }

    /// Its exit status, if it has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of this process")
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_none() {
            let _ = kill_process(self.pid(), Signal::TERM);
            if wait_for(|| self.ended()).is_none() {
                let _ = kill_process_group(self.pid(), Signal::KILL);
                let _ = self.child.wait();
            }
        }
        // lighttpd does not wait for what it has started.
        let _ = kill_process_group(self.pid(), Signal::TERM);
    }
}

/// The most memory, in KiB, that a process which runs has had.
pub(crate) fn peak_memory(process: impl std::fmt::Display) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The user that servers serve as: www-data where the tests run as root, else the tests' own.
pub(crate) fn server_user() -> Option<(u32, u32)> {
    if !geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("the list of users");
    let www_data = users.lines().find_map(|line| line.strip_prefix("www-data:x:")).expect("the user www-data");
    let mut ids = www_data.split(':').map(|id| id.parse().expect("a number"));
    Some((ids.next().expect("a user id"), ids.next().expect("a group id")))
}

/// Has a command run as the server's user.
pub(crate) fn as_server_user(command: &mut Command) -> &mut Command {
    match server_user() {
        Some((user, group)) => command.uid(user).gid(group),
        None => command,
    }
}

/// Gives a file or folder to the server's user.
pub(crate) fn hand_over(path: &Path) {
    if let Some((user, group)) = server_user() {
        chown(path, Some(user), Some(group)).expect("root may give files away");
    }
}

/// A temporary folder that everyone may enter and the server's user may write to.
pub(crate) fn folder() -> TempDir {
    folder_called("product-lookup-")
}

/// The same, with a name that begins so.
pub(crate) fn folder_called(prefix: &str) -> TempDir {
    let everyone = fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().prefix(prefix).permissions(everyone).tempdir();
    let folder = folder.expect("a temporary folder");
    hand_over(folder.path());
    folder
}

/// Puts the program into a folder. Another process writes it: while this one had it open for
/// writing, a child that another thread starts would have it open too, and it could not be run.
pub(crate) fn install_program(folder: &Path) -> PathBuf {
    let program = folder.join("product-lookup");
    install(env!("CARGO_BIN_EXE_product-lookup").as_ref(), &program);
    program
}

/// Installs a program. Who copies one by itself, and has another thread that starts a process meanwhile, finds it busy.
pub(crate) fn install(from: &Path, to: &Path) {
    let mut install = Command::new("install");
    install.args(["-m", "755"]).args([from, to]);
    assert!(install.status().expect("install(1)").success(), "{install:?}");
}

/// A file of a Debian package: the machine's own, or what `make test` has unpacked.
pub(crate) fn debian(path: &str) -> PathBuf {
    let unpacked = format!("{}/target/debian{path}", env!("CARGO_MANIFEST_DIR"));
    let found = [PathBuf::from(path), unpacked.into()].into_iter().find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{path} is missing: `make test` installs what the tests need"))
}

/// A port that nothing listens on at this moment, another one each time. It is not among those that the
/// system gives to whoever asks for any: one of them might have it while its server is down.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id() * 101 + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + (number % 20_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
