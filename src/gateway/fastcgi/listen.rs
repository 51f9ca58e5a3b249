//! Sockets that listen, at an address that somebody typed or as this process inherited them, and who may connect.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::process::getppid;
use socket2::{Domain, SockAddr, Socket, Type};

/// How long one waits while another process is about to listen in the same directory, which takes a
/// millisecond.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `unix:PATH`
    Unix(PathBuf),
    /// `HOST:PORT`
    Tcp(String),
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Address, Self::Err> {
        match text.strip_prefix("unix:") {
            Some("") => Err("the path after unix: is missing"),
            Some(path) => Ok(Address::Unix(path.into())),
            None if text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port)) => {
                Ok(Address::Tcp(text.to_owned()))
            }
            None => Err("neither unix:PATH nor HOST:PORT"),
        }
    }
}

/// Digits alone: a sign would be parsed too.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Why there is no socket to listen on.
#[derive(Debug)]
pub struct ListenError {
    what: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ListenError {
    fn of(what: String) -> ListenError {
        ListenError { what, cause: None }
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.what)
    }
}

impl Error for ListenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// Says what could not be done because of an error.
fn because<E: Error + Send + Sync + 'static>(what: impl FnOnce() -> String) -> impl FnOnce(E) -> ListenError {
    |cause| ListenError { what: what(), cause: Some(cause.into()) }
}

/// A socket that listens; its file, if it has one, goes with it.
pub struct Listener {
    /// The socket itself.
    pub socket: Socket,
    /// Where it listens, as it can be given to a web server.
    pub address: String,
    file: Option<(PathBuf, u64)>,
    owner: Owner,
}

/// Whose a socket is that listens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// This process made it.
    Own,
    /// mod_fcgid made it, for this process alone.
    ModFcgid,
    /// Others may listen on it too, now or later.
    Shared,
}

impl Listener {
    /// A socket that whoever started this process made, and keeps: the web server may still send something to it after
    /// it has asked for the end.
    pub fn inherited(socket: impl Into<Socket>) -> Listener {
        let socket = socket.into();
        let address = socket.local_addr().ok();
        let path = address.as_ref().and_then(SockAddr::as_pathname);
        let owner = if path.is_some_and(is_named_by_mod_fcgid) { Owner::ModFcgid } else { Owner::Shared };
        let shown = match (path, address.as_ref().and_then(SockAddr::as_socket)) {
            (Some(path), _) => format!("unix:{}", path.display()),
            (None, Some(address)) => address.to_string(),
            (None, None) => "an inherited socket".to_owned(),
        };
        Listener { socket, address: shown, file: None, owner }
    }

    /// Did this process make it?
    pub fn is_own(&self) -> bool {
        self.owner == Owner::Own
    }

    /// Is it of no use to others when this process has ended?
    pub(super) fn ends_with_this_process(&self) -> bool {
        self.owner != Owner::Shared
    }

    /// Listens. A socket file that nothing answers on any more is removed first; one that
    /// something answers on, and a file that is no socket, stay as they are.
    pub fn bind(address: &Address) -> Result<Listener, ListenError> {
        match address {
            Address::Unix(path) => {
                let shown = path.display();
                let cannot = || format!("cannot listen on unix:{shown}");
                // Up to the end, since a socket that does not listen yet looks like a stale one.
                let _lock = lock_directory(path).map_err(because(cannot))?;
                remove_stale(path)?;
                let listener = UnixListener::bind(path).map_err(because(cannot))?;
                let inode = fs::symlink_metadata(path).map(|file| file.ino());
                let file = inode.ok().map(|inode| (path.clone(), inode));
                Ok(Listener { socket: listener.into(), address: format!("unix:{shown}"), file, owner: Owner::Own })
            }
            Address::Tcp(address) => {
                let cannot = || format!("cannot listen on {address}");
                let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(because(cannot))?.collect();
                let listener = TcpListener::bind(&addresses[..]).map_err(because(cannot))?;
                let address = listener.local_addr().map_err(because(cannot))?.to_string();
                Ok(Listener { socket: listener.into(), address, file: None, owner: Owner::Own })
            }
        }
    }
}

/// mod_fcgid names the socket of each process by its own process id, which is the parent's, and a number.
fn is_named_by_mod_fcgid(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).and_then(|name| name.split_once('.'));
    let parent = getppid().map(|parent| parent.to_string());
    name.is_some_and(|(process, number)| Some(process) == parent.as_deref() && number.parse::<u32>().is_ok())
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.address)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some((path, inode)) = &self.file {
            // Another server may have put its own socket there since.
            if fs::symlink_metadata(path).is_ok_and(|file| file.ino() == *inode) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// A lock on the socket's directory: of all that would look whether a socket is stale, remove it and bind
/// their own, one does so at a time. Who may not read the directory is refused, since without the lock it
/// might remove a socket that another has just made.
fn lock_directory(path: &Path) -> Result<File, ListenError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shown = directory.display();
    // What is no directory is not opened: a FIFO would be waited for.
    let flags = OFlags::DIRECTORY.bits() as i32;
    let opened = File::options().read(true).custom_flags(flags).open(directory);
    let opened = opened.map_err(because(|| format!("cannot read the directory {shown}")))?;
    let until = Instant::now() + LOCK_WAIT;
    loop {
        match opened.try_lock() {
            Ok(()) => return Ok(opened),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOCK_WAIT / 500),
            Err(TryLockError::WouldBlock) => {
                return Err(ListenError::of(format!("another process keeps a lock on the directory {shown}")));
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).map_err(because(|| format!("cannot lock the directory {shown}")));
            }
        }
    }
}

fn remove_stale(path: &Path) -> Result<(), ListenError> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).map_err(because(|| format!("cannot listen on unix:{shown}"))),
        Ok(file) if !file.file_type().is_socket() => {
            return Err(ListenError::of(format!("{shown} exists and is not a socket")));
        }
        Ok(_) => {}
    }
    // Where more have connected than are accepted, a connection would wait for its turn.
    let connected = Socket::new(Domain::UNIX, Type::STREAM.nonblocking(), None)
        .and_then(|socket| socket.connect(&SockAddr::unix(path)?));
    match connected {
        // Its server has just left, and taken it along.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(because(|| format!("cannot remove the stale socket {shown}")))
        }
        Err(error) if error.kind() != ErrorKind::WouldBlock => {
            Err(error).map_err(because(|| format!("cannot tell whether something answers on unix:{shown}")))
        }
        _ => Err(ListenError::of(format!("something answers on unix:{shown} already"))),
    }
}

/// Reads `FCGI_WEB_SERVER_ADDRS` (FastCGI specification, section 3.2): a comma-separated list of the only
/// addresses that may connect. Set to nothing, or to what is none, it is an error: to let everybody in, or to
/// leave an entry out, would both surprise.
pub fn web_server_addresses(value: Option<&OsStr>) -> io::Result<Option<Vec<IpAddr>>> {
    let Some(value) = value else { return Ok(None) };
    let address = |text: &str| text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical());
    let addresses: Option<Vec<IpAddr>> = value.to_str().and_then(|text| text.split(',').map(address).collect());
    addresses.map(Some).ok_or_else(|| {
        let message = format!("FCGI_WEB_SERVER_ADDRS={value:?} is not a comma-separated list of IP addresses");
        io::Error::new(ErrorKind::InvalidInput, message)
    })
}

/// Is it known who connects? To a unix socket whoever has the right to; over TCP those in the list. Without one
/// anybody on this machine may, and nobody else is let near: over TCP no request says whose it is.
pub fn senders_are_known(listener: &Socket, allowed: Option<&[IpAddr]>) -> Result<bool, ListenError> {
    let Some(address) = listener.local_addr().map_err(because(|| "the socket has no address".to_owned()))?.as_socket()
    else {
        return Ok(true);
    };
    if allowed.is_none() && !address.ip().to_canonical().is_loopback() {
        return Err(ListenError::of(format!(
            "whoever reaches {address} could send requests: name those who may, the web servers, \
         as FCGI_WEB_SERVER_ADDRS=ADDRESS,... in the environment"
        )));
    }
    Ok(allowed.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_a_path_is() {
        let parent = getppid().expect("a parent").to_string();
        let named = |name: &str| is_named_by_mod_fcgid(&Path::new("/run/fcgid").join(name));
        assert!(named(&format!("{parent}.0")) && named(&format!("{parent}.17")));
        let others = [parent.clone(), format!("{parent}."), format!("{parent}.sock"), format!("{parent}1.0")];
        assert!(!others.iter().any(|name| named(name)) && !named("socket"));
    }
}
