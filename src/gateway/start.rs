//! How this process was started, and what follows from that.

use std::env;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::process::{self, ExitCode};
use std::thread::{self, Builder};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use socket2::SockRef;

use crate::cgi;
use crate::fastcgi::listen::{Listener, senders_are_known, web_server_addresses};
use crate::fastcgi::server::Server;
use crate::handler::Handler;
use crate::signals::Signals;

/// How this process was started.
pub enum Start {
    /// mod_fcgid, spawn-fcgi or a systemd socket: file descriptor 0 listens.
    FastCgi(Listener),
    /// mod_cgi, mod_cgid or a shell: one request, from the environment and stdin.
    Cgi,
    /// A person or a service manager: the arguments say what to do.
    Command,
}

impl Start {
    /// Looks at this process.
    ///
    /// The FastCGI specification (section 2.2) tells a listening socket by `getpeername` failing
    /// with ENOTCONN. `SO_ACCEPTCONN` asks the same without the exceptions: a CGI program's TCP
    /// connection that was reset has no peer either. Under mod_cgid descriptor 0 is a connected
    /// socket, so "is it a socket?" would be the wrong question.
    ///
    /// Apache hands the query of `/script?--help+-x` to a CGI program as arguments (RFC 3875,
    /// section 4.4), so they count only where no request is in the environment. `QUERY_STRING`
    /// alone is a shell's short form, and gives way to a subcommand typed beside it.
    pub fn of_process() -> io::Result<Start> {
        let stdin = io::stdin();
        if SockRef::from(&stdin).is_listener().unwrap_or(false) {
            return Ok(Start::FastCgi(Listener::inherited(stdin.as_fd().try_clone_to_owned()?)));
        }
        let set = |name| env::var_os(name).is_some();
        let request = set("GATEWAY_INTERFACE") || set("REQUEST_METHOD");
        if request || (set("QUERY_STRING") && env::args_os().len() < 2) {
            return Ok(Start::Cgi);
        }
        Ok(Start::Command)
    }
}

/// Answers as this process was started to: one request as a CGI program, or all until a signal comes as a FastCGI
/// responder; a handler that does not return by then and [`Limits::grace`](crate::Limits::grace) is given up, with
/// status 1. Where it was started by hand, it says how to on stderr; a program with commands of its own looks at
/// [`Start::of_process`] instead.
pub fn run(handler: impl Handler) -> ExitCode {
    let done = Start::of_process().and_then(|start| match start {
        Start::FastCgi(listener) => {
            let signals = Signals::taken()?;
            leave_at_last(&signals, handler.limits().grace)?;
            serve(&handler, &listener, &signals)
        }
        Start::Cgi => answer_once(&handler),
        Start::Command => Err(io::Error::other(
            "there is no request: as in a shell, set QUERY_STRING, or have a web server start this by CGI or FastCGI",
        )),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            handler.complain(format_args!("{error}"));
            ExitCode::FAILURE
        }
    }
}

/// Ends this process where a handler has not returned a second after all connections were cut.
fn leave_at_last(signals: &Signals, grace: Duration) -> io::Result<()> {
    let asked = signals.as_fd().try_clone_to_owned()?;
    let wait = move || {
        while matches!(poll(&mut [PollFd::new(&asked, PollFlags::IN)], None), Err(Errno::INTR)) {}
        thread::sleep(grace + Duration::from_secs(1));
        process::exit(1);
    };
    Builder::new().spawn(wait).map(drop)
}

/// Answers the one request of a CGI program. Stdin is read past std's buffer, which would take more
/// than is announced: in a shell the rest may be for another program. Stdout is written past std's,
/// which would write a reply in two pieces, up to its last line end and from there on.
pub fn answer_once(handler: &(impl Handler + ?Sized)) -> io::Result<()> {
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    cgi::run(handler, env::vars_os(), stdin, stdout)
}

/// Serves FastCGI on a socket until a signal comes. Over TCP only those whom `FCGI_WEB_SERVER_ADDRS` names may connect
/// (see [`web_server_addresses`]); without it, those on this machine.
///
/// It returns when the last handler has: [`Limits::grace`](crate::Limits::grace) cuts connections, and no handler.
///
/// # Errors
/// `FCGI_WEB_SERVER_ADDRS` is no list of addresses, or missing where other machines could connect, or the socket cannot
/// be listened on.
pub fn serve(handler: &(impl Handler + ?Sized), listener: &Listener, signals: &Signals) -> io::Result<()> {
    let allowed = web_server_addresses(env::var_os("FCGI_WEB_SERVER_ADDRS").as_deref())?;
    senders_are_known(&listener.socket, allowed.as_deref()).map_err(io::Error::other)?;
    Server::new(listener, allowed, handler, signals).run()
}
