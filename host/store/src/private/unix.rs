//! Owner, mode, kind and links, by `fstat` on what was opened.

use cap_std::fs::{Dir, DirBuilder, DirBuilderExt, File, OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType, Mode, OFlags, RawMode, Stat};

use crate::trouble::{self, Trouble};

/// Directories: the owner alone.
pub(super) fn private_dir(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

/// Files: the owner alone; and opening never waits, as it would for a pipe that somebody put there.
pub(super) fn private_file(options: &mut OpenOptions) {
    options.mode(0o600);
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
}

/// Refuses a directory that another user owns or may enter. `name` is for the message.
pub(crate) fn check_dir(dir: &Dir, name: &str) -> Result<(), Trouble> {
    let found = rustix::fs::fstat(dir).map_err(|e| trouble::io(name, "examined", &e.into()))?;
    check(&found, FileType::Directory, name)
}

/// Refuses a file that another user owns or may open, that is no plain file, or that has a second name somewhere.
pub(super) fn check_file(file: &File, name: &str) -> Result<(), Trouble> {
    let found = rustix::fs::fstat(file).map_err(|e| trouble::io(name, "examined", &e.into()))?;
    check(&found, FileType::RegularFile, name)?;
    // None is left when another process replaced the file after it was opened: what is open is still whole.
    if found.st_nlink > 1 {
        return Err(refusal(name, "has a second hard link"));
    }
    Ok(())
}

fn check(found: &Stat, kind: FileType, name: &str) -> Result<(), Trouble> {
    if FileType::from_raw_mode(found.st_mode) != kind {
        return Err(refusal(
            name,
            "is neither a plain file nor a directory where one belongs",
        ));
    }
    if found.st_uid != rustix::process::geteuid().as_raw() {
        return Err(refusal(name, "belongs to another user"));
    }
    let mode = Mode::from_raw_mode(RawMode::from(found.st_mode));
    if mode.intersects(Mode::RWXG | Mode::RWXO) {
        return Err(refusal(name, "is open to other users"));
    }
    Ok(())
}

fn refusal(name: &str, problem: &'static str) -> Trouble {
    Trouble::NotPrivate {
        what: name.to_owned(),
        problem,
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Dir, name: &str) -> Result<(), Trouble> {
    // The directory may be open for passing only; synchronizing needs a descriptor that can read.
    rustix::fs::openat(dir, ".", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .and_then(rustix::fs::fsync)
        .map_err(|e| trouble::io(name, "synchronized", &e.into()))
}

/// Whether this open file is still the one of this name.
pub(crate) fn same_file(file: &std::fs::File, dir: &Dir, name: &str) -> bool {
    let Ok(open) = rustix::fs::fstat(file) else {
        return false;
    };
    rustix::fs::statat(dir, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|named| (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino))
}
