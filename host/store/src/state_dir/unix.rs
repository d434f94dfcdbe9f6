//! The way to the state directory, one component at a time.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawMode, Stat};
use rustix::io::Errno;
use vestibule_core::Shown;

use super::not_private;
use crate::private;
use crate::trouble::{self, Trouble};

/// A directory that is only passed through may be one that its user cannot list, such as `/home` with mode 0711.
#[cfg(target_os = "linux")]
const PASS: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const PASS: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// The last one is listed, and synchronized.
const USE: OFlags = OFlags::DIRECTORY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW);

/// Walks to the directory and opens it. See `StateDir::open`.
pub(super) fn open(path: &Path) -> Result<Dir, Trouble> {
    let mut here = rustix::fs::open("/", PASS, Mode::empty()).map_err(|e| fail(path, e))?;
    let mut so_far = PathBuf::from("/");
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        let name = match component {
            Component::Normal(name) => name,
            Component::RootDir | Component::CurDir => continue,
            Component::ParentDir | Component::Prefix(_) => {
                return Err(not_private(path, "has \"..\" in it"));
            }
        };
        so_far.push(name);
        here = if components.peek().is_some() {
            pass(&here, Path::new(name), &so_far)?
        } else {
            arrive(&here, Path::new(name), &so_far)?
        };
    }
    let dir = Dir::from_std_file(File::from(here));
    private::check_dir(&dir, &shown(path))?;
    Ok(dir)
}

/// One directory on the way. Whoever may rename in it, or owns a link in it, decides where the way leads: that must be this user
/// or root, or a directory such as `/tmp` where nobody renames what is another's. A group may write, since on many systems
/// each person has a group of their own and a umask of 002.
fn pass(parent: &OwnedFd, name: &Path, path: &Path) -> Result<OwnedFd, Trouble> {
    let entry = create_if_missing(parent, name, path)?;
    if !is_trusted_owner(&entry) {
        return Err(not_private(
            path,
            "is on the way to the state directory and belongs to another user",
        ));
    }
    let next = rustix::fs::openat(parent, name, PASS, Mode::empty()).map_err(|e| fail(path, e))?;
    let target = rustix::fs::fstat(&next).map_err(|e| fail(path, e))?;
    let mode = Mode::from_raw_mode(RawMode::from(target.st_mode));
    if !is_trusted_owner(&target) {
        return Err(not_private(
            path,
            "is on the way to the state directory and belongs to another user",
        ));
    }
    if mode.contains(Mode::WOTH) && !mode.contains(Mode::SVTX) {
        return Err(not_private(
            path,
            "is on the way to the state directory and everybody may change it",
        ));
    }
    Ok(next)
}

/// The state directory itself: never a link. Whether it is private is checked on what was opened.
fn arrive(parent: &OwnedFd, name: &Path, path: &Path) -> Result<OwnedFd, Trouble> {
    let entry = create_if_missing(parent, name, path)?;
    if FileType::from_raw_mode(entry.st_mode) != FileType::Directory {
        return Err(not_private(path, "is a symbolic link or no directory"));
    }
    rustix::fs::openat(parent, name, USE, Mode::empty()).map_err(|e| fail(path, e))
}

fn create_if_missing(parent: &OwnedFd, name: &Path, path: &Path) -> Result<Stat, Trouble> {
    let look = || rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
    match look() {
        Err(Errno::NOENT) => {
            // Private from the first moment: a mode that is narrowed afterwards leaves a gap.
            match rustix::fs::mkdirat(parent, name, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => look(),
                Err(error) => Err(error),
            }
        }
        found => found,
    }
    .map_err(|e| fail(path, e))
}

fn is_trusted_owner(entry: &Stat) -> bool {
    entry.st_uid == 0 || entry.st_uid == rustix::process::geteuid().as_raw()
}

fn fail(path: &Path, error: Errno) -> Trouble {
    trouble::io(&shown(path), "opened", &error.into())
}

fn shown(path: &Path) -> String {
    format!("\"{}\"", Shown::new(&path.to_string_lossy()))
}
