//! Apache, asked for its configuration: as Debian has it, or where it is called httpd. Nothing is
//! started and nothing is changed by that.

use std::env;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::configuration::Configuration;
use super::directive::{Directive, Place};
use super::{modules, own};

/// Seconds that Apache may take to tell; it may look up names of hosts meanwhile.
const SECONDS: &str = "20";

/// Bytes that are read of what it tells.
const BYTES: u64 = 16 << 20;

/// What Debian's apachectl does to run Apache; that would also make directories which are missing.
const APACHE2: &str = r#"envvars=${APACHE_ENVVARS:-$APACHE_CONFDIR/envvars}
[ ! -f "$envvars" ] || . "$envvars"
exec ${APACHE_HTTPD:-/usr/sbin/apache2} -d "$APACHE_CONFDIR" $APACHE_ARGUMENTS "$@" 2>&1"#;

/// Few who are not root have the folder on their path.
const HTTPD: &str = r#"PATH=$PATH:/usr/sbin:/usr/local/sbin; exec httpd "$@" 2>&1"#;

/// How Apache is laid out here.
pub(super) enum Server {
    /// As in Debian, with its configuration in this folder.
    Debian(PathBuf),
    /// It is called httpd, and knows by itself where its configuration is.
    Httpd,
}

/// Why Apache did not tell its configuration.
pub(super) struct Refusal {
    /// What it said.
    pub(super) words: String,
    /// The line that it named.
    pub(super) place: Option<Place>,
    /// The modules that are missing first of all, each with the line that needs it.
    pub(super) missing: Vec<(&'static str, Place)>,
    /// What it told before: its files, and the program that is not there, if that is why.
    pub(super) before: Configuration,
    /// Could Apache be run, and could it have told?
    pub(super) judged: bool,
}

impl Server {
    /// Debian's where the environment says so, as for apachectl and a2enmod, or where there is no httpd.
    pub(super) fn find() -> Server {
        let httpd = || Server::Httpd.run(&["-v"]).is_ok_and(|(told, _)| told.contains("Apache"));
        match env::var_os("APACHE_CONFDIR") {
            Some(folder) => Server::Debian(folder.into()),
            None if httpd() => Server::Httpd,
            None => Server::Debian("/etc/apache2".into()),
        }
    }

    /// Debian's folder, where there is a configuration in it.
    pub(super) fn missing_folder(&self) -> Option<&Path> {
        match self {
            Server::Debian(folder) => Some(folder.as_path()).filter(|folder| !folder.join("apache2.conf").is_file()),
            Server::Httpd => None,
        }
    }

    /// The command that makes Apache read its configuration again; it starts one that does not run.
    pub(super) fn reload(&self) -> String {
        match self {
            Server::Debian(_) => "apachectl graceful".to_owned(),
            Server::Httpd => "httpd -k graceful".to_owned(),
        }
    }

    /// The command that starts Apache: by systemd, where its unit is for this configuration.
    pub(super) fn start(&self) -> String {
        let (unit, by_itself) = match self {
            Server::Debian(_) => ("apache2", "apachectl start"),
            Server::Httpd => ("httpd", "httpd -k start"),
        };
        let its = !matches!(self, Server::Debian(folder) if folder != Path::new("/etc/apache2"));
        let there = || Path::new("/lib/systemd/system").join(format!("{unit}.service")).exists();
        let by_systemd = its && Path::new("/run/systemd/system").is_dir() && there();
        if by_systemd { format!("systemctl start {unit}") } else { by_itself.to_owned() }
    }

    /// The line that loads a module: Debian has it in a file.
    pub(super) fn load_line(&self, module: &str) -> String {
        let Server::Debian(folder) = self else {
            return format!("LoadModule {module}_module modules/mod_{module}.so");
        };
        let text = fs::read_to_string(folder.join(format!("mods-available/{module}.load"))).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("LoadModule "));
        line.map_or(format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"), str::to_owned)
    }

    /// Is the module in a package that Debian has not installed here?
    pub(super) fn lacks_package(&self, module: &str) -> bool {
        matches!(self, Server::Debian(folder) if !folder.join(format!("mods-available/{module}.load")).exists())
    }

    /// Asks Apache. A module that it lacks for the program is lent to it, so that it tells the rest.
    pub(super) fn configuration(&self) -> Result<Configuration, Box<Refusal>> {
        let mut missing: Vec<(&str, Place)> = Vec::new();
        loop {
            // After the files: a condition in them is as it would be without.
            let lent: Vec<&str> = missing.iter().map(|(module, _)| *module).collect();
            let refusal = match self.ask("-c", &lent) {
                Ok(mut configuration) => {
                    configuration.modules.retain(|module| !lent.iter().any(|lent| format!("{lent}_module") == *module));
                    return Ok(configuration);
                }
                Err(refusal) => refusal,
            };
            match refusal.lacks() {
                Some(lacks) if !lent.contains(&lacks.0) => missing.push(lacks),
                _ => return Err(Box::new(Refusal { missing, ..*refusal })),
            }
        }
    }

    /// What the configuration would be with these modules, which open `<IfModule>` sections.
    pub(super) fn configuration_with(&self, modules: &[&str]) -> Option<Configuration> {
        self.ask("-C", modules).ok()
    }

    /// Asks with these modules loaded, before (`-C`) or after (`-c`) the configuration's files.
    fn ask(&self, when: &str, modules: &[&str]) -> Result<Configuration, Box<Refusal>> {
        let info = self.load_line("info");
        let mut arguments = vec!["-C", "<IfModule !mod_info.c>", "-C", &info, "-C", "</IfModule>"];
        let lines: Vec<String> = modules.iter().map(|module| self.load_line(module)).collect();
        arguments.extend(lines.iter().flat_map(|line| [when, line]));
        arguments.extend("-t -D DUMP_INCLUDES -D DUMP_CONFIG -D DUMP_MODULES -D DUMP_RUN_CFG".split(' '));
        let (told, status) = self.run(&arguments).map_err(|error| Refusal::unjudged(error.to_string()))?;
        match status {
            _ if told.len() as u64 >= BYTES => Err(Refusal::unjudged(format!("it has more than {BYTES} bytes"))),
            Some(0) => Ok(Configuration::read(&told)),
            // As timeout(1) leaves.
            Some(124 | 137) => Err(Refusal::unjudged(format!("it says nothing within {SECONDS} s"))),
            status => Err(Refusal::new(&told, status != Some(127))),
        }
    }

    /// What Apache prints, and its exit status. It ends, with all that it has started, when its time is over.
    fn run(&self, arguments: &[&str]) -> io::Result<(String, Option<i32>)> {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=1", SECONDS, "sh", "-c"]);
        match self {
            Server::Debian(folder) => command.arg(APACHE2).env("APACHE_CONFDIR", folder),
            Server::Httpd => command.arg(HTTPD),
        };
        let mut child = command.arg("sh").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut told = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(BYTES).read_to_end(&mut told)?;
        }
        Ok((String::from_utf8_lossy(&told).into_owned(), child.wait()?.code()))
    }
}

impl Refusal {
    fn unjudged(words: String) -> Box<Refusal> {
        let before = Configuration::default();
        Box::new(Refusal { words, place: None, missing: Vec::new(), before, judged: false })
    }

    fn new(told: &str, judged: bool) -> Box<Refusal> {
        // Files, and warnings, are no reason.
        let reason =
            |line: &&str| !line.starts_with([' ', '[']) && !line.starts_with("Included ") && !line.contains("AH00558");
        let words = told.lines().filter(reason).collect::<Vec<_>>().join(" ");
        let mut before = Configuration::read(told);
        let place = named(&words);
        // mod_fcgid wants the program to be there.
        let program = words.split_once("Wrapper ").and_then(|(_, rest)| rest.split_once(" cannot be accessed: "));
        if let (Some((program, _)), Some(place)) = (program, &place) {
            let (name, args) = ("FcgidWrapper".to_owned(), vec![program.to_owned()]);
            before.directives.push(Directive { name, args, place: place.clone() });
        }
        let judged = judged && !words.contains("mod_info.so");
        Box::new(Refusal { words, place, missing: Vec::new(), before, judged })
    }

    /// The module that Apache lacks for a line that is about the program.
    fn lacks(&self) -> Option<(&'static str, Place)> {
        let place = self.place.as_ref().filter(|place| own::mentions_us(&fs::read(&place.file).unwrap_or_default()))?;
        let known = modules::known(&Directive::read(&place.text(), place.clone()));
        let unknown = self.words.contains("Invalid command '");
        let module = known.into_iter().find(|module| unknown || self.words.contains(&format!("(mod_{module}?)")))?;
        Some((module, place.clone()))
    }

    /// Is a missing module all that is known to be wrong, since none could be lent?
    pub(super) fn is_for_want_of_modules(&self) -> bool {
        !self.missing.is_empty() && self.words.contains("-C/-c directive")
    }
}

/// The line of which Apache says that it is wrong.
fn named(words: &str) -> Option<Place> {
    // The last is it, those before have included its file.
    let (number, rest) = words.rsplit_once("Syntax error on line ")?.1.split_once(" of ")?;
    let file = rest.split(": ").next()?.trim_end_matches(':');
    Some(Place::named(file, number.parse().ok()?))
}
