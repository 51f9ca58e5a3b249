//! A canned responder on the `fastcgi` crate: one reply to whatever is asked. `crate PATH`

use std::io::Write;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixListener;

fn main() {
    let path = std::env::args_os().nth(1).expect("a path");
    let listener = UnixListener::bind(path).expect("a socket");
    fastcgi::run_raw(
        |mut request| request.stdout().write_all(include_bytes!("../../reply.txt")).expect("a web server"),
        listener.into_raw_fd(),
    );
}
