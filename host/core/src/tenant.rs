//! A tenant file, parsed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::limits::TENANT_FILE_BYTES;
use crate::name::{PluginName, Scope, SettingName, TenantName};
use crate::record::Method;
use crate::setting::{Setting, SettingValue};
use crate::text::Shown;

/// One tenant: which plugin, under which settings, under which policy. Its file is `tenants.d/NAME.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The plugin's name.
    pub plugin: PluginName,
    /// The plugin's settings.
    #[serde(default)]
    pub settings: BTreeMap<SettingName, SettingValue>,
    /// Where secret settings are kept.
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
}

/// Where a secret setting is kept. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SecretSource {
    /// A file that only this user can read; its first line is the secret.
    File(String),
    /// The store of this machine, where `vestibule tenant secret` puts it: sealed as a grant is.
    KeyStore,
    /// The person, who is asked for it each time it is needed. Nothing is kept.
    Prompt,
}

/// How much harm a stolen grant of this tenant would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// The approval counts as consent for each sign-in.
    #[default]
    Normal,
    /// Each sign-in asks.
    High,
}

/// What is allowed for a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantPolicy {
    /// The ways to sign in. Absent: the browser.
    pub methods: Option<Vec<Method>>,
    /// The risk.
    pub risk: Risk,
    /// The scopes to ask for, in place of the plugin's own.
    pub scopes: Option<Vec<Scope>>,
    /// The longest life of a grant on this machine.
    pub max_session: Option<Span>,
    /// The longest life of an access token, whatever the provider grants.
    pub max_token: Option<Span>,
    /// What a sign-in by device may bring, which less protects than one by browser.
    #[serde(skip_serializing_if = "DevicePolicy::is_default")]
    pub device: DevicePolicy,
    /// Keep a refresh token of a public client that is neither rotated nor sender-constrained (RFC 9700 section 2.2.2).
    pub allow_unrotated_refresh_token: bool,
    /// Sign in although it is not known who has signed in.
    pub allow_unknown_identity: bool,
    /// What an alert of the audit log means (POL-07). Absent: what the risk says, see [`TenantPolicy::on_alert`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_alert: Option<OnAlert>,
    /// Accept an `iss` in authorization responses although the metadata does not announce it (RFC 9207 section 2.4).
    pub accept_unannounced_iss: bool,
}

/// What it means that something is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnAlert {
    /// The person is warned, and it goes on.
    Warn,
    /// Nothing is asked of the provider, and nothing handed out.
    Refuse,
}

impl TenantPolicy {
    /// What an alert means. A false alarm costs a look at it and a command; where a stolen grant would cost more, it is refused.
    #[must_use]
    pub fn on_alert(&self) -> OnAlert {
        self.on_alert.unwrap_or(match self.risk {
            Risk::Normal => OnAlert::Warn,
            Risk::High => OnAlert::Refuse,
        })
    }
}

/// What a sign-in by device (RFC 8628) may bring. Whether there is one at all, `policy.methods` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DevicePolicy {
    /// The scopes to ask for, of those that are asked for otherwise, and `offline_access`. Absent: all of those, without
    /// `offline_access`.
    pub scopes: Option<Vec<Scope>>,
    /// The longest life of such a grant on this machine. Absent: half a day. Never longer than `max_session`.
    pub max_session: Option<Span>,
}

impl DevicePolicy {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Exceptions for the network. Each is shown on each run (POL-09).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkExceptions {
    /// Plain http to loopback IP literals: for practice and test providers.
    pub allow_loopback_http: bool,
    /// Hosts that may have private addresses, by name.
    pub private_hosts: Vec<String>,
}

impl NetworkExceptions {
    /// A sentence for each exception in force.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.allow_loopback_http {
            warnings.push(
                "plain http to loopback addresses is allowed (network.allow_loopback_http)"
                    .to_owned(),
            );
        }
        if !self.private_hosts.is_empty() {
            let hosts = self.private_hosts.join(", ");
            warnings.push(format!(
                "private addresses are allowed for {} (network.private_hosts)",
                Shown::new(&hosts)
            ));
        }
        warnings
    }
}

/// The loopback redirect (RFC 8252 section 7.3), where the provider is particular about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedirectOptions {
    /// `127.0.0.1`, `[::1]`, or `localhost` where the provider insists. Absent: whichever address is there.
    pub host: Option<RedirectHost>,
    /// A fixed port. Absent: chosen by the operating system.
    pub port: Option<u16>,
    /// A fixed path. Absent: one that is unique to the issuer.
    pub path: Option<String>,
}

/// The host of a loopback redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectHost {
    /// 127.0.0.1
    #[serde(rename = "127.0.0.1")]
    V4,
    /// ::1
    #[serde(rename = "[::1]")]
    V6,
    /// localhost: both addresses are bound, or none.
    #[serde(rename = "localhost")]
    Localhost,
}

/// A span of time in a tenant file: `"90s"`, `"45m"`, `"12h"`, `"30d"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// The span.
    #[must_use]
    pub fn as_secs(self) -> u64 {
        self.0.as_secs()
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let problem = || {
            format!(
                "\"{}\" is not a span of time: write \"90s\", \"45m\", \"12h\" or \"30d\"",
                Shown::new(&text)
            )
        };
        let unit = match text.chars().last() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            _ => return Err(problem()),
        };
        let number = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        let count: u64 = if number.bytes().all(|b| b.is_ascii_digit()) {
            number.parse().map_err(|_| problem())?
        } else {
            return Err(problem());
        };
        let seconds = count
            .checked_mul(unit)
            .filter(|s| (1..=10 * 365 * 86_400).contains(s))
            .ok_or_else(problem)?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        format!("{}s", span.0.as_secs())
    }
}

impl Tenant {
    /// Parses a tenant file. The error points at the line.
    pub fn parse(name: &TenantName, text: &str) -> Result<Self> {
        if text.len() as u64 > TENANT_FILE_BYTES {
            return Err(Error::config(
                "tenant.size",
                format!("the file of tenant \"{name}\" is larger than {TENANT_FILE_BYTES} bytes"),
            ));
        }
        toml::from_str(text).map_err(|problem| {
            let line = problem
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            let place = line.map_or_else(String::new, |line| format!(", line {line}"));
            Error::config(
                "tenant.syntax",
                format!(
                    "tenant \"{name}\"{place}: {}",
                    Shown::new(problem.message())
                ),
            )
        })
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

    #[test]
    fn spans_have_a_unit_and_a_bound() {
        for (text, seconds) in [
            ("90s", 90),
            ("45m", 2700),
            ("12h", 43_200),
            ("30d", 2_592_000),
        ] {
            assert_eq!(Span::try_from(text.to_owned()).unwrap().as_secs(), seconds);
        }
        for bad in [
            "",
            "s",
            "10",
            "-1s",
            "1.5h",
            "0s",
            "99999999999d",
            "1w",
            "+1s",
        ] {
            assert!(Span::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
