//! A `tower::Service` as a handler, for example an axum `Router` (feature `tower`).

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::Pin;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};

use crate::failure::Failure;
use crate::handler::Handler;
use crate::reply::Reply;
use crate::request::Request;

/// What makes a reply.
pub type Replying<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

type Executor = Box<dyn Fn(Replying<'_>) -> Result<Reply, Failure> + Send + Sync>;

/// A service, cloned for each request, whose futures run on the thread that serves the connection. Its request has the
/// whole body, and its response is sent when it is there as a whole. Paths are `SCRIPT_NAME` and `PATH_INFO`, so what the
/// web server asked for: routes begin where it has the program, for example at `/wsgi/`. A future that never ends keeps
/// its thread for ever.
///
/// ```
/// use axum::{Router, routing::get};
/// use cgi_responder::tower::Service;
///
/// let router = Router::new().route("/", get(|| async { "Hello!" }));
/// let handler = Service::new(router);
/// # fn is_handler(_: impl cgi_responder::Handler) {}
/// # is_handler(handler);
/// ```
pub struct Service<S> {
    service: S,
    executor: Executor,
}

impl<S> Service<S> {
    /// A service that needs no runtime: what it waits for is woken by threads of its own, if at all.
    pub fn new(service: S) -> Service<S> {
        Service::on(service, |future| pollster::block_on(future))
    }

    /// A service whose futures `executor` runs, for example in a runtime of tokio's, which what sleeps, or speaks to
    /// others, needs: `Service::on(router, move |future| runtime.block_on(future))`, with a multi-threaded `runtime` in
    /// which time and I/O are enabled.
    pub fn on(
        service: S,
        executor: impl Fn(Replying<'_>) -> Result<Reply, Failure> + Send + Sync + 'static,
    ) -> Service<S> {
        Service { service, executor: Box::new(executor) }
    }
}

impl<S, B> Handler for Service<S>
where
    S: tower_service::Service<http::Request<Full<Bytes>>, Response = http::Response<B>> + Clone + Send + Sync,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: http_body::Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn handle(&self, request: &Request) -> Result<Reply, Failure> {
        let request = super::http::request(request)?.map(Full::new);
        let mut service = self.service.clone();
        (self.executor)(Box::pin(async move {
            poll_fn(|context| service.poll_ready(context)).await.map_err(Failure::caused_by)?;
            let response = service.call(request).await.map_err(Failure::caused_by)?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(Failure::caused_by)?.to_bytes();
            Ok(http::Response::from_parts(head, body).into())
        }))
    }
}
