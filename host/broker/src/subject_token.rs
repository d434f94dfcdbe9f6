//! A workload's own assertion (RFC 7521, RFC 7523 section 3, WKL-02): fetched from where the tenant file says, for the audience that it
//! says, each time anew. It is a secret from the moment in which it is read: the plugin gets a reference, the matrix sends it to the
//! token endpoint alone, and nothing writes it down.

use std::sync::Arc;

use vestibule_core::event::{Event, Observer};
use vestibule_core::reply::Reply;
use vestibule_core::step::SubjectTokenRequest;
use vestibule_core::tenant::workload::{Aws, Azure, From, Source};
use vestibule_core::tenant::{NetworkExceptions, Workload};
use vestibule_core::{Error, Result, Secret, SecretKind, SettingName, Shown, TenantName};

use crate::broker::Broker;
use crate::http::Network;

mod assertion;
mod aws;
mod azure;
mod file;
mod gcp;
mod github_actions;
mod lasting;
mod service;
mod variable;

use assertion::Assertion;

/// What a workload's assertions come from, besides files.
#[derive(Clone)]
pub struct Platform<'a> {
    /// The sources that the tenant names.
    pub workload: &'a Workload,
    /// The variables of the environment.
    pub variables: &'a dyn Variables,
    /// The network, for the services of a platform.
    pub network: Arc<Network>,
    /// The tenant's exceptions: they hold for the `endpoint` of a source, and for nothing else here.
    pub exceptions: &'a NetworkExceptions,
}

/// The variables of this process's environment. Only those are asked for that the tenant file names, or that a platform fills.
pub trait Variables: Send + Sync {
    /// The value of a variable. None if it is not set, empty, or no text.
    fn read(&self, name: &str) -> Option<Secret>;
}

/// An environment without variables.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn read(&self, _name: &str) -> Option<Secret> {
        None
    }
}

/// One source, while it is being asked.
#[derive(Clone, Copy)]
struct Asked<'a> {
    name: &'a SettingName,
    source: &'a Source,
    platform: &'a Platform<'a>,
    observer: &'a dyn Observer,
    /// Unix seconds.
    now: u64,
}

/// What a source gave.
struct Fetched {
    token: Secret,
    /// When it was put there, in Unix seconds, if that is known.
    since: Option<u64>,
    /// Whether other users of the machine can read it.
    is_shared: bool,
}

impl Fetched {
    /// What a platform made just now.
    fn fresh(token: Secret) -> Self {
        Self {
            token,
            since: None,
            is_shared: false,
        }
    }
}

pub(crate) async fn perform(
    broker: &mut Broker<'_>,
    request: &SubjectTokenRequest,
) -> Result<Reply> {
    let tenant = broker.around.tenant;
    let platform = broker.platform.clone();
    let platform = platform.ok_or_else(|| unlisted(&request.source, tenant))?;
    let listed = platform
        .workload
        .sources
        .get_key_value(request.source.as_str());
    let (name, source) = listed.ok_or_else(|| unlisted(&request.source, tenant))?;
    if source.audience.as_str() != request.audience {
        return Err(other_audience(name, source, &request.audience));
    }
    let asked = Asked {
        name,
        source,
        platform: &platform,
        observer: broker.around.observer,
        now: broker.around.clock.now(),
    };
    let (token, assertion) = asked.assertion().await?;
    asked.tell(&assertion);
    let kind = SecretKind::SubjectAssertion;
    let reference = broker.keep(kind, kind.as_str(), token)?;
    Ok(Reply::SubjectToken(reference))
}

/// Fetches the assertion of a source, says what it says, and drops it: it is sent nowhere.
///
/// # Errors
/// As in a flow.
pub async fn examine(
    platform: &Platform<'_>,
    name: &SettingName,
    observer: &dyn Observer,
    now: u64,
) -> Result<String> {
    let source = platform.workload.sources.get(name);
    let source = source.ok_or_else(|| {
        Error::config(
            "subject_token.unlisted",
            format!("the tenant file names no source \"{name}\""),
        )
    })?;
    let asked = Asked {
        name,
        source,
        platform,
        observer,
        now,
    };
    let (_, assertion) = asked.assertion().await?;
    Ok(assertion.words(now))
}

impl Asked<'_> {
    /// What the source gives now, and what that says.
    async fn assertion(&self) -> Result<(Secret, Assertion)> {
        let fetched = self.fetch().await?;
        let assertion = assertion::read(self, &fetched.token)?;
        lasting::judge(self, &fetched, &assertion)?;
        Ok((fetched.token, assertion))
    }

    async fn fetch(&self) -> Result<Fetched> {
        match &self.source.from {
            From::GitlabCi { variable } => variable::gitlab(self, variable),
            From::Variable { variable } => variable::named(self, variable),
            From::Kubernetes(file) | From::Spiffe(file) | From::File(file) => {
                file::read(self, &file.directory, file.file.as_str())
            }
            From::Aws(Aws::Eks { directory }) => {
                file::read_pointed(self, directory, "AWS_WEB_IDENTITY_TOKEN_FILE")
            }
            From::Azure(Azure::Aks { directory }) => {
                file::read_pointed(self, directory, "AZURE_FEDERATED_TOKEN_FILE")
            }
            From::Aws(Aws::Sts {
                region,
                algorithm,
                endpoint,
            }) => {
                let sts = aws::Sts {
                    region,
                    algorithm: *algorithm,
                    endpoint: endpoint.as_ref(),
                };
                aws::fetch(self, sts).await
            }
            From::GithubActions { endpoint } => {
                github_actions::fetch(self, endpoint.as_ref()).await
            }
            From::Gcp {
                service_account,
                endpoint,
            } => gcp::fetch(self, service_account.as_deref(), endpoint.as_ref()).await,
            From::Azure(Azure::VirtualMachine {
                resource,
                client_id,
                endpoint,
            }) => {
                let identity = azure::Identity {
                    resource: resource.as_deref(),
                    client_id: client_id.as_deref(),
                    endpoint: endpoint.as_ref(),
                };
                azure::instance(self, identity).await
            }
            From::Azure(Azure::AppService {
                resource,
                client_id,
                endpoint,
            }) => {
                let identity = azure::Identity {
                    resource: resource.as_deref(),
                    client_id: client_id.as_deref(),
                    endpoint: endpoint.as_ref(),
                };
                azure::app_service(self, identity).await
            }
        }
    }

    /// Says what the assertion says, which nobody has verified: the token service does.
    fn tell(&self, assertion: &Assertion) {
        let (name, title) = (self.name, self.source.from.title());
        let text = format!(
            "The assertion of source {name} ({title}) is {}.",
            assertion.words(self.now)
        );
        self.observer.event(&Event::Notice { text: &text });
    }

    /// A sentence about this source: something that the operator set up is not as it must be.
    fn config(&self, what: impl AsRef<str>) -> Error {
        Error::config("subject_token.source", self.sentence(what.as_ref()))
    }

    fn sentence(&self, what: &str) -> String {
        format!(
            "source \"{}\" ({}): {what}",
            self.name,
            self.source.from.title()
        )
    }
}

/// Policy has said so before: this is what holds if it is not asked.
fn unlisted(source: &str, tenant: &TenantName) -> Error {
    Error::config(
        "subject_token.unlisted",
        format!(
            "the plugin asks for an assertion of the source \"{}\", which the tenant \"{tenant}\" does not name",
            Shown::new(source)
        ),
    )
    .hint("name it in the tenant file: [workload.sources.NAME], with from = and audience =")
}

fn other_audience(name: &SettingName, source: &Source, asked: &str) -> Error {
    Error::plugin(
        "subject_token.audience",
        format!(
            "the plugin asks source \"{name}\" for an assertion for \"{}\", and the tenant file says {}",
            Shown::new(asked),
            source.audience
        ),
    )
}

#[cfg(test)]
mod tests;
