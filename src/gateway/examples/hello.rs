//! Says hello, whichever way it is started: `QUERY_STRING=x cargo run --example hello`, by mod_fcgid, by mod_cgid.

use std::process::ExitCode;

use cgi_responder::Request;

fn main() -> ExitCode {
    cgi_responder::run(|request: &Request| {
        let user = request.params.text("REMOTE_USER");
        format!("Hello {}!\n", if user.is_empty() { "you" } else { &user })
    })
}
