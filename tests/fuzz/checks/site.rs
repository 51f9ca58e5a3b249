//! A site that a check asks, by the way that a web server's requests take. Each answer and each line of the debug
//! log is looked at.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use product_lookup::apps::{APPS, Apps};
use product_lookup::catalogue::import::{Options, import};
use product_lookup::settings::Environment;
use serde_json::Value;
use tempfile::TempDir;

use super::script::{AT_ONCE, converse};
use super::{log, reply};
use crate::answer::Answer;
use crate::cases;
use crate::fastcgi_client::{WHOLE, read_document, request};

/// Blocks and products that are read for a question at most.
pub const CALLS: u64 = 2_000;

/// CGI variables.
pub type Params = Vec<(Vec<u8>, Vec<u8>)>;

/// What the catalogue has besides the products of the table of cases.
const MORE: &str = r#"[
    {"id":"clo","name":"Closet","price":"1"}, {"id":"CLO","name":"Closet","price":"2"},
    {"id":"clock 2","name":"Alarm clock","price":"1.0"}, {"id":"n4.A001","name":"n4.A001Clock","price":"-0"},
    {"id":"É","name":"École à clôture","price":"3"}, {"id":"é","name":"ecole a cloture","price":"4"},
    {"id":"\u001b[2J","name":"\u0007 bell\u2028line\u0085","price":"5"}, {"id":"%","name":"_","price":"6"},
    {"id":"\"*","name":"\" OR (NEAR*","price":"7"}, {"id":"*","name":"AND","price":"8"},
    {"id":"i","name":"i","price":"9"}, {"id":"w","name":"w W ẞ ß ﬁ İ ı","price":"10"},
    {"id":"</title>","name":"</style><script>alert(1)</script>","price":"11"}, {"id":"x\ufeffx","name":"a\ufeffx","price":"0.0"}
]"#;

thread_local! {
    /// One for each thread, which removes its folder at its end.
    pub static SITE: Site = Site::new();
}

/// A catalogue, an open program and its debug log.
pub struct Site {
    apps: Apps,
    log: PathBuf,
    /// The ids of all products, in their order.
    pub ids: Vec<String>,
    /// And what they are called.
    pub names: Vec<String>,
    // Held for its end, at which it is removed.
    _folder: TempDir,
}

impl Site {
    fn new() -> Site {
        let folder = TempDir::new().expect("a folder");
        let (catalogue, log) = (folder.path().join("products.db"), folder.path().join("debug.log"));
        write_catalogue(&catalogue);
        let variable = |name: &str| match name {
            "PRODUCTS_DB" => Some(OsString::from(&catalogue)),
            "DEBUG_LOG" => Some(OsString::from(&log)),
            "DEVELOP_MODE" => Some("on".into()),
            _ => None,
        };
        let apps = Apps::new(APPS, Environment::new(variable, folder.path().to_owned()));
        Site { apps, log, ids: ids(), names: texts("name", |product| product.1), _folder: folder }
    }

    /// Asks once. What an administrator alone may set is left out.
    pub fn ask(&self, params: &Params, body: &[u8]) -> Answer {
        let mut params = params.clone();
        params.retain(|(name, _)| name != b"PRODUCTS_DB" && name != b"DEBUG_LOG");
        let (output, end) = converse(&self.apps, &request(1, false, &params, body, WHOLE), AT_ONCE);
        assert!(end.is_ok(), "{end:?}");
        let mut output = output.as_slice();
        let document = read_document(&mut output, 1);
        assert_eq!(output, b"", "nothing comes after the end");
        let mut answer = Answer::of_document(&document, value(&params, "REQUEST_METHOD") == b"HEAD");
        let logged = fs::read(&self.log).unwrap_or_default();
        let _ = fs::remove_file(&self.log);
        reply::check(&answer);
        // The one thing that differs between two equal requests.
        answer.fields.retain(|(name, _)| name != "Server-Timing");
        log::check(&logged, answer.status, value(&params, "DEVELOP_MODE").is_empty());
        answer
    }
}

/// As the interface has it: by id, first without regard to case.
fn ids() -> Vec<String> {
    let mut ids = texts("id", |product| product.0);
    ids.sort_by_key(|id| (id.to_ascii_lowercase(), id.clone()));
    ids
}

/// One member of all products, as they are stored.
fn texts(member: &str, of: fn(&(&'static str, &'static str, &'static str)) -> &'static str) -> Vec<String> {
    let more: Value = serde_json::from_str(MORE).expect("JSON");
    let more = more.as_array().expect("an array").iter().filter_map(|item| item[member].as_str());
    cases::PRODUCTS.iter().map(of).chain(more).map(|text| text.trim().to_owned()).collect()
}

/// Writes a catalogue of less than a hundred products.
fn write_catalogue(path: &Path) {
    cases::write_catalogue(path);
    let json = path.with_extension("json");
    fs::write(&json, MORE).expect("a file");
    import(&json, path, &Options::default()).expect("an import");
}

/// The last value of a name, as the program takes it.
pub fn value<'a>(params: &'a Params, name: &str) -> &'a [u8] {
    params.iter().rfind(|param| param.0 == name.as_bytes()).map_or(b"", |param| &param.1)
}
