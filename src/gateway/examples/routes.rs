//! Plain and streamed routes in one program: a page, one number at a time to as many as are asked for, and their sum.

use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;

use cgi_responder::{Body, Failure, Handler, Params, Reply, Request, Streaming, Writer};

struct Routes;

impl Handler for Routes {
    fn handle(&self, request: &Request) -> Result<Reply, Failure> {
        match (request.method(), request.path().as_str()) {
            (b"GET" | b"HEAD", "/wsgi/") => Ok(Reply::new(200, "text/html", "<a href=numbers?9>Numbers</a>\n")),
            _ => Err(Failure::new(404, "Not here.\n")),
        }
    }

    fn streams(&self, params: &Params) -> Option<&dyn Streaming> {
        match (params.method(), params.path().as_str()) {
            (b"GET" | b"HEAD", "/wsgi/numbers") => Some(&numbers),
            (b"POST", "/wsgi/sum") => Some(&sum),
            _ => None,
        }
    }
}

fn numbers(params: &Params, _: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
    let most = params.text("QUERY_STRING").parse::<u64>();
    let most = most.map_err(|_| Failure::new(400, "How many? numbers?9\n"))?;
    reply.begin(&Reply::text(200, ""))?;
    (1..=most).try_for_each(|number| writeln!(reply, "{number}"))?;
    Ok(())
}

fn sum(_: &Params, body: &mut Body, reply: &mut Writer) -> Result<(), Failure> {
    let mut sum = 0_u64;
    for line in BufReader::new(body).lines() {
        let number = line?.parse::<u64>().map_err(|_| Failure::new(400, "A number a line.\n"))?;
        sum = sum.checked_add(number).ok_or_else(|| Failure::new(400, "That is too much.\n"))?;
    }
    Ok(reply.begin(&Reply::text(200, format!("{sum}\n")))?)
}

fn main() -> ExitCode {
    cgi_responder::run(Routes)
}
