//! Files that are there whole or not at all.

use std::io::{ErrorKind, Read, Write};

use cap_std::fs::Dir;
use vestibule_core::TenantName;
use vestibule_core::limits::RECORD_BYTES;

use crate::private;
use crate::trouble::{self, Trouble};

/// How a file that is not complete yet is called. There is one for each name, since writers hold the lock of that name; so a
/// file that a killed process left is replaced by the next writer.
pub(crate) const UNFINISHED: &str = ".tmp";

/// A directory within the state directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Folder {
    /// The state directory itself.
    Root,
    /// The records of a tenant.
    Grants(TenantName),
    /// What can be fetched or learned again.
    Cache,
}

/// The content of one file, or why that one could not be read.
pub(crate) type Content = Result<Vec<u8>, Trouble>;

/// The state directory.
#[derive(Debug)]
pub(crate) struct Disk {
    root: Dir,
}

impl Disk {
    pub(crate) fn new(root: Dir) -> Self {
        Self { root }
    }

    /// The content of a file, or `None` if there is none.
    pub(crate) fn read(&self, folder: &Folder, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
        match self.folder(folder)? {
            Some(dir) => read(&dir, name),
            None => Ok(None),
        }
    }

    /// The names and contents of the files that `wanted` picks: the directory is opened and checked once.
    pub(crate) fn read_all<T>(
        &self,
        folder: &Folder,
        wanted: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<(T, Content)>, Trouble> {
        let Some(dir) = self.folder(folder)? else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for name in names(&dir)? {
            if let Some(key) = wanted(&name) {
                match read(&dir, &name) {
                    Ok(Some(bytes)) => files.push((key, Ok(bytes))),
                    Ok(None) => {} // removed since
                    Err(trouble) => files.push((key, Err(trouble))),
                }
            }
        }
        Ok(files)
    }

    /// Replaces a file, or creates it. Afterwards it survives a power cut; after an error the old one is whole.
    ///
    /// The order is that of CRASH-01: write, synchronize, rename, synchronize the directory.
    pub(crate) fn write(&self, folder: &Folder, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let dir = self.folder_for_writing(folder)?;
        let unfinished = format!("{name}{UNFINISHED}");
        remove(&dir, &unfinished)?;
        let written = write_new(&dir, &unfinished, bytes).and_then(|()| {
            dir.rename(&unfinished, &dir, name)
                .map_err(|error| trouble::io(name, "replaced", &error))
        });
        if let Err(trouble) = written {
            // A full disk should not also keep the half that did not fit. What failed first is what is reported.
            let _ = remove(&dir, &unfinished);
            return Err(trouble);
        }
        private::sync_dir(&dir, name)
    }

    /// Removes a file, durably. Whether there was one.
    pub(crate) fn remove(&self, folder: &Folder, name: &str) -> Result<bool, Trouble> {
        let Some(dir) = self.folder(folder)? else {
            return Ok(false);
        };
        let unfinished = remove(&dir, &format!("{name}{UNFINISHED}"))?;
        let finished = remove(&dir, name)?;
        if finished || unfinished {
            private::sync_dir(&dir, name)?;
        }
        Ok(finished)
    }

    /// Gives a file another name, one that is not taken.
    pub(crate) fn rename_aside(
        &self,
        folder: &Folder,
        name: &str,
        aside: &str,
    ) -> Result<String, Trouble> {
        let dir = self.folder_for_writing(folder)?;
        let taken = |candidate: &str| dir.symlink_metadata(candidate).is_ok();
        let mut target = aside.to_owned();
        let mut count = 1_u32;
        while taken(&target) {
            count += 1;
            target = format!("{aside}-{count}");
        }
        dir.rename(name, &dir, &target)
            .map_err(|error| trouble::io(name, "renamed", &error))?;
        private::sync_dir(&dir, name)?;
        Ok(target)
    }

    /// The names of the files in a folder.
    pub(crate) fn names(&self, folder: &Folder) -> Result<Vec<String>, Trouble> {
        match self.folder(folder)? {
            Some(dir) => names(&dir),
            None => Ok(Vec::new()),
        }
    }

    /// The tenants that have a folder.
    pub(crate) fn tenants(&self) -> Result<Vec<TenantName>, Trouble> {
        let Some(grants) = private::open_dir(&self.root, "grants")? else {
            return Ok(Vec::new());
        };
        let mut tenants: Vec<TenantName> = names(&grants)?
            .iter()
            .filter_map(|name| TenantName::parse(name).ok())
            .collect();
        tenants.sort();
        Ok(tenants)
    }

    /// Removes the folder of a tenant, once it is empty.
    pub(crate) fn remove_tenant(&self, tenant: &TenantName) -> Result<(), Trouble> {
        let Some(grants) = private::open_dir(&self.root, "grants")? else {
            return Ok(());
        };
        match grants.remove_dir(tenant.as_str()) {
            Ok(()) => private::sync_dir(&grants, tenant.as_str()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(trouble::io(tenant.as_str(), "removed", &error)),
        }
    }

    /// The directory of the locks.
    pub(crate) fn locks(&self) -> Result<Dir, Trouble> {
        private::open_or_create_dir(&self.root, "locks")
    }

    /// The directory of the audit log.
    pub(crate) fn audit(&self) -> Result<Dir, Trouble> {
        private::open_or_create_dir(&self.root, "audit")
    }

    fn folder(&self, folder: &Folder) -> Result<Option<Dir>, Trouble> {
        match folder {
            Folder::Root => self.clone_root().map(Some),
            Folder::Cache => private::open_dir(&self.root, "cache"),
            Folder::Grants(tenant) => match private::open_dir(&self.root, "grants")? {
                Some(grants) => private::open_dir(&grants, tenant.as_str()),
                None => Ok(None),
            },
        }
    }

    fn folder_for_writing(&self, folder: &Folder) -> Result<Dir, Trouble> {
        match folder {
            Folder::Root => self.clone_root(),
            Folder::Cache => private::open_or_create_dir(&self.root, "cache"),
            Folder::Grants(tenant) => {
                let grants = private::open_or_create_dir(&self.root, "grants")?;
                private::open_or_create_dir(&grants, tenant.as_str())
            }
        }
    }

    fn clone_root(&self) -> Result<Dir, Trouble> {
        self.root
            .try_clone()
            .map_err(|error| trouble::io("the state directory", "opened", &error))
    }
}

fn read(dir: &Dir, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
    let Some(file) = private::open_file(dir, name)? else {
        return Ok(None);
    };
    let length = file
        .metadata()
        .map_err(|error| trouble::io(name, "read", &error))?
        .len();
    if length > RECORD_BYTES {
        return Err(Trouble::Damaged("it is too large"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    // A file that grows while it is read is not one of ours; the limit holds for it as well.
    file.take(RECORD_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| trouble::io(name, "read", &error))?;
    Ok(Some(bytes))
}

fn write_new(dir: &Dir, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
    let mut file = private::create_file(dir, name)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|error| trouble::io(name, "written", &error))
}

pub(crate) fn remove(dir: &Dir, name: &str) -> Result<bool, Trouble> {
    match dir.remove_file(name) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(trouble::io(name, "removed", &error)),
    }
}

pub(crate) fn names(dir: &Dir) -> Result<Vec<String>, Trouble> {
    let fail = |error: std::io::Error| trouble::io("a directory", "listed", &error);
    dir.entries()
        .map_err(fail)?
        // A name that is not UTF-8 is not one of ours.
        .filter_map(|entry| {
            entry
                .map(|entry| entry.file_name().into_string().ok())
                .transpose()
        })
        .collect::<std::io::Result<_>>()
        .map_err(fail)
}
