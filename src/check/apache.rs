//! Apache itself: in goes its configuration, out comes whether it is enabled, has the modules that
//! it needs, is valid, and runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::conf::{Configuration, Directive, Place, mentions_us};
use super::installation::Installation;
use super::{Finding, RELOAD, catalogue, log, quoted};

const ABOUT: &str = "Apache";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let folder = here.folder.display();
    let Some(apache) = &here.apache else {
        return vec![Finding::note(
            ABOUT,
            format!("no Apache configuration found below {folder}, so none is looked at"),
        )];
    };
    let mut findings: Vec<Finding> = not_enabled(here, apache).into_iter().collect();
    findings.extend(missing_modules(here, apache));
    // Apache takes no FcgidWrapper that is not there; what mends that is told of the program.
    let complete = here.programs().all(|program| program.is_file());
    // With a module missing, its directives would be the next to be named.
    if complete && findings.iter().all(|finding| finding.mend.is_empty()) {
        findings.push(configtest(apache));
    }
    findings.extend(mutexes(here, apache));
    findings.push(match pid(apache) {
        Some(pid) => Finding::ok(ABOUT, format!("it runs, as process {pid}")),
        None => {
            let start = complete.then(|| "apachectl start".to_owned());
            Finding::broken(ABOUT, "it does not run", start.into_iter().collect())
        }
    });
    findings
}

/// Apache has no way to the program: does a configuration lie ready that opens one?
fn not_enabled(here: &Installation, apache: &Configuration) -> Option<Finding> {
    if !here.doors.is_empty() {
        return None;
    }
    for (kind, enable) in [("conf", "a2enconf"), ("sites", "a2ensite")] {
        let entries = fs::read_dir(apache.folder.join(format!("{kind}-available"))).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        // Of those that the package brings this is the one that it enables.
        files.sort_by_key(|file| !file.ends_with("product-lookup.conf"));
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "conf")) {
            let enabled = apache.folder.join(format!("{kind}-enabled")).join(file.file_name()?);
            if !enabled.exists() && mentions_us(&fs::read_to_string(file).unwrap_or_default()) {
                let name = file.file_stem()?.to_string_lossy().into_owned();
                return Some(Finding::broken(
                    ABOUT,
                    format!("{} is not enabled, so Apache does not know the program", file.display()),
                    vec![format!("{enable} {}", quoted(name)), RELOAD.to_owned()],
                ));
            }
        }
    }
    // As `make install` lays them out.
    let prefix = here.program.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    let include = prefix.join("share/product-lookup/apache/fcgid.conf");
    let found = format!("nothing below {} leads to the program", apache.folder.display());
    if !include.is_file() {
        return Some(Finding::note(ABOUT, found));
    }
    let database = Path::new(catalogue::DIRECTORY).join("products.db");
    let log = Path::new(log::DIRECTORY);
    let available = quoted(apache.folder.join("conf-available/product-lookup.conf"));
    let mut mend = if database.exists() { Vec::new() } else { catalogue::made(here, &database) };
    mend.extend((!log.is_dir()).then(|| log::made(here, log)));
    mend.push(format!(
        "printf '%s\\n' 'Define PRODUCT_LOOKUP_DB {}' 'Define PRODUCT_LOOKUP_LOG {}/debug.log' 'Include \"{}\"' > {available}",
        database.display(),
        log.display(),
        include.display()
    ));
    mend.extend(enable(apache, "fcgid"));
    mend.extend(["a2enconf product-lookup", RELOAD].map(str::to_owned));
    Some(Finding::broken(ABOUT, found, mend))
}

/// The modules that the configuration of the program needs and does not have.
fn missing_modules(here: &Installation, apache: &Configuration) -> Vec<Finding> {
    let mut missing: BTreeMap<&str, &Place> = BTreeMap::new();
    for directive in apache.about_us().filter(|directive| here.guarded || directive.unless_loaded.is_none()) {
        for module in modules(directive, apache) {
            if !apache.modules.contains(&format!("{module}_module")) {
                missing.entry(module).or_insert(&directive.place);
            }
        }
    }
    let last = missing.len().saturating_sub(1);
    let broken = |(number, (module, place)): (usize, (&str, &Place))| {
        let mut mend = enable(apache, module);
        // Not before Apache has them all.
        mend.extend((number == last).then(|| RELOAD.to_owned()));
        Finding::broken(ABOUT, format!("mod_{module} is not loaded; {place} needs it"), mend)
    };
    missing.into_iter().enumerate().map(broken).collect()
}

/// The commands that load a module. Debian has mod_fcgid in a package of its own.
fn enable(apache: &Configuration, module: &str) -> Vec<String> {
    let mut commands = vec![format!("a2enmod {module}")];
    if module == "fcgid" && !apache.folder.join("mods-available/fcgid.load").exists() {
        commands.insert(0, "apt-get install -y libapache2-mod-fcgid".to_owned());
    }
    commands
}

/// The modules that know this directive, as far as the files in `apache/` use it.
fn modules(directive: &Directive, apache: &Configuration) -> Vec<&'static str> {
    let cgi = if apache.modules.contains("mpm_prefork_module") { "cgi" } else { "cgid" };
    let has = |text: &str| directive.args.iter().any(|arg| arg.contains(text));
    match directive.name.to_ascii_lowercase().as_str() {
        name if name.starts_with("fcgid") => vec!["fcgid"],
        name if name.starts_with("proxyfcgi") => vec!["proxy_fcgi"],
        "sethandler" if has("fcgid-script") => vec!["fcgid"],
        "sethandler" if has("cgi-script") => vec![cgi],
        "sethandler" | "proxypass" | "proxypassmatch" if has("fcgi://") => vec!["proxy", "proxy_fcgi"],
        // Unless mod_fcgid starts what the alias names; that it is loaded, for another site, is not enough.
        "scriptalias" | "scriptaliasmatch" if apache.about_us().any(uses_fcgid) => vec!["alias"],
        "scriptalias" | "scriptaliasmatch" => vec!["alias", cgi],
        "alias" | "redirect" => vec!["alias"],
        "setenv" => vec!["env"],
        "directoryindex" => vec!["dir"],
        "cachesocache" if has("shmcb:") => vec!["cache_socache", "socache_shmcb"],
        name if name.starts_with("cache") => vec!["cache"],
        _ => Vec::new(),
    }
}

fn uses_fcgid(directive: &Directive) -> bool {
    directive.is("FcgidWrapper") || directive.args.iter().any(|arg| arg.contains("fcgid-script"))
}

/// What Apache says of its whole configuration.
fn configtest(apache: &Configuration) -> Finding {
    let output = Command::new("apachectl").arg("configtest").env("APACHE_CONFDIR", &apache.folder).output();
    let output = match output {
        Ok(output) => output,
        Err(error) => return Finding::note(ABOUT, format!("apachectl configtest cannot be run: {error}")),
    };
    if output.status.success() {
        return Finding::ok(ABOUT, format!("the configuration below {} is valid", apache.folder.display()));
    }
    let words = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned();
    let ours = ["Action '", "The Apache error log", "AH00558"];
    let told: Vec<&str> = words.lines().filter(|line| !ours.iter().any(|ours| line.contains(ours))).collect();
    let told = told.join(" ");
    let mend = match faulty_line(&told) {
        // The line is taken out, and can be put in again.
        Some(place) => vec![place.edit("s/^/# /"), RELOAD.to_owned()],
        None => Vec::new(),
    };
    Finding::broken(ABOUT, format!("apachectl configtest fails: {told}"), mend)
}

/// The line of which Apache says that it is wrong, where taking it out leaves no section open.
fn faulty_line(told: &str) -> Option<Place> {
    let (number, rest) = told.split_once(" on line ")?.1.split_once(" of ")?;
    let file = PathBuf::from(rest.split(": ").next()?.trim_end_matches(':'));
    let line = number.parse().ok()?;
    let text = fs::read_to_string(&file).ok()?;
    let faulty = text.lines().nth(line - 1)?.trim_start();
    (!faulty.starts_with('<')).then_some(Place { file, line })
}

/// Has mod_fcgid mutexes by fcntl(2), as Debian's commented `Mutex file:` line makes them? Those are
/// a process's, not a thread's: the system takes two threads that wait for each other's processes
/// for a deadlock, and mod_fcgid then ends its process of Apache with all that is asked there.
fn mutexes(here: &Installation, apache: &Configuration) -> Vec<Finding> {
    let threads = !apache.modules.contains("mpm_prefork_module");
    if !threads || here.guarded || !apache.about_us().any(uses_fcgid) {
        return Vec::new();
    }
    let lines = || apache.directives.iter().filter(|directive| directive.is("Mutex"));
    let about = |directive: &&Directive, name| directive.args.iter().skip(1).any(|arg| arg.eq_ignore_ascii_case(name));
    let default = lines().rfind(|line| about(line, "default") || line.args.len() == 1);
    let mut wrong: Vec<&Directive> = ["fcgid-pipe", "fcgid-proctbl"]
        .into_iter()
        .filter_map(|name| lines().rfind(|line| about(line, name)).or(default))
        .filter(|line| matches!(line.arg(0).split(':').next(), Some("file" | "fcntl")))
        .collect();
    wrong.dedup_by_key(|line| &line.place);
    let broken = |line: &Directive| {
        let found = format!("{} gives mod_fcgid a mutex that breaks connections under load", line.place);
        Finding::broken(ABOUT, found, vec![line.place.edit("s/^/# /"), RELOAD.to_owned()])
    };
    wrong.into_iter().map(broken).collect()
}

/// The process id of the Apache that runs with this configuration.
pub(super) fn pid(apache: &Configuration) -> Option<u32> {
    let file = apache.path(apache.last("PidFile")?);
    let pid = fs::read_to_string(file).ok()?.trim().parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    matches!(name.trim(), "apache2" | "httpd").then_some(pid)
}
