//! Apache itself: in goes its configuration, out comes whether it is enabled, has the modules that
//! it needs, is valid, and runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::conf::Configuration;
use super::directive::{Directive, Place};
use super::installation::Installation;
use super::{Finding, LINE_CHARACTERS, RELOAD, State, catalogue, log, own, quoted, shortened};

const ABOUT: &str = "Apache";

/// What to write where a line about mutexes is for more than this program.
const MUTEX: &str = "behind it, Mutex posixsem fcgid-pipe fcgid-proctbl gives mod_fcgid others";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let folder = here.folder.display();
    let Some(apache) = &here.apache else {
        return vec![Finding::note(
            ABOUT,
            format!("no Apache configuration found below {folder}, so none is looked at"),
        )];
    };
    let mut findings: Vec<Finding> = not_enabled(here, apache).into_iter().collect();
    let missing = missing_modules(here, apache);
    // Apache takes no FcgidWrapper that is not there; what mends that is told of the program.
    let complete = here.programs().all(|program| program.is_file());
    // With a module missing, its directives would be the next to be named.
    let valid = (complete && missing.is_empty()).then(|| configtest(apache));
    findings.extend(missing);
    let startable = valid.as_ref().is_some_and(|valid| valid.state != State::Broken);
    findings.extend(valid);
    findings.extend(mutexes(here, apache));
    findings.push(match pid(apache) {
        Some(pid) => Finding::ok(ABOUT, format!("it runs, as process {pid}")),
        None => {
            let start = startable.then(|| "apachectl start".to_owned());
            Finding::broken(ABOUT, "Apache is not running", start.into_iter().collect())
        }
    });
    findings
}

/// Apache has no way to the program: does a configuration lie ready that opens one?
fn not_enabled(here: &Installation, apache: &Configuration) -> Option<Finding> {
    if !here.doors.is_empty() {
        return None;
    }
    let found = format!("nothing below {} leads to the program", apache.folder.display());
    if let Some(file) = apache.mixed().next() {
        let read = format!("as far as it is understood; {} speaks of it, and is left as it is", file.display());
        return Some(Finding::note(ABOUT, format!("{found}, {read}: check --url tells whether it answers")));
    }
    if let Some(finding) = ready(apache) {
        return Some(finding);
    }
    let taken = ["conf-available", "conf-enabled"].map(|folder| apache.folder.join(folder).join("product-lookup.conf"));
    if let Some(file) = taken.iter().find(|file| file.symlink_metadata().is_ok()) {
        let kept = format!("{} does not either, as far as it is understood, and is left as it is", file.display());
        return Some(Finding::broken(ABOUT, format!("{found}; {kept}"), Vec::new()));
    }
    let [available, _] = taken;
    Some(match included(here) {
        Some(include) => Finding::broken(ABOUT, found, configured(here, apache, &include, &available)),
        None => Finding::note(ABOUT, found),
    })
}

/// A configuration for the program that lies ready, and is not enabled.
fn ready(apache: &Configuration) -> Option<Finding> {
    let in_folder = |kind: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(apache.folder.join(format!("{kind}-available"))).into_iter().flatten().flatten();
        let enabled = apache.folder.join(format!("{kind}-enabled"));
        entries.filter(|entry| !enabled.join(entry.file_name()).exists()).map(|entry| entry.path()).collect()
    };
    let mut files = [in_folder("conf"), in_folder("sites")].concat();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "conf"));
    files.retain(|file| fs::read(file).is_ok_and(|text| own::mentions_us(&text)));
    files.sort();
    // Of those that the package brings this is the one that it enables.
    files.sort_by_key(|file| (!own::is_configuration(file), !file.ends_with("product-lookup.conf")));
    let file = files.first()?;
    let found = format!("{} is not enabled, so Apache does not know the program", file.display());
    // What else it has for Apache may be disabled for a reason.
    let enable = || vec![format!("a2enconf {}", quoted(file.file_stem().unwrap_or_default())), RELOAD.to_owned()];
    let own = own::is_configuration(file) && file.starts_with(apache.folder.join("conf-available"));
    Some(Finding::broken(ABOUT, found, own.then(enable).unwrap_or_default()))
}

/// The file for mod_fcgid, as `make install` lays it out.
fn included(here: &Installation) -> Option<PathBuf> {
    let prefix = here.program.parent().and_then(Path::parent)?;
    Some(prefix.join("share/product-lookup/apache/fcgid.conf")).filter(|include| include.is_file())
}

/// The commands that configure Apache for the program, in a file that is not there yet.
fn configured(here: &Installation, apache: &Configuration, include: &Path, available: &Path) -> Vec<String> {
    let database = Path::new(own::CATALOGUES).join("products.db");
    let log = Path::new(own::LOGS);
    let mut mend = if database.exists() { Vec::new() } else { catalogue::made(here, &database) };
    mend.extend((!log.is_dir()).then(|| log::made(here, log)));
    // With `set -C` the shell writes over no file.
    mend.push(format!(
        "(set -C; printf '%s\\n' 'Define PRODUCT_LOOKUP_DB {}' 'Define PRODUCT_LOOKUP_LOG {}/debug.log' {} > {})",
        database.display(),
        log.display(),
        quoted(format!("Include \"{}\"", include.display())),
        quoted(available)
    ));
    mend.extend(enable(apache, "fcgid"));
    mend.extend(["a2enconf product-lookup", RELOAD].map(str::to_owned));
    mend
}

/// The modules that the configuration of the program needs and does not have.
fn missing_modules(here: &Installation, apache: &Configuration) -> Vec<Finding> {
    let mut missing: BTreeMap<&str, &Directive> = BTreeMap::new();
    let in_force = |directive: &&Directive| here.guarded || directive.unless_loaded.is_none();
    let (own, others): (Vec<_>, Vec<_>) = apache.about_us().filter(in_force).partition(|line| apache.owns(line));
    for directive in own.into_iter().chain(others) {
        for module in modules(directive, apache) {
            if !apache.modules.contains(&format!("{module}_module")) {
                missing.entry(module).or_insert(directive);
            }
        }
    }
    let last = missing.len().saturating_sub(1);
    let broken = |(number, (module, directive)): (usize, (&str, &Directive))| {
        let found = format!("mod_{module} is not loaded; {} needs it", directive.place);
        if !apache.owns(directive) {
            return Finding::broken(ABOUT, format!("{found}: {}", directive.place.text), Vec::new());
        }
        let mut mend = enable(apache, module);
        // Not before Apache has them all.
        mend.extend((number == last).then(|| RELOAD.to_owned()));
        Finding::broken(ABOUT, found, mend)
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
    // What was meant there, only a person knows: without the line a site might be open to all.
    let line = faulty_line(&told)
        .map(|place| format!("; that line is: {}", shortened(&place.text, LINE_CHARACTERS)))
        .unwrap_or_default();
    Finding::broken(ABOUT, format!("apachectl configtest fails: {told}{line}"), Vec::new())
}

/// The line of which Apache says that it is wrong.
fn faulty_line(told: &str) -> Option<Place> {
    // The last is it, those before have included its file.
    let (number, rest) = told.rsplit_once("Syntax error on line ")?.1.split_once(" of ")?;
    let file = PathBuf::from(rest.split(": ").next()?.trim_end_matches(':'));
    let line: usize = number.parse().ok()?;
    let text = String::from_utf8_lossy(&fs::read(&file).ok()?).lines().nth(line.checked_sub(1)?)?.trim().to_owned();
    Some(Place { file, line, text })
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
        let mend = apache.edit(&line.place, "s/^/# /");
        let others = if mend.is_empty() { format!(": {}; {MUTEX}", line.place.text) } else { String::new() };
        Finding::broken(ABOUT, found + &others, mend)
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
