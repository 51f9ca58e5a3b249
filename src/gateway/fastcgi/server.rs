//! Accepts FastCGI connections and serves each on the thread that accepted it; there is always
//! another thread that accepts, up to `Limits::connections`.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Shutdown};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, Builder, Scope};
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use socket2::{SockAddr, Socket};

use super::connection::{Connection, ConnectionError, End};
use super::listen::Listener;
use super::peer::{Peer, Peers, Watched};
use super::stream::{linger, prepare};
use crate::handler::Handler;
use crate::limits::Limits;
use crate::signals::Signals;

/// A listening socket and what answers on it.
pub struct Server<'a, R: ?Sized> {
    listener: &'a Listener,
    allowed: Option<Vec<IpAddr>>,
    handler: &'a R,
    signals: &'a Signals,
    peers: Peers,
    /// Those at which no thread waits.
    waits: Mutex<Vec<Epoll>>,
    threads: AtomicUsize,
    waiting: AtomicUsize,
    /// Does nobody accept, and could no thread be started that does?
    starved: AtomicBool,
    limits: Limits,
    /// Once the end is asked for: until when connections are accepted at most.
    last_call: OnceLock<Instant>,
    /// So that running out of descriptors or threads is said once, not once a connection.
    exhausted: AtomicBool,
    /// Does nobody connect any more?
    refuses: AtomicBool,
}

impl<'a, R: Handler + ?Sized> Server<'a, R> {
    /// A server on a socket that listens. `allowed` is `FCGI_WEB_SERVER_ADDRS`: the only
    /// addresses that may connect over TCP.
    ///
    /// An inherited socket belongs to who started this process. mod_fcgid asks its processes to
    /// end while requests are on their way to them, and a request that finds its process gone
    /// waits for ever for a process manager that is gone too. So connections are accepted for
    /// [`Limits::last_call`] more, which is longer than such a request may have been asleep. Nobody connects after that
    /// where the socket ends with this process, so that mod_fcgid, which does not know that it was asked to end, finds
    /// another one.
    pub fn new(listener: &'a Listener, allowed: Option<Vec<IpAddr>>, handler: &'a R, signals: &'a Signals) -> Self {
        Server {
            listener,
            allowed,
            handler,
            signals,
            peers: Peers::default(),
            waits: Mutex::default(),
            threads: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            starved: AtomicBool::new(false),
            limits: handler.limits(),
            last_call: OnceLock::new(),
            exhausted: AtomicBool::new(false),
            refuses: AtomicBool::new(false),
        }
    }

    /// Serves until the end is asked for, and returns when the last request has ended. What has not
    /// ended after [`Limits::grace`] is cut off, but for what the handler itself does.
    pub fn run(&self) -> io::Result<()> {
        // The wait for a connection must end when a signal comes, so accepting never blocks.
        self.listener.socket.set_nonblocking(true)?;
        thread::scope(|scope| {
            self.add_thread(scope)?;
            self.wait()?;
            let end = Instant::now() + self.limits.grace;
            self.peers.close_idle(true);
            // A web server that has just connected is about to send.
            self.wait_for_threads(self.last_byte());
            self.peers.close_idle(false);
            self.wait_for_threads(end);
            self.peers.close_all();
            Ok(())
        })
    }

    /// Waits until the end is asked for, and sees to reports until then.
    fn wait(&self) -> io::Result<()> {
        while !self.signals.requested() {
            let reports = self.signals.reports();
            match poll(&mut [PollFd::new(self.signals, PollFlags::IN), PollFd::new(&reports, PollFlags::IN)], None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if self.signals.report_requested() {
                self.handler.report();
            }
        }
        Ok(())
    }

    fn wait_for_threads(&self, until: Instant) {
        while self.threads.load(Ordering::SeqCst) > 0 && Instant::now() < until {
            thread::sleep(self.limits.last_call / 200);
        }
    }

    fn last_call(&self) -> Instant {
        *self.last_call.get_or_init(|| Instant::now() + self.limits.last_call)
    }

    /// Until when connections may send their first byte, also those of the last moment.
    fn last_byte(&self) -> Instant {
        let at_the_last_moment = !self.listener.is_own() && self.listener.ends_with_this_process();
        self.last_call() + if at_the_last_moment { self.limits.last_call } else { Duration::ZERO }
    }

    fn add_thread<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> io::Result<()> {
        self.threads.fetch_add(1, Ordering::SeqCst);
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let thread = Builder::new().stack_size(self.limits.stack_bytes).spawn_scoped(scope, || self.work(scope));
        thread.map(drop).inspect_err(|_| {
            self.threads.fetch_sub(1, Ordering::SeqCst);
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        })
    }

    /// One thread's life: it waits, accepts, serves, and waits again.
    fn work<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        loop {
            let accepted = self.accept();
            let others = self.waiting.fetch_sub(1, Ordering::SeqCst) - 1;
            let Some(peer) = accepted else { break };
            if others == 0 {
                self.replace(scope);
            }
            self.serve(&peer);
            self.peers.leave(&peer);
            self.starved.store(false, Ordering::SeqCst);
            // Never counted where it does not wait: the last to accept would start nobody in its place.
            let spare = |waiting| (waiting < self.limits.spare_threads).then_some(waiting + 1);
            if self.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spare).is_err() {
                break;
            }
        }
        self.threads.fetch_sub(1, Ordering::SeqCst);
    }

    /// Nobody accepts any more: starts a thread that does. Where none can be started, the next
    /// connection that is closed leaves its thread to accept.
    fn replace<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        if let Err(error) = self.add_thread(scope) {
            self.starved.store(true, Ordering::SeqCst);
            self.complain_exhausted(&error);
            self.peers.close_idlest(self.limits.last_call);
        }
    }

    /// The next connection; `None` at the end. At the limit a connection that comes waits until
    /// another has left, and the one that has been idle for longest is closed.
    fn accept(&self) -> Option<Arc<Peer>> {
        // There is seldom another connection at once, so that waiting first saves a look in vain.
        if !self.signals.requested() {
            self.wait_for_connection();
        }
        loop {
            let left = self.left();
            let shared = !self.listener.ends_with_this_process();
            if left == Some(Duration::ZERO) && (shared || Instant::now() >= self.last_byte()) {
                return None;
            }
            if self.peers.count() >= self.limits.connections && readable(&self.listener.socket, Duration::ZERO) {
                self.peers.make_room(self.limits.rest, self.limits.last_call);
                continue;
            }
            let error = match self.listener.socket.accept() {
                Ok((socket, address)) if self.is_allowed(&address) => {
                    if prepare(&socket, address.domain(), self.limits.silence).is_ok() {
                        return Some(self.peers.enter(socket));
                    }
                    continue;
                }
                Ok(_) => continue,
                Err(error) => error,
            };
            match (error.kind(), left) {
                (ErrorKind::WouldBlock, None) => self.wait_for_connection(),
                // Whoever had connected before is being served, and whoever connects now would be reset.
                (ErrorKind::WouldBlock, Some(Duration::ZERO)) if self.refuses.swap(true, Ordering::SeqCst) => {
                    return None;
                }
                (ErrorKind::WouldBlock, Some(Duration::ZERO)) => self.refuse(),
                (ErrorKind::WouldBlock, Some(left)) => drop(readable(&self.listener.socket, left)),
                (ErrorKind::InvalidInput, Some(_)) => return None,
                (ErrorKind::Interrupted | ErrorKind::ConnectionAborted, _) => {}
                _ => self.recover(&error),
            }
        }
    }

    /// How long connections are accepted yet, once the end is asked for: on a socket of our own those who had
    /// connected before.
    fn left(&self) -> Option<Duration> {
        self.signals.requested().then(|| match self.listener.is_own() {
            true => Duration::ZERO,
            false => self.last_call().saturating_duration_since(Instant::now()),
        })
    }

    /// Nobody can connect from now on, so that web servers ask another responder; who has connected is still there to
    /// be accepted. A socket that is closed instead resets those who come between the last look and the end.
    fn refuse(&self) {
        let _ = self.listener.socket.shutdown(Shutdown::Read);
    }

    fn is_allowed(&self, address: &SockAddr) -> bool {
        match (&self.allowed, address.as_socket()) {
            (Some(allowed), Some(address)) => allowed.contains(&address.ip().to_canonical()),
            _ => true,
        }
    }

    /// Waits for a connection, or for the end.
    fn wait_for_connection(&self) {
        let waits = || self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = waits().pop();
        match wait.map_or_else(|| Epoll::new(&self.listener.socket, self.signals), Ok).and_then(Epoll::wait) {
            Ok(wait) => waits().push(wait),
            Err(error) => self.recover(&error),
        }
    }

    /// No descriptor or no memory is left: makes room and rests, since the connection that could
    /// not be accepted is still there.
    fn recover(&self, error: &io::Error) {
        self.complain_exhausted(error);
        self.peers.close_idlest(self.limits.last_call);
        thread::sleep(self.limits.rest);
    }

    fn complain_exhausted(&self, error: &io::Error) {
        if !self.exhausted.swap(true, Ordering::Relaxed) {
            self.handler.complain(format_args!("cannot take another connection, and goes on trying: {error}"));
        }
    }

    fn serve(&self, peer: &Peer) {
        let watch = Watched { peer, peers: &self.peers, signals: self.signals, starved: &self.starved };
        match Connection::new(&peer.socket, self.handler, watch).converse() {
            Ok(End::Clean) => {}
            Ok(End::Unread) => linger(&peer.socket, self.limits.linger),
            Err(ConnectionError::Protocol(what)) => {
                self.handler.complain(format_args!("closed a FastCGI connection: {what}"));
                linger(&peer.socket, self.limits.linger);
            }
            // The web server or its client went away, as they may.
            Err(ConnectionError::Io(_)) => {}
        }
    }
}

/// Where a thread waits for a connection or for the end: an epoll instance with EPOLLEXCLUSIVE, on
/// which one thread waits at a time. So a connection wakes one thread, of all processes that share the
/// listener, where `poll` would wake them all.
struct Epoll(OwnedFd);

impl Epoll {
    fn new(listener: &Socket, signals: &Signals) -> io::Result<Epoll> {
        let instance = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&instance, listener, EventData::new_u64(0), EventFlags::IN | EventFlags::EXCLUSIVE)?;
        epoll::add(&instance, signals, EventData::new_u64(1), EventFlags::IN)?;
        Ok(Epoll(instance))
    }

    fn wait(self) -> io::Result<Epoll> {
        let mut events = [epoll::Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; 2];
        match epoll::wait(&self.0, &mut events[..], None) {
            Ok(_) | Err(Errno::INTR) => Ok(self),
            Err(error) => Err(error.into()),
        }
    }
}

/// Waits for a connection, and not for longer than `most`.
fn readable(listener: &Socket, most: Duration) -> bool {
    let most = Timespec::try_from(most).ok();
    matches!(poll(&mut [PollFd::new(listener, PollFlags::IN)], most.as_ref()), Ok(1..))
}
