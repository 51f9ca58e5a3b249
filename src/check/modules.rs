//! Which of Apache's modules a directive needs, as far as the files in `apache/` use it.

use super::directive::Directive;

/// The modules without which these directives do not work, each with the first that needs it.
/// `prefork`: Apache has no threads, and so another module for CGI programs.
pub(super) fn needed<'a>(directives: &[&'a Directive], prefork: bool) -> Vec<(&'static str, &'a Directive)> {
    let cgi = if prefork { "cgi" } else { "cgid" };
    let fcgid = directives.iter().any(|directive| uses_fcgid(directive));
    let mut needed: Vec<(&str, &Directive)> = Vec::new();
    for directive in directives {
        let mut modules = known(directive);
        match directive.name.to_ascii_lowercase().as_str() {
            // Unless mod_fcgid starts what the alias names; that it is loaded, for another site, is not enough.
            "scriptalias" | "scriptaliasmatch" if !fcgid => modules.push(cgi),
            "sethandler" if directive.arg(0) == "cgi-script" => modules.push(cgi),
            _ => {}
        }
        for module in modules {
            if needed.iter().all(|(known, _)| *known != module) {
                needed.push((module, directive));
            }
        }
    }
    needed
}

/// The modules that know this directive, and its value.
pub(super) fn known(directive: &Directive) -> Vec<&'static str> {
    let has = |text: &str| directive.args.iter().any(|arg| arg.contains(text));
    match directive.name.to_ascii_lowercase().as_str() {
        name if name.starts_with("fcgid") => vec!["fcgid"],
        name if name.starts_with("proxyfcgi") => vec!["proxy_fcgi"],
        "sethandler" if has("fcgid-script") => vec!["fcgid"],
        "sethandler" | "proxypass" | "proxypassmatch" if has("fcgi://") => vec!["proxy", "proxy_fcgi"],
        "proxypass" | "proxypassmatch" => vec!["proxy"],
        "alias" | "redirect" | "scriptalias" | "scriptaliasmatch" => vec!["alias"],
        "setenv" => vec!["env"],
        "directoryindex" => vec!["dir"],
        "cachesocache" if has("shmcb:") => vec!["cache_socache", "socache_shmcb"],
        name if name.starts_with("cache") => vec!["cache"],
        _ => Vec::new(),
    }
}

/// Does mod_fcgid start what this is about?
pub(super) fn uses_fcgid(directive: &Directive) -> bool {
    directive.is("FcgidWrapper") || directive.args.iter().any(|arg| arg.contains("fcgid-script"))
}
