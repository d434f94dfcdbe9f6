//! Where a workload's own assertion comes from (RFC 7521, RFC 7523 section 3, WKL-02): `[workload.sources.NAME]` of a tenant file.
//!
//! A plugin names a source, and nothing about it: what is read, and for whom, is the operator's, and pinned with the file.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::name::SettingName;

mod parts;
mod written;

pub use parts::{Audience, SourceEndpoint, TokenDirectory, TokenFile, VariableName};

/// The workload that a tenant is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "written::Workload<String>")]
pub struct Workload {
    /// The sources of assertions, by the name that a plugin's step uses.
    pub sources: BTreeMap<SettingName, Source>,
}

impl Workload {
    /// Whether there is none of it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// A source of the platform's assertions, if there is one: then nothing that lasts is used in its place (WKL-08).
    #[must_use]
    pub fn federation(&self) -> Option<(&SettingName, &Source)> {
        let mut sources = self.sources.iter();
        sources.find(|(_, source)| source.from.is_federation())
    }
}

/// One source of assertions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Whom the assertion is for. It is asked for, or must be what the assertion says; a step must name this very one.
    pub audience: Audience,
    /// Where it comes from.
    #[serde(flatten)]
    pub from: From,
}

/// Where an assertion comes from, with what there is to say about that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum From {
    /// GitHub's service, which a job asks with a token of its own.
    GithubActions {
        /// Where the service is, if not at GitHub.com.
        #[serde(skip_serializing_if = "Option::is_none")]
        endpoint: Option<SourceEndpoint>,
    },
    /// A variable that GitLab fills by the job's `id_tokens`.
    GitlabCi {
        /// Its name.
        variable: VariableName,
    },
    /// A projected service account token.
    Kubernetes(TokenFile),
    /// A JWT-SVID that an agent writes.
    Spiffe(TokenFile),
    /// Amazon Web Services.
    Aws(Aws),
    /// Google Cloud's metadata server.
    Gcp {
        /// The service account. Absent: the instance's own.
        #[serde(skip_serializing_if = "Option::is_none")]
        service_account: Option<String>,
        /// Another place than the fixed address of the metadata server.
        #[serde(skip_serializing_if = "Option::is_none")]
        endpoint: Option<SourceEndpoint>,
    },
    /// Microsoft Azure.
    Azure(Azure),
    /// A file that the operator fills.
    File(TokenFile),
    /// A variable that the operator fills.
    Variable {
        /// Its name.
        variable: VariableName,
    },
}

impl From {
    /// Whether the platform makes the assertion, anew each time and for a short while.
    #[must_use]
    pub const fn is_federation(&self) -> bool {
        match self {
            Self::GithubActions { .. }
            | Self::GitlabCi { .. }
            | Self::Kubernetes(_)
            | Self::Spiffe(_)
            | Self::Aws(_)
            | Self::Gcp { .. }
            | Self::Azure(_) => true,
            Self::File(_) | Self::Variable { .. } => false,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::GithubActions { .. } => "GitHub Actions",
            Self::GitlabCi { .. } => "GitLab CI",
            Self::Kubernetes(_) => "Kubernetes",
            Self::Spiffe(_) => "SPIFFE",
            Self::Aws(Aws::Eks { .. }) => "AWS, EKS",
            Self::Aws(Aws::Sts { .. }) => "AWS, STS",
            Self::Gcp { .. } => "Google Cloud",
            Self::Azure(Azure::VirtualMachine { .. }) => "Azure, virtual machine",
            Self::Azure(Azure::AppService { .. }) => "Azure, App Service",
            Self::Azure(Azure::Aks { .. }) => "Azure, AKS",
            Self::File(_) => "a file",
            Self::Variable { .. } => "a variable",
        }
    }

    /// The operator's exception of where a service is asked, if there is one.
    #[must_use]
    pub const fn endpoint(&self) -> Option<&SourceEndpoint> {
        match self {
            Self::GithubActions { endpoint }
            | Self::Gcp { endpoint, .. }
            | Self::Aws(Aws::Sts { endpoint, .. })
            | Self::Azure(
                Azure::VirtualMachine { endpoint, .. } | Azure::AppService { endpoint, .. },
            ) => endpoint.as_ref(),
            Self::GitlabCi { .. }
            | Self::Kubernetes(_)
            | Self::Spiffe(_)
            | Self::Aws(Aws::Eks { .. })
            | Self::Azure(Azure::Aks { .. })
            | Self::File(_)
            | Self::Variable { .. } => None,
        }
    }
}

/// Which of Amazon's ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "service", rename_all = "snake_case")]
pub enum Aws {
    /// The token that EKS projects for an IAM role (`AWS_WEB_IDENTITY_TOKEN_FILE`).
    Eks {
        /// The directory that it must lie in.
        directory: TokenDirectory,
    },
    /// A token that STS makes for a role (`GetWebIdentityToken`), asked for with the keys that the instance's metadata service has.
    Sts {
        /// The region whose STS is asked: the global one has no such tokens.
        region: String,
        /// How the token is signed.
        algorithm: AwsAlgorithm,
        /// Another place than the fixed address of the metadata service and the region's STS, for both.
        #[serde(skip_serializing_if = "Option::is_none")]
        endpoint: Option<SourceEndpoint>,
    },
}

/// How STS signs a token (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum AwsAlgorithm {
    /// RSA with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA with P-384.
    #[serde(rename = "ES384")]
    Es384,
}

impl AwsAlgorithm {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es384 => "ES384",
        }
    }
}

/// Which of Microsoft's ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "service", rename_all = "snake_case")]
pub enum Azure {
    /// The instance metadata service of a virtual machine.
    VirtualMachine {
        /// What is asked for, where the token names another audience than that.
        #[serde(skip_serializing_if = "Option::is_none")]
        resource: Option<String>,
        /// Which managed identity, where there are several.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        /// Another place than the fixed address of the metadata service.
        #[serde(skip_serializing_if = "Option::is_none")]
        endpoint: Option<SourceEndpoint>,
    },
    /// The service that App Service, Functions and Container Apps name in `IDENTITY_ENDPOINT`.
    AppService {
        /// What is asked for, where the token names another audience than that.
        #[serde(skip_serializing_if = "Option::is_none")]
        resource: Option<String>,
        /// Which managed identity, where there are several.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        /// Where the variable may lead, if not into the platform's own network.
        #[serde(skip_serializing_if = "Option::is_none")]
        endpoint: Option<SourceEndpoint>,
    },
    /// The token that AKS projects (`AZURE_FEDERATED_TOKEN_FILE`).
    Aks {
        /// The directory that it must lie in.
        directory: TokenDirectory,
    },
}

/// What is wrong with `[workload]`, and where. Nothing if there is nothing wrong, or the text is no TOML at all.
pub(super) fn complaint(text: &str) -> Option<(Range<usize>, String)> {
    written::complaint(text)
}

#[cfg(test)]
mod tests;
