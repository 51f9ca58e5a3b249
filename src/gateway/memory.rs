//! The memory that requests take while they are read and answered: all of a process together no more than
//! there is for them, so that one of them is refused rather than the process ended.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What grows by and by has room for so many times its bytes.
pub const GROWTH: usize = 2;

/// Bytes of each request's parameters, of its body and of what is made of it that do not count.
const FREE_BYTES: usize = 8 << 10;

/// What all requests have taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// What one request has taken, which it gives back at its end.
#[derive(Debug, Default)]
pub struct Share(usize);

impl Share {
    /// Takes what is missing to so many bytes; `false` where that is not left of `most`, which is for all. The
    /// first bytes of each request are free, so that long ones never cost a short one its answer.
    pub fn grow(&mut self, bytes: usize, most: usize) -> bool {
        let more = bytes.saturating_sub(FREE_BYTES).saturating_sub(self.0);
        if more == 0 {
            return true;
        }
        let taken = TAKEN.fetch_add(more, Ordering::Relaxed) + more;
        self.0 += more;
        taken <= most
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.0 > 0 {
            TAKEN.fetch_sub(self.0, Ordering::Relaxed);
        }
    }
}
