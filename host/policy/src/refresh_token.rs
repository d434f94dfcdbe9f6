//! Refresh tokens of public clients (RFC 9700 section 2.2.2, RFT-02): sender-constrained, rotated, or not kept.
//!
//! No metadata says whether a provider rotates. So the first refresh token is kept, and the first refresh shows it: a reply without a
//! new one is a provider that does not rotate, and then the token goes, unless the tenant's policy says otherwise. The access token
//! of that reply stays good, so that the person loses nothing before the next sign-in.

use vestibule_core::allowed::Denied;
use vestibule_core::description::{Client, ClientAuthentication};
use vestibule_core::setting::{SettingField, SettingKind};
use vestibule_core::tenant::TenantPolicy;

/// A client type (RFC 6749 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientType {
    /// It can keep a secret, and proves who it is.
    Confidential,
    /// It cannot, or its secret ships in public programs and proves nothing (RFC 8252 section 8.5).
    Public,
}

impl ClientType {
    /// The type of a client. `schema` is the plugin's, which says whether a secret is one.
    #[must_use]
    pub fn of(client: &Client, schema: &[SettingField]) -> Self {
        let confidential = match client {
            Client::Configured { authentication, .. } => match authentication {
                ClientAuthentication::None => false,
                ClientAuthentication::ClientSecretBasic(setting)
                | ClientAuthentication::ClientSecretPost(setting)
                | ClientAuthentication::PrivateKeyJwt(setting) => schema
                    .iter()
                    .any(|field| field.name == *setting && field.kind == SettingKind::Secret),
            },
            // Made for this installation alone.
            Client::Registered { client_secret, .. } => client_secret.is_some(),
        };
        if confidential {
            Self::Confidential
        } else {
            Self::Public
        }
    }
}

/// Whether a refresh token works for whoever holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// For whoever holds it.
    Bearer,
    /// Only with a key of this machine (RFC 9449 section 5).
    SenderConstrained,
}

/// What was seen of a provider's rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Nothing yet: the token comes from a sign-in.
    Unknown,
    /// A refresh brought a new one.
    Rotated,
    /// A refresh brought none.
    NotRotated,
}

/// Whether a refresh token may be kept. The refusal is policy's, with the tenant's line that would allow it; nothing is broken.
pub fn keep_refresh_token(
    client: ClientType,
    binding: Binding,
    rotation: Rotation,
    policy: &TenantPolicy,
) -> Result<(), Denied> {
    match (client, binding, rotation) {
        (ClientType::Confidential, _, _) | (_, Binding::SenderConstrained, _) | (_, _, Rotation::Unknown | Rotation::Rotated) => Ok(()),
        (ClientType::Public, Binding::Bearer, Rotation::NotRotated) if policy.allow_unrotated_refresh_token => Ok(()),
        (ClientType::Public, Binding::Bearer, Rotation::NotRotated) => Err(Denied {
            rule: "refresh_token",
            reason: "the provider neither rotates refresh tokens nor binds them to this machine, so that a copy would work for years: \
                     the refresh token was dropped, and the next expiry needs a new sign-in"
                .to_owned(),
            fix: Some("policy.allow_unrotated_refresh_token = true".to_owned()),
            plugins_fault: false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::setting::SettingPresence;

    use crate::testing::{identity_center, oidc, setting, tenant};

    use super::*;

    #[test]
    fn only_an_unrotated_bearer_token_of_a_public_client_goes() {
        use Binding::{Bearer, SenderConstrained};
        use ClientType::{Confidential, Public};
        use Rotation::{NotRotated, Rotated, Unknown};
        for (client, binding, rotation, kept) in [
            (Public, Bearer, Unknown, true),
            (Public, Bearer, Rotated, true),
            (Public, Bearer, NotRotated, false),
            (Public, SenderConstrained, NotRotated, true),
            (Confidential, Bearer, NotRotated, true),
            (Confidential, SenderConstrained, NotRotated, true),
        ] {
            let default = keep_refresh_token(client, binding, rotation, &tenant("").policy);
            assert_eq!(default.is_ok(), kept, "{client:?} {binding:?} {rotation:?}");
            if let Err(denied) = default {
                let line = denied.fix.unwrap();
                let (table, line) = line.split_once('.').unwrap();
                let excepted = tenant(&format!("[{table}]\n{line}\n")).policy;
                assert_eq!(
                    keep_refresh_token(client, binding, rotation, &excepted),
                    Ok(())
                );
            }
        }
    }

    #[test]
    fn a_secret_that_everybody_has_makes_no_confidential_client() {
        let schema = |kind| {
            [SettingField {
                name: setting("key"),
                summary: String::new(),
                kind,
                presence: SettingPresence::Required,
            }]
        };
        let client = Client::Configured {
            client_id: "cli".to_owned(),
            authentication: ClientAuthentication::ClientSecretPost(setting("key")),
        };
        assert_eq!(
            ClientType::of(&client, &schema(SettingKind::Secret)),
            ClientType::Confidential
        );
        assert_eq!(
            ClientType::of(&client, &schema(SettingKind::PublicClientSecret)),
            ClientType::Public
        );
        assert_eq!(ClientType::of(&client, &[]), ClientType::Public);
        assert_eq!(ClientType::of(&oidc().client, &[]), ClientType::Public);
        assert_eq!(
            ClientType::of(&identity_center().client, &[]),
            ClientType::Confidential
        );
    }
}
