//! HAProxy: in goes a plan, out comes the command that starts HAProxy in front of `serve`. It has no files of its own.

use std::fs;
use std::process::Command;

use super::{Plan, debian};

pub(super) fn command(plan: &Plan) -> Command {
    let file = plan.folder.join("haproxy.cfg");
    fs::write(&file, configuration(plan)).expect("a configuration");
    let mut command = Command::new(debian("/usr/sbin/haproxy"));
    command.arg("-db").arg("-f").arg(file);
    command
}

fn configuration(plan: &Plan) -> String {
    let Plan { folder, port, backend, site, .. } = plan;
    let backend = backend.replacen("unix:", "unix@", 1);
    let settings = site.settings(folder);
    let settings: String = settings.iter().map(|(name, value)| format!("    set-param {name} {value}\n")).collect();
    let (folder, directives) = (folder.display(), &site.directives);
    format!(
        r#"defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend web
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain file "{folder}/www/ready.txt" if {{ path /ready.txt }}
    default_backend product-lookup
backend product-lookup
    use-fcgi-app product-lookup
    server responder {backend} proto fcgi
fcgi-app product-lookup
    docroot /
{settings}{directives}"#
    )
}
