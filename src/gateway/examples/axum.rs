//! An axum `Router`, unchanged: routes, a form, a redirect with a cookie, and who the web server says is asking.

use std::process::ExitCode;

use axum::extract::Form;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect};
use axum::routing::get;
use axum::{Extension, Router};
use cgi_responder::Params;
use cgi_responder::tower::Service;

#[derive(serde::Deserialize)]
struct Login {
    name: String,
}

async fn log_in(Form(login): Form<Login>) -> impl IntoResponse {
    (AppendHeaders([(header::SET_COOKIE, format!("name={}", login.name))]), Redirect::to("/welcome"))
}

async fn who(Extension(params): Extension<Params>) -> String {
    let user = params.text("REMOTE_USER");
    format!("Hello {}!\n", if user.is_empty() { "you" } else { &user })
}

fn main() -> ExitCode {
    // Paths are those that the web server was asked for.
    let router = Router::new()
        .route("/wsgi/hello", get(who).post(log_in))
        .fallback(async || (StatusCode::NOT_FOUND, "Not here.\n"));
    cgi_responder::run(Service::new(router))
}
