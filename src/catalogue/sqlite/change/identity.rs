//! As whom root works in another user's directory: as that user. Whoever owns a directory decides
//! what lies at a path in it, also between two looks at it, and so might lead root to any file.

use std::io;
use std::process::Command;

use rustix::process::{Gid, Uid, getegid, getgroups};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

/// The group of whoever has none (Linux's `overflowgid`).
const NO_GROUP: u32 = 65534;

/// This thread's rights to files are a user's, until it is dropped.
pub(super) struct Acting {
    user: Uid,
    /// The user's groups, the first of which new files get.
    groups: Vec<Gid>,
    /// Those of root.
    former: (Gid, Vec<Gid>),
}

impl Acting {
    pub(super) fn as_user(uid: u32) -> io::Result<Acting> {
        let numbers = id("-G", uid).unwrap_or_default();
        let mut groups: Vec<Gid> =
            numbers.split_whitespace().filter_map(|number| number.parse().ok()).map(Gid::from_raw).collect();
        if groups.is_empty() {
            groups.push(Gid::from_raw(NO_GROUP));
        }
        let acting = Acting { user: Uid::from_raw(uid), groups, former: (getegid(), getgroups()?) };
        acting.begin()?;
        Ok(acting)
    }

    /// Root's capabilities rest while no user that counts for files is root. The saved user stays root,
    /// which is the way back, and keeps the user from reading or changing this process (ptrace).
    fn begin(&self) -> io::Result<()> {
        set_thread_groups(&self.groups)?;
        set_thread_res_gid(self.groups[0], self.groups[0], self.groups[0])?;
        Ok(set_thread_res_uid(self.user, self.user, Uid::ROOT)?)
    }

    fn end(&self) -> io::Result<()> {
        set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)?;
        set_thread_res_gid(self.former.0, self.former.0, self.former.0)?;
        Ok(set_thread_groups(&self.former.1)?)
    }

    /// Does as root what names no path.
    pub(super) fn as_root<T>(&self, act: impl FnOnce() -> T) -> io::Result<T> {
        self.end()?;
        let done = act();
        self.begin()?;
        Ok(done)
    }

    pub(super) fn user(&self) -> String {
        user(self.user.as_raw())
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        // Where it fails, this thread has fewer rights than it had.
        let _ = self.end();
    }
}

/// What a user is called, or else the number.
pub(super) fn user(uid: u32) -> String {
    id("-un", uid).unwrap_or_else(|| uid.to_string())
}

/// What id(1) says, which asks whatever knows users on this machine.
fn id(flag: &str, uid: u32) -> Option<String> {
    let output = Command::new("id").args([flag, "--", &uid.to_string()]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
