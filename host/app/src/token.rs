//! Handing out a token: from the store if it is valid, which takes no sandbox and no network, or after a refresh.

use vestibule_broker::release::Released;
use vestibule_core::record::Record;
use vestibule_core::{Result, SettingName, TenantName};
use vestibule_policy::lifetime;
use vestibule_store::Held;

use crate::vestibule::{Approved, Vestibule};

/// Which token is wanted.
#[derive(Clone, Debug, Default)]
pub struct TokenQuery {
    /// Whose, where several have signed in.
    pub account: Option<String>,
    /// Renew it, although it is valid.
    pub refresh: bool,
    /// For what: the parameters of a derived credential. Empty: the grant's own token.
    pub derived_for: Vec<(SettingName, String)>,
}

impl Vestibule {
    /// The token, if it is valid as it lies there. Touches neither sandbox nor network; none if it takes more than that.
    ///
    /// # Errors
    /// If nobody has signed in, or the grant cannot be used.
    pub fn token_at_hand(&self, name: &TenantName, query: &TokenQuery) -> Result<Option<Released>> {
        if query.refresh {
            return Ok(None);
        }
        let approved = self.approved(name)?;
        let held = self.grant(&approved, query.account.as_deref())?;
        if !query.derived_for.is_empty() {
            return self.derived_at_hand(&approved, &held.record, query);
        }
        if lifetime::due_for_renewal(self.now(), held.record.facts.expires_at) {
            return Ok(None);
        }
        Released::from_record(held.record).map(Some)
    }

    /// The token, renewed if it is about to expire or if that is asked for.
    ///
    /// # Errors
    /// If nobody has signed in, or the provider gives no new one. A refresh never opens a browser.
    pub async fn token(&self, name: &TenantName, query: &TokenQuery) -> Result<Released> {
        if let Some(released) = self.token_at_hand(name, query)? {
            return Ok(released);
        }
        let approved = self.approved(name)?;
        let held = self.grant(&approved, query.account.as_deref())?;
        if query.derived_for.is_empty() {
            let record = self.renewed(&approved, held, query.refresh).await?;
            return Released::from_record(record);
        }
        let held = self.fresh_grant(&approved, held).await?;
        self.derive(&approved, held, query).await
    }

    /// The grant with a token that lasts for the next request.
    async fn fresh_grant(&self, approved: &Approved, held: Held) -> Result<Record> {
        if lifetime::due_for_renewal(self.now(), held.record.facts.expires_at) {
            self.renewed(approved, held, false).await
        } else {
            Ok(held.record)
        }
    }
}
