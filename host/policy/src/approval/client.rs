//! The client (RFC 6749 section 2, RFC 7591 section 3.2.1): a secret of a configured client is a setting that the plugin never gets,
//! and a registration keeps secrets where secrets are kept.

use vestibule_core::description::{Client, ClientAuthentication};
use vestibule_core::limits::TEXT_BYTES;
use vestibule_core::setting::SettingKind;
use vestibule_core::{Pointer, Result, RoleName, SecretKind, SecretName, SettingName};

use vestibule_core::words::names_a_secret;

use super::{Case, refused};

const RULE: &str = "approval.client";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    match &case.profile.client {
        Client::Configured {
            client_id,
            authentication,
        } => {
            check_id(client_id)?;
            match authentication {
                ClientAuthentication::None => Ok(()),
                ClientAuthentication::ClientSecretBasic(setting)
                | ClientAuthentication::ClientSecretPost(setting) => check_setting(case, setting),
                ClientAuthentication::PrivateKeyJwt(setting) => check_key(case, setting),
            }
        }
        Client::Registered {
            client_id,
            client_secret,
            expires_at,
        } => {
            let Some((role, _)) = case.rows.get_key_value("registration") else {
                return Err(refused(
                    RULE,
                    "the plugin registers the client, and there is no endpoint \"registration\""
                        .to_owned(),
                    "give it a URL, or let the operator configure the client",
                ));
            };
            // The id is sent in the URL that the browser opens.
            if client_id.tokens().any(|token| names_a_secret(&token)) {
                return Err(refused(
                    RULE,
                    format!("the client id is taken from \"{client_id}\", which names a secret"),
                    "point at the client id",
                ));
            }
            check_place(case, role, "client id", client_id)?;
            if let Some((pointer, _)) = expires_at {
                check_place(case, role, "expiry", pointer)?;
            }
            client_secret
                .as_ref()
                .map_or(Ok(()), |name| check_secret(case, name))
        }
    }
}

/// `client_id` (RFC 6749 appendix A.1).
fn check_id(client_id: &str) -> Result<()> {
    let legal = (1..=TEXT_BYTES).contains(&client_id.len())
        && client_id.bytes().all(|byte| matches!(byte, 0x20..=0x7E));
    if legal {
        return Ok(());
    }
    Err(refused(
        RULE,
        "the client id is empty, too long, or not printable ASCII".to_owned(),
        "take it from a setting, unchanged",
    ))
}

fn check_setting(case: &Case<'_>, setting: &SettingName) -> Result<()> {
    let field = case.schema.iter().find(|field| field.name == *setting);
    if field.is_some_and(|field| field.kind.is_secret()) {
        return Ok(());
    }
    Err(refused(
        RULE,
        format!(
            "the client authenticates with the setting \"{setting}\", which is not a secret of the settings schema"
        ),
        "declare the setting with kind secret or public-client-secret",
    ))
}

/// A key that ships in public programs signs for everybody.
fn check_key(case: &Case<'_>, setting: &SettingName) -> Result<()> {
    let field = case.schema.iter().find(|field| field.name == *setting);
    if field.is_some_and(|field| field.kind == SettingKind::Secret) {
        return Ok(());
    }
    Err(refused(
        RULE,
        format!(
            "the client signs with the setting \"{setting}\", which is not of kind secret in the settings schema"
        ),
        "declare the setting with kind secret",
    ))
}

fn check_place(case: &Case<'_>, role: &RoleName, what: &str, pointer: &Pointer) -> Result<()> {
    let mut born = case
        .profile
        .secrets
        .iter()
        .filter(|secret| secret.born_role == *role);
    if born.any(|secret| {
        secret
            .born_pointer
            .tokens()
            .zip(pointer.tokens())
            .all(|(one, other)| one == other)
    }) {
        return Err(refused(
            RULE,
            format!("the registration's {what} is at \"{pointer}\", where a declared secret is"),
            "point at something else",
        ));
    }
    Ok(())
}

fn check_secret(case: &Case<'_>, name: &SecretName) -> Result<()> {
    match case.profile.secret(name.as_str()) {
        Some(secret) if secret.kind == SecretKind::ClientSecret => Ok(()),
        _ => Err(refused(
            RULE,
            format!(
                "the registration brings the client secret \"{name}\", which is not declared as one"
            ),
            "declare it under secrets with kind client-secret",
        )),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::description::{Profile, TimeUnit};
    use vestibule_core::setting::{SettingField, SettingKind, SettingPresence};

    use crate::testing::{
        identity_center, metadata, oidc, pointer, refusal, secret_name, setting, tenant,
    };

    use super::*;

    #[test]
    fn a_client_secret_is_a_secret_setting() {
        let schema = |kind| {
            [SettingField {
                name: setting("client_key"),
                summary: String::new(),
                kind,
                presence: SettingPresence::Optional,
            }]
        };
        for (kind, allowed) in [
            (SettingKind::Secret, true),
            (SettingKind::PublicClientSecret, true),
            (SettingKind::Text, false),
            (SettingKind::Issuer, false),
        ] {
            for authentication in [
                ClientAuthentication::ClientSecretBasic(setting("client_key")),
                ClientAuthentication::ClientSecretPost(setting("client_key")),
            ] {
                let mut profile = oidc();
                profile.client = Client::Configured {
                    client_id: "cli".to_owned(),
                    authentication,
                };
                let result = crate::permissions(
                    &profile,
                    &schema(kind.clone()),
                    Some(&metadata()),
                    &tenant(""),
                );
                assert_eq!(result.is_ok(), allowed, "{kind:?}");
                let unknown =
                    crate::permissions(&profile, &[], Some(&metadata()), &tenant("")).unwrap_err();
                assert_eq!(unknown.code(), RULE);
            }
            // And a key is one that nobody else has.
            let mut profile = oidc();
            profile.client = Client::Configured {
                client_id: "cli".to_owned(),
                authentication: ClientAuthentication::PrivateKeyJwt(setting("client_key")),
            };
            let result = crate::permissions(
                &profile,
                &schema(kind.clone()),
                Some(&metadata()),
                &tenant(""),
            );
            assert_eq!(result.is_ok(), kind == SettingKind::Secret, "{kind:?}");
        }
    }

    #[test]
    fn a_client_id_is_text_of_the_standard() {
        for (id, allowed) in [
            ("cli", true),
            ("a b~", true),
            ("", false),
            ("a\nb", false),
            ("\u{e9}", false),
            (&"a".repeat(TEXT_BYTES + 1), false),
        ] {
            let mut profile = oidc();
            profile.client = Client::Configured {
                client_id: id.to_owned(),
                authentication: ClientAuthentication::None,
            };
            assert_eq!(crate::testing::approve(&profile).is_ok(), allowed, "{id:?}");
        }
    }

    #[test]
    fn a_registration_keeps_its_secret_out_of_the_client_id() {
        type Change = fn(&mut Profile);
        fn registered(p: &mut Profile, id: &str, secret: Option<&str>, expiry: &str) {
            p.client = Client::Registered {
                client_id: pointer(id),
                client_secret: secret.map(secret_name),
                expires_at: Some((pointer(expiry), TimeUnit::Seconds)),
            };
        }
        let cases: &[(&str, Change)] = &[
            ("names a secret", |p| {
                registered(p, "/clientSecret", None, "/x")
            }),
            ("names a secret", |p| {
                registered(p, "/registration_access_token", None, "/x")
            }),
            ("where a declared secret is", |p| {
                p.secrets[0].born_pointer = pointer("/handle/value");
                registered(p, "/handle", Some("client_secret"), "/x");
            }),
            ("where a declared secret is", |p| {
                registered(p, "/clientId", Some("client_secret"), "/clientSecret")
            }),
            ("not declared", |p| {
                registered(p, "/clientId", Some("nothing"), "/x")
            }),
            ("not declared", |p| {
                registered(p, "/clientId", Some("session_token"), "/x")
            }),
            ("no endpoint \"registration\"", |p| {
                p.endpoints.retain(|e| e.role.as_str() != "registration");
                p.secrets.retain(|s| s.kind != SecretKind::ClientSecret);
            }),
        ];
        for (expected, change) in cases {
            let error = refusal(identity_center(), *change);
            assert_eq!(error.code(), RULE, "{error}");
            assert!(error.message().contains(expected), "{expected}: {error}");
        }
    }
}
