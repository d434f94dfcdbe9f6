//! What was approved for a tenant, and is pinned: nothing outside of it is done until somebody approves again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::description::{
    Client, Dialect, EndpointClass, HttpMethod, IdentitySource, Parameter, Readable,
    SecretDeclaration,
};
use crate::error::{Error, Result};
use crate::name::{EnvironmentName, PluginName, RoleName, Scope, TenantName};
use crate::record::Method;
use crate::tenant::Workload;
use crate::text::Shown;
use crate::url::{Issuer, Origin, ProviderUrl};

/// The approval of one tenant. Its serialized form is what is stored, compared and fingerprinted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The tenant.
    pub tenant: TenantName,
    /// The plugin's name.
    pub plugin: PluginName,
    /// The plugin's version. For people; the digest is what counts.
    pub plugin_version: String,
    /// The digest of the component, `sha256:…`.
    pub plugin_digest: String,
    /// The digest of the tenant file's meaning: a change of settings or policy asks again.
    pub tenant_digest: String,
    /// The environment that the tenant's credentials are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// Where the assertions of its workload come from. For people; the digest of the tenant file is what counts.
    #[serde(default, skip_serializing_if = "Workload::is_default")]
    pub workload: Workload,
    /// When it was approved, in Unix seconds.
    pub approved_at: u64,
    /// What the plugin may do.
    pub permissions: Permissions,
}

/// What the plugin may do. Two plugins with equal permissions can take over each other's grants (an update that asks for nothing new).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// The issuer, or the URL that stands for the provider, character for character.
    pub issuer: String,
    /// Whether the standard endpoints come from the issuer's metadata.
    pub discovered: bool,
    /// How the client is known.
    pub client: Client,
    /// The ways to sign in.
    pub methods: Vec<Method>,
    /// The scopes asked for by default.
    pub scopes: Vec<Scope>,
    /// The endpoint table, complete: metadata and description together.
    pub endpoints: BTreeMap<RoleName, PinnedEndpoint>,
    /// Standard roles that the metadata lacks and the plugin supplied, on approved hosts.
    pub supplied: BTreeSet<RoleName>,
    /// Where the keys of the issuer are, if it has any.
    pub jwks_uri: Option<String>,
    /// Members that may be read.
    pub readable: Vec<Readable>,
    /// Secrets beyond the standard ones.
    pub secrets: Vec<SecretDeclaration>,
    /// Who has signed in.
    pub identity: IdentitySource,
    /// Parameters of `token --for`.
    pub derivation: Vec<Parameter>,
    /// Hosts, besides the issuer's, on which endpoints may be.
    pub hosts: Vec<String>,
}

/// One row of the pinned endpoint table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedEndpoint {
    /// What it is for.
    pub class: EndpointClass,
    /// Its URL.
    pub url: String,
    /// The HTTP method.
    pub method: HttpMethod,
    /// The header that carries the token in place of `Authorization`.
    pub token_header: Option<String>,
    /// How it departs from the standards.
    pub dialect: Dialect,
}

impl PinnedEndpoint {
    /// The URL, parsed. An approval file that somebody damaged is the machine's trouble, not the provider's.
    pub fn url(&self) -> Result<ProviderUrl> {
        ProviderUrl::parse(&self.url)
            .map_err(|problem| problem.in_config("approved endpoint", &self.url))
    }
}

impl Permissions {
    /// The issuer, parsed.
    pub fn issuer(&self) -> Result<Issuer> {
        Issuer::parse(&self.issuer)
            .map_err(|problem| problem.in_config("approved issuer", &self.issuer))
    }

    /// The endpoint of this role. A role that was not approved is the plugin's fault (PLUG-04).
    pub fn endpoint(&self, role: &str) -> Result<&PinnedEndpoint> {
        self.endpoints.get(role).ok_or_else(|| {
            Error::plugin("plugin.role", format!("the plugin named the endpoint role \"{}\", which was not approved for this tenant", Shown::new(role)))
        })
    }

    /// Whether the provider is an OpenID provider, so that an ID token can be expected.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        matches!(self.identity, IdentitySource::Oidc)
    }

    /// The origins that receive secrets, and those that do not. Shown apart from each other at approval.
    pub fn origins(&self) -> Result<Origins> {
        let mut origins = Origins::default();
        for endpoint in self.endpoints.values() {
            let origin = endpoint.url()?.origin();
            let list = match endpoint.class {
                EndpointClass::Public | EndpointClass::Registration => &mut origins.without_secrets,
                EndpointClass::Authorization
                | EndpointClass::Token
                | EndpointClass::Device
                | EndpointClass::Revocation
                | EndpointClass::Introspection
                | EndpointClass::Userinfo
                | EndpointClass::Resource => &mut origins.with_secrets,
            };
            if !list.contains(&origin) {
                list.push(origin);
            }
        }
        Ok(origins)
    }
}

/// The origins of an endpoint table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Those that receive at least one secret.
    pub with_secrets: Vec<Origin>,
    /// Those that receive none.
    pub without_secrets: Vec<Origin>,
}
