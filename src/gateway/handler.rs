//! What answers: a handler from a request to a reply.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::failure::{Failure, IntoReply};
use super::limits::Limits;
use super::lines::write_where_there_is_room;
use super::reply::Reply;
use super::request::{Params, Request};
use super::streaming::Streaming;

/// What answers requests, whichever way they came in. A closure from a request to a reply is one.
///
/// ```
/// use cgi_responder::{Failure, Reply, Request};
///
/// fn greet(request: &Request) -> Result<Reply, Failure> {
///     let user = request.params.value("REMOTE_USER").ok_or(Failure::new(401, "Who are you?").with("WWW-Authenticate", "Basic"))?;
///     Ok(Reply::text(200, format!("Hello {}!", std::str::from_utf8(user)?)))
/// }
/// # fn is_handler(_: impl cgi_responder::Handler) {}
/// # is_handler(greet);
/// ```
pub trait Handler: Sync {
    /// Answers one request. A panic costs this request a 500, and the process nothing.
    fn handle(&self, request: &Request) -> Reply;

    /// What answers a request with these parameters instead, where its body or its reply is too long for memory. Such a
    /// body has no limit but the handler's own.
    fn streams(&self, _params: &Params) -> Option<&dyn Streaming> {
        None
    }

    /// The longest body, in bytes, that is read for a request with these parameters: 1 MiB. The request's body is
    /// an error where it was longer.
    fn max_body_bytes(&self, _params: &Params) -> usize {
        1 << 20
    }

    /// Tells what it has counted, beside what its server has; SIGUSR2 asks for it. Nothing, by default.
    fn report(&self, _connections: &Connections) {}

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
    fn handle(&self, request: &Request) -> Reply {
        self(request).into_reply()
    }
}

/// The connections of a server.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many there are now.
    pub open: usize,
    /// How many there have been, with those.
    pub accepted: u64,
}

/// Answers a request, after a panic too, and tells what caused a failure.
pub(super) fn answer(handler: &(impl Handler + ?Sized), request: &Request) -> Reply {
    let handled = catch_unwind(AssertUnwindSafe(|| handler.handle(request)));
    let reply = handled.unwrap_or_else(|_| Failure::caused_by("the handler panicked").into_reply());
    if let Some(cause) = &reply.cause {
        handler.complain(format_args!("{}: {cause}", reply.status));
    }
    reply
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    fn request() -> Request {
        Request { params: Params::default(), body: Ok(Default::default()) }
    }

    #[test]
    fn what_a_closure_may_return() {
        let text = |_: &Request| "text";
        assert_eq!(answer(&text, &request()), Reply::text(200, "text"));
        let none = |_: &Request| -> Result<String, Failure> { Err(Failure::new(404, "None.")) };
        assert_eq!(answer(&none, &request()), Reply::text(404, "None."));
    }

    /// Answers with an error or a panic, and keeps what it complains of.
    struct Told(Mutex<Vec<String>>);

    impl Handler for Told {
        fn handle(&self, request: &Request) -> Reply {
            match request.query() {
                b"panic" => panic!("a bug"),
                _ => Failure::from(io::Error::other("/secret/path")).into_reply(),
            }
        }

        fn complain(&self, message: fmt::Arguments) {
            self.0.lock().expect("a list").push(message.to_string());
        }
    }

    #[test]
    fn a_cause_is_not_told_to_the_client() {
        let told = Told(Mutex::default());
        let reply = answer(&told, &request());
        assert_eq!((reply.status, reply.cause.as_deref()), (500, Some("/secret/path")));
        assert_eq!(reply.body, b"The program failed to answer; its log says why.");
        assert_eq!(*told.0.lock().expect("a list"), ["500: /secret/path"]);
    }

    #[test]
    fn a_panic_costs_its_own_request_a_500() {
        let told = Told(Mutex::default());
        let params = Params::from_iter([("QUERY_STRING", "panic")]);
        let reply = answer(&told, &Request { params, body: Ok(Default::default()) });
        assert_eq!(
            (reply.status, reply.body.as_slice()),
            (500, &b"The program failed to answer; its log says why."[..])
        );
        assert_eq!(*told.0.lock().expect("a list"), ["500: the handler panicked"]);
    }
}
