//! Approval (PLUG-04, PLUG-21, DISC-04): what a plugin says of itself and what the issuer's metadata says, judged by every rule of
//! this folder, become the complete table that is shown, approved and pinned. What no rule lets through is refused here, so that the
//! rest of the host meets only descriptions that keep the laws.

mod client;
mod demands;
mod dialect;
mod entries;
mod headers;
mod hosts;
mod identity;
mod methods;
pub mod neighbours;
mod overlap;
mod query;
mod readable;
mod roles;
mod secrets;

use std::collections::BTreeMap;

use vestibule_core::approval::{Permissions, PinnedEndpoint};
use vestibule_core::description::{Dialect, EndpointClass, HttpMethod, Profile, Server};
use vestibule_core::setting::{Setting, SettingField};
use vestibule_core::tenant::Tenant;
use vestibule_core::{Error, ProviderUrl, Result, RoleName};

/// What validated metadata (RFC 8414) says of an issuer, as far as a table needs it.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// Standard roles and their endpoints.
    pub endpoints: BTreeMap<RoleName, ProviderUrl>,
    /// `jwks_uri`.
    pub jwks_uri: Option<ProviderUrl>,
}

/// What may be approved for this tenant, complete, or the first thing that may not.
///
/// `profile` and `schema` come from one answer of `describe`; `discovered` from the issuer that the profile names, and from nowhere
/// else. Blames the plugin for what it should not have asked for, the provider for metadata that lacks something, and policy for
/// what a line of the tenant file would allow, which is then the hint.
pub fn permissions(
    profile: &Profile,
    schema: &[SettingField],
    discovered: Option<&Discovered>,
    tenant: &Tenant,
) -> Result<Permissions> {
    entries::check(profile)?;
    let rows = roles::rows(profile, discovered)?;
    let methods = roles::methods(profile, &rows)?;
    let case = Case {
        profile,
        schema,
        discovered,
        tenant,
        rows,
    };
    for rule in RULES {
        rule(&case)?;
    }
    let supplied = case.rows.iter().filter(|(_, row)| {
        case.discovered.is_some() && row.source == Source::Plugin && row.is_standard()
    });
    Ok(Permissions {
        supplied: supplied.map(|(role, _)| role.clone()).collect(),
        issuer: profile.issuer().as_str().to_owned(),
        discovered: matches!(profile.server, Server::Discovered(_)),
        client: profile.client.clone(),
        methods,
        scopes: profile.scopes.clone(),
        jwks_uri: case.jwks_uri().map(|url| url.as_str().to_owned()),
        readable: profile.readable.clone(),
        secrets: profile.secrets.clone(),
        identity: profile.identity.clone(),
        derivation: profile.derivation.clone(),
        hosts: profile.hosts.clone(),
        endpoints: case
            .rows
            .into_iter()
            .map(|(role, row)| (role, row.into()))
            .collect(),
    })
}

/// What must hold of a description before anything is fetched for it: no more hosts than allowed, each of them a name, and the issuer on
/// a host that the tenant's settings name (PLUG-15). `settings` are those that the plugin has got, defaults filled in.
pub fn check_before_discovery(profile: &Profile, settings: &[Setting]) -> Result<()> {
    entries::check(profile)?;
    hosts::check_names(profile)?;
    hosts::check_lookup(profile, settings)
}

/// A rule of approval.
type Rule = fn(&Case<'_>) -> Result<()>;

/// All rules, in the order in which an author wants to hear of them.
const RULES: &[Rule] = &[
    methods::check,
    headers::check,
    hosts::check,
    overlap::check,
    query::check,
    dialect::check,
    secrets::check,
    readable::check,
    client::check,
    identity::check,
    demands::check,
];

/// What the rules judge.
struct Case<'a> {
    profile: &'a Profile,
    schema: &'a [SettingField],
    discovered: Option<&'a Discovered>,
    tenant: &'a Tenant,
    rows: BTreeMap<RoleName, Row>,
}

impl Case<'_> {
    fn row(&self, role: &RoleName) -> Option<&Row> {
        self.rows.get(role)
    }

    fn jwks_uri(&self) -> Option<&ProviderUrl> {
        self.discovered.and_then(|found| found.jwks_uri.as_ref())
    }
}

/// One row of the table, before it is pinned.
struct Row {
    class: EndpointClass,
    url: ProviderUrl,
    source: Source,
    method: HttpMethod,
    token_header: Option<String>,
    dialect: Dialect,
}

impl Row {
    /// Whether the standards define what is asked there. All other roles are the provider's own.
    fn is_standard(&self) -> bool {
        !matches!(self.class, EndpointClass::Resource | EndpointClass::Public)
    }
}

/// Who says where an endpoint is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Metadata,
    Plugin,
}

impl From<Row> for PinnedEndpoint {
    fn from(row: Row) -> Self {
        Self {
            class: row.class,
            url: row.url.as_str().to_owned(),
            method: row.method,
            token_header: row.token_header,
            dialect: row.dialect,
        }
    }
}

/// A refusal that its author can act on: what is wrong, and what to write instead.
fn refused(rule: &'static str, what: String, instead: impl Into<String>) -> Error {
    Error::plugin(rule, what).hint(format!("for the plugin's author: {}", instead.into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::testing::{approve, endpoint, identity_center, oidc, role};

    use super::*;

    #[test]
    fn a_standard_role_that_only_the_plugin_knows_is_pinned_as_supplied() {
        let mut profile = oidc();
        for (name, class) in [
            ("introspection", EndpointClass::Introspection),
            ("api", EndpointClass::Resource),
        ] {
            let at = format!("https://idp.example/{name}");
            profile.endpoints.push(endpoint(name, class, Some(&at)));
        }
        let approved = approve(&profile).unwrap();
        assert_eq!(approved.supplied, BTreeSet::from([role("introspection")]));
        assert!(approved.endpoints.contains_key(&role("api")));
        assert!(approved.endpoints.contains_key(&role("token")));

        // Without metadata nothing is missing in it.
        let approved = approve(&identity_center()).unwrap();
        assert_eq!(approved.supplied, BTreeSet::new());
    }
}
