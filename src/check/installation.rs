//! What there is on this machine: Apache's configuration, the doors in it, the user that serves,
//! and every value that a setting has.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::conf::Configuration;
use super::directive::{Directive, Place, is_filled_in};
use super::user::User;
use super::{Finding, quoted};
use crate::settings::SETTINGS;

/// Everything that is looked at.
pub(super) struct Installation {
    /// Where Apache's configuration is looked for, as for apachectl and a2enmod.
    pub(super) folder: PathBuf,
    pub(super) apache: Option<Configuration>,
    /// The ways from Apache to the program, each once.
    pub(super) doors: Vec<Door>,
    /// Do all doors wait for a module, in an `<IfModule>` of it?
    pub(super) guarded: bool,
    pub(super) user: User,
    /// This very program.
    pub(super) program: PathBuf,
}

/// A way from Apache to the program.
pub(super) struct Door {
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) value: Place,
    /// Is it opened by this program's own configuration?
    pub(super) own: bool,
}

impl Door {
    /// Something is broken on this way.
    pub(super) fn broken(&self, about: &'static str, found: String, mend: Vec<String>) -> Finding {
        match self.own {
            true => Finding::broken(about, found, mend),
            false => Finding::broken(about, elsewhere(&found, &self.place), Vec::new()),
        }
    }
}

/// What is said of what is set outside of this program's own configuration.
fn elsewhere(found: &str, place: &Place) -> String {
    format!("{found}; this stands outside the program's own configuration: {}", place.shown())
}

#[derive(PartialEq, Eq)]
pub(super) enum Kind {
    /// Apache starts this program.
    Program(PathBuf),
    /// Apache connects to this unix socket.
    Unix(PathBuf),
    /// Apache connects to this host and port.
    Tcp(String),
}

impl Kind {
    fn is_filled_in(&self) -> bool {
        match self {
            Kind::Program(path) | Kind::Unix(path) => is_filled_in(&path.to_string_lossy()),
            Kind::Tcp(address) => is_filled_in(address),
        }
    }
}

/// A setting's value, and where it is set.
pub(super) struct Value {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) origin: Origin,
    /// Is it set in this program's own configuration, or for this very process?
    own: bool,
    /// Is it set where the program is spoken of? Elsewhere the name may be another program's too.
    about_us: bool,
}

impl Value {
    /// It is not as it should be.
    pub(super) fn broken(&self, about: &'static str, found: String, mend: Vec<String>) -> Finding {
        let Origin::Apache(place) = &self.origin else { return Finding::broken(about, found, mend) };
        match (self.own, self.about_us) {
            (true, _) => Finding::broken(about, found, mend),
            (false, true) => Finding::broken(about, elsewhere(&found, place), Vec::new()),
            (false, false) => Finding::note(about, elsewhere(&found, place)),
        }
    }
}

#[derive(Clone)]
pub(super) enum Origin {
    /// In the environment of this very process.
    Environment,
    /// In Apache's configuration.
    Apache(Place),
    /// Nowhere: the default holds.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Origin::Environment => write!(f, "the environment"),
            Origin::Apache(place) => write!(f, "{place}"),
            Origin::Default => write!(f, "the default"),
        }
    }
}

impl Installation {
    pub(super) fn look() -> Installation {
        let folder = env::var_os("APACHE_CONFDIR").map_or_else(|| "/etc/apache2".into(), PathBuf::from);
        let apache = Configuration::read(&folder);
        // Without a User, as without Apache, whoever starts it serves.
        let named = |apache: &Configuration| {
            let user = apache.last("User").filter(|user| !is_filled_in(user))?;
            Some(User::named(user, apache.last("Group").unwrap_or(user)))
        };
        let user = apache.as_ref().and_then(named).unwrap_or_else(itself);
        let doors = |guarded: bool| -> Vec<Door> {
            let about_us = apache.iter().flat_map(|apache| apache.about_us().map(move |directive| (apache, directive)));
            let directives = about_us.filter(|(_, directive)| directive.unless_loaded.is_some() == guarded);
            let mut doors: Vec<Door> = Vec::new();
            for door in directives.filter_map(|(apache, directive)| door(apache, directive)) {
                if !door.kind.is_filled_in() && !doors.iter().any(|known| known.kind == door.kind) {
                    doors.push(door);
                }
            }
            doors
        };
        let open = doors(false);
        let guarded = open.is_empty();
        let doors = if guarded { doors(true) } else { open };
        let program = env::current_exe().unwrap_or_default();
        Installation { folder, apache, doors, guarded, user, program }
    }

    /// Every value of a setting, each once; the default beside the program where it is set nowhere.
    /// What Apache fills in is none.
    pub(super) fn values(&self, name: &str, beside: &str) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for value in self.set().filter(|value| value.name == name && !value.text.is_empty()) {
            if !values.iter().any(|known| known.text == value.text) {
                values.push(value);
            }
        }
        let not_known = self.not_known().any(|directive| directive.sets() && directive.arg(0) == name);
        if values.is_empty() && !not_known {
            let program = self.programs().next().unwrap_or(&self.program);
            let real = program.canonicalize().unwrap_or_else(|_| program.clone());
            let text = real.parent().unwrap_or(Path::new("/")).join(beside).display().to_string();
            values.push(Value { name: name.to_owned(), text, origin: Origin::Default, own: true, about_us: true });
        }
        values
    }

    /// All that is set, by Apache and in the environment, under names that may be anything.
    pub(super) fn set(&self) -> impl Iterator<Item = Value> {
        let directives = self.apache.iter().flat_map(|apache| apache.directives.iter().map(move |line| (apache, line)));
        let set = directives.filter(|(_, line)| line.sets() && !is_filled_in(line.arg(1)));
        let by_apache = set.map(|(apache, line)| Value {
            name: line.arg(0).to_owned(),
            text: line.arg(1).to_owned(),
            origin: Origin::Apache(line.value.clone()),
            own: apache.owns(line),
            // No other program has a setting of that name.
            about_us: line.arg(0) == "PRODUCTS_DB" || apache.ours.contains(&line.place.file),
        });
        let environment = env::vars_os().filter_map(|(name, text)| {
            let (name, text) = (name.into_string().ok()?, text.to_string_lossy().into_owned());
            Some(Value { name, text, origin: Origin::Environment, own: true, about_us: true })
        });
        by_apache.chain(environment)
    }

    /// The directives about the program that are not looked into, since a macro or a variable that
    /// is not known here gives them their values.
    pub(super) fn not_known(&self) -> impl Iterator<Item = &Directive> {
        let about_us = |apache: &Configuration, line: &Directive| match line.sets() {
            true => Installation::is_setting(line.arg(0)),
            false => apache.ours.contains(&line.place.file) && door(apache, line).is_some(),
        };
        let filled_in = |apache: &Configuration, line: &Directive| match line.sets() {
            true => is_filled_in(line.arg(1)),
            false => door(apache, line).is_some_and(|door| door.kind.is_filled_in()),
        };
        self.apache.iter().flat_map(move |apache| {
            let variables = apache.directives.iter().filter(move |line| filled_in(apache, line));
            apache.in_macros.iter().chain(variables).filter(move |line| about_us(apache, line))
        })
    }

    /// The commands that edit a line of Apache's configuration, where it is the program's own.
    pub(super) fn edit(&self, place: &Place, script: &str) -> Vec<String> {
        self.apache.as_ref().map(|apache| apache.edit(place, script)).unwrap_or_default()
    }

    /// The programs that Apache starts.
    pub(super) fn programs(&self) -> impl Iterator<Item = &PathBuf> {
        self.doors.iter().filter_map(|door| match &door.kind {
            Kind::Program(program) => Some(program),
            _ => None,
        })
    }

    /// This program as a shell command: by its name where a shell finds it so.
    pub(super) fn command(&self) -> String {
        let path = env::var_os("PATH").unwrap_or_default();
        let found = env::split_paths(&path).map(|folder| folder.join("product-lookup")).find(|path| path.is_file());
        match found.and_then(|found| found.canonicalize().ok()) {
            Some(found) if found == self.program => "product-lookup".to_owned(),
            _ => quoted(&self.program),
        }
    }

    /// Where a name is one of the settings'.
    pub(super) fn is_setting(name: &str) -> bool {
        SETTINGS.iter().any(|setting| setting.name == name)
    }
}

/// Who runs this.
fn itself() -> User {
    let said = |flag: &str| {
        let output = Command::new("id").arg(flag).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    User::named(&said("-un"), &said("-gn"))
}

/// The way to the program that a directive opens, if it does.
fn door(apache: &Configuration, directive: &Directive) -> Option<Door> {
    let kind = if directive.is("FcgidWrapper") {
        Kind::Program(directive.arg(0).trim_matches('"').into())
    } else if directive.is("Alias") || directive.is("ScriptAlias") {
        let program = PathBuf::from(directive.arg(1));
        Kind::Program(Some(program).filter(|program| program.file_name() == Some(OsStr::new("product-lookup")))?)
    } else if !["ProxyPass", "ProxyPassMatch", "SetHandler", "BalancerMember"].iter().any(|name| directive.is(name)) {
        return None;
    } else {
        let url = directive.args.iter().find(|arg| arg.contains("fcgi://"))?.trim_start_matches("proxy:");
        match url.strip_prefix("unix:") {
            Some(rest) => Kind::Unix(rest.split('|').next().unwrap_or_default().into()),
            None => {
                let address = url.strip_prefix("fcgi://")?;
                Kind::Tcp(address.split('/').next().unwrap_or_default().to_owned())
            }
        }
    };
    let (place, value) = (directive.place.clone(), directive.value.clone());
    Some(Door { kind, place, value, own: apache.owns(directive) })
}
