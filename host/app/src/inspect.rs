//! What can be said of a component without trusting it: its imports, what it says of itself, and where secrets would go.

use std::collections::BTreeMap;

use vestibule_core::approval::Permissions;
use vestibule_core::description::{Client, Description, EndpointClass, Profile, Server};
use vestibule_core::matrix::Matrix;
use vestibule_core::plugin::Plugin as _;
use vestibule_core::setting::{
    Setting, SettingField, SettingKind, SettingPresence, SettingValue, resolve,
};
use vestibule_core::tenant::{Tenant, Workload};
use vestibule_core::{Error, ProviderUrl, Result, RoleName, TenantName};
use vestibule_engine::Admitted;
use vestibule_policy::{Discovered, permissions};

use crate::vestibule::Vestibule;
use crate::{plugins, tenants};

/// What was found. Everything in it was admitted: the import list is empty, or there is an error instead.
#[derive(Debug)]
pub struct Inspection {
    /// The digest, `sha256:…`.
    pub digest: String,
    /// The size in bytes.
    pub size: usize,
    /// What it says of itself.
    pub description: Description,
    /// Under which settings the permissions were worked out.
    pub basis: Basis,
    /// What it would be allowed to do under these settings.
    pub permissions: Permissions,
    /// Where the assertions of the tenant's workload come from.
    pub workload: Workload,
    /// Where each secret could go.
    pub matrix: Matrix,
}

/// Under which settings permissions were worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Under those of a tenant, as approved.
    Approved(TenantName),
    /// Under made-up settings, with an issuer that has every standard endpoint: what it could do at the most.
    Example(Vec<Setting>),
}

/// A host that cannot exist (RFC 2606 section 2).
const EXAMPLE: &str = "https://idp.example";

impl Vestibule {
    /// Inspects a component, without installing it.
    ///
    /// # Errors
    /// If it is no component, imports anything, or describes something that could not be approved.
    pub fn inspect(&self, bytes: Vec<u8>) -> Result<Inspection> {
        let admitted = Admitted::new(bytes)?;
        let plugin = self.sandbox()?.load(&admitted)?;
        let schema = plugin.describe(&[])?.settings;
        let settings: Vec<Setting> = schema.iter().filter_map(example).collect();
        let description = plugin.describe(&resolve(&settings, &without_secrets(&schema))?)?;
        let profile = description.profile.clone().map_err(|problems| {
            let problem = problems
                .first()
                .map(|problem| problem.message.clone())
                .unwrap_or_default();
            Error::plugin(
                "plugin.describe",
                format!(
                    "the plugin describes nothing under example settings: {}",
                    vestibule_core::Shown::new(&problem)
                ),
            )
        })?;
        let tenant = example_tenant(&description)?;
        let permissions = permissions(&profile, &schema, everything(&profile)?.as_ref(), &tenant)?;
        Ok(Inspection {
            digest: plugin.digest(),
            size: admitted.size(),
            description,
            basis: Basis::Example(settings),
            workload: Workload::default(),
            matrix: Matrix::of(&permissions),
            permissions,
        })
    }

    /// Inspects what a tenant has approved, as it was approved.
    ///
    /// # Errors
    /// If the tenant was not approved as it is, or the installed plugin is another one.
    pub fn inspect_tenant(&self, name: &TenantName) -> Result<Inspection> {
        let approved = self.approved(name)?;
        let plugin = plugins::load_pinned(
            &self.places,
            self.sandbox()?,
            &approved.approval.plugin,
            &approved.approval.plugin_digest,
        )?;
        let described = crate::describe::describe_as_approved(&plugin, &approved)?;
        let size = plugins::read(&self.places, &approved.approval.plugin)?.len();
        Ok(Inspection {
            digest: plugin.digest(),
            size,
            description: described.description,
            basis: Basis::Approved(name.clone()),
            matrix: Matrix::of(approved.permissions()),
            workload: approved.approval.workload,
            permissions: approved.approval.permissions,
        })
    }

    /// The text of a tenant's file.
    pub fn tenant_text(&self, name: &TenantName) -> Result<String> {
        tenants::read_text(&self.places, name)
    }
}

/// A value that fits a setting which must be given.
fn example(field: &SettingField) -> Option<Setting> {
    if field.presence != SettingPresence::Required {
        return None;
    }
    let value = match &field.kind {
        SettingKind::Text => SettingValue::Text("example".to_owned()),
        SettingKind::Url | SettingKind::Issuer => SettingValue::Text(EXAMPLE.to_owned()),
        SettingKind::Integer => SettingValue::Integer(1),
        SettingKind::Boolean => SettingValue::Boolean(false),
        SettingKind::Texts => SettingValue::Texts(vec!["example".to_owned()]),
        SettingKind::OneOf(options) => SettingValue::Text(options.first()?.clone()),
        SettingKind::Secret | SettingKind::PublicClientSecret => return None,
    };
    Some(Setting {
        name: field.name.clone(),
        value,
    })
}

fn without_secrets(schema: &[SettingField]) -> Vec<SettingField> {
    schema
        .iter()
        .filter(|field| !field.kind.is_secret())
        .cloned()
        .collect()
}

fn example_tenant(description: &Description) -> Result<Tenant> {
    let name = TenantName::parse("example").map_err(vestibule_core::name::NameProblem::by_user)?;
    Tenant::parse(
        &name,
        &format!(
            "plugin = \"{}\"\n[policy]\nallow_unknown_identity = true\n",
            description.name
        ),
    )
}

/// Metadata with every standard endpoint that makes sense for this client.
fn everything(profile: &Profile) -> Result<Option<Discovered>> {
    let Server::Discovered(issuer) = &profile.server else {
        return Ok(None);
    };
    let url = |path: &str| {
        let text = format!("{}/{path}", issuer.as_str().trim_end_matches('/'));
        ProviderUrl::parse(&text).map_err(|problem| problem.in_config("example endpoint", &text))
    };
    let mut endpoints = BTreeMap::new();
    for role in [
        "authorization",
        "token",
        "pushed_authorization_request",
        "device_authorization",
        "revocation",
        "introspection",
        "userinfo",
        "registration",
    ] {
        let registers = matches!(profile.client, Client::Registered { .. });
        if EndpointClass::of_standard_role(role) != Some(EndpointClass::Registration) || registers {
            endpoints.insert(
                RoleName::parse(role).map_err(vestibule_core::name::NameProblem::by_plugin)?,
                url(role)?,
            );
        }
    }
    Ok(Some(Discovered {
        endpoints,
        jwks_uri: Some(url("jwks")?),
    }))
}
