//! What there is on this machine: Apache's configuration, the doors in it, the user that serves,
//! and every value that a setting has.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::configuration::Configuration;
use super::directive::Place;
use super::door::{Door, Kind, elsewhere};
use super::server::{Refusal, Server};
use super::user::User;
use super::{Finding, quoted};
use crate::settings::SETTINGS;

/// Modules that may be missing for a whole configuration in an `<IfModule>` of one.
const WAITED_FOR: [&[&str]; 3] = [&["fcgid"], &["proxy", "proxy_fcgi"], &["cgid"]];

/// Everything that is looked at.
pub(super) struct Installation {
    pub(super) server: Server,
    /// What Apache tells of its configuration.
    pub(super) apache: Option<Configuration>,
    /// Why it does not, where there is one.
    pub(super) refusal: Option<Box<Refusal>>,
    /// The ways from Apache to the program, each once.
    pub(super) doors: Vec<Door>,
    pub(super) user: User,
    /// This very program.
    pub(super) program: PathBuf,
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
        let server = Server::find();
        let (mut apache, refusal) = match server.missing_folder().is_none().then(|| server.configuration()) {
            None => (None, None),
            Some(Ok(configuration)) => (Some(configuration), None),
            Some(Err(refusal)) => (None, Some(refusal)),
        };
        if let Some(known) = apache.take() {
            apache = Some(waited_for(&server, &known).unwrap_or(known));
        }
        // A user without a name, as without Apache: whoever starts it serves.
        let named = |apache: &&Configuration| !matches!(apache.user.as_str(), "" | "#-1");
        let user = apache.as_ref().filter(named).map(|apache| User::named(&apache.user, &apache.group));
        let told = apache.as_ref().or(refusal.as_ref().map(|refusal| &refusal.before));
        let doors = told.map(Door::all).unwrap_or_default();
        let program = env::current_exe().unwrap_or_default();
        Installation { server, apache, refusal, doors, user: user.unwrap_or_else(itself), program }
    }

    /// Every value of a setting, each once; the default beside the program where it is set nowhere.
    pub(super) fn values(&self, name: &str, beside: &str) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for value in self.set().filter(|value| value.name == name && !value.text.is_empty()) {
            if !values.iter().any(|known| known.text == value.text) {
                values.push(value);
            }
        }
        if values.is_empty() && self.refusal.is_none() {
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
        let by_apache = directives.filter(|(_, line)| line.sets()).map(|(apache, line)| Value {
            name: line.arg(0).to_owned(),
            text: line.arg(1).to_owned(),
            origin: Origin::Apache(apache.value(line)),
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

    /// The commands that edit a line of Apache's configuration, where it is the program's own.
    pub(super) fn edit(&self, place: &Place, script: &str) -> Vec<String> {
        if !self.apache.as_ref().is_some_and(|apache| apache.is_editable(place)) {
            return Vec::new();
        }
        // The file itself: `sed -i` would put a file in the place of a link, as a2enconf makes them.
        let file = fs::canonicalize(&place.file).unwrap_or_else(|_| place.file.clone());
        vec![format!("sed -i '{}{script}' {}", place.line, quoted(file)), self.server.reload()]
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

/// What the configuration is once the module is loaded that all of the program's waits for, if it is so.
fn waited_for(server: &Server, known: &Configuration) -> Option<Configuration> {
    if !Door::all(known).is_empty() {
        return None;
    }
    WAITED_FOR.iter().find_map(|modules| {
        let mut with = server.configuration_with(modules).filter(|with| !Door::all(with).is_empty())?;
        with.modules.clone_from(&known.modules);
        Some(with)
    })
}
