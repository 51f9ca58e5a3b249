//! The limits of the catalogue and of what is sent that are not settings; the gateway has its own. Each is finite, and none is near what real use needs.

use std::sync::LazyLock;
use std::time::Duration;

use rustix::thread::sched_getaffinity;

use crate::gateway::Limits;
use crate::gateway::limits::memory;

/// Names and values in one query or body; a browser's form has tens.
pub const FORM_FIELDS: usize = 10_000;

/// Bytes of one message in the debug log, and of a body in it; longer ones are cut.
pub const LOG_VALUE_BYTES: usize = 4096;

/// Bytes of a slow request's query, user and other words that the debug log repeats.
pub const SLOW_BYTES: usize = 1024;

/// How long `status` waits for the catalogue: whoever asks whether it is ready gets an answer within a second.
pub const READY: Duration = Duration::from_millis(800);

/// Questions of `status` to the catalogue at once.
pub const READY_AT_ONCE: usize = 8;

/// Products on a page of a search where `limit` does not say.
pub const PAGE_DEFAULT: usize = 20;

/// Products on a page of a search at most.
pub const PAGE_MOST: usize = 100;

/// Rows that are no product of which `check` tells.
pub const TOLD: usize = 20;

/// Products that are asked for at once by their ids.
pub const IDS: usize = 100;

/// Bytes of a `Link`, at most: web servers take header lines of up to 8 KiB.
pub const LINK_BYTES: usize = 4096;

/// Bytes of a question, or of a name that is asked for, that are looked for by their words.
pub const QUESTION_BYTES: usize = 4096;

/// Characters of a folded question that count.
pub const QUESTION_CHARS: usize = 256;

/// Words of a question that count; names have ten.
pub const QUESTION_WORDS: usize = 16;

/// Products that have changed since the index of words was made, and that are looked at one by one. What is beyond is
/// found by its id.
pub const CHANGED: usize = 10_000;

/// How long a thread may work at a search of an SQLite file before all that is sooner answered comes first.
pub const QUICK_SEARCH: Duration = Duration::from_millis(10);

/// How long a question to the catalogue may take from the store's first step on, a wait for a writer's
/// lock not counted. A database server is told; it is less than `DATABASE_ANSWER`, so that a question
/// that is too much does not look like a host that is away.
pub const QUESTION: Duration = Duration::from_millis(1500);

/// Characters of an error's `detail`; one that tells its causes has the most.
pub const DETAIL_CHARS: usize = 500;

/// Characters of a client's own words that an error's `detail` repeats.
pub const QUOTED_CHARS: usize = 100;

/// Bytes of memory without which a responder does not start, where memory is limited.
pub const LEAST_MEMORY: u64 = 128 << 20;

/// The gateway's, with how long a peer may stay silent.
pub fn of_gateway(silence: Duration) -> Limits {
    Limits { silence, stack_bytes: STACK_BYTES, ..Limits::default() }
}

/// Bytes of a thread's stack; SQLite and serde_json need a quarter of it.
pub const STACK_BYTES: usize = 512 << 10;

/// How long a lookup waits in all, for its permit and for writers' locks on the catalogue. With `QUESTION` it is
/// less than the gateway's grace, so that the end waits for none of them longer.
pub const CATALOGUE_BUSY: Duration = Duration::from_secs(5);

/// Processors that this process may run on.
static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| sched_getaffinity(None).map_or(1, |processors| processors.count() as usize));

/// Connections to one SQLite file, and so lookups in it at once; another waits for a permit, for as long as for a
/// writer at most. Each takes some 100 KiB, and its pages. Where memory is limited, they have an eighth of it.
pub fn catalogue_connections_most() -> usize {
    let most = (2 * *PROCESSORS).max(16);
    memory().map_or(most, |bytes| (bytes as usize / 8 / CACHE_BYTES).clamp(1, most))
}

/// Bytes of pages that a connection to an SQLite file keeps.
const CACHE_BYTES: usize = 4 << 20;

/// Bytes that a search among a million products may take beside them.
const SEARCH_BYTES: usize = 10 << 20;

/// Searches beside these at once. Where memory is limited, they have another eighth.
pub fn catalogue_searches() -> usize {
    let each = CACHE_BYTES + SEARCH_BYTES;
    memory().map_or(*PROCESSORS, |bytes| (bytes as usize / 8 / each).clamp(1, *PROCESSORS))
}

/// And of those that take longer than `QUICK_SEARCH`: half of the processors are for what is sooner answered.
pub fn slow_searches() -> usize {
    catalogue_searches().div_ceil(2)
}

/// The pages that each of these keeps in memory, in KiB: those that every lookup needs, and more.
/// The others are in the system's own cache.
pub const SNAPSHOT_CACHE: &str = "PRAGMA cache_size = -4096";

/// Catalogues (`PRODUCTS_DB` may differ per site) that one process keeps open.
pub const CATALOGUES: usize = 64;

/// Connections to one host of a database. A server takes 151 unless it is told otherwise, and a
/// lookup has one for less than a millisecond.
pub const DATABASE_CONNECTIONS: usize = 32;

/// How long a host of a database may take to accept a connection, and a lookup waits for one
/// that is free.
pub const DATABASE_CONNECT: Duration = Duration::from_secs(1);

/// How long a host of a database may stay silent; then the question goes to the next.
pub const DATABASE_ANSWER: Duration = Duration::from_secs(2);

/// The same for a statement of an import or export.
pub const DATABASE_WRITE: Duration = Duration::from_secs(60);

/// How long a host of a database that has failed is left alone, before one asks again.
pub const DATABASE_REST: Duration = Duration::from_secs(1);

/// Bytes of one statement or row: what MariaDB takes unless it is told otherwise.
pub const DATABASE_PACKET_BYTES: usize = 16 << 20;

/// What `Retry-After` says with a 503, in seconds.
pub const RETRY_AFTER_SECONDS: u32 = 5;
