//! What signals ask for: the end, as a flag and a descriptor that becomes readable, and a report,
//! as another descriptor.

use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::{flag, low_level::pipe};

/// What was asked for; the end is never taken back.
pub struct Signals {
    requested: Arc<AtomicBool>,
    readable: UnixStream,
    writable: UnixStream,
    reports: UnixStream,
    /// Kept open, so that `reports` has no end.
    ask: UnixStream,
}

impl Signals {
    /// No signal: only `request` asks for the end.
    pub fn none() -> io::Result<Signals> {
        let (readable, writable) = UnixStream::pair()?;
        let (reports, ask) = UnixStream::pair()?;
        reports.set_nonblocking(true)?;
        Ok(Signals { requested: Arc::default(), readable, writable, reports, ask })
    }

    /// The signals of mod_fcgid, service managers and terminals, of which SIGHUP stays ignored where it is.
    /// Before this is called they kill the process, so it comes first of all.
    pub fn taken() -> io::Result<Signals> {
        let signals = Signals::none()?;
        pipe::register(SIGUSR2, signals.ask.try_clone()?)?;
        let hangup = (!hangup_is_ignored()).then_some(SIGHUP);
        for signal in [SIGTERM, SIGINT, SIGUSR1].into_iter().chain(hangup) {
            // Handlers run in the order in which they are registered: who is woken by the
            // descriptor finds the flag set.
            flag::register(signal, signals.requested.clone())?;
            pipe::register(signal, signals.writable.try_clone()?)?;
        }
        Ok(signals)
    }

    /// Readable where SIGUSR2 has asked for a report, until `report_requested` has said so.
    pub fn reports(&self) -> BorrowedFd<'_> {
        self.reports.as_fd()
    }

    /// Was a report asked for since the last time?
    pub fn report_requested(&self) -> bool {
        matches!((&self.reports).read(&mut [0; 64]), Ok(1..))
    }

    /// Asks for the end.
    pub fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        let _ = (&self.writable).write(&[0]);
    }

    /// Was the end asked for?
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }
}

/// Was this process started with SIGHUP ignored, as by nohup(1)? Where the system does not tell, it is
/// left as it is.
fn hangup_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask & 1 << (SIGHUP - 1) != 0)
}

impl AsFd for Signals {
    /// Readable from the first request on, for everyone: nobody reads it.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.readable.as_fd()
    }
}
