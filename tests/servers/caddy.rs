//! Starts Caddy in front of `serve`.

use std::fs;
use std::process::Command;

use super::{Plan, debian};

pub(super) fn command(plan: &Plan) -> Command {
    let file = plan.folder.join("Caddyfile");
    fs::write(&file, configuration(plan)).expect("a configuration");
    let mut command = Command::new(debian("/usr/bin/caddy"));
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    command
}

fn configuration(plan: &Plan) -> String {
    let Plan { folder, port, backend, site, .. } = plan;
    let backend = backend.replacen("unix:", "unix/", 1);
    let settings = site.settings(folder);
    let settings: String = settings.iter().map(|(name, value)| format!("            env {name} {value}\n")).collect();
    let (folder, directives) = (folder.display(), &site.directives);
    let program = plan.snippet_or(format!(
        "    @program path_regexp ^/(wsgi|myapp|sample)(/|$)\n    reverse_proxy @program {backend} {{\n        \
         transport fastcgi {{\n{settings}        }}\n    }}\n"
    ));
    format!(
        r"{{
    admin off
    storage file_system {folder}/run
}}
:{port} {{
    bind 127.0.0.1
    root * {folder}/www
{program}    file_server
{directives}}}
"
    )
}
