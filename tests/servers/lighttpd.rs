//! Starts lighttpd in front of `serve`, or with the program as its own child.

use std::fs;
use std::process::Command;

use super::process::server_user;
use super::{Door, Plan, debian};

pub(super) fn command(plan: &Plan) -> Command {
    let file = plan.folder.join("lighttpd.conf");
    fs::write(&file, configuration(plan)).expect("a configuration");
    let mut command = Command::new(debian("/usr/sbin/lighttpd"));
    command.arg("-D").arg("-m").arg(debian("/usr/lib/lighttpd")).arg("-f").arg(file);
    command
}

const PARSEOPTS: &str = r#"server.http-parseopts = ( "url-ctrls-reject" => "disable", "url-invalid-utf8-reject" => "disable" )
"#;

fn configuration(plan: &Plan) -> String {
    let Plan { folder, port, program, backend, site, .. } = plan;
    let directives = &site.directives;
    let folder = folder.display();
    let user = match server_user() {
        Some(_) => "server.username = \"www-data\"\nserver.groupname = \"www-data\"\n",
        None => "",
    };
    let settings = site.settings(plan.folder);
    let settings: String = settings.iter().map(|(name, value)| format!("    \"{name}\" => \"{value}\",\n")).collect();
    let apps = ["wsgi", "myapp", "sample"];
    let (backends, settings) = match plan.door {
        Door::LighttpdSpawns => {
            let program = program.display();
            let own =
                format!("\"bin-path\" => \"{program}\", \"max-procs\" => 2,\n\"bin-environment\" => (\n{settings})");
            (apps.map(|app| format!("\"socket\" => \"{folder}/run/{app}\", {own}")), String::new())
        }
        _ => {
            let path = backend.strip_prefix("unix:").expect("a unix socket");
            (apps.map(|_| format!("\"socket\" => \"{path}\"")), format!("setenv.add-environment = (\n{settings})\n"))
        }
    };
    let paths = apps.iter().zip(backends);
    let paths: String = paths
        .map(|(app, backend)| format!("    \"/{app}\" => (( \"check-local\" => \"disable\", {backend} )),\n"))
        .collect();
    let program = plan.snippet_or(format!("{settings}fastcgi.server = (\n{paths})\n"));
    let (parseopts, modules) = match site.snippet {
        Some(_) => ("", ""),
        None => (PARSEOPTS, r#""mod_setenv", "mod_auth", "mod_authn_file", "mod_fastcgi""#),
    };
    format!(
        r#"server.port = {port}
server.bind = "127.0.0.1"
server.document-root = "{folder}/www"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}/run" )
# KiB
server.max-request-size = 8192
{parseopts}{user}server.modules = ( {modules} )
mimetype.assign = ( ".txt" => "text/plain", ".html" => "text/html" )
{program}{directives}"#
    )
}
