//! Who is connected: each connection with what it is doing, so that an idle one can be closed to
//! make room for another, and at the end.

use std::collections::BTreeMap;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use socket2::Socket;

use super::connection::Watch;
use crate::handler::Connections;
use crate::signals::Signals;

const BUSY: u64 = 0;

/// One connection.
pub struct Peer {
    /// The connection itself.
    pub socket: Socket,
    /// BUSY, or the tick at which it became idle: the lowest has been idle for longest.
    idle_since: AtomicU64,
    /// The tick at which it was accepted; as long as it is idle since then, it has sent nothing.
    accepted: u64,
    accepted_at: Instant,
}

impl Peer {
    /// `None` while it is busy.
    fn idle_since(&self) -> Option<u64> {
        Some(self.idle_since.load(Ordering::SeqCst)).filter(|&since| since != BUSY)
    }

    fn has_sent_nothing(&self) -> bool {
        self.idle_since() == Some(self.accepted)
    }
}

/// All connections of a process.
#[derive(Default)]
pub struct Peers {
    clock: AtomicU64,
    open: Mutex<Connected>,
    left: Condvar,
}

/// Those that are connected.
#[derive(Default)]
struct Connected {
    /// By the tick at which they were accepted.
    peers: BTreeMap<u64, Arc<Peer>>,
    /// How many threads wait for one to leave.
    waiting: usize,
    /// Will nobody look after idle ones any more?
    ending: bool,
}

impl Peers {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn lock(&self) -> MutexGuard<'_, Connected> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection was accepted.
    pub fn enter(&self, socket: Socket) -> Arc<Peer> {
        let accepted = self.tick();
        let accepted_at = Instant::now();
        let peer = Arc::new(Peer { socket, idle_since: accepted.into(), accepted, accepted_at });
        let mut open = self.lock();
        if open.ending {
            close(&peer);
        }
        Connections::accept();
        open.peers.insert(accepted, Arc::clone(&peer));
        peer
    }

    /// A connection was closed.
    pub fn leave(&self, peer: &Peer) {
        let mut open = self.lock();
        open.peers.remove(&peer.accepted);
        Connections::close();
        // Seldom: a call of the system is saved.
        if open.waiting > 0 {
            self.left.notify_one();
        }
    }

    /// A request begins on this connection.
    pub fn busy(&self, peer: &Peer) {
        peer.idle_since.store(BUSY, Ordering::SeqCst);
    }

    /// A request has ended on this connection.
    pub fn idle(&self, peer: &Peer) {
        peer.idle_since.store(self.tick(), Ordering::SeqCst);
    }

    /// Closes the connection that has been idle for longest.
    pub fn close_idlest(&self, last_call: Duration) {
        close_idlest(&self.lock(), last_call);
    }

    /// The same, and waits a moment for a connection to leave.
    pub fn make_room(&self, rest: Duration, last_call: Duration) {
        let mut open = self.lock();
        close_idlest(&open, last_call);
        open.waiting += 1;
        let waited = self.left.wait_timeout(open, rest);
        waited.unwrap_or_else(PoisonError::into_inner).0.waiting -= 1;
    }

    /// Takes no further request on idle connections; those which never sent a byte are spared
    /// where `spare_new`, and otherwise there will be no new ones either.
    pub fn close_idle(&self, spare_new: bool) {
        let mut open = self.lock();
        open.ending |= !spare_new;
        let idle = open.peers.values().filter(|peer| peer.idle_since().is_some());
        idle.filter(|peer| !(spare_new && peer.has_sent_nothing())).for_each(|peer| close(peer));
    }

    /// Closes all connections, whatever is on its way on them.
    pub fn close_all(&self) {
        for peer in self.lock().peers.values() {
            let _ = peer.socket.shutdown(Shutdown::Both);
        }
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        self.lock().peers.len()
    }
}

/// What a connection tells of itself, to `Peers`.
pub struct Watched<'a> {
    /// Which it is.
    pub peer: &'a Peer,
    /// All of them.
    pub peers: &'a Peers,
    /// Was the end asked for?
    pub signals: &'a Signals,
    /// Does nobody accept?
    pub starved: &'a AtomicBool,
}

impl Watch for Watched<'_> {
    fn busy(&self) {
        self.peers.busy(self.peer);
    }

    fn idle(&self) {
        self.peers.idle(self.peer);
    }

    fn closing(&self) -> bool {
        self.signals.requested() || self.starved.load(Ordering::SeqCst)
    }
}

/// Spares a connection that was just accepted: its first request is on its way.
fn close_idlest(open: &Connected, last_call: Duration) {
    let just_accepted = |peer: &Peer| peer.has_sent_nothing() && peer.accepted_at.elapsed() < last_call;
    let idle = open.peers.values().filter(|peer| peer.idle_since().is_some() && !just_accepted(peer));
    if let Some(idlest) = idle.min_by_key(|peer| peer.idle_since()) {
        close(idlest);
    }
}

/// The thread that serves this connection learns that no more comes, unless the next request has
/// come already; a reply that is being written is written to its end.
fn close(peer: &Peer) {
    if !ioctl_fionread(&peer.socket).is_ok_and(|unread| unread > 0) {
        // Not to be chosen again. A connection that is closed already does no harm.
        peer.idle_since.store(BUSY, Ordering::SeqCst);
        let _ = peer.socket.shutdown(Shutdown::Read);
    }
}
