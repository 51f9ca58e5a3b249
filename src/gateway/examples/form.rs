//! Takes a form by GET or by POST, sets a cookie, and leads elsewhere.

use std::process::ExitCode;

use cgi_responder::{Failure, Reply, Request};

fn answer(request: &Request) -> Result<Reply, Failure> {
    let form = match request.method() {
        b"POST" => request.body.clone()?.to_vec(),
        b"GET" | b"HEAD" => request.query().to_vec(),
        _ => return Ok(Reply::empty(405).with("Allow", "GET, HEAD, POST")),
    };
    let form = String::from_utf8(form)?;
    let name = form.split('&').find_map(|field| field.strip_prefix("name="));
    let name = name.ok_or_else(|| Failure::new(400, "Send your name as name."))?;
    Ok(Reply::empty(302).with("Location", "/welcome").with("Set-Cookie", format!("name={name}; HttpOnly")))
}

fn main() -> ExitCode {
    cgi_responder::run(answer)
}
