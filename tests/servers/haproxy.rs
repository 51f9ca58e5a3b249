//! Starts HAProxy in front of `serve`. It has no files of its own.

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
    let ready = format!(
        "    http-request return status 200 content-type text/plain file {folder}/www/ready.txt if {{ path /ready.txt }}\n"
    );
    let program = plan.snippet_or(format!(
        "frontend web\n    bind 127.0.0.1:{port}\n    default_backend product-lookup\n\
         backend product-lookup\n    use-fcgi-app product-lookup\n    server responder {backend} proto fcgi\n\
         fcgi-app product-lookup\n    docroot /\n{settings}"
    ));
    let program = program.replacen("frontend web\n", &format!("frontend web\n{ready}"), 1);
    let timeouts = "timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n";
    format!("defaults\n    mode http\n    {timeouts}{program}{directives}")
}
