//! Secrets that last, of a client that is a workload (WKL-08): not used where the tenant has a source of assertions that a platform makes,
//! and elsewhere told with their age, each time.

use std::path::Path;

use vestibule_core::event::{Event, Observer};
use vestibule_core::record::Method;
use vestibule_core::tenant::SecretSource;
use vestibule_core::text::span;
use vestibule_core::{Error, Result, SettingName};

use crate::secret_file;
use crate::vestibule::{Approved, Vestibule};

impl Vestibule {
    /// Judges a client's secret before it is fetched.
    ///
    /// # Errors
    /// If there is federation. A secret in the tenant file itself ships in public programs, and is none.
    pub(crate) fn judge_client_secret(
        &self,
        approved: &Approved,
        setting: &SettingName,
        method: Method,
        observer: &dyn Observer,
    ) -> Result<()> {
        let Some(source) = approved.tenant.secrets.get(setting) else {
            return Ok(());
        };
        if let Some((name, federation)) = approved.tenant.workload.federation() {
            let age = self.age(approved, setting, source);
            return Err(Error::policy(
                "workload.lasting",
                format!(
                    "the client's secret \"{setting}\" lasts ({age}), and is not used, since the source \"{name}\" ({}) makes assertions that do not",
                    federation.from.title()
                ),
            )
            .hint(format!(
                "take the secret out of the tenant file, and end it at the provider; or take [workload.sources.{name}] out, then: vestibule tenant approve {}",
                approved.name
            )));
        }
        self.tell_age(approved, setting, source, method, observer);
        Ok(())
    }

    /// Tells the age of a client's private key. It proves the client without being sent, so that federation does not rule it out.
    pub(crate) fn tell_client_key(
        &self,
        approved: &Approved,
        setting: &SettingName,
        method: Method,
        observer: &dyn Observer,
    ) {
        if let Some(source) = approved.tenant.secrets.get(setting) {
            self.tell_age(approved, setting, source, method, observer);
        }
    }

    fn tell_age(
        &self,
        approved: &Approved,
        setting: &SettingName,
        source: &SecretSource,
        method: Method,
        observer: &dyn Observer,
    ) {
        // A person's client has a person besides.
        if method == Method::Workload {
            let age = self.age(approved, setting, source);
            let text = format!(
                "the workload proves itself by \"{setting}\", which lasts ({age}); assertions of a platform would not"
            );
            observer.event(&Event::Warning { text: &text });
        }
    }

    /// How old it is, in words: a file by its last change, a stored secret by when it was put there.
    fn age(&self, approved: &Approved, setting: &SettingName, source: &SecretSource) -> String {
        let since = match source {
            SecretSource::File(path) => secret_file::modified(Path::new(path)),
            SecretSource::KeyStore => self.stored_since(approved, setting),
            SecretSource::Prompt => None,
        };
        since.map_or_else(
            || "of unknown age".to_owned(),
            |since| format!("{} old", span(self.now().saturating_sub(since))),
        )
    }
}
