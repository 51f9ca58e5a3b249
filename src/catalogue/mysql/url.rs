//! Reads `mysql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE` into the driver's options for each host.
//! No error repeats the URL, in which the password may be.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use mysql::{Opts, OptsBuilder, SslOpts};
use url::form_urlencoded;

use crate::catalogue::source::DatabaseUrl;
use crate::settings::limits;

/// One host of a database.
pub(super) struct Address {
    /// As the URL has it: `HOST:PORT`, or the path of its socket.
    pub(super) name: String,
    options: Opts,
    password_file: Option<PathBuf>,
}

impl Address {
    /// The hosts of a URL, in its order.
    pub(super) fn all(url: &DatabaseUrl) -> Result<Vec<Address>> {
        let (scheme, rest) = url.text().split_once("://").unwrap_or_default();
        ensure!(scheme == "mysql", "PRODUCTS_DB: only mysql:// URLs are supported");
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        ensure!(!database.is_empty(), "PRODUCTS_DB has no database name; write mysql://USER@HOST/DATABASE");
        let parameters = Parameters::of(query)?;
        let address = |host: &str| {
            let options = Opts::from_url(&format!("mysql://{user}@{host}/{database}"));
            let options = options.map_err(|_| anyhow!("PRODUCTS_DB is not a URL like mysql://USER@HOST/DATABASE"))?;
            let name = match &parameters.socket {
                Some(path) => path.clone(),
                None => format!("{}:{}", options.get_ip_or_hostname(), options.get_tcp_port()),
            };
            let options = parameters.add_to(options);
            Ok(Address { name, options, password_file: url.password_file().map(Into::into) })
        };
        match parameters.socket {
            Some(_) => Ok(vec![address("localhost")?]),
            None => hosts.split(',').map(address).collect(),
        }
    }

    /// How to connect, with a limit on each answer. The password is read anew each time, so that
    /// one that was changed needs no restart.
    pub(super) fn options(&self, answer: Duration, first: Vec<String>) -> Result<Opts> {
        let mut options = OptsBuilder::from_opts(self.options.clone());
        if let Some(path) = &self.password_file {
            let password = fs::read_to_string(path);
            let password = password.with_context(|| format!("the password file {} cannot be read", path.display()))?;
            options = options.pass(Some(password.trim_end_matches(['\r', '\n'])));
        }
        let options = options.read_timeout(Some(answer)).write_timeout(Some(answer)).init(first);
        Ok(options.into())
    }
}

/// What follows the `?`.
#[derive(Default)]
struct Parameters {
    socket: Option<String>,
    tls: Option<SslOpts>,
}

impl Parameters {
    fn of(query: &str) -> Result<Parameters> {
        let mut parameters = Parameters::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("socket", path) => parameters.socket = Some(path.to_owned()),
                // The authorities that browsers trust, or one of the shop's own.
                ("tls", "on") => parameters.tls = parameters.tls.or(Some(SslOpts::default())),
                ("tls_ca", path) => {
                    let path = PathBuf::from(path);
                    parameters.tls = Some(SslOpts::default().with_root_cert_path(Some(path)));
                }
                ("tls", _) => bail!("PRODUCTS_DB: write tls=on, or leave tls out"),
                _ => bail!("PRODUCTS_DB: its parameters may be socket, tls and tls_ca"),
            }
        }
        Ok(parameters)
    }

    fn add_to(&self, options: Opts) -> Opts {
        OptsBuilder::from_opts(options)
            .socket(self.socket.clone())
            .ssl_opts(self.tls.clone())
            // The driver would go on to the socket of a server on localhost.
            .prefer_socket(false)
            // Otherwise each connection asks the server for this first.
            .max_allowed_packet(Some(limits::DATABASE_PACKET_BYTES))
            .tcp_connect_timeout(Some(limits::DATABASE_CONNECT))
            .into()
    }
}
