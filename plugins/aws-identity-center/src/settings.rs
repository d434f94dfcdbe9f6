//! What a tenant says of its IAM Identity Center.

use vestibule_plugin::settings;
use vestibule_plugin::settings::{SettingType, Url};
use vestibule_plugin::wit::{SettingKind, SettingValue};

settings! {
    /// One instance of IAM Identity Center.
    pub struct Config {
        /// The AWS access portal URL, such as https://d-1234567890.awsapps.com/start.
        start_url: Url,
        /// The region in which IAM Identity Center was enabled, such as eu-west-1.
        region: Region,
        /// The base URL of the OIDC service, where it is not AWS's own: a proxy, a practice provider.
        oidc_endpoint: Option<Url>,
        /// The base URL of the portal service, where it is not AWS's own.
        portal_endpoint: Option<Url>,
    }
}

impl Config {
    /// A URL of the service `sso-oidc`.
    pub(crate) fn oidc(&self, path: &str) -> String {
        self.service(self.oidc_endpoint.as_ref(), "oidc", path)
    }

    /// The host of the page on which a device code is entered, where it is not that of the access portal. Behind an endpoint that is
    /// not AWS's own, there is no such host.
    pub(crate) fn device_page_host(&self) -> Option<String> {
        let own = format!("device.sso.{}.{}", self.region.0, self.region.dns_suffix());
        self.oidc_endpoint.is_none().then_some(own)
    }

    /// A URL of the service `sso`, the access portal.
    pub(crate) fn portal(&self, path: &str) -> String {
        self.service(self.portal_endpoint.as_ref(), "portal.sso", path)
    }

    fn service(&self, override_: Option<&Url>, prefix: &str, path: &str) -> String {
        let own = || {
            Url::new(format!(
                "https://{prefix}.{}.{}",
                self.region.0,
                self.region.dns_suffix()
            ))
        };
        override_.cloned().unwrap_or_else(own).at(path)
    }
}

/// The name of a region. It becomes part of a host name, so nothing else than a name may be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// The DNS suffix of the region's partition.
    fn dns_suffix(&self) -> &'static str {
        if self.0.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        }
    }
}

impl SettingType for Region {
    fn kind() -> SettingKind {
        SettingKind::Text
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        let name = String::from_value(value)?;
        let is_of_a_name =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if name.len() <= 32
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(is_of_a_name)
        {
            Ok(Self(name))
        } else {
            Err("must be the name of an AWS region, such as eu-west-1".to_owned())
        }
    }
}
