//! Who is connected: each connection with what it is doing, so that an idle one can be closed to
//! make room for another, and at the end.

use std::collections::BTreeMap;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use socket2::Socket;

const BUSY: u64 = 0;

/// One connection.
pub struct Peer {
    /// The connection itself.
    pub socket: Socket,
    /// BUSY, or the tick at which it became idle: the lowest has been idle for longest.
    idle_since: AtomicU64,
    /// The tick at which it was accepted; as long as it is idle since then, it has sent nothing.
    accepted: u64,
}

/// All connections of a process.
#[derive(Default)]
pub struct Peers {
    clock: AtomicU64,
    all: Mutex<BTreeMap<u64, Arc<Peer>>>,
}

impl Peers {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Arc<Peer>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection was accepted.
    pub fn enter(&self, socket: Socket) -> Arc<Peer> {
        let accepted = self.tick();
        let peer = Arc::new(Peer { socket, idle_since: accepted.into(), accepted });
        self.lock().insert(accepted, Arc::clone(&peer));
        peer
    }

    /// A connection was closed.
    pub fn leave(&self, peer: &Peer) {
        self.lock().remove(&peer.accepted);
    }

    /// A request begins on this connection.
    pub fn busy(&self, peer: &Peer) {
        peer.idle_since.store(BUSY, Ordering::SeqCst);
    }

    /// A request has ended on this connection.
    pub fn idle(&self, peer: &Peer) {
        peer.idle_since.store(self.tick(), Ordering::SeqCst);
    }

    /// Closes the connection that has been idle for longest; `false` where none is idle.
    pub fn close_idlest(&self) -> bool {
        let all = self.lock();
        let idle = |peer: &&Arc<Peer>| peer.idle_since.load(Ordering::SeqCst);
        let idlest = all.values().filter(|peer| idle(peer) != BUSY).min_by_key(idle);
        // The peer learns it at once, and so does the thread that waits for the peer. A
        // connection that is closed already, or is closed twice, does no harm.
        idlest.is_some_and(|peer| {
            peer.idle_since.store(BUSY, Ordering::SeqCst);
            peer.socket.shutdown(Shutdown::Both).is_ok()
        })
    }

    /// Takes no further request on idle connections; those which never sent a byte are spared
    /// where `spare_new`. What has been sent already is still read.
    pub fn close_idle(&self, spare_new: bool) {
        for peer in self.lock().values() {
            let idle_since = peer.idle_since.load(Ordering::SeqCst);
            let new = idle_since == peer.accepted;
            if idle_since != BUSY && !(new && spare_new) {
                let _ = peer.socket.shutdown(Shutdown::Read);
            }
        }
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }
}
