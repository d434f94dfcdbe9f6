//! The private directory of the cache, and its files.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

use std::io::{self, Read, Write};
use std::path::Path;

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
use vestibule_core::{Error, Result, Shown};

#[cfg(not(unix))]
use other as platform;
#[cfg(unix)]
use unix as platform;

/// A directory that belongs to this user, and that nobody else can write to. Held open, so that it cannot be exchanged.
pub(crate) struct Folder(Dir);

impl Folder {
    /// Opens the directory, or makes it, private from its first moment on.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let dir = open(path).map_err(|error| {
            Error::config(
                "cache.directory",
                format!("cannot use the cache directory {}: {error}", shown(path)),
            )
        })?;
        let private = dir
            .dir_metadata()
            .is_ok_and(|metadata| platform::is_private(&metadata));
        if !private {
            return Err(Error::config(
                "cache.not_private",
                format!(
                    "others can write to the cache directory {}, so that its compiled plugins cannot be trusted",
                    shown(path)
                ),
            )
            .hint(format!("remove it, or run: chmod go-w {}", shown(path))));
        }
        Ok(Self(dir))
    }

    /// Reads a whole file into memory that nobody else has. Links are not followed, and a file that has a second name, another
    /// owner, or other writers is as good as none.
    pub(crate) fn read(&self, name: &str, max_bytes: u64) -> io::Result<Vec<u8>> {
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No);
        platform::never_wait(&mut options);
        let file = self.0.open_with(name, &options)?;
        let metadata = file.metadata()?;
        if !is_plain(&metadata) || !platform::is_private(&metadata) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if metadata.len() > max_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::new();
        // One byte more than there should be, so that the last read finds the end without growing the buffer.
        bytes.try_reserve_exact(
            usize::try_from(metadata.len()).map_or(usize::MAX, |len| len.saturating_add(1)),
        )?;
        file.take(max_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Makes a file that does not exist yet. On an error there is none.
    fn create(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        platform::only_ours(&mut options);
        let file = self.0.open_with(name, &options)?;
        let written = write(file, parts);
        if written.is_err() {
            self.remove(name);
        }
        written
    }

    /// Puts a file in place of another, or of none. Whoever reads meanwhile reads one or the other.
    pub(crate) fn replace(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let temporary = format!("{:016x}.new", u64::from_le_bytes(random));
        self.create(&temporary, parts)?;
        let renamed = self.0.rename(&temporary, &self.0, name);
        if renamed.is_err() {
            self.remove(&temporary);
        }
        renamed
    }

    /// Removes a file; whether there was one.
    pub(crate) fn erase(&self, name: &str) -> io::Result<bool> {
        match self.0.remove_file(name) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a file, if there is one. If that fails, whoever wants the name will fail, and say so.
    fn remove(&self, name: &str) {
        let _ = self.0.remove_file(name);
    }
}

fn open(path: &Path) -> io::Result<Dir> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    if !parent.is_dir() {
        Dir::create_ambient_dir_all(parent, ambient_authority())?;
    }
    let parent = Dir::open_ambient_dir(parent, ambient_authority())?;
    match parent.create_dir_with(name, &platform::private_dir()) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    parent.open_dir_nofollow(name)
}

/// A regular file under one name.
fn is_plain(metadata: &Metadata) -> bool {
    use cap_fs_ext::MetadataExt;
    metadata.is_file() && metadata.nlink() == 1
}

fn write(mut file: File, parts: &[&[u8]]) -> io::Result<()> {
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.sync_all()
}

fn shown(path: &Path) -> String {
    Shown::new(&path.to_string_lossy()).to_string()
}
