//! The configuration file, `config.toml`: the user's, or else the system's.

use std::path::PathBuf;

use serde::Deserialize;
use vestibule_core::limits::CONFIG_FILE_BYTES;
use vestibule_core::{Error, Result, Shown};

use crate::files;
use crate::places::Places;

/// What holds for all tenants.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The network.
    pub network: NetworkConfig,
    /// The browser.
    pub browser: BrowserConfig,
    /// The key store.
    pub keystore: KeystoreConfig,
    /// The audit log.
    pub audit: AuditConfig,
}

/// What becomes of the audit log.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// Where `vestibule audit export --format otlp` sends records.
    pub collector: Option<CollectorConfig>,
}

/// A collector of logs (OTLP/HTTP).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectorConfig {
    /// Its address, as a rule `https://…/v1/logs`.
    pub url: String,
    /// A file that only this user can read; its first line is sent as a bearer token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// Plain http, to a loopback IP address.
    #[serde(default)]
    pub allow_loopback_http: bool,
    /// Its host may have a private address.
    #[serde(default)]
    pub allow_private_address: bool,
}

/// How the network is reached.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Files with further certificate authorities, in PEM.
    pub ca_files: Vec<PathBuf>,
    /// An HTTP proxy. For https it sees only CONNECT. The environment's proxy variables count for nothing.
    pub proxy: Option<String>,
}

/// Which browser is opened.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrowserConfig {
    /// A program and its arguments; the URL is added as the last. Absent: the system's browser.
    pub command: Option<Vec<String>>,
}

/// Which key store holds the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeystoreConfig {
    /// Absent: the best that answers.
    pub use_only: Option<KeystoreName>,
}

/// A key store, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeystoreName {
    /// The Secret Service over D-Bus.
    SecretService,
    /// The Linux kernel's keyring.
    KernelKeyring,
    /// This process's memory.
    Memory,
}

impl Config {
    /// Reads the first configuration file that is there. None is there on most machines, and that is fine.
    pub fn read(places: &Places) -> Result<Self> {
        for directory in &places.config {
            let Some(directory) = files::open_dir(directory)? else {
                continue;
            };
            if let Some(text) = files::read_own_text(&directory, "config.toml", CONFIG_FILE_BYTES)?
            {
                return Self::parse(&text);
            }
        }
        Ok(Self::default())
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|problem| {
            let line = problem
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            Error::config(
                "config.syntax",
                format!(
                    "config.toml, line {line}: {}",
                    Shown::new(problem.message())
                ),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corporate_proxy_and_ca_fit_in_three_lines() {
        let config = Config::parse("[network]\nca_files = [\"/etc/corp.pem\"]\nproxy = \"http://proxy.corp.example:3128\"\n").unwrap();
        assert_eq!(config.network.ca_files, [PathBuf::from("/etc/corp.pem")]);
        assert_eq!(
            config.network.proxy.as_deref(),
            Some("http://proxy.corp.example:3128")
        );
    }

    #[test]
    fn a_collector_has_an_address_and_no_exception_that_nobody_wrote() {
        let config = Config::parse("[audit.collector]\nurl = \"https://logs.example/v1/logs\"\n");
        let collector = config.unwrap().audit.collector.unwrap();
        assert_eq!(collector.url, "https://logs.example/v1/logs");
        assert!(collector.token_file.is_none());
        assert!(!collector.allow_loopback_http && !collector.allow_private_address);
        let error = Config::parse("[audit.collector]\ntoken = \"x\"\n").unwrap_err();
        assert!(error.message().contains("line 2"), "{error}");
    }

    #[test]
    fn a_line_that_is_not_known_is_an_error_and_not_ignored() {
        let error = Config::parse("[network]\ninsecure = true\n").unwrap_err();
        assert!(
            error.message().contains("line 2") && error.message().contains("insecure"),
            "{error}"
        );
    }
}
