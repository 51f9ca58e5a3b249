//! Apache itself: is it configured for the program, does it have the modules that this needs, takes it
//! its configuration, and does it run?

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::configuration::Configuration;
use super::directive::{Directive, Place};
use super::installation::Installation;
use super::modules::{needed, uses_fcgid};
use super::server::{Refusal, Server};
use super::{Finding, LINE_CHARACTERS, catalogue, log, own, quoted, shortened};

const ABOUT: &str = "Apache";

/// What to write where a line about mutexes is for more than this program.
const MUTEX: &str = "behind it, Mutex posixsem fcgid-pipe fcgid-proctbl gives mod_fcgid others";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    if let Some(folder) = here.server.missing_folder() {
        let found = format!("no Apache configuration found below {}, so none is looked at", folder.display());
        return vec![Finding::note(ABOUT, found)];
    }
    let mut findings: Vec<Finding> = here.refusal.iter().flat_map(|refusal| refused(here, refusal)).collect();
    let Some(apache) = &here.apache else { return findings };
    findings.extend(not_enabled(here, apache));
    let missing = missing_modules(here, apache);
    let startable = missing.is_empty();
    findings.extend(missing);
    if startable {
        findings.push(Finding::ok(ABOUT, format!("the configuration below {} is valid", apache.root.display())));
    }
    findings.extend(mutexes(here, apache));
    findings.push(match pid(apache) {
        Some(pid) => Finding::ok(ABOUT, format!("it runs, as process {pid}")),
        None => {
            let start = startable.then(|| here.server.start());
            Finding::broken(ABOUT, "Apache is not running", start.into_iter().collect())
        }
    });
    findings
}

/// Apache has not told its configuration: what is known of the reason?
fn refused(here: &Installation, refusal: &Refusal) -> Vec<Finding> {
    let want = refusal.is_for_want_of_modules();
    let missing: Vec<(&str, &Place)> = refusal.missing.iter().map(|(module, place)| (*module, place)).collect();
    let mut findings =
        lacking(here, &missing, want, |place| own::is_configuration(&place.file) || own::is_shipped(&place.file));
    let words = &refusal.words;
    if !refusal.judged {
        findings.push(Finding::note(ABOUT, format!("Apache does not tell its configuration: {words}")));
    } else if !geteuid().is_root() && words.contains("Permission denied") {
        let found = format!("Apache's configuration cannot be read, since this is not run as root: {words}");
        findings.push(Finding::note(ABOUT, format!("{found}; sudo product-lookup check reads it")));
    } else if !want && here.doors.is_empty() {
        // What was meant there, only a person knows: without the line a site might be open to all.
        let line = refusal.place.as_ref().map(Place::text).filter(|line| !line.is_empty());
        let line = line.map(|line| format!("; that line is: {}", shortened(&line, LINE_CHARACTERS)));
        let found = format!("Apache refuses its configuration: {words}{}", line.unwrap_or_default());
        findings.push(Finding::broken(ABOUT, found, Vec::new()));
    }
    findings.push(Finding::note(
        ABOUT,
        "what it sets, and whether it runs, can be told once Apache tells its configuration",
    ));
    findings
}

/// Apache has no way to the program: does a configuration lie ready that opens one?
fn not_enabled(here: &Installation, apache: &Configuration) -> Option<Finding> {
    if !here.doors.is_empty() {
        return None;
    }
    let found = format!("nothing below {} leads to the program", apache.root.display());
    if let Some(file) = apache.mixed().next() {
        let read = format!("as far as it is understood; {} speaks of it, and is left as it is", file.display());
        return Some(Finding::note(ABOUT, format!("{found}, {read}: check --url tells whether it answers")));
    }
    let include = included(here);
    let Server::Debian(folder) = &here.server else {
        let line =
            include.map(|include| format!("; a file of its own there would, with Include \"{}\"", include.display()));
        return Some(Finding::note(ABOUT, found + &line.unwrap_or_default()));
    };
    if let Some(finding) = ready(here, folder) {
        return Some(finding);
    }
    let taken = ["conf-available", "conf-enabled"].map(|name| folder.join(name).join("product-lookup.conf"));
    if let Some(file) = taken.iter().find(|file| file.symlink_metadata().is_ok()) {
        let kept = format!("{} does not either, and is left as it is", file.display());
        return Some(Finding::broken(ABOUT, format!("{found}; {kept}"), Vec::new()));
    }
    let [available, _] = taken;
    Some(match include {
        Some(include) => Finding::broken(ABOUT, found, configured(here, &include, &available)),
        None => Finding::note(ABOUT, found),
    })
}

/// A configuration for the program that lies ready, and is not enabled.
fn ready(here: &Installation, folder: &Path) -> Option<Finding> {
    let in_folder = |kind: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder.join(format!("{kind}-available"))).into_iter().flatten().flatten();
        let enabled = folder.join(format!("{kind}-enabled"));
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
    let enable = || vec![format!("a2enconf {}", quoted(file.file_stem().unwrap_or_default())), here.server.reload()];
    let own = own::is_configuration(file) && file.starts_with(folder.join("conf-available"));
    Some(Finding::broken(ABOUT, found, own.then(enable).unwrap_or_default()))
}

/// The file for mod_fcgid, as `make install` lays it out.
fn included(here: &Installation) -> Option<PathBuf> {
    let prefix = here.program.parent().and_then(Path::parent)?;
    Some(prefix.join("share/product-lookup/apache/fcgid.conf")).filter(|include| include.is_file())
}

/// The commands that configure Apache for the program, in a file that is not there yet.
fn configured(here: &Installation, include: &Path, available: &Path) -> Vec<String> {
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
    mend.extend(enable(here, "fcgid"));
    mend.extend(["a2enconf product-lookup".to_owned(), here.server.reload()]);
    mend
}

/// The modules that the configuration of the program needs and does not have.
fn missing_modules(here: &Installation, apache: &Configuration) -> Vec<Finding> {
    let (own, others): (Vec<_>, Vec<_>) = apache.about_us().partition(|line| apache.owns(line));
    let needed = needed(&[own, others].concat(), is_prefork(apache));
    let has = |module: &str| apache.modules.contains(&format!("{module}_module"));
    let mut missing: Vec<_> = needed.into_iter().filter(|(module, _)| !has(module)).collect();
    missing.sort_by_key(|(module, _)| *module);
    let places: Vec<_> = missing.iter().map(|(module, line)| (*module, &line.place)).collect();
    lacking(here, &places, true, |place| missing.iter().any(|(_, line)| line.place == *place && apache.owns(line)))
}

/// These modules are missing, for these lines; after the last Apache is to be reloaded, if `complete`.
fn lacking(
    here: &Installation,
    missing: &[(&str, &Place)],
    complete: bool,
    own: impl Fn(&Place) -> bool,
) -> Vec<Finding> {
    let last = missing.len().saturating_sub(1);
    let broken = |(number, (module, place)): (usize, &(&str, &Place))| {
        let found = format!("mod_{module} is not loaded; {place} needs it");
        if !own(place) {
            return Finding::broken(ABOUT, format!("{found}: {}", place.text()), Vec::new());
        }
        if let Server::Httpd = here.server {
            let line = here.server.load_line(module);
            return Finding::broken(ABOUT, format!("{found}; this line loads it: {line}"), Vec::new());
        }
        let mut mend = enable(here, module);
        // Not before Apache has them all.
        mend.extend((complete && number == last).then(|| here.server.reload()));
        Finding::broken(ABOUT, found, mend)
    };
    missing.iter().enumerate().map(broken).collect()
}

/// The commands that load a module. Debian has mod_fcgid in a package of its own.
fn enable(here: &Installation, module: &str) -> Vec<String> {
    let mut commands = vec![format!("a2enmod {module}")];
    if module == "fcgid" && here.server.lacks_package(module) {
        commands.insert(0, "apt-get install -y libapache2-mod-fcgid".to_owned());
    }
    commands
}

fn is_prefork(apache: &Configuration) -> bool {
    apache.modules.contains("mpm_prefork_module")
}

/// Has mod_fcgid mutexes by fcntl(2), as Debian's commented `Mutex file:` line makes them? Those are
/// a process's, not a thread's: the system takes two threads that wait for each other's processes
/// for a deadlock, and mod_fcgid then ends its process of Apache with all that is asked there.
fn mutexes(here: &Installation, apache: &Configuration) -> Vec<Finding> {
    if is_prefork(apache) || !apache.modules.contains("fcgid_module") || !apache.about_us().any(uses_fcgid) {
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
        let mend = here.edit(&line.place, "s/^/# /");
        let others = if mend.is_empty() { format!(": {}; {MUTEX}", line.place.text()) } else { String::new() };
        Finding::broken(ABOUT, found + &others, mend)
    };
    wrong.into_iter().map(broken).collect()
}

/// The process id of the Apache that runs with this configuration.
pub(super) fn pid(apache: &Configuration) -> Option<u32> {
    let pid = fs::read_to_string(&apache.pid_file).ok()?.trim().parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    matches!(name.trim(), "apache2" | "httpd").then_some(pid)
}
