//! What works here and what does not, with what to do about it.

use vestibule_broker::subject_token::{Platform, examine};
use vestibule_core::{Error, Result, TenantName};
use vestibule_engine::PluginDigest;

use crate::vestibule::Vestibule;
use crate::{approvals, plugins, tenants};

/// How a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, with less than there could be.
    Weak,
    /// Something will not work.
    Bad,
}

/// One finding.
#[derive(Debug)]
pub struct Finding {
    /// What was looked at.
    pub subject: String,
    /// How it is.
    pub health: Health,
    /// What was found, in one sentence.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    fn new(subject: impl Into<String>, health: Health, text: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            health,
            text: text.into(),
            hint: None,
        }
    }

    fn of(subject: impl Into<String>, problem: &Error) -> Self {
        Self {
            hint: problem.next_step().map(ToOwned::to_owned),
            ..Self::new(subject, Health::Bad, problem.message())
        }
    }
}

impl Vestibule {
    /// Looks at this machine: directories, key stores, sandbox, plugins; and at a tenant, or at all. Nothing is changed, except that
    /// missing directories are made.
    pub async fn doctor(&self, tenant: Option<&TenantName>) -> Result<Vec<Finding>> {
        let mut findings = vec![self.look_at_store()];
        findings.extend(self.look_at_key_stores());
        findings.push(self.look_at_sandbox());
        findings.extend(self.look_at_plugins());
        let names = match tenant {
            Some(name) => vec![name.clone()],
            None => tenants::list(&self.places)?,
        };
        if names.is_empty() {
            findings.push(Finding {
                hint: Some("run: vestibule tenant add".to_owned()),
                ..Finding::new("tenants", Health::Weak, "there is no tenant yet")
            });
        }
        for name in &names {
            findings.push(self.look_at_tenant(name, tenant.is_some()).await);
            if tenant.is_some() {
                findings.extend(self.look_at_sources(name).await);
            }
        }
        Ok(findings)
    }

    fn look_at_store(&self) -> Finding {
        let place = self.places.state.display().to_string();
        match self.store() {
            Ok(_) => Finding::new(
                "state directory",
                Health::Good,
                format!("{place} is this user's alone"),
            ),
            Err(problem) => Finding::of("state directory", &problem),
        }
    }

    fn look_at_key_stores(&self) -> Vec<Finding> {
        let chosen = match self.choose_key_store() {
            Ok(chosen) => chosen,
            Err(problem) => return vec![Finding::of("key store", &problem)],
        };
        let health = match chosen.lifetime {
            vestibule_store::Lifetime::Lasting | vestibule_store::Lifetime::UntilReboot => {
                Health::Good
            }
            vestibule_store::Lifetime::ThisProcess => Health::Bad,
        };
        let mut findings = vec![Finding::new(
            "key store",
            health,
            format!("{}: {}", chosen.store.as_str(), chosen.lifetime.sentence()),
        )];
        for passed_over in chosen.passed_over {
            findings.push(Finding::new(
                "key store passed over",
                Health::Weak,
                passed_over.to_string(),
            ));
        }
        findings
    }

    fn look_at_sandbox(&self) -> Finding {
        match self.sandbox().and_then(|sandbox| sandbox.compiler_path()) {
            Ok(compiler) => Finding::new(
                "sandbox",
                Health::Good,
                format!("runtime ready, compiling program at {}", compiler.display()),
            ),
            Err(problem) => Finding::of("sandbox", &problem),
        }
    }

    fn look_at_plugins(&self) -> Vec<Finding> {
        let names = match plugins::list(&self.places) {
            Ok(names) => names,
            Err(problem) => return vec![Finding::of("plugins", &problem)],
        };
        if names.is_empty() {
            return vec![Finding {
                hint: Some("run: vestibule plugin install FILE".to_owned()),
                ..Finding::new("plugins", Health::Weak, "none is installed")
            }];
        }
        let list: Vec<&str> = names
            .iter()
            .map(vestibule_core::PluginName::as_str)
            .collect();
        vec![Finding::new("plugins", Health::Good, list.join(", "))]
    }

    /// With `thorough`, the issuer is asked for its metadata too.
    async fn look_at_tenant(&self, name: &TenantName, thorough: bool) -> Finding {
        let subject = format!("tenant {name}");
        let approved = match self.approved(name) {
            Ok(approved) => approved,
            Err(problem) => return Finding::of(subject, &problem),
        };
        let installed = plugins::read(&self.places, &approved.approval.plugin)
            .map(|bytes| PluginDigest::of(&bytes).to_string());
        match installed {
            Ok(digest) if digest == approved.approval.plugin_digest => {}
            Ok(_) => {
                return Finding {
                    hint: Some(format!("run: vestibule tenant approve {name}")),
                    ..Finding::new(
                        subject,
                        Health::Bad,
                        "the installed plugin is not the one that was approved",
                    )
                };
            }
            Err(problem) => return Finding::of(subject, &problem),
        }
        if let Some(problem) = self.missing_secret(&approved) {
            return Finding::of(subject, &problem);
        }
        if thorough {
            match self.propose(name).await {
                Ok(proposal) if proposal.changes_permissions() => {
                    return Finding {
                        hint: Some(format!(
                            "see what has changed: vestibule tenant approve {name}"
                        )),
                        ..Finding::new(
                            subject,
                            Health::Bad,
                            "the provider or the plugin has changed since it was approved",
                        )
                    };
                }
                Ok(_) => {}
                Err(problem) => return Finding::of(subject, &problem),
            }
        }
        let signed_in = self.grant(&approved, None).is_ok();
        Finding::new(
            subject,
            Health::Good,
            if signed_in {
                "approved, and signed in"
            } else {
                "approved"
            },
        )
    }

    /// Each source of a workload's assertions is asked for one, which is dropped.
    async fn look_at_sources(&self, name: &TenantName) -> Vec<Finding> {
        // What is wrong with the tenant itself was said.
        let (Ok(approved), Ok(network)) = (self.approved(name), self.network()) else {
            return Vec::new();
        };
        let platform = Platform {
            workload: &approved.tenant.workload,
            variables: self.outside.variables.as_ref(),
            network,
            exceptions: &approved.tenant.network,
        };
        let observer = self.outside.observer.as_ref();
        let mut findings = Vec::new();
        for (source, about) in &approved.tenant.workload.sources {
            let subject = format!("source {source} of tenant {name}");
            let found = examine(&platform, source, observer, self.now()).await;
            findings.push(match found {
                Ok(words) => Finding::new(
                    subject,
                    Health::Good,
                    format!("an assertion of {}, {words}", about.from.title()),
                ),
                Err(problem) => Finding::of(subject, &problem),
            });
        }
        findings
    }

    /// The approval of a tenant, if it was ever approved.
    pub fn approval(
        &self,
        name: &TenantName,
    ) -> Result<Option<vestibule_core::approval::Approval>> {
        approvals::read(&self.places, name)
    }
}
