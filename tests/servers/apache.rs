//! Starts Apache with the files in `apache/` as an administrator takes them.

use std::fs;
use std::process::Command;

use super::process::server_user;
use super::{Connections, Door, Included, Plan, debian};

pub(super) fn command(plan: &Plan) -> Command {
    let file = plan.folder.join("apache.conf");
    fs::write(&file, configuration(plan)).expect("a configuration");
    let mut command = Command::new(debian("/usr/sbin/apache2"));
    command.arg("-f").arg(file).args(["-D", "FOREGROUND"]);
    command
}

/// What a2enmod and Debian's own files set, then the door.
fn configuration(plan: &Plan) -> String {
    let Plan { folder, port, .. } = plan;
    let folder = folder.display();
    let mut modules = vec!["authz_core", "alias", "dir", "env", "mime"];
    modules.extend(door_modules(plan.door));
    if plan.site.cached {
        modules.extend(["cache", "cache_socache", "socache_shmcb"]);
    }
    let mut lines = format!(
        r#"ServerRoot "{folder}"
ServerName localhost
Listen 127.0.0.1:{port}
DefaultRuntimeDir "{folder}/run"
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
LogLevel warn
DocumentRoot "{folder}/www"
"#
    );
    if server_user().is_some() {
        lines += "User www-data\nGroup www-data\n";
    }
    for module in modules {
        let file = debian(&format!("/usr/lib/apache2/modules/mod_{module}.so"));
        lines += &format!("LoadModule {module}_module {}\n", file.display());
    }
    lines += &format!(
        r#"TypesConfig /dev/null
AddType text/html .html
AddType application/json .json
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory "{folder}/www">
    Require all granted
</Directory>
"#
    );
    lines + &plan.site.directives + &door(plan)
}

fn door_modules(door: Door) -> Vec<&'static str> {
    match door {
        Door::Cgi => vec!["mpm_prefork", "cgi"],
        Door::Cgid => vec!["mpm_worker", "cgid"],
        Door::Balancer => {
            vec!["mpm_event", "proxy", "proxy_fcgi", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm"]
        }
        Door::Proxy(..) | Door::ProxySetHandler => vec!["mpm_event", "proxy", "proxy_fcgi"],
        _ => vec!["mpm_event", "fcgid"],
    }
}

fn door(plan: &Plan) -> String {
    let Plan { folder, program, backend, .. } = plan;
    let (folder, program) = (folder.display(), program.display());
    // Where else these would go belongs to the machine's own Apache.
    let fcgid = format!("FcgidIPCDir \"{folder}/run\"\nFcgidProcessTableFile \"{folder}/fcgid_shm\"\n");
    // Without this mod_fcgid answers 500 to all that is over 131,072 bytes.
    let by_hand = format!("{fcgid}FcgidMaxRequestLen 8388608\n");
    match plan.door {
        Door::Fcgid => fcgid + &included(plan, "fcgid.conf"),
        Door::Cgid => format!("ScriptSock \"{folder}/cgid.sock\"\n{}", included(plan, "cgi.conf")),
        Door::Cgi => included(plan, "cgi.conf"),
        Door::Proxy(_, connections) => {
            let reuse = if connections == Connections::Kept { "on" } else { "off" };
            let (name, value) = match backend.strip_prefix("unix:") {
                Some(path) => ("SOCKET", path),
                None => ("TCP", *backend),
            };
            format!("Define PRODUCT_LOOKUP_{name} \"{value}\"\nDefine PRODUCT_LOOKUP_REUSE {reuse}\n")
                + &included(plan, "proxy_fcgi.conf")
        }
        Door::Balancer => {
            let members = (1..).zip(backend.split(' '));
            let members = members.map(|(number, member)| format!("Define PRODUCT_LOOKUP_MEMBER_{number} {member}\n"));
            members.collect::<String>() + &included(plan, "balancer.conf")
        }
        Door::ProxySetHandler => {
            let handler = format!("SetHandler \"proxy:{backend}|fcgi://product-lookup\"");
            location(plan, &format!("{handler}\nSetEnv ap_trust_cgilike_cl 1"))
        }
        Door::FcgidSetHandler => {
            let alias = |path| format!("Alias \"{path}\" \"{program}\"\n");
            by_hand + &["/wsgi", "/myapp", "/sample"].map(alias).concat() + &location(plan, FCGID)
        }
        Door::FcgidScriptAlias => by_hand + &aliases("ScriptAlias", &folder.to_string()) + &location(plan, FCGID),
        Door::FcgidWrapper => {
            let wrapper = format!("{FCGID}\nFcgidWrapper \"{program}\"");
            by_hand + &aliases("Alias", &folder.to_string()) + &location(plan, &wrapper)
        }
        Door::Nginx(..) | Door::Lighttpd | Door::LighttpdSpawns | Door::Caddy | Door::HaProxy => {
            unreachable!("not Apache's")
        }
    }
}

const FCGID: &str = "SetHandler fcgid-script\nOptions +ExecCGI";

/// A folder of scripts, as the Python application had it.
fn aliases(directive: &str, folder: &str) -> String {
    format!(
        r#"{directive} "/wsgi/" "{folder}/wsgi/"
{directive} "/myapp" "{folder}/wsgi/myapp"
{directive} "/sample" "{folder}/wsgi/sample"
"#
    )
}

/// One of the files in `apache/`, with what a site sets by Define.
fn included(plan: &Plan, name: &str) -> String {
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/apache");
    let folder = plan.folder.display();
    let mut lines = format!(
        "Define PRODUCT_LOOKUP_BIN \"{}\"\nDefine PRODUCT_LOOKUP_HTML \"{folder}/html\"\n\
        Define PRODUCT_LOOKUP_FILES \"{files}\"\n",
        plan.program.display()
    );
    let mut others = String::new();
    for (name, value) in plan.site.settings(plan.folder) {
        let known = match name.as_str() {
            "PRODUCTS_DB" => "DB",
            "DEBUG_LOG" => "LOG",
            "DEVELOP_MODE" => "DEVELOP_MODE",
            "CACHE_SECONDS" => "CACHE_SECONDS",
            "MAX_BODY_BYTES" => "MAX_BODY",
            "ALLOW_ORIGIN" => "ALLOW_ORIGIN",
            _ => {
                others += &format!("SetEnv {name} \"{value}\"\n");
                continue;
            }
        };
        lines += &format!("Define PRODUCT_LOOKUP_{known} \"{value}\"\n");
    }
    lines += &format!("Include \"{files}/{name}\"\n");
    if plan.site.cached {
        lines += &format!("Include \"{files}/cache.conf\"\n");
    }
    lines += &(others + &plan.site.after);
    match plan.site.included {
        Included::Everywhere => lines,
        Included::InVirtualHost => format!("<VirtualHost *>\nServerName localhost\n{lines}</VirtualHost>\n"),
        Included::Nowhere => String::new(),
    }
}

/// The paths of the apps, with directives, and with the site's settings by SetEnv.
fn location(plan: &Plan, directives: &str) -> String {
    let settings = plan.site.settings(plan.folder);
    let settings: String = settings.iter().map(|(name, value)| format!("SetEnv {name} \"{value}\"\n")).collect();
    format!(
        "<LocationMatch \"^/(wsgi|myapp|sample)(/|$)\">\nRequire all granted\n{directives}\n{settings}</LocationMatch>\n"
    )
}
