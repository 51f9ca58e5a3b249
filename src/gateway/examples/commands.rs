//! Has a command of its own beside the ways in which web servers start it: `commands serve unix:/run/hello/socket`.

use std::env;
use std::error::Error;

use cgi_responder::fastcgi::listen::{Address, Listener};
use cgi_responder::{Request, Signals, Start, answer_once, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let hello = |_: &Request| "Hello!\n";
    match Start::of_process()? {
        Start::FastCgi(listener) => serve(&hello, listener, None, &Signals::taken()?)?,
        Start::Cgi => answer_once(&hello)?,
        Start::Command => match env::args().skip(1).collect::<Vec<_>>().as_slice() {
            [command, address] if command == "serve" => {
                let signals = Signals::taken()?;
                let own = Listener::bind(&address.parse::<Address>()?)?;
                println!("ready on {own}");
                serve(&hello, own.socket.try_clone()?, Some(&own), &signals)?;
            }
            _ => println!("commands serve unix:PATH|HOST:PORT"),
        },
    }
    Ok(())
}
