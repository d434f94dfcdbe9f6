//! A folder of the state directory for whoever keeps files of another kind there: as private as the store's own.

use std::fs::File;
use std::io::Write as _;

use cap_std::fs::Dir;
use vestibule_core::Result;

use crate::disk;
use crate::private;
use crate::trouble::{self, Trouble};

/// A folder that belongs to this user alone. Files in it are opened without following links, and checked on what was opened (LOC-02).
#[derive(Debug)]
pub struct PrivateFolder {
    dir: Dir,
}

impl PrivateFolder {
    pub(crate) fn new(dir: Dir) -> Self {
        Self { dir }
    }

    /// Opens a file for reading; none if it is not there.
    pub fn open(&self, name: &str) -> Result<Option<File>> {
        let file = private::open_file(&self.dir, name)?;
        Ok(file.map(cap_std::fs::File::into_std))
    }

    /// Opens a file for reading and writing, and makes it first if it is not there.
    pub fn open_or_create(&self, name: &str) -> Result<File> {
        Ok(private::open_or_create_file(&self.dir, name)?.into_std())
    }

    /// Replaces a file as a whole. Afterwards it survives a power cut.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(name, bytes, File::sync_all)?;
        Ok(private::sync_dir(&self.dir, name)?)
    }

    /// Replaces a file as a whole, for every other process. Whether a power cut brings the old one back is not said.
    pub fn replace_quickly(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(self.write(name, bytes, |_| Ok(()))?)
    }

    /// Gives a file another name, durably.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.dir
            .rename(from, &self.dir, to)
            .map_err(|error| trouble::io(from, "renamed", &error))?;
        Ok(private::sync_dir(&self.dir, to)?)
    }

    /// Removes a file, durably. Whether there was one.
    pub fn remove(&self, name: &str) -> Result<bool> {
        let was_there = disk::remove(&self.dir, name)?;
        private::sync_dir(&self.dir, name)?;
        Ok(was_there)
    }

    /// The names of the files.
    pub fn names(&self) -> Result<Vec<String>> {
        Ok(disk::names(&self.dir)?)
    }

    fn write(
        &self,
        name: &str,
        bytes: &[u8],
        sync: impl FnOnce(&File) -> std::io::Result<()>,
    ) -> Result<(), Trouble> {
        let unfinished = format!("{name}{}", disk::UNFINISHED);
        disk::remove(&self.dir, &unfinished)?;
        let mut file = private::create_file(&self.dir, &unfinished)?.into_std();
        let written = file
            .write_all(bytes)
            .and_then(|()| sync(&file))
            .and_then(|()| self.dir.rename(&unfinished, &self.dir, name));
        written.map_err(|error| {
            // A full disk should not also keep the half that did not fit.
            let _ = disk::remove(&self.dir, &unfinished);
            trouble::io(name, "written", &error)
        })
    }
}
