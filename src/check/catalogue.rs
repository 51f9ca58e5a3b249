//! The catalogue: is it there, may Apache's user read it, and is it whole?

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::installation::{Installation, Origin, Value};
use super::own::{CATALOGUES, has_directory, is_catalogue, is_in_a_home};
use super::user::Right;
use super::{Finding, quoted};
use crate::catalogue::contents;
use crate::products;

const ABOUT: &str = "Catalogue";

pub(super) fn findings(here: &Installation) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        here.user.caveat().map(|caveat| Finding::note(ABOUT, caveat)).into_iter().collect();
    findings.extend(here.values("PRODUCTS_DB", "products.db").iter().map(|value| finding(here, value)));
    findings
}

fn finding(here: &Installation, value: &Value) -> Finding {
    let path = Path::new(&value.text);
    if value.text.contains("://") {
        return Finding::note(ABOUT, format!("{} sets a database URL, which is not looked at", value.origin));
    }
    let (shown, user) = (path.display(), &here.user.name);
    let broken = |found: String, mend: Vec<String>| value.broken(ABOUT, found, mend);
    if let Some(directory) = here.user.shut_out_by(path) {
        let found = format!("{user} may not enter {}, where {shown} is", directory.display());
        return match path.parent() == Some(&directory) && has_directory(path) && is_catalogue(path) {
            true => broken(found, vec![here.user.grant("x", &directory)]),
            false => broken(format!("{found}; a catalogue is better in {CATALOGUES}"), Vec::new()),
        };
    }
    let Ok(file) = fs::metadata(path) else {
        if let Origin::Default = value.origin {
            let found =
                format!("PRODUCTS_DB is not set and {shown} is not there: lookups know the two built-in products");
            return Finding::note(ABOUT, found);
        }
        let found = format!("{} sets PRODUCTS_DB to {shown}, and there is no such file", value.origin);
        return match is_in_a_home(path) || path.symlink_metadata().is_ok() {
            true => broken(found, Vec::new()),
            false => broken(
                found + "; this starts one with the two built-in products, to import yours into",
                made(here, path),
            ),
        };
    };
    if !file.is_file() {
        return broken(format!("{shown} is not a file"), Vec::new());
    }
    if !here.user.may(Right::Read, path) {
        let mend = is_catalogue(path).then(|| here.user.grant("r", path));
        return broken(format!("{user} may not read {shown}"), mend.into_iter().collect());
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if write_ahead(path) && !here.user.may(Right::Write, directory) {
        let found = format!(
            "{shown} is in WAL mode, where readers write beside it, and {user} may not write into {}",
            directory.display()
        );
        if !is_catalogue(path) {
            return broken(found, Vec::new());
        }
        let mut mend = vec![format!("sqlite3 {} 'PRAGMA journal_mode = DELETE'", quoted(path))];
        if !Path::new("/usr/bin/sqlite3").exists() {
            mend.insert(0, "apt-get install -y sqlite3".to_owned());
        }
        return broken(found, mend);
    }
    match counted(here, path) {
        Ok(told) => {
            let mut lines = told.lines();
            let count = lines.next().and_then(|count| count.parse().ok()).unwrap_or_default();
            let mut found = format!("{user} may read {shown}, which has {}", products(count));
            let (index, wrong): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with(INDEX));
            for line in &index {
                found += &format!("; {}", line.trim_start_matches(INDEX));
            }
            let mend = || vec![format!("PRODUCTS_DB={} {} index", quoted(path), here.command())];
            match (wrong.as_slice(), index.as_slice()) {
                ([], []) => Finding::ok(ABOUT, found),
                ([], _) => value.broken(ABOUT, found, mend()),
                _ => value.broken(ABOUT, format!("{found}; left out are: {}", wrong.join("; ")), Vec::new()),
            }
        }
        Err(cause) => unreadable(here, value, path, &cause),
    }
}

/// The file can be opened, and is no catalogue as it should be.
fn unreadable(here: &Installation, value: &Value, path: &Path, cause: &str) -> Finding {
    let (shown, program) = (path.display(), here.command());
    let journal = beside(path, "-journal");
    if fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0) {
        let found = format!(
            "a writer of {shown} was killed, and left {} ({cause}); whoever may write can undo what it had begun, as an import does",
            journal.display()
        );
        let mend = format!("echo id,name,price | PRODUCTS_DB={} {program} import -", quoted(path));
        return value.broken(ABOUT, found, vec![mend]);
    }
    let advice = "where it is a damaged catalogue, put a backup in its place, or move it away and import your products; \
                  where it is another program's, have PRODUCTS_DB name another file";
    value.broken(ABOUT, format!("{shown} cannot be read: {cause}; {advice}"), Vec::new())
}

/// The commands that make a catalogue.
pub(super) fn made(here: &Installation, path: &Path) -> Vec<String> {
    let program = here.command();
    let mut mend = Vec::new();
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty() && !directory.is_dir())
    {
        mend.push(format!("mkdir -p {}", quoted(directory)));
    }
    let products = r"printf 'id,name,price\nA001,Clock,12\nA002,Bi-Noculars,40\n'";
    mend.push(format!("{products} | PRODUCTS_DB={} {program} import -", quoted(path)));
    mend
}

/// What `check` asks its child, which is Apache's user, for: `check --count FILE`.
pub const COUNT: &str = "--count";

/// With this a line begins that tells what is wrong with the index of words.
const INDEX: &str = "index: ";

/// What `check` itself asks for: how many products there are, and what is wrong with others and the index, a line each.
pub fn count(path: &Path) -> anyhow::Result<String> {
    let contents = contents(path)?;
    let index = match contents.lacking.as_slice() {
        _ if !contents.indexed => Some(
            "there is no index of words, so each search looks at all products: slowly, and beyond some 100,000 without an \
             answer (503)"
                .to_owned(),
        ),
        [] => None,
        lacking => Some(format!("the index of words lacks what is in {}, and no search finds it", lacking.join(", "))),
    };
    let index = index.map(|index| format!("{INDEX}{index}"));
    let lines: Vec<String> = [contents.products.to_string()].into_iter().chain(contents.none).chain(index).collect();
    Ok(lines.join("\n"))
}

/// The same, by a child which is Apache's user where that is possible.
fn counted(here: &Installation, path: &Path) -> Result<String, String> {
    let mut child = match here.user.may(Right::Execute, &here.program) {
        true => here.user.command(&here.program),
        // As root, which is the same but for files that only root may read; those are known by now.
        false => std::process::Command::new(&here.program),
    };
    let count = child.args(["check", COUNT]).arg(path).stdin(Stdio::null()).output();
    let output = count.map_err(|error| error.to_string())?;
    let printed = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(printed(output.stdout)),
        false => Err(printed(output.stderr).trim_start_matches("product-lookup: ").to_owned()),
    }
}

/// Is the file in WAL mode? The header's bytes 18 and 19 say so (SQLite file format, 1.3.3).
fn write_ahead(path: &Path) -> bool {
    let mut header = [0; 20];
    File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_ok() && header[18..] == [2, 2]
}

fn beside(path: &Path, after: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(after);
    name.into()
}
