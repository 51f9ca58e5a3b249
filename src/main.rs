//! One program, three doors: which one is it, and what is its exit status?

mod arguments;
mod cli;

use std::env;
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::Arc;

use product_lookup::apps::{APPS, Apps};
use product_lookup::complain;
use product_lookup::gateway::cgi;
use product_lookup::gateway::door::Door;
use product_lookup::gateway::fastcgi::listen::web_server_addresses;
use product_lookup::gateway::fastcgi::server::Server;
use product_lookup::gateway::fastcgi::stop::Stop;
use product_lookup::settings::Environment;
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

fn main() -> ExitCode {
    // What would be longer than `ulimit -f` allows is a write that fails, not the end of the process.
    if let Err(error) = flag::register(SIGXFSZ, Arc::default()) {
        return exit_code(Err(error.into()));
    }
    let done = match Door::of_process() {
        Ok(Door::FastCgi(listener)) => {
            Stop::on_signals().map_err(Into::into).and_then(|stop| serve(listener, true, &stop))
        }
        Ok(Door::Cgi) => answer_once().map_err(Into::into),
        Ok(Door::Command) => return cli::run(),
        Err(error) => Err(error.into()),
    };
    exit_code(done)
}

/// Answers the one request of a CGI program. Stdin is read past std's buffer, which would take more
/// than is announced: in a shell the rest may be for another program. Stdout is written past std's,
/// which would write a reply in two pieces, up to its last line end and from there on.
fn answer_once() -> io::Result<()> {
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    // The system gives back what it holds, in less time.
    let apps = ManuallyDrop::new(Apps::new(APPS, Environment::of_process()));
    cgi::run(&*apps, env::vars_os(), stdin, stdout)
}

/// Serves FastCGI on a socket, which may be `inherited`, until a signal comes.
fn serve(listener: socket2::Socket, inherited: bool, stop: &Stop) -> anyhow::Result<()> {
    let allowed = web_server_addresses(env::var("FCGI_WEB_SERVER_ADDRS").ok().as_deref())?;
    let environment = Environment::of_process();
    let silence = environment.silence();
    let apps = Apps::new(APPS, environment);
    let server = Server::new(listener, inherited, silence, allowed, &apps, stop);
    Ok(server.run()?)
}

/// 0: done. 1: failed, with one line on stderr; but a reader who has had enough is no failure.
fn exit_code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    let closed_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if error.chain().filter_map(|cause| cause.downcast_ref()).any(closed_pipe) {
        return ExitCode::SUCCESS;
    }
    complain(format_args!("{error:#}"));
    ExitCode::FAILURE
}
