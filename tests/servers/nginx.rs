//! Starts nginx in front of `serve`.

use std::fs;
use std::process::Command;

use super::process::server_user;
use super::{Connections, Door, Plan, debian};

pub(super) fn command(plan: &Plan) -> Command {
    let file = plan.folder.join("nginx.conf");
    fs::write(&file, configuration(plan)).expect("a configuration");
    let mut command = Command::new(debian("/usr/sbin/nginx"));
    // -e: nginx opens its error log before it reads where that is.
    command.arg("-c").arg(file).arg("-e").arg(plan.folder.join("error.log"));
    command.arg("-p").arg(plan.folder);
    command
}

/// Debian's `fastcgi_params`, written out, since a package that is only unpacked has no /etc.
const PARAMS: [(&str, &str); 17] = [
    ("QUERY_STRING", "$query_string"),
    ("REQUEST_METHOD", "$request_method"),
    ("CONTENT_TYPE", "$content_type"),
    ("CONTENT_LENGTH", "$content_length"),
    ("SCRIPT_NAME", "$fastcgi_script_name"),
    ("REQUEST_URI", "$request_uri"),
    ("DOCUMENT_URI", "$document_uri"),
    ("DOCUMENT_ROOT", "$document_root"),
    ("SERVER_PROTOCOL", "$server_protocol"),
    ("REQUEST_SCHEME", "$scheme"),
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_SOFTWARE", "nginx/$nginx_version"),
    ("REMOTE_ADDR", "$remote_addr"),
    ("REMOTE_PORT", "$remote_port"),
    ("SERVER_ADDR", "$server_addr"),
    ("SERVER_PORT", "$server_port"),
    ("SERVER_NAME", "$server_name"),
];

fn configuration(plan: &Plan) -> String {
    let Plan { folder, port, backend, site, .. } = plan;
    let directives = &site.directives;
    let folder = folder.display();
    let user = if server_user().is_some() { "user www-data;" } else { "" };
    let (keep, keepalive) = match plan.door {
        Door::Nginx(_, Connections::Kept) => ("on", "keepalive 4;"),
        _ => ("off", ""),
    };
    let settings = site.settings(plan.folder);
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let params: String = PARAMS
        .into_iter()
        .chain(settings)
        .map(|(name, value)| format!("            fastcgi_param {name} \"{value}\";\n"))
        .collect();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|purpose| format!("    {purpose}_temp_path \"{folder}/run/{purpose}\";\n"))
        .concat();
    let file: String = PARAMS.into_iter().map(|(name, value)| format!("fastcgi_param {name} {value};\n")).collect();
    fs::write(plan.folder.join("fastcgi_params"), file).expect("a file");
    let location = plan.snippet_or(format!(
        "        location ~ ^/(wsgi|myapp|sample)(/|$) {{\n            fastcgi_pass lookup;\n            \
         fastcgi_keep_conn {keep};\n{params}{directives}        }}\n"
    ));
    format!(
        r#"daemon off;
{user}
worker_processes 2;
pid "{folder}/nginx.pid";
error_log "{folder}/error.log" warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
{temporary}    client_max_body_size 8m;
    upstream lookup {{ server {backend}; {keepalive} }}
    server {{
        listen 127.0.0.1:{port};
        root "{folder}/www";
{location}    }}
}}
"#
    )
}
