//! Assertions in files: what Kubernetes and clouds on it project, what a SPIFFE agent writes, what an operator puts there. The directory
//! is opened anew for each use, and nothing outside of it is reached: links within it are followed, as Kubernetes has them (`..data`).

use std::io::{ErrorKind, Read as _};
use std::time::UNIX_EPOCH;

use cap_fs_ext::OpenOptionsSyncExt as _;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
use vestibule_core::tenant::workload::TokenDirectory;
use vestibule_core::{Error, Result, Secret, Shown, limits};
use zeroize::Zeroizing;

use super::{Asked, Fetched};

/// Reads a file of a directory.
pub(super) fn read(asked: &Asked<'_>, directory: &TokenDirectory, name: &str) -> Result<Fetched> {
    let trouble = |problem: &std::io::Error| unreadable(asked, directory, name, problem);
    let folder = Dir::open_ambient_dir(directory.as_str(), ambient_authority())
        .map_err(|problem| trouble(&problem))?;
    let mut options = OpenOptions::new();
    // A pipe that nobody writes to must not hold the flow; what is no file is refused below.
    options.read(true).nonblock(true);
    let file = folder
        .open_with(name, &options)
        .map_err(|problem| trouble(&problem))?;
    let facts = file.metadata().map_err(|problem| trouble(&problem))?;
    if !facts.is_file() {
        return Err(about(asked, directory, name, "is no file"));
    }
    let text = text_of(&file).map_err(|problem| trouble(&problem))?;
    let Some(text) = text else {
        let limit = limits::ASSERTION_BYTES;
        return Err(about(
            asked,
            directory,
            name,
            &format!("has more than {limit} bytes"),
        ));
    };
    if text.is_empty() {
        return Err(about(asked, directory, name, "is empty"));
    }
    Ok(Fetched {
        token: text,
        since: modified(&facts),
        is_shared: is_shared(&facts),
    })
}

/// Reads the file that a variable points at, if it lies in the directory that the tenant names.
pub(super) fn read_pointed(
    asked: &Asked<'_>,
    directory: &TokenDirectory,
    variable: &str,
) -> Result<Fetched> {
    let path = asked.platform.variables.read(variable).ok_or_else(|| {
        asked
            .config(format!("the variable {variable} is not set"))
            .hint("the platform sets it where a service account is annotated for workload identity")
    })?;
    let inside = path
        .expose()
        .strip_prefix(directory.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|name| !name.is_empty() && !name.contains('/') && *name != "..");
    let Some(name) = inside else {
        return Err(asked
            .config(format!(
                "the variable {variable} points at \"{}\", which is not in the directory {}",
                Shown::new(path.expose()),
                Shown::new(directory.as_str())
            ))
            .hint(
                "if that is where the platform puts it, say so in the source: directory = \"…\"",
            ));
    };
    read(asked, directory, name)
}

/// The text of a file without the line break at its end. Nothing if there is more than may be.
fn text_of(file: &File) -> std::io::Result<Option<Secret>> {
    let limit = limits::ASSERTION_BYTES;
    // All the room at once: what grows leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Ok(None);
    }
    let text = std::str::from_utf8(bytes.trim_ascii_end())
        .map_err(|_| std::io::Error::new(ErrorKind::InvalidData, "it is no text"))?;
    Ok(Some(Secret::new(text.to_owned())))
}

fn modified(facts: &Metadata) -> Option<u64> {
    let at = facts.modified().ok()?.into_std();
    Some(at.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(unix)]
fn is_shared(facts: &Metadata) -> bool {
    use cap_std::fs::MetadataExt as _;
    facts.mode() & 0o077 != 0
}

/// Left to the access control lists of the platform.
#[cfg(not(unix))]
fn is_shared(_facts: &Metadata) -> bool {
    false
}

fn about(asked: &Asked<'_>, directory: &TokenDirectory, name: &str, what: &str) -> Error {
    asked.config(format!(
        "the file \"{}\" of {} {what}",
        Shown::new(name),
        Shown::new(directory.as_str())
    ))
}

fn unreadable(
    asked: &Asked<'_>,
    directory: &TokenDirectory,
    name: &str,
    problem: &std::io::Error,
) -> Error {
    if problem.kind() == ErrorKind::NotFound {
        return about(asked, directory, name, "is not there")
            .hint("the platform puts it there while the workload runs; see what the source needs: host/WORKLOADS.md");
    }
    about(
        asked,
        directory,
        name,
        &format!("cannot be read: {problem}"),
    )
}
