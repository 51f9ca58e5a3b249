//! One program, three doors: which one is it, and what is its exit status?

mod arguments;
mod cli;
mod help;
mod products;

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{self, Command, ExitCode};
use std::sync::Arc;

use anyhow::{Context, ensure};
use product_lookup::apps::{APPS, Apps};
use product_lookup::gateway::fastcgi::listen::{Listener, senders_are_known, web_server_addresses};
use product_lookup::gateway::limits::memory;
use product_lookup::gateway::lines::write_where_there_is_room;
use product_lookup::gateway::{self, Signals, Start};
use product_lookup::settings::{Environment, limits};
use product_lookup::{causes, complain, complain_at_last};
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

fn main() -> ExitCode {
    // What would be longer than `ulimit -f` allows is a write that fails, not the end of the process.
    if let Err(error) = flag::register(SIGXFSZ, Arc::default()) {
        return exit_code(Err(error.into()));
    }
    let done = match Start::of_process() {
        Ok(Start::FastCgi(listener)) => prepare().and_then(|signals| serve(&listener, &signals)),
        Ok(Start::Cgi) => require_memory().and_then(|()| Ok(answer_once()?)),
        Ok(Start::Command) => return cli::run(),
        Err(error) => Err(error.into()),
    };
    exit_code(done)
}

/// What comes before the first request of a responder: signals, before all that takes time.
fn prepare() -> anyhow::Result<Signals> {
    require_memory()?;
    share_one_arena()?;
    Ok(Signals::taken()?)
}

/// Refuses a limit on memory that is so low that a request could end the process.
fn require_memory() -> anyhow::Result<()> {
    let (limit, least) = (memory().unwrap_or(u64::MAX), limits::LEAST_MEMORY);
    let told = || format!("memory is limited to {} KiB (ulimit -v); {} are needed", limit >> 10, least >> 10);
    ensure!(limit >= least, told());
    Ok(())
}

/// Where memory is limited, has glibc share one arena among all threads. It would reserve 64 MiB of what may
/// be had for each of the first, and leave nothing for the others; it reads that it should not at its start
/// alone, so this starts the program again. Somebody who has chosen more did not choose that a request may end
/// the process.
fn share_one_arena() -> anyhow::Result<()> {
    // What the one says goes before the other.
    let [tunables, arenas] = ["GLIBC_TUNABLES", "MALLOC_ARENA_MAX"].map(env::var_os);
    let tuned = tunables.is_some_and(|tunables| tunables.to_string_lossy().contains("arena_max"));
    if memory().is_none() || (!tuned && arenas.is_some_and(|arenas| arenas == "1")) {
        return Ok(());
    }
    let mut arguments = env::args_os();
    let mut again = Command::new(env::current_exe().context("this program's own file cannot be found")?);
    again.arg0(arguments.next().unwrap_or_default()).args(arguments).env("MALLOC_ARENA_MAX", "1");
    if tuned {
        again.env_remove("GLIBC_TUNABLES");
    }
    // It does not return but where it fails.
    Err(again.exec()).context(
        "cannot start again with one arena of memory; MALLOC_ARENA_MAX=1 in its environment makes that needless",
    )
}

/// Answers the one request of a CGI program.
fn answer_once() -> io::Result<()> {
    gateway::answer_once(&Apps::new(APPS, Environment::of_process()))
}

/// Serves FastCGI on a socket until a signal comes: on one of its own, of which it says when it is ready, or on
/// one that it was started with.
fn serve(listener: &Listener, signals: &Signals) -> anyhow::Result<()> {
    let allowed = web_server_addresses(env::var_os("FCGI_WEB_SERVER_ADDRS").as_deref())?;
    let mut environment = Environment::of_process();
    if !senders_are_known(&listener.socket, allowed.as_deref())? {
        complain(format_args!(
            "FCGI_WEB_SERVER_ADDRS names no web server, so settings are taken from this process's environment alone"
        ));
        environment.ignore_parameters();
    }
    let apps = Apps::new(APPS, environment).alone(listener.is_own() || is_for_this_process());
    if listener.is_own() {
        // A courtesy: whoever reads it may have gone, or never come.
        write_where_there_is_room(io::stdout().lock(), &format!("product-lookup: ready on {listener}\n"));
    }
    Ok(gateway::serve(&apps, listener, signals)?)
}

/// Is this the process that systemd starts for its socket (systemd.exec(5))? On another descriptor 0 others may listen.
fn is_for_this_process() -> bool {
    env::var("SYSTEMD_EXEC_PID").is_ok_and(|pid| pid == process::id().to_string())
}

/// 0: done. 1: failed, with one line on stderr; but a reader who has had enough is no failure.
fn exit_code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    let closed_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if error.chain().filter_map(|cause| cause.downcast_ref()).any(closed_pipe) {
        return ExitCode::SUCCESS;
    }
    complain_at_last(format_args!("{}", causes(&error)));
    ExitCode::FAILURE
}
