//! The smallest app: whatever comes in, `Hello World!` goes out.

use super::Call;
use crate::gateway::reply::Reply;

/// Answers any method.
pub fn answer(_: &mut Call) -> Reply {
    Reply::new(200, "text/plain", "Hello World!")
}
