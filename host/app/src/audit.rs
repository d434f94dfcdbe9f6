//! The audit log, brought together with the store that has its folder and its key; and what happens if it cannot be written.

use std::fs::File;
use std::ops::ControlFlow;

use vestibule_audit::{
    Durability, Entry, Folder, Key, Keys, Locked, Log, Mark, Range, Record, Unusual, Verdict,
};
use vestibule_core::event::Event;
use vestibule_core::tenant::Risk;
use vestibule_core::{Error, Result};
use vestibule_store::{Guard, KeyStoreId, PrivateFolder, Store};

use crate::vestibule::Vestibule;

impl Vestibule {
    /// Visits all records of the audit log, the oldest first. Gives the number of lines that are none.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn audit_records(&self, visit: &mut dyn FnMut(Record)) -> Result<u64> {
        let shelf = self.audit_shelf()?;
        Log::new(&shelf, &AuditKeys(self)).for_each(visit)
    }

    /// Verifies the audit log. What is wrong with it is in the verdict.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn verify_audit(&self) -> Result<Verdict> {
        let shelf = self.audit_shelf()?;
        Log::new(&shelf, &AuditKeys(self)).verify()
    }

    /// Writes a record. Where it cannot be written, what it is about ends if the risk is high, and is warned of otherwise (POL-06).
    ///
    /// # Errors
    /// `audit.unwritable`, for a tenant of high risk alone.
    pub(crate) fn record(&self, risk: Risk, entry: &Entry, durability: Durability) -> Result<()> {
        self.settle(risk, self.append(entry, durability))
    }

    /// What it means that a record was written, or was not.
    ///
    /// # Errors
    /// Those of [`Self::record`].
    pub(crate) fn settle(&self, risk: Risk, written: Result<()>) -> Result<()> {
        match (written, risk) {
            (Err(problem), Risk::Normal) => {
                self.warn_unrecorded(&problem);
                Ok(())
            }
            (Err(problem), Risk::High) => self.stop_if_high_risk(risk, problem),
            (Ok(()), _) => Ok(()),
        }
    }

    /// What it means that nothing can be recorded, where nothing was yet.
    ///
    /// # Errors
    /// Those of [`Self::record`].
    pub(crate) fn stop_if_high_risk(&self, risk: Risk, problem: Error) -> Result<()> {
        match risk {
            Risk::Normal => Ok(()),
            Risk::High => {
                let error = Error::new(
                    problem.blame(),
                    "audit.unwritable",
                    format!(
                        "this tenant is marked as high risk, and what happens cannot be recorded: {}",
                        problem.message()
                    ),
                );
                Err(match problem.next_step() {
                    Some(hint) => error.hint(hint),
                    None => error,
                })
            }
        }
    }

    /// Writes a record of something that has ended, or that must not be kept from ending. Where it cannot be written, that is told.
    pub(crate) fn record_or_warn(&self, entry: &Entry) {
        if let Err(problem) = self.append(entry, Durability::Durable) {
            self.warn_unrecorded(&problem);
        }
    }

    fn warn_unrecorded(&self, problem: &Error) {
        let hint = problem.next_step();
        let text = format!(
            "this could not be written to the audit log: {}{}",
            problem.message(),
            hint.map_or_else(String::new, |hint| format!(" — {hint}"))
        );
        self.outside.observer.event(&Event::Warning { text: &text });
    }

    /// Whether a record could be written, where a failure would come too late to undo anything.
    ///
    /// # Errors
    /// `audit.unwritable`, for a tenant of high risk alone.
    pub(crate) fn ready_to_record(&self, risk: Risk) -> Result<()> {
        match risk {
            Risk::Normal => Ok(()),
            Risk::High => {
                let ready = self
                    .audit_shelf()
                    .and_then(|shelf| Log::new(&shelf, &AuditKeys(self)).ready());
                self.settle(risk, ready)
            }
        }
    }

    /// Adds a record of this device.
    ///
    /// # Errors
    /// Those of the log, the store and the key stores.
    pub(crate) fn append(&self, entry: &Entry, durability: Durability) -> Result<()> {
        self.append_noticing(entry, durability).map(drop)
    }

    /// The same, and says what is unusual about its time.
    ///
    /// # Errors
    /// Those of [`Self::append`].
    pub(crate) fn append_noticing(
        &self,
        entry: &Entry,
        durability: Durability,
    ) -> Result<Vec<Unusual>> {
        let shelf = self.audit_shelf()?;
        let entry = self.of_this_device(entry)?;
        let appended = Log::new(&shelf, &AuditKeys(self)).append(self.now(), &entry, durability)?;
        if !appended.keyed && self.told_unkeyed.set(()).is_ok() {
            self.outside.observer.event(&Event::Notice {
                text: "The audit log of this run cannot be verified later: no key store of this machine holds a key for it.",
            });
        }
        Ok(appended.unusual)
    }

    /// What every rule would say of this, if it were recorded now.
    ///
    /// # Errors
    /// Those of the log, the store and the key stores.
    pub(crate) fn unusual(&self, entry: &Entry) -> Result<Vec<Unusual>> {
        let shelf = self.audit_shelf()?;
        let entry = self.of_this_device(entry)?;
        Log::new(&shelf, &AuditKeys(self)).unusual(self.now(), &entry)
    }

    /// What the rules of time would say of it, which takes no more than a look at the head of the log.
    ///
    /// # Errors
    /// Those of the log, the store and the key stores.
    pub(crate) fn unusual_now(&self, entry: &Entry) -> Result<Vec<Unusual>> {
        let shelf = self.audit_shelf()?;
        Log::new(&shelf, &AuditKeys(self)).unusual_now(self.now(), entry)
    }

    /// Visits the records of the audit log behind a place, each with its line, until the visitor has enough.
    ///
    /// # Errors
    /// `audit.another_log` if it is not the log of the place any more. Otherwise if it cannot be read.
    pub fn audit_records_behind(
        &self,
        from: &Mark,
        visit: &mut dyn FnMut(&str, Record) -> ControlFlow<()>,
    ) -> Result<Range> {
        let shelf = self.audit_shelf()?;
        Log::new(&shelf, &AuditKeys(self)).for_each_behind(from, visit)
    }

    fn of_this_device(&self, entry: &Entry) -> Result<Entry> {
        Ok(Entry {
            device: Some(self.store()?.device_id()),
            ..entry.clone()
        })
    }

    pub(crate) fn audit_shelf(&self) -> Result<Shelf<'_>> {
        let store = self.store()?;
        Ok(Shelf {
            store,
            folder: store.audit_folder()?,
        })
    }
}

/// The store's private folder, as the log wants it.
pub(crate) struct Shelf<'a> {
    store: &'a Store,
    pub(crate) folder: PrivateFolder,
}

struct Held(#[expect(dead_code, reason = "it is held, and dropped")] Guard);

impl Locked for Held {}

impl Folder for Shelf<'_> {
    fn lock(&self) -> Result<Box<dyn Locked + '_>> {
        Ok(Box::new(Held(self.store.lock_audit()?)))
    }

    fn open(&self, name: &str) -> Result<Option<File>> {
        self.folder.open(name)
    }

    fn open_or_create(&self, name: &str) -> Result<File> {
        self.folder.open_or_create(name)
    }

    fn replace(&self, name: &str, bytes: &[u8], durability: Durability) -> Result<()> {
        match durability {
            Durability::Durable => self.folder.replace(name, bytes),
            Durability::Quick => self.folder.replace_quickly(name, bytes),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.folder.rename(from, to)
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.folder.remove(name).map(drop)
    }

    fn boot(&self) -> Option<String> {
        self.store.boot_id()
    }

    fn names(&self) -> Result<Vec<String>> {
        self.folder.names()
    }
}

/// The key stores, as the log wants them. A key stays where it is as long as it is there; a new one is where a new sign-in would be.
struct AuditKeys<'a>(&'a Vestibule);

impl Keys for AuditKeys<'_> {
    fn find(&self, keeper: &str, id: &str) -> Result<Option<Key>> {
        let Some(key_store) = KeyStoreId::from_word(keeper) else {
            return Ok(None);
        };
        let recent = self.0.store()?.recent_audit_key(key_store);
        let recent = recent.map(|bytes| Key::new(keeper, bytes));
        match recent.filter(|key| key.id() == id) {
            Some(key) => Ok(Some(key)),
            None => self.held(key_store),
        }
    }

    fn current(&self) -> Result<Key> {
        let id = self.0.choose_key_store()?.store;
        let key = self.0.store()?.audit_key_or_new(id)?;
        Ok(key.map_or_else(Key::none, |bytes| Key::new(id.word(), bytes)))
    }

    fn all(&self) -> Vec<Key> {
        // One that cannot be asked now has no key to verify with, which is said of the records that are of it.
        let found = KeyStoreId::ALL.map(|id| self.held(id).ok().flatten());
        found.into_iter().flatten().collect()
    }
}

impl AuditKeys<'_> {
    /// The key that this key store holds now.
    fn held(&self, key_store: KeyStoreId) -> Result<Option<Key>> {
        let key = self.0.store()?.audit_key(key_store)?;
        Ok(key.map(|bytes| Key::new(key_store.word(), bytes)))
    }
}
