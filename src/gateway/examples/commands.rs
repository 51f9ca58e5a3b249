//! Has a command of its own beside the ways in which web servers start it: `commands serve unix:/run/hello/socket`.

use std::env;
use std::error::Error;

use cgi_responder::{Address, Listener, Reply, Request, Signals, Start, answer_once, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let welcome =
        |_: &Request| Reply::empty(302).with("Location", "/welcome").with("Set-Cookie", "greeted=1; HttpOnly");
    match Start::of_process()? {
        Start::FastCgi(listener) => serve(&welcome, &listener, &Signals::taken()?)?,
        Start::Cgi => answer_once(&welcome)?,
        Start::Command => match env::args().skip(1).collect::<Vec<_>>().as_slice() {
            [command, address] if command == "serve" => {
                let signals = Signals::taken()?;
                let listener = Listener::bind(&address.parse::<Address>()?)?;
                println!("ready on {listener}");
                serve(&welcome, &listener, &signals)?;
            }
            _ => println!("commands serve unix:PATH|HOST:PORT"),
        },
    }
    Ok(())
}
