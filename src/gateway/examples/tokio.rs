//! An axum `Router` whose handlers need a runtime of tokio's, since they sleep or speak to others.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use cgi_responder::tower::Service;
use tokio::runtime::Runtime;

async fn later() -> &'static str {
    tokio::time::sleep(Duration::from_millis(10)).await;
    "At last.\n"
}

fn main() -> io::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let router = Router::new().route("/wsgi/later", get(later));
    Ok(cgi_responder::run(Service::on(router, move |future| runtime.block_on(future))))
}
