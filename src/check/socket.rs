//! Where Apache connects to `serve`: does something answer there, and may Apache's user connect?

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::installation::{Door, Installation, Kind};
use super::user::Right;
use super::{Finding, quoted};

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
    let start = || start(here, &format!("unix:{}", path.display()), path.parent());
    if let Some(directory) = here.user.shut_out_by(path) {
        let found = format!("{user} may not enter {}, where {shown} is", directory.display());
        return Finding::broken(ABOUT, found, vec![here.user.admit(&directory)]);
    }
    let Ok(file) = fs::metadata(path) else {
        return Finding::broken(ABOUT, format!("nothing is at {shown}, where {} connects to", door.place), start());
    };
    if !file.file_type().is_socket() {
        let mut mend = vec![format!("mv {0} {0}.old", quoted(path))];
        mend.extend(start());
        return Finding::broken(ABOUT, format!("{shown} is no socket"), mend);
    }
    let connected = UnixStream::connect(path).map(drop).map_err(|error| error.kind());
    if connected == Err(ErrorKind::ConnectionRefused) {
        return Finding::broken(ABOUT, format!("{shown} is stale: nothing answers on it any more"), start());
    }
    if !here.user.may(Right::Write, path) {
        let mend = vec![here.user.grant("rw", path)];
        return Finding::broken(ABOUT, format!("{user} may not connect to {shown}"), mend);
    }
    match connected {
        Ok(()) => Finding::ok(ABOUT, format!("{user} may connect to {shown}, and something answers")),
        Err(error) => Finding::note(ABOUT, format!("whether something answers on {shown} cannot be told: {error}")),
    }
}

fn tcp(here: &Installation, door: &Door, address: &str) -> Finding {
    let connected = address.to_socket_addrs().and_then(|mut addresses| {
        let address = addresses.next().ok_or(ErrorKind::NotFound)?;
        TcpStream::connect_timeout(&address, CONNECT)
    });
    match connected {
        Ok(_) => Finding::ok(ABOUT, format!("something answers on {address}")),
        Err(error) => {
            let found = format!("nothing answers on {address}, where {} connects to: {error}", door.place);
            let refused = error.kind() == ErrorKind::ConnectionRefused;
            Finding::broken(ABOUT, found, if refused { start(here, address, None) } else { Vec::new() })
        }
    }
}

/// The commands that start `serve` there. By systemd, where its socket unit is for that address.
fn start(here: &Installation, address: &str, directory: Option<&Path>) -> Vec<String> {
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
    if let Some(directory) = directory.filter(|directory| !here.user.may(Right::Write, directory)) {
        let (user, group) = (quoted(&here.user.name), quoted(&here.user.group));
        mend.push(format!("install -d -o {user} -g {group} {}", quoted(directory)));
    }
    let (prefix, program) = (here.user.shell_prefix(), here.command());
    mend.push(format!("{prefix}{program} serve --listen {} < /dev/null > /dev/null 2>&1 &", quoted(address)));
    mend
}
