//! Turns: in go any number of threads, out come as many at once as have room.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Who has a turn, and who waits for one.
pub struct Turns {
    most: usize,
    taken: Mutex<Taken>,
    given_back: Condvar,
}

#[derive(Default)]
struct Taken {
    turns: usize,
    waiting: usize,
}

/// A turn, until it goes.
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// As many as `most` at once.
    pub fn new(most: usize) -> Turns {
        Turns { most, taken: Mutex::default(), given_back: Condvar::new() }
    }

    /// A turn; `None` where none was to be had in this time.
    pub fn take(&self, time: Duration) -> Option<Turn<'_>> {
        let most = self.most;
        let mut taken = self.lock();
        if taken.turns >= most {
            taken.waiting += 1;
            let waited = self.given_back.wait_timeout_while(taken, time, |taken| taken.turns >= most);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
            taken.waiting -= 1;
            if taken.turns >= most {
                return None;
            }
        }
        taken.turns += 1;
        Some(Turn(self))
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.0.lock();
        taken.turns -= 1;
        if taken.waiting > 0 {
            self.0.given_back.notify_one();
        }
    }
}
