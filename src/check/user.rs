//! Who serves, and what that user may do with files: tried as that user, or told by mode bits.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::geteuid;

use super::quoted;

/// A user whose rights can be asked for.
pub(super) struct User {
    pub(super) name: String,
    pub(super) group: String,
    uid: u32,
    gids: Vec<u32>,
    how: How,
}

enum How {
    /// This process is that user.
    Itself,
    /// This process is root: a child becomes that user, with all groups of it, and tries.
    AsRoot,
    /// By the mode bits of files, which do not tell everything (ACLs).
    Computed,
}

/// What is asked for, as test(1) and mode bits name it.
#[derive(Clone, Copy)]
pub(super) enum Right {
    Read = 4,
    Write = 2,
    Execute = 1,
}

impl User {
    /// The user with this name.
    pub(super) fn named(name: &str, group: &str) -> User {
        let ids = |flag: &str| -> Vec<u32> {
            let output = Command::new("id").args([flag, "--", name]).output();
            let printed = output.map(|output| output.stdout).unwrap_or_default();
            String::from_utf8_lossy(&printed).split_whitespace().filter_map(|id| id.parse().ok()).collect()
        };
        let uid = ids("-u").first().copied();
        let how = match uid {
            Some(uid) if uid == geteuid().as_raw() => How::Itself,
            Some(_) if geteuid().is_root() => How::AsRoot,
            _ => How::Computed,
        };
        // Where nobody is called so, nobody may do anything.
        let uid = uid.unwrap_or(u32::MAX);
        User { name: name.to_owned(), group: group.to_owned(), uid, gids: ids("-G"), how }
    }

    /// The rights are computed: what can be said of that?
    pub(super) fn caveat(&self) -> Option<String> {
        matches!(self.how, How::Computed).then(|| {
            let told = format!("what {} may do is told by the files' mode bits", self.name);
            format!("{told}, since this is not run as root: sudo product-lookup check tries it")
        })
    }

    /// A command that runs as this user, where that is possible.
    pub(super) fn command(&self, program: &Path) -> Command {
        match self.how {
            How::AsRoot => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={}", self.name)).arg(format!("--regid={}", self.group));
                command.args(["--init-groups", "--"]).arg(program);
                command
            }
            _ => Command::new(program),
        }
    }

    /// What a shell command has to begin with to run as this user.
    pub(super) fn shell_prefix(&self) -> String {
        match self.how {
            How::Itself => String::new(),
            _ => format!("setpriv --reuid={} --regid={} --init-groups ", quoted(&self.name), quoted(&self.group)),
        }
    }

    /// Has the user this right?
    pub(super) fn may(&self, right: Right, path: &Path) -> bool {
        match &self.how {
            How::Computed => path.metadata().is_ok_and(|file| {
                let shift = match self.class(&file) {
                    'u' => 6,
                    'g' => 3,
                    _ => 0,
                };
                self.uid == 0 || file.mode() >> shift & right as u32 != 0
            }),
            _ => {
                let flag = match right {
                    Right::Read => "-r",
                    Right::Write => "-w",
                    Right::Execute => "-x",
                };
                let mut test = self.command(Path::new("test"));
                test.arg(flag).arg(path).stdin(Stdio::null());
                test.output().is_ok_and(|output| output.status.success())
            }
        }
    }

    /// Whose mode bits count for the user: the owner's, the group's or the others'.
    fn class(&self, file: &Metadata) -> char {
        match (file.uid() == self.uid, self.gids.contains(&file.gid())) {
            (true, _) => 'u',
            (false, true) => 'g',
            _ => 'o',
        }
    }

    /// The shell command that gives the user these rights, as chmod(1) writes them.
    pub(super) fn grant(&self, rights: &str, path: &Path) -> String {
        let class = path.metadata().map_or('o', |file| self.class(&file));
        match class {
            'o' => format!("chgrp {} {1} && chmod g+{rights} {1}", quoted(&self.group), quoted(path)),
            class => format!("chmod {class}+{rights} {}", quoted(path)),
        }
    }

    /// The first directory above a path that the user may not search.
    pub(super) fn shut_out_by(&self, path: &Path) -> Option<PathBuf> {
        let mut above: Vec<&Path> = path.ancestors().skip(1).filter(|above| above.is_dir()).collect();
        above.reverse();
        above.into_iter().find(|above| !self.may(Right::Execute, above)).map(Path::to_owned)
    }
}
