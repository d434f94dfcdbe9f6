//! Types that settings can have.

use std::fmt;

use super::SettingType;
use crate::wit::{SettingKind, SettingPresence, SettingValue};

impl SettingType for String {
    fn kind() -> SettingKind {
        SettingKind::Text
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        as_text(value)
    }
}

impl SettingType for Vec<String> {
    fn kind() -> SettingKind {
        SettingKind::Texts
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        match value {
            SettingValue::Texts(texts) => Ok(texts),
            SettingValue::Text(_) | SettingValue::Integer(_) | SettingValue::Boolean(_) => {
                Err("must be a list of texts".to_owned())
            }
        }
    }
}

impl SettingType for i64 {
    fn kind() -> SettingKind {
        SettingKind::Integer
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        match value {
            SettingValue::Integer(integer) => Ok(integer),
            SettingValue::Text(_) | SettingValue::Texts(_) | SettingValue::Boolean(_) => {
                Err("must be a whole number".to_owned())
            }
        }
    }
}

impl SettingType for bool {
    fn kind() -> SettingKind {
        SettingKind::Boolean
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        match value {
            SettingValue::Boolean(boolean) => Ok(boolean),
            SettingValue::Text(_) | SettingValue::Texts(_) | SettingValue::Integer(_) => {
                Err("must be true or false".to_owned())
            }
        }
    }
}

/// An issuer identifier (RFC 8414 section 2), kept character for character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl SettingType for Issuer {
    fn kind() -> SettingKind {
        SettingKind::Issuer
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        as_text(value).map(Self)
    }
}

impl From<&Issuer> for String {
    fn from(issuer: &Issuer) -> Self {
        issuer.0.clone()
    }
}

/// An absolute URL, which the host has checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// A URL that the plugin itself puts together. The host checks it as part of the description.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL of this path below this one: `https://idp.example/oidc` and `/token` give `https://idp.example/oidc/token`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!(
            "{}/{}",
            self.0.trim_end_matches('/'),
            path.trim_start_matches('/')
        )
    }
}

impl SettingType for Url {
    fn kind() -> SettingKind {
        SettingKind::Url
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        as_text(value).map(Self)
    }
}

impl From<&Url> for String {
    fn from(url: &Url) -> Self {
        url.0.clone()
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! secrets {
    ($($(#[$doc:meta])+ $type:ident $kind:ident $presence:ident)+) => {$(
        $(#[$doc])+
        ///
        /// The plugin never gets the secret, only the name of the setting.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $type(String);

        impl SettingType for $type {
            fn kind() -> SettingKind {
                SettingKind::$kind
            }

            fn from_value(_: SettingValue) -> Result<Self, String> {
                Err("is a secret and must not reach a plugin".to_owned())
            }

            fn presence() -> SettingPresence {
                SettingPresence::$presence
            }

            fn absent(name: &str) -> Result<Self, String> {
                Ok(Self(name.to_owned()))
            }
        }

        /// The name of the setting.
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )+};
}

secrets! {
    /// A secret that the tenant must have.
    RequiredSecret Secret Required

    /// A secret that the tenant may have. Whether it has, the host knows.
    OptionalSecret Secret Optional
}

/// How a client authenticates at the token endpoint: `token_endpoint_auth_method` of RFC 7591 section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthenticationMethod {
    /// `none`: a public client.
    None,
    /// `client_secret_basic`: HTTP Basic.
    ClientSecretBasic,
    /// `client_secret_post`: in the request body.
    ClientSecretPost,
    /// `private_key_jwt`: by an assertion that the host signs (OIDC Core section 9).
    PrivateKeyJwt,
}

impl ClientAuthenticationMethod {
    const ALL: [(&str, Self); 4] = [
        ("none", Self::None),
        ("client_secret_basic", Self::ClientSecretBasic),
        ("client_secret_post", Self::ClientSecretPost),
        ("private_key_jwt", Self::PrivateKeyJwt),
    ];
}

impl SettingType for ClientAuthenticationMethod {
    fn kind() -> SettingKind {
        SettingKind::OneOf(Self::ALL.map(|(name, _)| name.to_owned()).into())
    }

    fn from_value(value: SettingValue) -> Result<Self, String> {
        let text = as_text(value)?;
        let method = Self::ALL.into_iter().find(|(name, _)| *name == text);
        method
            .map(|(_, method)| method)
            .ok_or_else(|| "is no client authentication method".to_owned())
    }
}

/// A literal that can be a default.
pub trait Default {
    /// As the contract has it.
    fn into_value(self) -> SettingValue;
}

impl Default for &str {
    fn into_value(self) -> SettingValue {
        SettingValue::Text(self.to_owned())
    }
}

impl Default for i64 {
    fn into_value(self) -> SettingValue {
        SettingValue::Integer(self)
    }
}

impl Default for bool {
    fn into_value(self) -> SettingValue {
        SettingValue::Boolean(self)
    }
}

fn as_text(value: SettingValue) -> Result<String, String> {
    match value {
        SettingValue::Text(text) => Ok(text),
        SettingValue::Texts(_) | SettingValue::Integer(_) | SettingValue::Boolean(_) => {
            Err("must be a text".to_owned())
        }
    }
}
