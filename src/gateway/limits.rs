//! What a process gives its peers at most, in bytes, in number and in time.

use std::sync::LazyLock;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// Bytes of memory that this process may map (`ulimit -v`, `RLimitMEM`), where that is limited.
static ADDRESS_SPACE: LazyLock<Option<u64>> = LazyLock::new(|| getrlimit(Resource::As).current);

/// Bytes of memory that this process may have, where that is limited (`RLIMIT_AS`).
pub fn memory() -> Option<u64> {
    *ADDRESS_SPACE
}

/// The limits of a responder. All are finite, and none is near what real use needs; where memory is limited
/// (`ulimit -v`), the defaults are shares of what there is.
///
/// ```
/// use cgi_responder::Limits;
/// use std::time::Duration;
///
/// let limits = Limits { silence: Duration::from_secs(10), ..Limits::default() };
/// assert_eq!(limits.params_bytes, 1 << 20);
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of all FastCGI parameters of one request: 1 MiB. Apache's own limits (`LimitRequestFields` 100 times
    /// `LimitRequestFieldSize` 8190) stay below it. More cost each request that sends them twice as many bytes.
    pub params_bytes: usize,
    /// FastCGI parameters of one request: 10,000. nginx takes some 8,000 header fields in its 32 KiB for them. Each
    /// costs 12 bytes beside its name and value.
    pub params_count: usize,
    /// Bytes that all requests together take while they are read and answered: 512 MiB, or a quarter of a memory
    /// that is limited. A request for which they are not left gets a 503.
    pub requests_bytes: usize,
    /// Connections served at once: 4,096, or as many as have their stacks in a quarter of a memory that is limited.
    /// Each costs a thread and some 26 KiB.
    pub connections: usize,
    /// Threads that wait for a connection and are kept although one would do: 8, so that a burst does not start and
    /// end threads all the time. Each costs its stack.
    pub spare_threads: usize,
    /// Bytes of a thread's stack: 512 KiB. What a handler does has to fit.
    pub stack_bytes: usize,
    /// How long a peer may say nothing before its first byte or in the middle of a request, or not take a byte of
    /// the reply: 60 s. A connection that is kept between two requests may say nothing for ever.
    pub silence: Duration,
    /// How long a peer's remaining bytes are read after an early end, so that the reply is not destroyed by a reset:
    /// 2 s.
    pub linger: Duration,
    /// At the end: for how long connections may still be accepted and send their first byte: 1.5 s. A request that
    /// mod_fcgid puts to sleep sleeps for 1 s. Whoever connects to one of its sockets at the last moment has as much
    /// again for the first byte.
    pub last_call: Duration,
    /// At the end: how long requests that have begun may take: 7 s. mod_fcgid kills its processes after 8.
    pub grace: Duration,
    /// How long accepting rests when the process has no descriptor or thread left: 20 ms.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let quarter = memory().map(|bytes| usize::try_from(bytes / 4).unwrap_or(usize::MAX));
        let stack_bytes = 512 << 10;
        Limits {
            params_bytes: 1 << 20,
            params_count: 10_000,
            requests_bytes: quarter.unwrap_or(512 << 20),
            connections: quarter.map_or(4096, |bytes| (bytes / stack_bytes).clamp(2, 4096)),
            spare_threads: 8,
            stack_bytes,
            silence: Duration::from_secs(60),
            linger: Duration::from_secs(2),
            last_call: Duration::from_millis(1500),
            grace: Duration::from_secs(7),
            rest: Duration::from_millis(20),
        }
    }
}

impl Limits {
    /// Bytes of all requests together where one may have a body of so many: a long one has room at any rate, unless
    /// memory is limited.
    pub fn requests_bytes(&self, longest: usize) -> usize {
        match memory() {
            Some(_) => self.requests_bytes,
            None => self.requests_bytes.max(longest.saturating_mul(16)),
        }
    }
}
