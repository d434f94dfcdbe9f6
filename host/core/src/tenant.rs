//! A tenant file, parsed.

mod identity;
mod interactive;
mod locks;
mod network;
mod policy;
mod redirect;
mod rules;
mod secret_source;
mod span;
pub mod workload;
mod written;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::limits::TENANT_FILE_BYTES;
use crate::name::{EnvironmentName, PluginName, SettingName, TenantName};
use crate::setting::{Setting, SettingValue};

pub use identity::{Accepted, IdentityPolicy};
pub use interactive::Interactive;
pub use locks::{IdentityLock, Lock, Locks, NetworkLock, PolicyLock};
pub use network::NetworkExceptions;
pub use policy::{AssertionAudience, Consent, DevicePolicy, OnAlert, Risk, TenantPolicy};
pub use redirect::{RedirectHost, RedirectOptions};
pub use secret_source::SecretSource;
pub use span::Span;
pub use workload::Workload;
pub use written::Written;

/// One tenant: which plugin, under which settings, under which policy. Its file is `tenants.d/NAME.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The plugin's name.
    pub plugin: PluginName,
    /// Where a person can be when somebody signs in. Absent: `terminal`.
    #[serde(default, skip_serializing_if = "Interactive::is_default")]
    pub interactive: Interactive,
    /// The environment that its credentials are for. Those of another one are of no use here (WKL-07). Absent: none by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// The plugin's settings: `vestibule plugin inspect NAME` lists them.
    #[serde(default)]
    pub settings: BTreeMap<SettingName, SettingValue>,
    /// Where secret settings are kept. Never the secrets themselves.
    #[serde(default)]
    pub secrets: BTreeMap<SettingName, SecretSource>,
    /// What is allowed.
    #[serde(default)]
    pub policy: TenantPolicy,
    /// Exceptions for the network.
    #[serde(default)]
    pub network: NetworkExceptions,
    /// The loopback redirect, where the provider is particular about it.
    #[serde(default)]
    pub redirect: RedirectOptions,
    /// Where a workload's assertions come from.
    #[serde(default, skip_serializing_if = "Workload::is_default")]
    pub workload: Workload,
}

impl Tenant {
    /// Parses a tenant file.
    ///
    /// # Errors
    /// Blames the configuration, and points at the line: `tenant.size`, `tenant.syntax` for what the file cannot say, and `tenant.policy` for
    /// what makes no sense together.
    pub fn parse(name: &TenantName, text: &str) -> Result<Self> {
        if text.len() as u64 > TENANT_FILE_BYTES {
            return Err(Error::config(
                "tenant.size",
                format!("the file of tenant \"{name}\" is larger than {TENANT_FILE_BYTES} bytes"),
            ));
        }
        let tenant: Self = written::parse(text).map_err(|misread| {
            // What is wrong with a source is said by what knows the sources.
            let (line, words) = match workload::complaint(text) {
                Some((span, words)) => (Some(written::line_at(text, span.start)), words),
                None => (misread.line, misread.message),
            };
            Error::config("tenant.syntax", format!("{}: {words}", place(name, line)))
        })?;
        rules::check(&tenant).map_err(|problem| {
            let path: Vec<&str> = problem.path.iter().map(String::as_str).collect();
            let place = place(name, Written::new(text).line(&path));
            let error = Error::config("tenant.policy", format!("{place}: {}", problem.message));
            match problem.hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })?;
        Ok(tenant)
    }

    /// The settings as a list.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        self.settings
            .iter()
            .map(|(name, value)| Setting {
                name: name.clone(),
                value: value.clone(),
            })
            .collect()
    }
}

/// A line of a tenant's file, as an error says it.
#[must_use]
pub fn place(name: &TenantName, line: Option<usize>) -> String {
    written::at(&format!("tenant \"{name}\""), line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Tenant> {
        Tenant::parse(&TenantName::parse("t").unwrap(), text)
    }

    #[test]
    fn a_tenant_takes_four_lines() {
        let tenant = parse("plugin = \"oidc\"\n[settings]\nissuer = \"https://idp.example\"\nclient_id = \"cli\"\n").unwrap();
        assert_eq!(tenant.plugin.as_str(), "oidc");
        assert_eq!(tenant.policy.risk, Risk::Normal);
        assert!(!tenant.network.allow_loopback_http);
    }

    #[test]
    fn an_environment_is_a_word() {
        let tenant = parse("plugin = \"oidc\"\nenvironment = \"test\"\n").unwrap();
        assert_eq!(tenant.environment.unwrap().as_str(), "test");
        for wrong in ["", "Test", "a b", "../x"] {
            let text = format!("plugin = \"oidc\"\nenvironment = \"{wrong}\"\n");
            let error = parse(&text).unwrap_err();
            assert!(error.message().contains("line 2"), "{error}");
        }
        assert!(parse("plugin = \"oidc\"\n").unwrap().environment.is_none());
    }

    #[test]
    fn an_error_points_at_the_line() {
        let error = parse("plugin = \"oidc\"\n[policy]\nrisk = \"low\"\n").unwrap_err();
        assert!(error.message().contains("line 3"), "{error}");
        let error = parse("plugin = \"oidc\"\n[policy]\nmethod = [\"browser\"]\n").unwrap_err();
        assert!(error.message().contains("method"), "{error}");
    }

    #[test]
    fn an_alert_is_refused_where_the_risk_is_high_unless_the_file_says_otherwise() {
        let on_alert = |lines: &str| {
            let file = format!("plugin = \"oidc\"\n[policy]\n{lines}");
            parse(&file).map(|tenant| tenant.policy.on_alert())
        };
        assert_eq!(on_alert("").unwrap(), OnAlert::Warn);
        assert_eq!(on_alert("risk = \"high\"\n").unwrap(), OnAlert::Refuse);
        let high = "risk = \"high\"\non_alert = \"warn\"\n";
        assert_eq!(on_alert(high).unwrap(), OnAlert::Warn);
        assert_eq!(
            on_alert("on_alert = \"refuse\"\n").unwrap(),
            OnAlert::Refuse
        );
        assert!(on_alert("on_alert = \"ignore\"\n").is_err());
    }

    #[test]
    fn a_secret_is_in_a_file_in_the_key_store_or_in_a_head_and_never_in_the_tenant_file() {
        let source = |text: &str| {
            let file = format!("plugin = \"oidc\"\n[secrets]\nclient_secret = {text}\n");
            parse(&file).map(|tenant| tenant.secrets["client_secret"].clone())
        };
        assert_eq!(source("\"key_store\"").unwrap(), SecretSource::KeyStore);
        assert_eq!(source("\"prompt\"").unwrap(), SecretSource::Prompt);
        assert_eq!(
            source("{ file = \"/run/secret\" }").unwrap(),
            SecretSource::File("/run/secret".to_owned())
        );
        for wrong in [
            "\"hunter2\"",
            "{ value = \"hunter2\" }",
            "{ prompt = \"x\" }",
        ] {
            let error = source(wrong).unwrap_err();
            assert!(error.message().contains("line 3"), "{error}");
        }
    }
}
