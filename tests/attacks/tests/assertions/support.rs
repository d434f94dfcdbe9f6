//! A machine with a workload on it, whose plugin fetches an assertion and presents it.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule_attacks::puppet::{discover, finish, jwt_bearer, subject_token};
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Result, TenantName};
use vestibule_rehearsal::{Platform, Role, Script};

/// Whom the assertions are for.
pub(crate) const AUDIENCE: &str = "https://idp.example";

/// The machine.
pub(crate) struct Machine {
    pub(crate) stage: Stage,
    pub(crate) platform: Platform,
    /// Where the platform projects tokens.
    pub(crate) tokens: TempDir,
}

impl Machine {
    pub(crate) async fn start() -> Self {
        Self::with(Script::honest()).await
    }

    pub(crate) async fn with(script: Script) -> Self {
        let stage = Stage::with(script).await;
        let platform = Platform::start(stage.idp.clock()).await.unwrap();
        stage.variables.set_all(&platform.variables());
        Self {
            stage,
            platform,
            tokens: TempDir::new().unwrap(),
        }
    }

    /// Puts a token where the platform projects it.
    pub(crate) fn project(&self, name: &str, token: &str) {
        std::fs::write(self.tokens.path().join(name), token).unwrap();
    }

    /// The keys of a source that reads the projected token.
    pub(crate) fn projected(&self) -> String {
        projected(self.tokens.path())
    }

    /// The keys of a source that asks the platform.
    pub(crate) fn asking(&self, keys: &str) -> String {
        format!("{keys}\nendpoint = \"{}\"\n", self.platform.origin())
    }

    /// Approves a workload with one source of these keys, and signs in.
    pub(crate) async fn plays(&self, keys: &str, program: &Program) -> Result<TenantName> {
        let name = self.approves(keys, program).await?;
        self.stage.sign_in(&name).await.map(|_| name)
    }

    pub(crate) async fn approves(&self, keys: &str, program: &Program) -> Result<TenantName> {
        let file = program.tenant_file(&with_source(keys));
        let name = self.stage.next_tenant();
        self.stage.approve_file(&name, &file).await
    }

    /// What was presented to the token endpoint, in order.
    pub(crate) fn presented(&self) -> Vec<String> {
        let requests = self.stage.idp.requests_to(Role::Token);
        let presented = requests.iter().filter_map(|seen| seen.field("assertion"));
        presented.map(ToOwned::to_owned).collect()
    }

    /// No assertion and nothing that one is asked with has entered a guest, was shown, or lies on the disk outside of where it was put.
    #[track_caller]
    pub(crate) fn told_nothing(&self) {
        let tape = &self.stage.tape;
        let texts = [tape.entered(), tape.shown(), self.stage.log_files()].concat();
        let secrets = self.platform.secrets();
        assert!(!secrets.is_empty());
        for secret in secrets {
            for text in &texts {
                assert!(!text.contains(&secret), "{text}");
            }
            assert!(!self.stage.keeps(&secret), "it was written to disk");
        }
    }
}

/// The keys of a source that reads a token of a directory.
pub(crate) fn projected(directory: &Path) -> String {
    format!(
        "from = \"kubernetes\"\ndirectory = \"{}\"\nfile = \"token\"\n",
        directory.display()
    )
}

/// The lines of a tenant file for a workload with one source, `ci`.
pub(crate) fn with_source(keys: &str) -> String {
    format!(
        "[policy]\nmethods = [\"workload\"]\nallow_unknown_identity = true\n\
         [workload.sources.ci]\naudience = \"{AUDIENCE}\"\n{keys}\n"
    )
}

/// A plugin that does this in a workload's sign-in.
pub(crate) fn doing(machine: &Machine, steps: Vec<Value>) -> Program {
    Program::honest(&machine.stage.idp)
        .profile(|profile| {
            profile["methods"] = json!(["workload"]);
            profile["scopes"] = json!([]);
            profile["identity"] = json!("Unknown");
        })
        .steps("sign-in", steps)
}

/// A plugin that fetches an assertion and presents it, as it should.
pub(crate) fn honest(machine: &Machine) -> Program {
    doing(
        machine,
        vec![
            discover(),
            subject_token("ci", AUDIENCE),
            jwt_bearer("subject_token"),
            finish(&["access_token"]),
        ],
    )
}
