//! Where Apache connects to `serve`: does something answer there, and may Apache's user connect?

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::door::{Door, Kind};
use super::installation::Installation;
use super::own::{is_in_a_home, is_packaged};
use super::user::Right;
use super::{Finding, quoted};
use crate::causes::plain;

const ABOUT: &str = "Socket of serve";

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let finding = |door: &Door| match &door.kind {
        Kind::Unix(path) => Some(unix(here, door, path)),
        Kind::Tcp(address) => Some(tcp(here, door, address)),
        Kind::Program(_) => None,
    };
    here.doors.iter().filter_map(finding).collect()
}

fn unix(here: &Installation, door: &Door, path: &Path) -> Finding {
    let (shown, user) = (path.display(), &here.user.name);
    let start = || start(here, &format!("unix:{}", path.display()), Some(path));
    if let Some(directory) = here.user.shut_out_by(path) {
        let found = format!("{user} may not enter {}, where {shown} is", directory.display());
        let own = path.parent() == Some(&directory) && is_packaged(&directory);
        return door.broken(ABOUT, found, own.then(|| here.user.grant("x", &directory)).into_iter().collect());
    }
    let Ok(file) = fs::metadata(path) else {
        return door.broken(ABOUT, format!("nothing is at {shown}, where {} connects to", door.place), start());
    };
    if !file.file_type().is_socket() {
        return door.broken(ABOUT, format!("{shown} is not a socket; serve starts once that file is gone"), Vec::new());
    }
    let connected = UnixStream::connect(path).map(drop).map_err(|error| error.kind());
    if connected == Err(ErrorKind::ConnectionRefused) {
        return door.broken(ABOUT, format!("{shown} is stale: nothing answers on it any more"), start());
    }
    if !here.user.may(Right::Write, path) {
        let mend = path.parent().is_some_and(is_packaged).then(|| here.user.grant("rw", path));
        return door.broken(ABOUT, format!("{user} may not connect to {shown}"), mend.into_iter().collect());
    }
    match connected {
        Ok(()) => Finding::ok(ABOUT, format!("{user} may connect to {shown}, and something answers")),
        Err(error) => Finding::note(ABOUT, format!("whether something answers on {shown} cannot be told: {error}")),
    }
}

fn tcp(here: &Installation, door: &Door, address: &str) -> Finding {
    let resolved = address.to_socket_addrs().and_then(|mut found| found.next().ok_or(ErrorKind::NotFound.into()));
    let here_alone = resolved.as_ref().is_ok_and(|address| address.ip().is_loopback());
    match resolved.and_then(|address| TcpStream::connect_timeout(&address, CONNECT)) {
        Ok(_) => Finding::ok(ABOUT, format!("something answers on {address}")),
        Err(error) => {
            let why = plain(&error.to_string());
            let found = format!("nothing answers on {address}, where {} connects to: {why}", door.place);
            // Another machine's `serve` is not started from here.
            let startable = here_alone && error.kind() == ErrorKind::ConnectionRefused;
            door.broken(ABOUT, found, if startable { start(here, address, None) } else { Vec::new() })
        }
    }
}

/// The commands that start `serve` there. By systemd, where its socket unit is for that address.
/// Where `socket` cannot be made in a directory that may be another's, there are none.
fn start(here: &Installation, address: &str, socket: Option<&Path>) -> Vec<String> {
    const UNIT: &str = "product-lookup.socket";
    let listens = |folder: &str| {
        let unit = fs::read_to_string(Path::new(folder).join(UNIT)).unwrap_or_default();
        unit.lines().any(|line| line.strip_prefix("ListenStream=") == Some(address.trim_start_matches("unix:")))
    };
    let by_systemd = Path::new("/run/systemd/system").is_dir();
    if by_systemd && ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"].into_iter().any(listens)
    {
        return vec![format!("systemctl restart {UNIT}")];
    }
    let mut mend = Vec::new();
    let directory = socket.and_then(Path::parent).filter(|directory| !here.user.may(Right::Write, directory));
    if let Some(directory) = directory {
        if is_in_a_home(directory) || directory.exists() && !is_packaged(directory) {
            return Vec::new();
        }
        let (user, group) = (quoted(&here.user.name), quoted(&here.user.group));
        mend.push(format!("install -d -o {user} -g {group} {}", quoted(directory)));
    }
    let (prefix, program) = (here.user.shell_prefix(), here.command());
    // Over TCP it takes Apache's settings from who is named alone.
    let named = if socket.is_none() { "FCGI_WEB_SERVER_ADDRS=127.0.0.1,::1 " } else { "" };
    mend.push(format!("{named}{prefix}{program} serve --listen {} < /dev/null > /dev/null 2>&1 &", quoted(address)));
    mend
}
