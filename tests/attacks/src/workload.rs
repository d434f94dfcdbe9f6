//! Workloads on the stage: a platform that says which is which, and tenants of the plugin for conforming providers that are for them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use vestibule_rehearsal::{Script, Signer, SigningAlgorithm};

use crate::Stage;

/// The secret of the client of workloads.
pub const CLIENT_SECRET: &str = "workload-client-secret-0123456789";

/// A platform whose word the provider takes.
///
/// # Panics
/// If no key can be made.
#[must_use]
pub fn platform() -> Arc<Signer> {
    Arc::new(Signer::generate(SigningAlgorithm::Es256).unwrap())
}

/// An honest provider that takes the word of this platform, and whose client authenticates with [`CLIENT_SECRET`].
#[must_use]
pub fn script(platform: &Arc<Signer>) -> Script {
    Script::honest()
        .any_redirect_path()
        .client_secret(CLIENT_SECRET)
        .trusts(platform)
}

impl Stage {
    /// Puts an assertion of this platform where the source `NAME` looks for it: who, and for how many seconds from now.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn asserts(&self, platform: &Signer, name: &str, subject: &str, seconds: u64) -> String {
        let now = self.idp.clock().now();
        let claims = json!({
            "iss": "https://platform.example",
            "sub": subject,
            "aud": self.idp.issuer(),
            "iat": now,
            "exp": now + seconds,
        });
        let assertion = platform.sign("JWT", &claims);
        self.puts(&format!("assertions/{name}"), &assertion);
        assertion
    }

    /// Writes a file that only this user reads.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn puts(&self, name: &str, text: &str) -> PathBuf {
        let file = self.root().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// The tables of the sources of these names.
    #[must_use]
    pub fn sources(&self, names: &[&str]) -> String {
        let directory: Value = json!(self.root().join("assertions"));
        let issuer: Value = json!(self.idp.issuer());
        let tables = names.iter().map(|name| {
            format!(
                "[workload.sources.{name}]\nfrom = \"file\"\naudience = {issuer}\ndirectory = {directory}\nfile = \"{name}\"\n"
            )
        });
        tables.collect()
    }

    /// A tenant file of the plugin for conforming providers, with a client that authenticates by its secret: these settings, these lines
    /// of `[policy]`, and sources of these names.
    #[must_use]
    pub fn confidential_file(&self, settings: &str, policy: &str, sources: &[&str]) -> String {
        let secret = json!(self.client_secret(CLIENT_SECRET));
        self.client_file(
            &format!("token_endpoint_auth_method = \"client_secret_basic\"\n{settings}"),
            &format!("client_secret = {{ file = {secret} }}"),
            policy,
            sources,
        )
    }

    /// The same with another way of the client to authenticate, or none.
    #[must_use]
    pub fn client_file(
        &self,
        settings: &str,
        secrets: &str,
        policy: &str,
        sources: &[&str],
    ) -> String {
        format!(
            "plugin = \"oidc\"\ninteractive = \"window\"\n[settings]\nissuer = \"{}\"\nclient_id = \"{}\"\n{settings}\n\
             [secrets]\n{secrets}\n[policy]\n{policy}\n[network]\nallow_loopback_http = true\n{}",
            self.idp.issuer(),
            Script::CLIENT_ID,
            self.sources(sources)
        )
    }

    /// Installs the plugin for conforming providers.
    ///
    /// # Panics
    /// If it was not built.
    pub fn install_conforming(&self) {
        let file = vestibule_e2e::machine::plugin("oidc");
        self.install(&std::fs::read(file).unwrap());
    }
}
