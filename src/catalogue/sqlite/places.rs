//! Places for searches that take long: as many on this machine as half its processors, whichever processes ask, since
//! each of mod_fcgid's has one request at a time.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::geteuid;

use crate::settings::limits;

/// How long between two looks for a free one.
const LOOK: Duration = Duration::from_millis(1);

/// A place, until it goes: a name that one process at a time can have, and that goes with it (abstract, unix(7)).
pub(super) struct Place(#[expect(dead_code, reason = "it is held")] UnixListener);

/// Waits for a place, and no longer than `most`: who has not got one then goes on without, so that nobody else on this
/// machine can keep them all.
pub(super) fn take(most: Duration) -> Option<Place> {
    let end = Instant::now() + most;
    loop {
        let free = (0..limits::slow_searches()).find_map(|number| {
            let name = format!("product-lookup/{}/slow/{number}", geteuid().as_raw());
            UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).ok()?).ok()
        });
        if free.is_some() || Instant::now() >= end {
            return free.map(Place);
        }
        thread::sleep(LOOK);
    }
}
