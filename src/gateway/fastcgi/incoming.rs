//! A request while it comes in: its PARAMS, then its body, and why it is refused where these are more than is
//! read. What it takes of memory counts among what all requests take.

use std::mem;

use super::record::{self, PairsError};
use crate::body::BodyCollector;
use crate::handler::{self, Handler};
use crate::limits::Limits;
use crate::memory::{GROWTH, Share};
use crate::reply::{Reply, reason};
use crate::request::{PAIR_BYTES, Params, Request};
use crate::streaming::Streaming;

/// Bytes that a request's PARAMS have room for from the start. An allocator keeps some of each small size for
/// each thread: of one size it keeps few.
const PARAMS_BYTES: usize = 1024;

/// What `Retry-After` says with a 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// One request.
pub(super) struct Incoming {
    /// Its id.
    pub(super) id: u16,
    /// Does the connection stay open after the reply?
    pub(super) keep_connection: bool,
    pairs: Vec<u8>,
    share: Share,
    refused: Option<Refused>,
    /// From the end of PARAMS on.
    body: Option<(Params, BodyCollector)>,
    /// Did STDIN end before as much had come as was announced?
    cut: bool,
}

/// Why a request's PARAMS are not kept.
#[derive(Clone, Copy)]
enum Refused {
    /// They are longer, or more, than is read.
    TooMuch,
    /// So much of other requests is being read that there is no memory for them.
    NoMemory,
}

impl Incoming {
    pub(super) fn new(id: u16, keep_connection: bool) -> Incoming {
        let pairs = Vec::with_capacity(PARAMS_BYTES);
        Incoming { id, keep_connection, pairs, share: Share::default(), refused: None, body: None, cut: false }
    }

    /// Have its PARAMS ended?
    pub(super) fn has_params(&self) -> bool {
        self.body.is_some()
    }

    /// Takes a piece of PARAMS.
    pub(super) fn push_params(&mut self, piece: &[u8], limits: &Limits) {
        if self.refused.is_some() {
            return;
        }
        let bytes = self.pairs.len() + piece.len();
        if bytes > limits.params_bytes {
            self.refuse(Refused::TooMuch);
        } else if !self.takes(GROWTH * bytes, limits) || self.pairs.try_reserve(piece.len()).is_err() {
            self.refuse(Refused::NoMemory);
        } else {
            self.pairs.extend_from_slice(piece);
        }
    }

    /// PARAMS are collected up to the empty record and decoded then: a pair may be split over two records
    /// (h2o does so).
    pub(super) fn end_params(&mut self, handler: &(impl Handler + ?Sized), limits: &Limits) -> Result<(), PairsError> {
        let pairs = mem::take(&mut self.pairs);
        let bytes = GROWTH * pairs.len();
        let mut params = Params::default();
        match record::decode_pairs(pairs, limits.params_count) {
            Ok(decoded) if self.takes(bytes + GROWTH * PAIR_BYTES * decoded.count(), limits) => params = decoded,
            Ok(_) => self.refuse(Refused::NoMemory),
            Err(PairsError::TooMany) => self.refuse(Refused::TooMuch),
            Err(truncated) => return Err(truncated),
        }
        let longest = handler.max_body_bytes(&params);
        let body = BodyCollector::new(&params, longest, limits.requests_bytes(longest));
        self.body = Some((params, body));
        Ok(())
    }

    /// Its PARAMS and what streams such a request, where the handler does.
    pub(super) fn streaming<'a>(
        &mut self,
        handler: &'a (impl Handler + ?Sized),
    ) -> Option<(Params, &'a dyn Streaming)> {
        let (params, _) = self.body.as_mut().filter(|_| self.refused.is_none())?;
        let streaming = handler.streams(params)?;
        Some((mem::take(params), streaming))
    }

    /// Takes a piece of the body, once PARAMS have ended.
    pub(super) fn push_body(&mut self, piece: &[u8]) {
        self.body.iter_mut().for_each(|(_, body)| body.push(piece));
    }

    /// Has as much of the body come as was announced?
    pub(super) fn has_announced_body(&self) -> bool {
        self.body.as_ref().is_some_and(|(_, body)| body.left() == Some(0))
    }

    /// The empty STDIN record has come: is it the body's end? Behind HTTP/2 mod_fcgid sends one before the body too.
    pub(super) fn end_body(&mut self) -> bool {
        self.cut = self.body.as_ref().is_some_and(|(_, body)| body.left() > Some(0));
        !self.cut
    }

    /// Would nobody know of the body's end but by the connection's?
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// All has come: writes the reply.
    pub(super) fn answer(&mut self, handler: &(impl Handler + ?Sized), document: &mut Vec<u8>) {
        let Some((params, mut body)) = self.body.take() else { return };
        match self.refused {
            Some(refused) => refused.reply().write(false, document),
            None => {
                let request = Request { params, body: body.finish() };
                handler::reply(handler, &request).write(request.method() == b"HEAD", document);
            }
        }
    }

    fn takes(&mut self, bytes: usize, limits: &Limits) -> bool {
        self.share.grow(bytes, limits.requests_bytes)
    }

    fn refuse(&mut self, refused: Refused) {
        (self.pairs, self.share) = Default::default();
        self.refused.get_or_insert(refused);
    }
}

impl Refused {
    /// A problem as RFC 9457 writes it: nobody else knows what was asked.
    fn reply(self) -> Reply {
        let (status, detail) = match self {
            Refused::TooMuch => (413, "The request has more header fields than are read, or longer ones."),
            Refused::NoMemory => (503, "There is no memory for the request at the moment; try again later."),
        };
        let title = reason(status);
        let problem = format!(r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}"#);
        let reply = Reply::new(status, "application/problem+json", problem);
        match self {
            Refused::NoMemory => reply.with("Retry-After", RETRY_AFTER_SECONDS),
            Refused::TooMuch => reply,
        }
    }
}
