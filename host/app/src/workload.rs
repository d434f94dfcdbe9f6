//! A workload's sign-in, whenever its token is wanted and none is good any more (WKL-01): it asks nobody and opens nothing.

use vestibule_core::record::{Label, Method, Record, RecordKind};
use vestibule_core::{Error, Result, Shown};
use vestibule_policy::lifetime;
use vestibule_store::{Held, KeyStoreId};

use crate::known::Known;
use crate::sign_in::SignIn;
use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// The workload's grant: the one that is there, or a new one where that is over or a new one is asked for. One process at a time
    /// signs in; the others take what it has stored.
    ///
    /// # Errors
    /// Those of a sign-in. A workload that cannot sign in has nothing else to fall back on.
    pub(crate) async fn workload_grant(
        &self,
        approved: &Approved,
        account: Option<&str>,
        forced: bool,
    ) -> Result<(Record, KeyStoreId)> {
        let seen = self.grant(approved, account).ok();
        let generation = seen.as_ref().map(|held| held.generation);
        if let Some(held) = seen.filter(|held| !forced && self.is_good(held)) {
            return Ok((held.record, held.key_store));
        }
        let store = self.store()?;
        let _guard = store
            .lock(&store.lock_name(&self.sign_in_label(approved)?), |_| {
                self.say_waiting(&approved.name)
            })
            .await?;
        // Whoever held the lock may have signed in; what was read before says nothing any more.
        let held = self.grant(approved, account).ok();
        let meanwhile = held.as_ref().map(|held| held.generation) != generation;
        if let Some(held) = held.filter(|held| (!forced || meanwhile) && self.is_good(held)) {
            return Ok((held.record, held.key_store));
        }
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let ended = self.sign_workload_in(approved, &mut known).await;
        self.record_end(&known, "sign-in", &ended);
        let (record, key_store) = ended?;
        let signed_in = record.facts.account.as_deref().unwrap_or_default();
        match account {
            Some(meant) if meant != signed_in => Err(Error::user(
                "grant.account",
                format!(
                    "the workload of tenant \"{}\" is \"{}\", and not \"{}\"",
                    approved.name,
                    Shown::new(signed_in),
                    Shown::new(meant)
                ),
            )),
            Some(_) | None => Ok((record, key_store)),
        }
    }

    async fn sign_workload_in(
        &self,
        approved: &Approved,
        known: &mut Known,
    ) -> Result<(Record, KeyStoreId)> {
        self.retire(approved).await?;
        let chosen = self.method_of(approved, None)?;
        if chosen.method != Method::Workload {
            return Err(Error::host(
                "host.method",
                "another way than a workload's was chosen for a workload",
            ));
        }
        let wish = SignIn {
            in_this_process: true,
            ..SignIn::default()
        };
        self.obtain(approved, chosen.method, &wish, known).await
    }

    fn is_good(&self, held: &Held) -> bool {
        !lifetime::due_for_renewal(self.now(), held.record.facts.expires_at)
    }

    /// No record has this label: it is what those wait for who would sign in at once.
    fn sign_in_label(&self, approved: &Approved) -> Result<Label> {
        Ok(Label {
            derived_for: "sign-in".to_owned(),
            ..self.label(approved, RecordKind::Grant)?
        })
    }
}
