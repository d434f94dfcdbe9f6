//! Secrets, and the opaque names under which plugins know them.

use std::fmt;

use zeroize::Zeroize;

/// A secret value. It is erased when dropped, cannot be cloned, compared, printed or serialized, and shows itself to no one but
/// the crates whose job is to send it (the broker) or to seal it (the store): `expose` is a disallowed method elsewhere.
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a value in. The caller's `String` becomes the secret's own memory; no copy stays behind unless it had to shrink.
    #[must_use]
    pub fn new(mut value: String) -> Self {
        if value.capacity() == value.len() {
            return Self(value.into_boxed_str());
        }
        // `into_boxed_str` would move the text and leave the old allocation behind unerased.
        let boxed: Box<str> = value.as_str().into();
        value.zeroize();
        Self(boxed)
    }

    /// The value itself. For the broker, which sends it, and the store, which seals it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it. Says no more about the value than a missing member would.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a secret is. Its kind decides where it may go (`crate::matrix`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretKind {
    /// The authorization code (RFC 6749 section 4.1.2), with the verifier (RFC 7636) that belongs to it.
    AuthorizationCode,
    /// The PKCE code verifier (RFC 7636 section 4.1).
    CodeVerifier,
    /// `state` (RFC 6749 section 4.1.1).
    State,
    /// `nonce` (OIDC Core section 3.1.2.1).
    Nonce,
    /// The device code (RFC 8628 section 3.2).
    DeviceCode,
    /// An access token (RFC 6749 section 1.4).
    AccessToken,
    /// A refresh token (RFC 6749 section 1.5).
    RefreshToken,
    /// An ID token (OIDC Core section 2).
    IdToken,
    /// A client secret (RFC 6749 section 2.3.1).
    ClientSecret,
    /// The private key of a client (RFC 7523 section 2.2). It goes nowhere: what it has signed does.
    ClientKey,
    /// What such a key has signed, for one request.
    ClientAssertion,
    /// A workload's own assertion (RFC 7521).
    SubjectAssertion,
    /// Part of a cloud credential; kinds from here on come from a plugin's description.
    CloudKey,
    /// Another credential of the provider.
    Opaque,
}

impl SecretKind {
    /// All kinds, in the order of the matrix.
    pub const ALL: [Self; 14] = [
        Self::AuthorizationCode,
        Self::CodeVerifier,
        Self::State,
        Self::Nonce,
        Self::DeviceCode,
        Self::AccessToken,
        Self::RefreshToken,
        Self::IdToken,
        Self::ClientSecret,
        Self::ClientKey,
        Self::ClientAssertion,
        Self::SubjectAssertion,
        Self::CloudKey,
        Self::Opaque,
    ];

    /// The name in the standards, as shown and stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "code",
            Self::CodeVerifier => "code_verifier",
            Self::State => "state",
            Self::Nonce => "nonce",
            Self::DeviceCode => "device_code",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::IdToken => "id_token",
            Self::ClientSecret => "client_secret",
            Self::ClientKey => "client_key",
            Self::ClientAssertion => "client_assertion",
            Self::SubjectAssertion => "subject_assertion",
            Self::CloudKey => "cloud_key",
            Self::Opaque => "opaque",
        }
    }
}

/// Writes a kind as its standard name.
pub mod kind_name {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::SecretKind;

    /// See the module.
    pub fn serialize<S: Serializer>(kind: &SecretKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.as_str())
    }

    /// See the module.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        SecretKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| de::Error::custom("unknown kind of secret"))
    }
}

/// The opaque name of a secret within one flow (PLUG-01): 128 random bits, drawn by the broker.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The upper 64 bits.
    pub high: u64,
    /// The lower 64 bits.
    pub low: u64,
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A short form suffices to tell the references of one flow apart in a narration.
        write!(f, "ref:{:08x}", self.high >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_says_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Secret::new("marker".into())), "[redacted]");
    }
}
