//! Where to listen: in go an address as it was typed or the environment of a web server, out
//! come a listening socket and the peers that may connect.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use socket2::Socket;

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
            None if text
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) =>
            {
                Ok(Address::Tcp(text.to_owned()))
            }
            None => Err("neither unix:PATH nor HOST:PORT"),
        }
    }
}

/// A socket that listens; its file, if it has one, goes with it.
pub struct Listener {
    /// The socket itself.
    pub socket: Socket,
    /// Where it listens, as it can be given to a web server.
    pub address: String,
    file: Option<(PathBuf, u64)>,
}

impl Listener {
    /// Listens. A socket file that nothing answers on any more is removed first; one that
    /// something answers on, and a file that is no socket, stay as they are.
    pub fn bind(address: &Address) -> anyhow::Result<Listener> {
        match address {
            Address::Unix(path) => {
                let shown = path.display();
                remove_stale(path)?;
                let listener = UnixListener::bind(path).with_context(|| format!("cannot listen on unix:{shown}"))?;
                let inode = std::fs::symlink_metadata(path).map(|file| file.ino());
                let file = inode.ok().map(|inode| (path.clone(), inode));
                Ok(Listener { socket: listener.into(), address: format!("unix:{shown}"), file })
            }
            Address::Tcp(address) => {
                let cannot = || format!("cannot listen on {address}");
                let addresses: Vec<SocketAddr> = address.to_socket_addrs().with_context(cannot)?.collect();
                let listener = TcpListener::bind(&addresses[..]).with_context(cannot)?;
                let address = listener.local_addr().with_context(cannot)?.to_string();
                Ok(Listener { socket: listener.into(), address, file: None })
            }
        }
    }
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
            if std::fs::symlink_metadata(path).is_ok_and(|file| file.ino() == *inode) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

fn remove_stale(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot listen on unix:{shown}")),
        Ok(file) if !file.file_type().is_socket() => bail!("{shown} exists and is no socket"),
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).with_context(|| format!("cannot remove the stale socket {shown}"))
        }
        Err(error) => Err(error).with_context(|| format!("cannot tell whether something answers on unix:{shown}")),
        Ok(_) => bail!("something answers on unix:{shown} already"),
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
pub fn senders_are_known(listener: &Socket, allowed: Option<&[IpAddr]>) -> anyhow::Result<bool> {
    let Some(address) = listener.local_addr()?.as_socket() else { return Ok(true) };
    ensure!(
        allowed.is_some() || address.ip().to_canonical().is_loopback(),
        "whoever reaches {address} could send requests: name those who may, the web servers, \
         as FCGI_WEB_SERVER_ADDRS=ADDRESS,... in the environment"
    );
    Ok(allowed.is_some())
}
