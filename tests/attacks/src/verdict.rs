//! What every attack is judged by, beside what is particular to it.

use vestibule_app::{AuditEvent, Outcome, Record, SignedIn};
use vestibule_core::{Blame, Error, Result, TenantName};
use vestibule_e2e::encodings;
use vestibule_rehearsal::{Role, SecretKind};

use crate::Stage;

/// The error of an attack that was stopped.
///
/// # Panics
/// If it went through.
#[track_caller]
pub fn stopped<T: std::fmt::Debug>(ended: Result<T>) -> Error {
    let error = ended.expect_err("the attack went through");
    assert!(
        !error.message().contains("puppet:"),
        "the puppet cannot play this: {error:?}"
    );
    error
}

/// The error of a plugin that was caught, and is blamed for it.
///
/// # Panics
/// If it was not.
#[track_caller]
pub fn caught<T: std::fmt::Debug>(ended: Result<T>) -> Error {
    let error = stopped(ended);
    assert_eq!(error.blame(), Blame::Plugin, "{error:?}");
    error
}

/// Policy has refused a step by this rule, and blames the plugin.
///
/// # Panics
/// If it has not.
#[track_caller]
pub fn denied(error: &Error, rule: &str) {
    assert_eq!(error.code(), "policy.denied", "{error:?}");
    assert_eq!(error.blame(), Blame::Plugin, "{error:?}");
    let end = format!("(rule: {rule})");
    assert!(error.message().ends_with(&end), "{rule}: {error:?}");
}

/// The error of a provider, or of the way to it, that was caught.
///
/// # Panics
/// If it was not, or if somebody else is blamed.
#[track_caller]
pub fn unusable<T: std::fmt::Debug>(ended: Result<T>) -> Error {
    let error = stopped(ended);
    assert!(
        matches!(error.blame(), Blame::Provider | Blame::Network),
        "{error:?}"
    );
    error
}

impl Stage {
    /// A description that may not be approved: by this code, and before anything was asked of the provider but its metadata.
    ///
    /// # Panics
    /// If it was approved.
    pub async fn refuses(&self, program: &crate::Program, code: &str) -> Error {
        let error = stopped(self.approve(&self.next_tenant(), program).await);
        assert_eq!(error.code(), code, "{error:?}");
        let asked = self.idp.requests();
        let metadata = [Role::Discovery, Role::ServerMetadata];
        assert!(asked.iter().all(|seen| metadata.contains(&seen.role)));
        error
    }

    /// Plays an attack that must be the plugin's fault, leave nothing, and tell the guest nothing.
    ///
    /// # Panics
    /// If it did not.
    pub async fn catches(&self, program: &crate::Program) -> Error {
        let error = caught(self.play(program).await);
        self.kept_nothing();
        self.told_nothing();
        error
    }

    /// Nothing was stored.
    ///
    /// # Panics
    /// If something was.
    #[track_caller]
    pub fn kept_nothing(&self) {
        assert_eq!(self.sealed(), 0, "something was stored");
    }

    /// What was refused since there were so many records is recorded, with whom that is about and why. What does not blame policy, a
    /// plugin or a provider is nobody's business but the person's, unless a session has ended by it.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub(crate) fn is_recorded<T>(&self, before: usize, tenant: &TenantName, ended: &Result<T>) {
        let Err(error) = ended else { return };
        let refused = matches!(
            error.blame(),
            Blame::Policy | Blame::Plugin | Blame::Provider
        );
        if !refused && error.code() != "grant.dead" {
            return;
        }
        let found = self.recorded().split_off(before);
        let is_this = |record: &Record| {
            let (entry, reason) = (&record.entry, record.entry.reason.as_ref());
            entry.event == AuditEvent::Refusal
                && entry.outcome == Outcome::Refused
                && entry.tenant.as_deref() == Some(tenant.as_str())
                && entry.plugin_digest.is_some()
                && reason.is_some_and(|reason| reason.code == error.code())
                && reason.is_some_and(|reason| reason.blame == error.blame().as_str())
        };
        let count = found.iter().filter(|record| is_this(record)).count();
        assert_eq!(count, 1, "{error:?} is recorded once: {found:#?}");
    }

    /// What is recorded is whole, and every byte of it was written here.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn log_is_whole(&self) {
        let verdict = self.vestibule.verify_audit().unwrap();
        assert!(verdict.is_good(), "{verdict:#?}");
        assert!(
            verdict.parts.iter().all(|part| part.verified),
            "{verdict:#?}"
        );
    }

    /// The files of the audit log.
    ///
    /// # Panics
    /// If nothing was recorded.
    #[must_use]
    pub fn log_files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.audit_folder()).unwrap();
        let texts: Vec<String> = files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        assert!(texts.len() >= 2, "a log and its head");
        texts
    }

    /// No secret of the provider has entered a guest, in any encoding, or was shown to anybody, or is in the audit log.
    ///
    /// # Panics
    /// If one has, or if the provider has no secrets, so that nothing was shown.
    #[track_caller]
    pub fn told_nothing(&self) {
        let texts = [self.tape.entered(), self.tape.shown(), self.log_files()].concat();
        for secret in self.idp.secrets() {
            for form in encodings::of(&secret.value) {
                for text in &texts {
                    assert!(!text.contains(&form), "{:?} is in {text}", secret.kind);
                }
            }
        }
    }

    /// Each secret has reached the provider at its own places, and nowhere else: of another role, in a URL, or twice where once is
    /// enough.
    ///
    /// # Panics
    /// If one has.
    #[track_caller]
    pub fn sent_nothing_astray(&self) {
        for secret in self.idp.secrets() {
            let allowed: &[Role] = match secret.kind {
                SecretKind::Code | SecretKind::Verifier | SecretKind::DeviceCode => &[Role::Token],
                SecretKind::State | SecretKind::Nonce => &[
                    Role::Authorization,
                    Role::Consent,
                    Role::PushedAuthorization,
                ],
                SecretKind::RequestUri => &[Role::Authorization, Role::Consent],
                SecretKind::AccessToken => &[
                    Role::UserInfo,
                    Role::Revocation,
                    Role::Introspection,
                    Role::Api,
                ],
                SecretKind::RefreshToken => &[Role::Token, Role::Revocation, Role::Introspection],
                SecretKind::ClientSecret => &[
                    Role::Token,
                    Role::DeviceAuthorization,
                    Role::PushedAuthorization,
                    Role::Revocation,
                    Role::Introspection,
                ],
                SecretKind::IdToken | SecretKind::CloudKey | _ => &[],
            };
            let forms = encodings::of(&secret.value);
            for seen in self.idp.requests() {
                let has = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
                let in_url = has(&seen.target);
                let in_rest = seen.headers.iter().any(|(_, value)| has(value))
                    || has(&String::from_utf8_lossy(&seen.body));
                assert!(
                    !(in_url || in_rest) || allowed.contains(&seen.role),
                    "{:?} has reached {:?}",
                    secret.kind,
                    seen.role
                );
                let by_browser = matches!(seen.role, Role::Authorization | Role::Consent);
                assert!(
                    !in_url || by_browser,
                    "{:?} is in the URL of {:?}",
                    secret.kind,
                    seen.role
                );
            }
        }
    }

    /// An honest sign-in still works on this stage: what was stopped was stopped for what it tried.
    ///
    /// # Errors
    /// If it does not.
    pub async fn still_works(&self) -> Result<SignedIn> {
        let name = self
            .approve("still-works", &crate::Program::honest(&self.idp))
            .await?;
        self.sign_in(&name).await
    }
}
