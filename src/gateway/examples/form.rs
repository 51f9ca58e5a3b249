//! Takes a form by GET or by POST, sets a cookie, and leads elsewhere.

use std::process::ExitCode;

use cgi_responder::{Failure, Reply, Request};

fn answer(request: &Request) -> Result<Reply, Failure> {
    let sent = match request.method() {
        b"POST" => request.body()?,
        b"GET" | b"HEAD" => request.query(),
        _ => return Err(Failure::new(405, "Use GET or POST.").with("Allow", "GET, HEAD, POST")),
    };
    let name = form_urlencoded::parse(sent).find(|(name, _)| name == "name");
    let (_, name) = name.ok_or_else(|| Failure::new(400, "Send your name as name."))?;
    let to = format!("/welcome/{}", form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>());
    Ok(Reply::empty(302).with("Location", to).with("Set-Cookie", "greeted=1; HttpOnly"))
}

fn main() -> ExitCode {
    cgi_responder::run(answer)
}
