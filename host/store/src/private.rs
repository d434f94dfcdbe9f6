//! Directories and files that belong to this user alone: created so in one step, and checked on what was opened (LOC-02).

use std::io::ErrorKind;

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, DirBuilder, File, OpenOptions};

use crate::trouble::{self, Trouble};

#[cfg(unix)]
#[path = "private/unix.rs"]
mod platform;
#[cfg(not(unix))]
#[path = "private/elsewhere.rs"]
mod platform;

pub(crate) use platform::{check_dir, same_file, sync_dir};

/// Opens a directory. `None` if there is none.
pub(crate) fn open_dir(parent: &Dir, name: &str) -> Result<Option<Dir>, Trouble> {
    match parent.open_dir_nofollow(name) {
        Ok(dir) => {
            check_dir(&dir, name)?;
            Ok(Some(dir))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused_or(parent, name, &error, "opened")),
    }
}

/// Opens a directory, or creates it durably.
pub(crate) fn open_or_create_dir(parent: &Dir, name: &str) -> Result<Dir, Trouble> {
    if let Some(dir) = open_dir(parent, name)? {
        return Ok(dir);
    }
    let mut builder = DirBuilder::new();
    platform::private_dir(&mut builder);
    match parent.create_dir_with(name, &builder) {
        Ok(()) => sync_dir(parent, name)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(trouble::io(name, "created", &error)),
    }
    open_dir(parent, name)?
        .ok_or_else(|| trouble::io(name, "created", &std::io::Error::from(ErrorKind::NotFound)))
}

/// Opens a file for reading. `None` if there is none.
pub(crate) fn open_file(dir: &Dir, name: &str) -> Result<Option<File>, Trouble> {
    let mut options = OpenOptions::new();
    options.read(true);
    open_with(dir, name, options)
}

/// Opens a file for locking, or creates it.
pub(crate) fn open_or_create_file(dir: &Dir, name: &str) -> Result<File, Trouble> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    open_with(dir, name, options)?
        .ok_or_else(|| trouble::io(name, "created", &std::io::Error::from(ErrorKind::NotFound)))
}

/// Creates a file that was not there before, not even as a link.
pub(crate) fn create_file(dir: &Dir, name: &str) -> Result<File, Trouble> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    open_with(dir, name, options)?
        .ok_or_else(|| trouble::io(name, "created", &std::io::Error::from(ErrorKind::NotFound)))
}

fn open_with(dir: &Dir, name: &str, mut options: OpenOptions) -> Result<Option<File>, Trouble> {
    options.follow(FollowSymlinks::No);
    platform::private_file(&mut options);
    match dir.open_with(name, &options) {
        Ok(file) => {
            platform::check_file(&file, name)?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused_or(dir, name, &error, "opened")),
    }
}

/// A link is refused as such; every platform has another error for it.
fn refused_or(dir: &Dir, name: &str, error: &std::io::Error, doing: &'static str) -> Trouble {
    match dir.symlink_metadata(name) {
        Ok(found) if found.is_symlink() => Trouble::NotPrivate {
            what: name.to_owned(),
            problem: "is a symbolic link",
        },
        Ok(_) | Err(_) => trouble::io(name, doing, error),
    }
}
