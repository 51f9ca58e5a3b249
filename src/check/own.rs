//! What is this program's own: commands are printed for that alone. What may be somebody else's is
//! shown, and a person decides.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path};

/// Where the socket of the package's unit is.
pub(super) const SOCKETS: &str = "/run/product-lookup";

/// Where a log is written that has no place yet.
pub(super) const LOGS: &str = "/var/log/product-lookup";

/// Where a catalogue is kept that has no place yet.
pub(super) const CATALOGUES: &str = "/var/lib/product-lookup";

pub(super) use crate::catalogue::is_catalogue;

/// The files in `apache/`.
const SHIPPED: [&str; 7] =
    ["balancer.conf", "cache.conf", "cgi.conf", "fcgid.conf", "paths.conf", "proxy_fcgi.conf", "shared.conf"];

/// Is this one of the files in `apache/`, wherever they are installed?
pub(super) fn is_shipped(file: &Path) -> bool {
    let folder = file.parent().and_then(Path::file_name);
    let named = file.file_name().is_some_and(|name| SHIPPED.iter().any(|shipped| name == *shipped));
    named
        && file.is_absolute()
        && folder.is_some_and(|folder| folder == "apache")
        && fs::read(file).is_ok_and(|text| mentions_us(&text))
}

/// Is this about the program, in more than a comment?
pub(super) fn mentions_us(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.any(|line| line.contains("product-lookup") || line.contains("PRODUCT_LOOKUP"))
}

/// Is this a configuration of this program alone: one that includes a file of `apache/`, and in which
/// every directive is for it? A section may be about anything, and a continued line goes on with it.
pub(super) fn is_configuration(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut includes = false;
    let mut is_ours = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, first) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match name.to_ascii_lowercase().as_str() {
            name if name.is_empty() || name.starts_with('#') => true,
            "define" | "undefine" => first.starts_with("PRODUCT_LOOKUP_"),
            "setenv" | "fcgidinitialenv" | "mutex" => true,
            "<ifdefine" | "</ifdefine>" | "<ifmodule" | "</ifmodule>" => true,
            "include" => {
                let shipped = is_shipped(Path::new(first.trim_matches('"')));
                includes |= shipped;
                shipped
            }
            _ => false,
        }
    };
    text.lines().all(|line| !line.ends_with('\\') && is_ours(line)) && includes
}

/// Is this one of the directories that the package makes?
pub(super) fn is_packaged(directory: &Path) -> bool {
    let directory = directory.canonicalize().unwrap_or_default();
    [CATALOGUES, LOGS, SOCKETS].iter().any(|known| directory == Path::new(known))
}

/// Is the directory of this file the program's own: one that the package makes, or one with nothing
/// in it but this file and what is called after it (`products.db-journal`, `debug.log.1`)?
pub(super) fn has_directory(file: &Path) -> bool {
    let directory = file.parent().and_then(|directory| directory.canonicalize().ok());
    let (Some(directory), Some(name)) = (directory, file.file_name()) else { return false };
    let ours = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes());
    let entries: Vec<_> = fs::read_dir(&directory).into_iter().flatten().collect();
    let alone = !entries.is_empty() && entries.iter().all(|entry| entry.as_ref().is_ok_and(ours));
    // `/srv` is everybody's.
    let top = directory.components().filter(|part| matches!(part, Component::Normal(_))).count() < 2;
    is_packaged(&directory) || alone && !top && !is_in_a_home(&directory)
}

/// Is this a debug log, or nothing yet? Its lines begin with `YYYY-MM-DD HH:MM:SS `.
pub(super) fn is_log(file: &Path) -> bool {
    let mut start = Vec::new();
    match file.metadata().map(|about| about.is_file()) {
        Ok(true) => drop(File::open(file).and_then(|file| file.take(20).read_to_end(&mut start))),
        Ok(false) => return false,
        Err(_) => {}
    }
    let digits = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    start.is_empty() || start.iter().copied().map(digits).eq(*b"0000-00-00 00:00:00 ")
}

/// Is this somebody's home, or in one? What is to be made there, its owner decides.
pub(super) fn is_in_a_home(path: &Path) -> bool {
    let there = path.ancestors().find_map(|above| above.canonicalize().ok()).unwrap_or_default();
    [path, &there].iter().any(|path| path.starts_with("/root") || path.starts_with("/home"))
}
