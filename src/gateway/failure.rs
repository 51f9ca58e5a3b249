//! What a closure may return: a reply, text, or why there is none.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::io;

use crate::reply::Reply;
use crate::request::BodyError;

/// What a closure that is a [`Handler`](crate::Handler) may return.
pub trait IntoReply {
    /// What [`Handler::handle`](crate::Handler::handle) returns for it.
    ///
    /// # Errors
    /// It is a failure.
    fn into_reply(self) -> Result<Reply, Failure>;
}

impl IntoReply for Reply {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(self)
    }
}

/// Text, with status 200.
impl IntoReply for String {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::text(200, self))
    }
}

/// Text, with status 200.
impl IntoReply for &str {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::text(200, self))
    }
}

impl<T: IntoReply> IntoReply for Result<T, Failure> {
    fn into_reply(self) -> Result<Reply, Failure> {
        self.and_then(T::into_reply)
    }
}

/// Why there is no reply: a status with a sentence for the client, and a cause for stderr. By `?` a
/// [`BodyError`] becomes the status that says so, and any other error a 500, whose text the client does not see.
#[derive(Debug)]
pub struct Failure {
    status: u16,
    sentence: String,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A status, and a sentence that everyone may read.
    pub fn new(status: u16, sentence: impl Into<String>) -> Failure {
        Failure { status, sentence: sentence.into(), headers: Vec::new(), cause: None }
    }

    /// Adds a header field, for example `WWW-Authenticate` to a 401.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Failure {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What caused it, for whoever runs the program.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// A 500, whose cause is for stderr alone; for what is no `Error` itself, as a boxed one:
    /// `.map_err(Failure::caused_by)?`.
    pub fn caused_by(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        let sentence = "The program failed to answer; its log says why.".to_owned();
        Failure { status: 500, sentence, headers: Vec::new(), cause: Some(cause.into()) }
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        let any: &dyn Any = &error;
        let read = any.downcast_ref::<io::Error>().and_then(|error| error.get_ref()?.downcast_ref());
        match any.downcast_ref::<BodyError>().or(read) {
            // The client's own doing, which it may know.
            Some(error) => Failure::new(error.status(), error.to_string()),
            None => Failure::caused_by(error),
        }
    }
}

/// What the client is told.
impl From<Failure> for Reply {
    fn from(failure: Failure) -> Reply {
        let mut reply = Reply::text(failure.status, failure.sentence);
        reply.headers.extend(failure.headers);
        reply
    }
}
