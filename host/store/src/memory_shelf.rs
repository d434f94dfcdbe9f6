//! Files that are never written: what is sealed under a key that ends with this process stays in it (LOC-06).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::disk::Folder;

/// The sealed content of what would be files.
#[derive(Debug, Default)]
pub(crate) struct MemoryShelf {
    files: Mutex<BTreeMap<String, (Folder, Vec<u8>)>>,
}

impl MemoryShelf {
    pub(crate) fn read(&self, folder: &Folder, name: &str) -> Option<Vec<u8>> {
        self.files()
            .get(name)
            .filter(|(in_folder, _)| in_folder == folder)
            .map(|(_, bytes)| bytes.clone())
    }

    pub(crate) fn write(&self, folder: &Folder, name: &str, bytes: Vec<u8>) {
        self.files()
            .insert(name.to_owned(), (folder.clone(), bytes));
    }

    pub(crate) fn remove(&self, name: &str) -> bool {
        self.files().remove(name).is_some()
    }

    pub(crate) fn all(&self, folder: &Folder) -> Vec<(String, Vec<u8>)> {
        self.files()
            .iter()
            .filter(|(_, (in_folder, _))| in_folder == folder)
            .map(|(name, (_, bytes))| (name.clone(), bytes.clone()))
            .collect()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, (Folder, Vec<u8>)>> {
        // No operation on the map can leave it half done.
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
