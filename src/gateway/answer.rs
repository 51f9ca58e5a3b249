//! Answers without a server, for the unit tests of a handler.

use std::io::{self, Read};

use crate::exchange::{self, Wire};
use crate::handler::{self, Handler};
use crate::reply::Reply;
use crate::request::Request;

/// What the web server is sent for a request, by a handler that streams it too: the status, all header fields, and the
/// content, of which a reply to HEAD has none. A panic and a failure are a reply here too.
///
/// ```
/// use cgi_responder::{Request, answer};
///
/// let length = |request: &Request| format!("{} bytes", request.body.as_ref().map_or(0, |body| body.len()));
/// let reply = answer(&length, &Request::new("POST", "/length", "four"))?;
/// assert_eq!((reply.status, reply.body.as_slice()), (200, &b"4 bytes"[..]));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// There is no body to be streamed, or the reply was cut: the web server's connection would be closed.
pub fn answer(handler: &(impl Handler + ?Sized), request: &Request) -> io::Result<Reply> {
    let mut document = Vec::new();
    match handler.streams(&request.params) {
        Some(streaming) => {
            let body = request.body.as_deref().map_err(|error| io::Error::other(error.clone()))?;
            let mut wire = Memory { body, document: &mut document };
            exchange::hold(handler, streaming, &request.params, &mut wire)?;
        }
        None => handler::reply(handler, request).write(request.method() == b"HEAD", &mut document),
    }
    parsed(&document).ok_or_else(|| io::Error::other("no document"))
}

/// A body that has come, and all that is sent.
struct Memory<'a> {
    body: &'a [u8],
    document: &'a mut Vec<u8>,
}

impl Wire for Memory<'_> {
    fn read_body(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }

    fn send(&mut self, document: &[u8]) -> io::Result<()> {
        self.document.extend_from_slice(document);
        Ok(())
    }
}

/// The reply that [`Reply::write`] has written.
fn parsed(document: &[u8]) -> Option<Reply> {
    let end = document.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let header = String::from_utf8_lossy(&document[..end]);
    let mut fields = header.split("\r\n").filter_map(|line| line.split_once(": "));
    let (_, status) = fields.next()?;
    let reply = Reply { body: document[end + 4..].to_vec(), ..Reply::empty(status.get(..3)?.parse().ok()?) };
    Some(fields.fold(reply, |reply, (name, value)| reply.with(name.to_owned(), value.to_owned())))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::{Body, Failure, Params, Streaming, Writer};

    struct Capitals;

    impl Handler for Capitals {
        fn handle(&self, _: &Request) -> Result<Reply, Failure> {
            Ok(Reply::text(200, "plain").with("X-A", "1: 2"))
        }

        fn streams(&self, params: &Params) -> Option<&dyn Streaming> {
            (params.value("REQUEST_METHOD") == Some(b"PUT")).then_some(&capitals)
        }
    }

    fn capitals(params: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
        reply.begin(&Reply::empty(201))?;
        let mut piece = [0; 100];
        loop {
            match body.read(&mut piece)? {
                0 if params.value("QUERY_STRING").is_some() => return Err(Failure::new(409, "Not that one.")),
                0 => return Ok(()),
                read => reply.write_all(&piece[..read].to_ascii_uppercase())?,
            }
        }
    }

    #[test]
    fn plain() {
        let reply = answer(&Capitals, &Request::new("GET", "/", "")).expect("a reply");
        let expected = Reply::text(200, "plain").with("X-A", "1: 2").with("Content-Length", "5");
        assert_eq!(reply, expected.with("X-Content-Type-Options", "nosniff"));
        let head = answer(&Capitals, &Request::new("HEAD", "/", "")).expect("a reply");
        assert_eq!((head.header("content-length"), head.body.len()), (Some("5"), 0));
    }

    #[test]
    fn streamed() {
        let reply = answer(&Capitals, &Request::new("PUT", "/", "four")).expect("a reply");
        assert_eq!((reply.status, reply.body.as_slice()), (201, &b"FOUR"[..]));
        // Longer than is held: all of it is read first.
        let long = vec![b'x'; 100_000];
        let reply = answer(&Capitals, &Request::new("PUT", "/", long.clone())).expect("a reply");
        assert_eq!(
            (reply.status, reply.body.as_slice()),
            (500, &b"The program failed to answer; its log says why."[..])
        );
        let short = Request::new("PUT", "/", "four").with("CONTENT_LENGTH", "5");
        assert_eq!(answer(&Capitals, &short).expect("a reply").status, 400);
        // Before anything was sent a failure is the reply.
        let refused = answer(&Capitals, &Request::new("PUT", "/?no", "four")).expect("a reply");
        assert_eq!((refused.status, refused.body.as_slice()), (409, &b"Not that one."[..]));
    }

    struct Streams<S>(S);

    impl<S: Streaming> Handler for Streams<S> {
        fn handle(&self, _: &Request) -> Result<Reply, Failure> {
            Err(Failure::new(404, "None."))
        }

        fn streams(&self, _: &Params) -> Option<&dyn Streaming> {
            Some(&self.0)
        }

        fn complain(&self, message: std::fmt::Arguments) {
            SAID.set(message.to_string());
        }
    }

    thread_local! {
        static SAID: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
    }

    fn complaint(handler: impl Fn(&mut Writer) -> Result<(), Failure> + Sync) -> String {
        let streaming = |_: &Params, _: &mut Body, reply: &mut Writer| handler(reply);
        assert_eq!(
            answer(&Streams(streaming), &Request::new("POST", "/", "x")).map(|reply| reply.status).ok(),
            Some(500)
        );
        SAID.take()
    }

    #[test]
    fn what_a_handler_does_wrong() {
        assert_eq!(complaint(|_| Ok(())), "500: the handler began no reply");
        assert_eq!(complaint(|reply| Ok(reply.write_all(b"x")?)), "500: the reply has not begun");
        let twice =
            |reply: &mut Writer| Ok(reply.begin(&Reply::empty(200)).and_then(|()| reply.begin(&Reply::empty(200)))?);
        assert_eq!(complaint(twice), "500: the reply has begun already");
        let early = |reply: &mut Writer| {
            Ok(reply.begin(&Reply::empty(200)).and_then(|()| reply.write_all(&[b'x'; 100_000]))?)
        };
        assert_eq!(complaint(early), "500: more than 65536 bytes of the reply before the body's end: read that first");
    }

    #[test]
    fn what_was_cut_is_no_reply() {
        let cut = |_: &Params, _: &mut Body, reply: &mut Writer| {
            reply.begin(&Reply::text(200, "half of it"))?;
            let mut unread = [0; 9];
            reply.write_all(&[b'x'; 100_000]).and_then(|()| reply.write_all(&unread))?;
            unread.fill(1);
            Err(Failure::new(500, "Too late."))
        };
        let error = answer(&Streams(cut), &Request::new("GET", "/", "")).expect_err("it was cut");
        assert_eq!(error.to_string(), "the reply was cut");
    }
}
