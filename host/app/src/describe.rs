//! What a plugin says of itself for a tenant, and whether it is still what was approved.

use std::collections::BTreeMap;

use vestibule_core::approval::Permissions;
use vestibule_core::description::{Client, ClientAuthentication, Description, Profile};
use vestibule_core::plugin::Plugin;
use vestibule_core::setting::{Setting, SettingField, resolve};
use vestibule_core::tenant::Tenant;
use vestibule_core::{Error, ProviderUrl, Result, SettingName, Shown};
use vestibule_policy::approval::{self, Discovered};

use crate::vestibule::Approved;

/// What a plugin says for a tenant.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) description: Description,
    pub(crate) profile: Profile,
    /// What the plugin gets: defaults filled in, secrets left out.
    pub(crate) settings: Vec<Setting>,
}

/// Asks a plugin what it would do under a tenant's settings.
///
/// # Errors
/// If a setting is unknown, missing or of a wrong kind, or if the plugin does not like its value.
pub(crate) fn describe(plugin: &dyn Plugin, tenant: &Tenant) -> Result<Described> {
    let schema = plugin.describe(&[])?.settings;
    for name in tenant.secrets.keys() {
        if !schema
            .iter()
            .any(|field| field.name == *name && field.kind.is_secret())
        {
            return Err(Error::config(
                "tenant.secret",
                format!("the plugin has no secret setting \"{name}\""),
            ));
        }
    }
    let settings = settings_for(tenant, &schema)?;
    let description = plugin.describe(&settings)?;
    match description.profile.clone() {
        Ok(profile) => {
            refuse_unused_secrets(tenant, &schema, &profile.client)?;
            Ok(Described {
                description,
                profile,
                settings,
            })
        }
        Err(problems) => {
            let problem = problems.into_iter().next();
            let (name, message) =
                problem.map_or_else(Default::default, |problem| (problem.name, problem.message));
            Err(Error::config(
                "tenant.setting",
                format!(
                    "the plugin refuses the setting \"{}\": \"{}\"",
                    Shown::new(&name),
                    Shown::new(&message)
                ),
            ))
        }
    }
}

/// A secret that is given and goes nowhere is a client that somebody believes to authenticate, and that does not.
fn refuse_unused_secrets(tenant: &Tenant, schema: &[SettingField], client: &Client) -> Result<()> {
    let used = match client {
        Client::Configured { authentication, .. } => match authentication {
            ClientAuthentication::None => None,
            ClientAuthentication::ClientSecretBasic(setting)
            | ClientAuthentication::ClientSecretPost(setting)
            | ClientAuthentication::PrivateKeyJwt(setting) => Some(setting),
        },
        Client::Registered { .. } => None,
    };
    let is_given = |name: &SettingName| {
        tenant.secrets.contains_key(name) || tenant.settings.contains_key(name)
    };
    let unused = schema
        .iter()
        .filter(|field| field.kind.is_secret() && Some(&field.name) != used)
        .find(|field| is_given(&field.name));
    match unused {
        None => Ok(()),
        Some(field) => Err(Error::config(
            "tenant.secret",
            format!(
                "the secret \"{}\" is given, and under these settings the client does not authenticate with it",
                field.name
            ),
        )
        .hint("remove it, or change the setting that says how the client authenticates")),
    }
}

/// The settings, with a required secret that the tenant keeps elsewhere counted as given.
fn settings_for(tenant: &Tenant, schema: &[SettingField]) -> Result<Vec<Setting>> {
    let kept_elsewhere = |field: &SettingField| {
        field.kind.is_secret() && tenant.secrets.contains_key(field.name.as_str())
    };
    let schema: Vec<SettingField> = schema
        .iter()
        .filter(|field| !kept_elsewhere(field))
        .cloned()
        .collect();
    resolve(&tenant.settings(), &schema)
}

/// Asks again at the start of a flow: what would be approved now must be what was approved then, to the last member.
pub(crate) fn describe_as_approved(plugin: &dyn Plugin, approved: &Approved) -> Result<Described> {
    let described = describe(plugin, &approved.tenant)?;
    let pinned = approved.permissions();
    let now = approval::permissions(
        &described.profile,
        &described.description.settings,
        discovered_then(pinned)?.as_ref(),
        &approved.tenant,
    )?;
    if now == *pinned {
        Ok(described)
    } else {
        Err(Error::plugin(
            "approval.describe",
            "the plugin describes itself otherwise than when it was approved",
        )
        .hint(format!(
            "see what has changed: vestibule tenant approve {}",
            approved.name
        )))
    }
}

/// The metadata's part of the pinned endpoint table.
fn discovered_then(pinned: &Permissions) -> Result<Option<Discovered>> {
    if !pinned.discovered {
        return Ok(None);
    }
    let mut endpoints = BTreeMap::new();
    for (role, endpoint) in &pinned.endpoints {
        let standard =
            vestibule_core::description::EndpointClass::of_standard_role(role.as_str()).is_some();
        if standard && !pinned.supplied.contains(role) {
            endpoints.insert(role.clone(), endpoint.url()?);
        }
    }
    let jwks_uri = match &pinned.jwks_uri {
        None => None,
        Some(jwks) => Some(
            ProviderUrl::parse(jwks)
                .map_err(|problem| problem.in_config("approved key set", jwks))?,
        ),
    };
    Ok(Some(Discovered {
        endpoints,
        jwks_uri,
    }))
}
