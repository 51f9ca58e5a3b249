//! Permits: how many threads do one thing at once, of any number that want to.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A number of permits.
pub(super) struct Permits {
    most: usize,
    held: Mutex<Held>,
    given_back: Condvar,
}

#[derive(Default)]
struct Held {
    permits: usize,
    waiting: usize,
}

/// A permit, until it goes.
pub(super) struct Permit<'a>(&'a Permits);

impl Permits {
    /// As many as `most` at once.
    pub(super) fn new(most: usize) -> Permits {
        Permits { most, held: Mutex::default(), given_back: Condvar::new() }
    }

    /// A permit; `None` where none was to be had in this time.
    pub(super) fn take(&self, time: Duration) -> Option<Permit<'_>> {
        let most = self.most;
        let mut held = self.lock();
        if held.permits >= most {
            held.waiting += 1;
            let waited = self.given_back.wait_timeout_while(held, time, |held| held.permits >= most);
            held = waited.unwrap_or_else(PoisonError::into_inner).0;
            held.waiting -= 1;
            if held.permits >= most {
                return None;
            }
        }
        held.permits += 1;
        Some(Permit(self))
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut held = self.0.lock();
        held.permits -= 1;
        if held.waiting > 0 {
            self.0.given_back.notify_one();
        }
    }
}
