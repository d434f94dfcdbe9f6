//! A workload's sign-in, whenever its token is wanted and none is good any more (WKL-01): it asks nobody and opens nothing.

use vestibule_core::record::{Label, Method, Record, RecordKind};
use vestibule_core::{Error, Result};
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
        if let Some(held) = self.good(seen.as_ref(), forced) {
            return self.again(approved, held);
        }
        let store = self.store()?;
        let _guard = store
            .lock(&store.lock_name(&self.sign_in_label(approved)?), |_| {
                self.say_waiting(&approved.name)
            })
            .await?;
        let held = self.grant(approved, account).ok();
        let renewed_meanwhile =
            held.as_ref().map(|held| held.generation) != seen.as_ref().map(|seen| seen.generation);
        if let Some(held) = self.good(held.as_ref(), forced && !renewed_meanwhile) {
            return self.again(approved, held);
        }
        let mut known = Known::of(&approved.name);
        known.approved(approved);
        let ended = self.sign_workload_in(approved, &mut known).await;
        self.record_end(&known, "sign-in", &ended);
        ended
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

    /// The grant's label and where it is, if its token is good.
    fn good<'a>(&self, held: Option<&'a Held>, forced: bool) -> Option<&'a Label> {
        held.filter(|held| {
            !forced && !lifetime::due_for_renewal(self.now(), held.record.facts.expires_at)
        })
        .map(|held| &held.record.label)
    }

    /// The record of this label. Secrets are not copied: it is opened once more.
    fn again(&self, approved: &Approved, label: &Label) -> Result<(Record, KeyStoreId)> {
        let held = self
            .store()?
            .load(label)
            .map_err(|trouble| trouble.about(&approved.name))?;
        let held = held.ok_or_else(|| {
            Error::login_required(
                "grant.missing",
                format!(
                    "somebody has signed out of tenant \"{}\" meanwhile",
                    approved.name
                ),
                approved.name.as_str(),
            )
        })?;
        Ok((held.record, held.key_store))
    }

    /// No record has this label: it is what those wait for who would sign in at once.
    fn sign_in_label(&self, approved: &Approved) -> Result<Label> {
        Ok(Label {
            derived_for: "sign-in".to_owned(),
            ..self.label(approved, RecordKind::Grant)?
        })
    }
}
