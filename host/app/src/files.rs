//! Small files, read and replaced through directories that were opened once.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, Metadata, OpenOptions};
#[cfg(unix)]
use cap_std::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use vestibule_core::{Error, Result};

/// Opens a directory; none if it is not there.
pub(crate) fn open_dir(path: &Path) -> Result<Option<Dir>> {
    match Dir::open_ambient_dir(path, ambient_authority()) {
        Ok(dir) => Ok(Some(dir)),
        Err(problem) if problem.kind() == ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(trouble("open", &path.display().to_string(), &problem)),
    }
}

/// Opens a directory, and makes it and what leads to it first, readable for this user alone.
pub(crate) fn make_dir(path: &Path) -> Result<Dir> {
    if let Some(dir) = open_dir(path)? {
        return Ok(dir);
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    let relative = path.strip_prefix("/").unwrap_or(path);
    let root = Dir::open_ambient_dir(path.ancestors().last().unwrap_or(path), ambient_authority())
        .map_err(|problem| trouble("open", "/", &problem))?;
    root.create_dir_with(relative, &builder)
        .map_err(|problem| trouble("create", &path.display().to_string(), &problem))?;
    root.open_dir(relative)
        .map_err(|problem| trouble("open", &path.display().to_string(), &problem))
}

/// Opens a directory within another, and makes it first if it is not there.
pub(crate) fn make_subdir(dir: &Dir, name: &str) -> Result<Dir> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    builder.mode(0o700);
    match dir.create_dir_with(name, &builder) {
        Ok(()) => {}
        Err(problem) if problem.kind() == ErrorKind::AlreadyExists => {}
        Err(problem) => return Err(trouble("create", name, &problem)),
    }
    dir.open_dir(name)
        .map_err(|problem| trouble("open", name, &problem))
}

/// Reads a text file that says what this program does: one of this user or of the system, in a directory that is as well. Nobody
/// else may be able to write to either, or others would decide which program opens as a browser. None if it is not there.
pub(crate) fn read_own_text(dir: &Dir, name: &str, limit: u64) -> Result<Option<String>> {
    let facts = dir
        .dir_metadata()
        .map_err(|problem| trouble("examine", "its directory", &problem))?;
    if let Ok(found) = dir.metadata(name) {
        check_own(&facts, "the directory of", name)?;
        check_own(&found, "", name)?;
    }
    read_text(dir, name, limit)
}

#[cfg(unix)]
fn check_own(facts: &Metadata, what: &str, name: &str) -> Result<()> {
    const WRITABLE_BY_ALL: u32 = 0o002;
    const ROOT: u32 = 0;
    let owner = facts.uid();
    let problem = if facts.mode() & WRITABLE_BY_ALL != 0 {
        "can be written by every user"
    } else if owner != ROOT && owner != rustix::process::geteuid().as_raw() {
        "belongs to another user"
    } else {
        return Ok(());
    };
    let subject = format!("{what} \"{name}\"");
    Err(Error::config(
        "files.shared",
        format!(
            "{} {problem}, so that what it says may not be yours",
            subject.trim_start()
        ),
    )
    .hint("look at what it says, then make it yours: chown and chmod go-w"))
}

/// Left to the access control lists of the platform.
#[cfg(not(unix))]
fn check_own(_facts: &Metadata, _what: &str, _name: &str) -> Result<()> {
    Ok(())
}

/// Reads a file of at most `limit` bytes; none if it is not there.
pub(crate) fn read(dir: &Dir, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    let file = match dir.open(name) {
        Ok(file) => file,
        Err(problem) if problem.kind() == ErrorKind::NotFound => return Ok(None),
        Err(problem) => return Err(trouble("read", name, &problem)),
    };
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|problem| trouble("read", name, &problem))?;
    if bytes.len() as u64 > limit {
        return Err(Error::config(
            "files.size",
            format!("\"{name}\" is larger than {limit} bytes"),
        ));
    }
    Ok(Some(bytes))
}

/// Whether a file is this user's alone.
///
/// # Errors
/// Says what is wrong, as the end of a sentence about the file.
#[cfg(unix)]
pub(crate) fn check_private(dir: &Dir, name: &str) -> std::result::Result<(), &'static str> {
    let facts = dir.metadata(name).map_err(|_| "is missing")?;
    match (facts.is_file(), facts.mode() & 0o077) {
        (true, 0) => Ok(()),
        (true, _) => Err("can be read or written by others; make it private: chmod 600"),
        (false, _) => Err("is not a file"),
    }
}

/// Whether a file is this user's alone: left to the access control lists of the platform.
#[cfg(not(unix))]
pub(crate) fn check_private(dir: &Dir, name: &str) -> std::result::Result<(), &'static str> {
    dir.metadata(name).map(drop).map_err(|_| "is missing")
}

/// Reads a text file of at most `limit` bytes; none if it is not there.
pub(crate) fn read_text(dir: &Dir, name: &str, limit: u64) -> Result<Option<String>> {
    let Some(bytes) = read(dir, name, limit)? else {
        return Ok(None);
    };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Error::config("files.utf8", format!("\"{name}\" is not UTF-8 text")))
}

/// Replaces a file as a whole: a reader sees the old one or the new one, also after a crash.
pub(crate) fn replace(dir: &Dir, name: &str, bytes: &[u8]) -> Result<()> {
    let temporary = format!(".{name}.{:016x}", fresh_suffix()?);
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = dir.open_with(&temporary, &options)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        dir.rename(&temporary, dir, name)?;
        sync(dir)
    };
    write().map_err(|problem| {
        // What is left of the attempt is of no use; that it may stay behind is no reason for another error.
        let _ = dir.remove_file(&temporary);
        trouble("write", name, &problem)
    })
}

/// Makes the names in a directory durable. The directory may be open for passing only; synchronizing needs a descriptor that can read.
#[cfg(unix)]
fn sync(dir: &Dir) -> std::io::Result<()> {
    dir.open(".")?.sync_all()
}

/// Elsewhere a directory is no file, and its names are as durable as the system makes them.
#[cfg(not(unix))]
fn sync(_dir: &Dir) -> std::io::Result<()> {
    Ok(())
}

/// The names that files of this suffix have in a folder of any of these directories, sorted, each once. A file whose name is none is
/// left out.
pub(crate) fn names<N: Ord>(
    directories: &[PathBuf],
    folder: &str,
    suffix: &str,
    parse: impl Fn(&str) -> Option<N>,
) -> Result<Vec<N>> {
    let mut names = Vec::new();
    for directory in directories {
        let Some(dir) = open_dir(&directory.join(folder))? else {
            continue;
        };
        let entries = dir
            .entries()
            .map_err(|problem| trouble("list", folder, &problem))?;
        names.extend(entries.filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            parse(name.strip_suffix(suffix)?)
        }));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// Removes a file; whether it was there.
pub(crate) fn remove(dir: &Dir, name: &str) -> Result<bool> {
    match dir.remove_file(name) {
        Ok(()) => Ok(true),
        Err(problem) if problem.kind() == ErrorKind::NotFound => Ok(false),
        Err(problem) => Err(trouble("remove", name, &problem)),
    }
}

fn fresh_suffix() -> Result<u64> {
    getrandom::u64().map_err(|problem| {
        Error::host(
            "host.random",
            format!("the system gave no random numbers: {problem}"),
        )
    })
}

fn trouble(verb: &str, what: &str, problem: &std::io::Error) -> Error {
    Error::host(
        "files.io",
        format!("could not {verb} \"{what}\": {problem}"),
    )
}
