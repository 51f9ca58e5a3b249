//! Who may do what with a file: its owner, group, mode, ACL and other extended attributes, which a
//! new file takes over from an old one.

use std::ffi::{CStr, CString};
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

use anyhow::{Result, ensure};
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
use rustix::io::Errno;

use super::identity::user;

/// Bytes of an attribute, and of all attributes' names, at most (`XATTR_SIZE_MAX`, `XATTR_LIST_MAX`).
const ATTRIBUTE_BYTES: usize = 64 << 10;

/// Gives `to` the rights of `from`.
pub(super) fn give(from: &File, to: &File) -> io::Result<()> {
    let (old, new) = (from.metadata()?, to.metadata()?);
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(to, Some(old.uid()), Some(old.gid()))?;
    }
    let kept = attributes(from)?;
    let mut value = vec![0; ATTRIBUTE_BYTES];
    for name in &kept {
        let bytes = fgetxattr(from, name, &mut value[..])?;
        where_allowed(name, fsetxattr(to, name, &value[..bytes], XattrFlags::empty()))?;
    }
    // A directory may have an ACL for its new files.
    for name in attributes(to)?.iter().filter(|&name| !kept.contains(name)) {
        where_allowed(name, fremovexattr(to, name))?;
    }
    to.set_permissions(Permissions::from_mode(old.mode() & 0o7777))
}

/// May this user `give` them? Tried with a new file that is of no use yet, which stays as it was. Whose
/// file it is, and is in the same directory, may have the mode and the ACL too.
pub(super) fn ensure_givable(from: &File, to: &File) -> Result<()> {
    let (old, new) = (from.metadata()?, to.metadata()?);
    if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
        return Ok(());
    }
    let given = fchown(to, Some(old.uid()), Some(old.gid()));
    let owner = user(old.uid());
    ensure!(given.is_ok() || old.uid() == new.uid(), "it would no longer be {owner}'s; import as {owner}, or as root");
    let group = old.gid();
    ensure!(
        given.is_ok(),
        "it would no longer be of its group {group}, in which {owner} is not; import as root, or give it another group"
    );
    Ok(fchown(to, Some(new.uid()), Some(new.gid()))?)
}

fn attributes(file: &File) -> io::Result<Vec<CString>> {
    let mut names = vec![0; ATTRIBUTE_BYTES];
    let length = match flistxattr(file, &mut names[..]) {
        // This file system has none.
        Err(Errno::NOTSUP) => 0,
        length => length?,
    };
    let names = names[..length].split_inclusive(|&byte| byte == 0);
    Ok(names.filter_map(|name| CStr::from_bytes_with_nul(name).ok()).map(CStr::to_owned).collect())
}

/// What is not the user's or an ACL is a security module's, which may keep it to itself.
fn where_allowed(name: &CStr, done: Result<(), Errno>) -> io::Result<()> {
    let ours = [b"user.".as_slice(), b"system."].iter().any(|prefix| name.to_bytes().starts_with(prefix));
    match done {
        Err(_) if !ours => Ok(()),
        done => Ok(done?),
    }
}
