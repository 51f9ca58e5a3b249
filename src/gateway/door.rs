//! Which door is it? In go file descriptor 0 and the environment, out comes how this process was
//! started; the argument list is not asked where the web may have written it.

use std::env;
use std::io;
use std::os::fd::AsFd;

use socket2::{SockRef, Socket};

/// How this process was started.
pub enum Door {
    /// mod_fcgid, spawn-fcgi or a systemd socket: file descriptor 0 listens.
    FastCgi(Socket),
    /// mod_cgi, mod_cgid or a shell: one request, from the environment and stdin.
    Cgi,
    /// A person or a service manager: the arguments say what to do.
    Command,
}

impl Door {
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
    pub fn of_process() -> io::Result<Door> {
        let stdin = io::stdin();
        if SockRef::from(&stdin).is_listener().unwrap_or(false) {
            return Ok(Door::FastCgi(stdin.as_fd().try_clone_to_owned()?.into()));
        }
        let set = |name| env::var_os(name).is_some();
        let request = set("GATEWAY_INTERFACE") || set("REQUEST_METHOD");
        if request || (set("QUERY_STRING") && env::args_os().len() < 2) {
            return Ok(Door::Cgi);
        }
        Ok(Door::Command)
    }
}
