//! What answers: a handler from a request to a reply.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::failure::{Failure, IntoReply};
use crate::limits::Limits;
use crate::lines::write_where_there_is_room;
use crate::reply::Reply;
use crate::request::{Params, Request};
use crate::streaming::Streaming;

/// What answers requests, whichever way they came in. A function or closure from a request to a reply, to text, or to
/// a `Result` of these is one; a type of its own has more to say, for example how long a body may be.
///
/// ```
/// use cgi_responder::{Failure, Handler, Params, Reply, Request, answer};
///
/// struct Greeter {
///     greeting: String,
/// }
///
/// impl Handler for Greeter {
///     fn handle(&self, request: &Request) -> Result<Reply, Failure> {
///         let who_are_you = || Failure::new(401, "Who are you?").with("WWW-Authenticate", "Basic");
///         let user = request.params.value("REMOTE_USER").ok_or_else(who_are_you)?;
///         Ok(Reply::text(200, format!("{} {}!", self.greeting, std::str::from_utf8(user)?)))
///     }
///
///     fn max_body_bytes(&self, _: &Params) -> usize {
///         0
///     }
/// }
///
/// // What a unit test of it looks like.
/// let greeter = Greeter { greeting: "Hello".to_owned() };
/// let request = Request::new("GET", "/greet", "");
/// assert_eq!(answer(&greeter, &request)?.status, 401);
/// assert_eq!(answer(&greeter, &request.with("REMOTE_USER", "ann"))?.body, b"Hello ann!");
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Handler: Sync {
    /// Answers one request. A panic costs this request a 500, and the process nothing.
    ///
    /// # Errors
    /// The failure is the reply, and its cause goes to [`complain`](Handler::complain).
    fn handle(&self, request: &Request) -> Result<Reply, Failure>;

    /// What answers a request with these parameters instead, where its body or its reply is too long for memory. Such a
    /// body has no limit but the handler's own. It is asked once for each request, before its body is read.
    fn streams(&self, _params: &Params) -> Option<&dyn Streaming> {
        None
    }

    /// The longest body, in bytes, that is read for a request with these parameters: 1 MiB. The request's body is
    /// an error where it was longer.
    fn max_body_bytes(&self, _params: &Params) -> usize {
        1 << 20
    }

    /// Tells what it has counted; SIGUSR2 asks for it. Nothing, by default.
    fn report(&self) {}

    /// Tells what no reply tells: one line on stderr, which is the web server's error log, a journal or a terminal;
    /// where that has no room, since nobody reads it, the line is lost.
    fn complain(&self, message: fmt::Arguments) {
        let line = format!("{}\n", message.to_string().replace('\n', " "));
        write_where_there_is_room(std::io::stderr().lock(), &line);
    }

    /// What peers get at most.
    fn limits(&self) -> Limits {
        Limits::default()
    }
}

impl<F: Fn(&Request) -> R + Sync, R: IntoReply> Handler for F {
    fn handle(&self, request: &Request) -> Result<Reply, Failure> {
        self(request).into_reply()
    }
}

/// The FastCGI connections of this process.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many there are now.
    pub open: u64,
    /// How many there have been, with those.
    pub accepted: u64,
}

static ACCEPTED: AtomicU64 = AtomicU64::new(0);
static CLOSED: AtomicU64 = AtomicU64::new(0);

impl Connections {
    /// As they are counted at this moment.
    pub fn now() -> Connections {
        // What is closed was accepted before.
        let closed = CLOSED.load(Ordering::SeqCst);
        let accepted = ACCEPTED.load(Ordering::SeqCst);
        Connections { open: accepted - closed, accepted }
    }

    pub(crate) fn accept() {
        ACCEPTED.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn close() {
        CLOSED.fetch_add(1, Ordering::SeqCst);
    }
}

/// What the handler replies, after a panic too.
pub(crate) fn reply(handler: &(impl Handler + ?Sized), request: &Request) -> Reply {
    let handled = unless_it_panics(|| handler.handle(request));
    handled.unwrap_or_else(|failure| fail(handler, failure))
}

/// What a part of a handler returns; a panic is a failure.
pub(crate) fn unless_it_panics<T>(part: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|_| Err(Failure::caused_by("the handler panicked")))
}

/// What a client is told of a failure, whose cause is told to whoever runs the program.
pub(crate) fn fail(handler: &(impl Handler + ?Sized), failure: Failure) -> Reply {
    let cause = failure.cause().map(ToString::to_string);
    let reply = Reply::from(failure);
    if let Some(cause) = cause {
        handler.complain(format_args!("{}: {cause}", reply.status));
    }
    reply
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn what_a_closure_may_return() {
        let text = |_: &Request| "text";
        assert_eq!(reply(&text, &Request::new("GET", "/", "")), Reply::text(200, "text"));
        let none = |_: &Request| -> Result<String, Failure> { Err(Failure::new(404, "None.")) };
        assert_eq!(reply(&none, &Request::new("GET", "/", "")), Reply::text(404, "None."));
    }

    /// Answers with an error or a panic, and keeps what it complains of.
    struct Told(Mutex<Vec<String>>);

    impl Handler for Told {
        fn handle(&self, request: &Request) -> Result<Reply, Failure> {
            match request.query() {
                b"panic" => panic!("a bug"),
                _ => Err(io::Error::other("/secret/path"))?,
            }
        }

        fn complain(&self, message: fmt::Arguments) {
            self.0.lock().expect("a list").push(message.to_string());
        }
    }

    #[test]
    fn a_cause_is_not_told_to_the_client() {
        let told = Told(Mutex::default());
        let reply = reply(&told, &Request::new("GET", "/", ""));
        assert_eq!(reply, Reply::text(500, "The program failed to answer; its log says why."));
        assert_eq!(*told.0.lock().expect("a list"), ["500: /secret/path"]);
    }

    #[test]
    fn a_panic_costs_its_own_request_a_500() {
        let told = Told(Mutex::default());
        let reply = reply(&told, &Request::new("GET", "/?panic", ""));
        assert_eq!(reply, Reply::text(500, "The program failed to answer; its log says why."));
        assert_eq!(*told.0.lock().expect("a list"), ["500: the handler panicked"]);
    }
}
