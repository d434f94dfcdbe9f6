//! Declared secrets (PLUG-03): where a provider's own kind of secret is born and where it may go. A declaration cannot give a secret
//! of the standards other cells than the host's table does, neither under another name nor from another reply.

use vestibule_core::description::{
    DeclaredPlacement, EndpointClass, HttpMethod, SecretDeclaration,
};
use vestibule_core::{Result, SecretKind};

use vestibule_core::words::{folded, is_standard, names_a_standard_secret};

use super::{Case, Row, refused};

const RULE: &str = "approval.secrets";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    let all = &case.profile.secrets;
    for (at, secret) in all.iter().enumerate() {
        check_name(secret)?;
        check_birth(case, secret)?;
        check_cells(case, secret)?;
        for other in all.iter().skip(at + 1) {
            if folded(other.name.as_str()) == folded(secret.name.as_str()) {
                return wrong(secret, "is declared twice", "give each its own name");
            }
            // Two kinds at one place would have the cells of both.
            if other.born_role == secret.born_role && other.born_pointer == secret.born_pointer {
                return wrong(
                    secret,
                    &format!("is born where \"{}\" is", other.name),
                    "declare it once",
                );
            }
        }
    }
    Ok(())
}

fn check_name(secret: &SecretDeclaration) -> Result<()> {
    let name = folded(secret.name.as_str());
    let own = |kind: SecretKind| kind == secret.kind && kind == SecretKind::ClientSecret;
    let taken = SecretKind::ALL
        .into_iter()
        .any(|kind| folded(kind.as_str()) == name && !own(kind));
    if taken || name.is_empty() {
        return wrong(secret, "has a name of the host's own", "choose another one");
    }
    Ok(())
}

fn check_birth(case: &Case<'_>, secret: &SecretDeclaration) -> Result<()> {
    let Some(row) = case.row(&secret.born_role) else {
        return wrong(
            secret,
            &format!(
                "is born at the role \"{}\", which is not in the endpoint table",
                secret.born_role
            ),
            "add the endpoint",
        );
    };
    let fits = match (secret.kind, row.class) {
        (SecretKind::ClientSecret, class) => class == EndpointClass::Registration,
        (SecretKind::CloudKey, class) => matches!(
            class,
            EndpointClass::Token | EndpointClass::Userinfo | EndpointClass::Resource
        ),
        (SecretKind::Opaque, class) => matches!(
            class,
            EndpointClass::Token
                | EndpointClass::Userinfo
                | EndpointClass::Resource
                | EndpointClass::Registration
                | EndpointClass::Public
        ),
        (
            SecretKind::AuthorizationCode
            | SecretKind::CodeVerifier
            | SecretKind::State
            | SecretKind::Nonce
            | SecretKind::DeviceCode
            | SecretKind::AccessToken
            | SecretKind::RefreshToken
            | SecretKind::IdToken
            | SecretKind::ClientKey
            | SecretKind::ClientAssertion
            | SecretKind::SubjectAssertion,
            _,
        ) => false,
    };
    if !fits {
        return wrong(
            secret,
            &format!(
                "of kind {} is born at \"{}\", a {} endpoint",
                secret.kind.as_str(),
                secret.born_role,
                row.class.as_str()
            ),
            "a client secret comes from a registration, a cloud key from a token, userinfo or resource endpoint",
        );
    }
    if is_standard_place(row, secret) {
        return wrong(
            secret,
            &format!(
                "is born at \"{}\", where a secret of the standards is",
                secret.born_pointer
            ),
            "the host knows that one: use its reference",
        );
    }
    Ok(())
}

/// Whether the standards, or this endpoint's dialect, have a secret there. What a provider's own endpoint calls a token is its own.
fn is_standard_place(row: &Row, secret: &SecretDeclaration) -> bool {
    if matches!(row.class, EndpointClass::Resource | EndpointClass::Public) {
        return false;
    }
    let renamed = |token: &str| {
        let mut secrets = row
            .dialect
            .renames
            .iter()
            .filter(|(from, _)| names_a_standard_secret(from.as_str()));
        secrets.any(|(_, to)| folded(to.as_str()) == folded(token))
    };
    let is_client_secret =
        |token: &str| secret.kind == SecretKind::ClientSecret && folded(token) == "clientsecret";
    secret.born_pointer.tokens().any(|token| {
        !is_client_secret(&token) && (names_a_standard_secret(&token) || renamed(&token))
    })
}

fn check_cells(case: &Case<'_>, secret: &SecretDeclaration) -> Result<()> {
    for cell in &secret.goes {
        let role = &cell.role;
        let Some(row) = case.row(role) else {
            return wrong(
                secret,
                &format!("goes to the role \"{role}\", which is not in the endpoint table"),
                "add the endpoint, or take the cell out",
            );
        };
        match secret.kind {
            SecretKind::ClientSecret => {
                check_client_secret(secret, role.as_str(), row, &cell.placement)?
            }
            SecretKind::Opaque => check_opaque(secret, role.as_str(), row, &cell.placement)?,
            SecretKind::CloudKey => {
                return wrong(
                    secret,
                    &format!("is a cloud key and goes to \"{role}\""),
                    "a cloud key is released to the person and goes nowhere: leave goes empty",
                );
            }
            SecretKind::AuthorizationCode
            | SecretKind::CodeVerifier
            | SecretKind::State
            | SecretKind::Nonce
            | SecretKind::DeviceCode
            | SecretKind::AccessToken
            | SecretKind::RefreshToken
            | SecretKind::IdToken
            | SecretKind::ClientKey
            | SecretKind::ClientAssertion
            | SecretKind::SubjectAssertion => {
                return wrong(
                    secret,
                    "is of a kind that the host keeps for itself",
                    "declare client secrets, cloud keys and opaque secrets",
                );
            }
        }
    }
    Ok(())
}

/// The host's table has all cells of a client secret. A declaration may repeat them.
fn check_client_secret(
    secret: &SecretDeclaration,
    role: &str,
    row: &Row,
    placement: &DeclaredPlacement,
) -> Result<()> {
    let authenticates = match row.class {
        EndpointClass::Token
        | EndpointClass::Device
        | EndpointClass::Revocation
        | EndpointClass::Introspection => true,
        EndpointClass::Authorization => role == "pushed_authorization_request",
        EndpointClass::Registration
        | EndpointClass::Userinfo
        | EndpointClass::Resource
        | EndpointClass::Public => false,
    };
    if authenticates && *placement == DeclaredPlacement::ClientAuthentication {
        return Ok(());
    }
    wrong(
        secret,
        &format!("is a client secret and goes to \"{role}\" where no client authenticates"),
        "leave goes empty: the host knows its cells",
    )
}

fn check_opaque(
    secret: &SecretDeclaration,
    role: &str,
    row: &Row,
    placement: &DeclaredPlacement,
) -> Result<()> {
    if row.class != EndpointClass::Resource {
        return wrong(
            secret,
            &format!("goes to \"{role}\", a {} endpoint", row.class.as_str()),
            "let it go to resource endpoints only",
        );
    }
    match placement {
        DeclaredPlacement::Authorization => Ok(()),
        DeclaredPlacement::ClientAuthentication => wrong(
            secret,
            &format!("authenticates the client at \"{role}\""),
            "only client secrets do",
        ),
        DeclaredPlacement::Member(_) if row.method == HttpMethod::Get => wrong(
            secret,
            &format!("goes into the body of \"{role}\", which is read with GET"),
            "place it into the Authorization header",
        ),
        DeclaredPlacement::Member(name) if is_standard(name.as_str()) => wrong(
            secret,
            &format!("goes into the member \"{name}\" of \"{role}\", a name of the standards"),
            "only the host fills these",
        ),
        DeclaredPlacement::Member(_) => Ok(()),
    }
}

fn wrong(secret: &SecretDeclaration, what: &str, instead: &str) -> Result<()> {
    Err(refused(
        RULE,
        format!("the secret \"{}\" {what}", secret.name),
        instead,
    ))
}

#[cfg(test)]
mod tests {
    use vestibule_core::description::{DeclaredCell, Profile};

    use crate::testing::{approve, cell, identity_center, pointer, role, secret_name};

    use super::*;

    fn opaque(name: &str, from: &str, at: &str) -> SecretDeclaration {
        SecretDeclaration {
            name: secret_name(name),
            kind: SecretKind::Opaque,
            born_role: role(from),
            born_pointer: pointer(at),
            goes: Vec::new(),
        }
    }

    fn judged(profile: &Profile) -> Option<String> {
        approve(profile).err().map(|error| {
            assert_eq!(error.code(), RULE, "{error}");
            assert!(error.next_step().is_some());
            error.message().to_owned()
        })
    }

    #[test]
    fn names_of_the_host_are_not_taken() {
        for kind in SecretKind::ALL {
            let mut profile = identity_center();
            profile
                .secrets
                .push(opaque(kind.as_str(), "token", "/handle"));
            assert!(judged(&profile).is_some(), "{}", kind.as_str());
        }
        for name in ["accesstoken", "refresh_token_", "session_token"] {
            let mut profile = identity_center();
            profile.secrets.push(opaque(name, "token", "/handle"));
            assert!(judged(&profile).is_some(), "{name}");
        }
    }

    #[test]
    fn a_standard_secret_cannot_be_declared_under_another_name() {
        for at in [
            "/access_token",
            "/refreshToken",
            "/REFRESH_TOKEN",
            "/id_token",
            "/code",
            "/token",
            "/a/clientSecret",
            "/ticket",
        ] {
            let mut profile = identity_center();
            profile.endpoints[1]
                .dialect
                .renames
                .retain(|(from, _)| from.as_str() != "device_code");
            profile.endpoints[1].dialect.renames.push((
                crate::testing::member("device_code"),
                crate::testing::member("ticket"),
            ));
            profile.secrets.push(opaque("mine", "token", at));
            assert!(
                judged(&profile).is_some_and(|found| found.contains("standards")),
                "{at}"
            );
        }
        let mut profile = identity_center();
        profile
            .secrets
            .push(opaque("mine", "registration", "/registrationAccessToken"));
        assert!(judged(&profile).is_some());
        let mut profile = identity_center();
        profile
            .secrets
            .push(opaque("mine", "credentials", "/token"));
        assert_eq!(
            judged(&profile),
            None,
            "a provider's own endpoint has its own tokens"
        );
    }

    #[test]
    fn a_secret_is_born_where_its_kind_comes_from() {
        for (kind, from, allowed) in [
            (SecretKind::ClientSecret, "registration", true),
            (SecretKind::ClientSecret, "token", false),
            (SecretKind::ClientSecret, "accounts", false),
            (SecretKind::CloudKey, "credentials", true),
            (SecretKind::CloudKey, "token", true),
            (SecretKind::CloudKey, "registration", false),
            (SecretKind::Opaque, "registration", true),
            (SecretKind::Opaque, "authorization", false),
            (SecretKind::Opaque, "device_authorization", false),
            (SecretKind::Opaque, "revocation", false),
            (SecretKind::Opaque, "nowhere", false),
            (SecretKind::AuthorizationCode, "token", false),
            (SecretKind::RefreshToken, "accounts", false),
        ] {
            let mut profile = identity_center();
            profile.secrets.push(SecretDeclaration {
                kind,
                ..opaque("mine", from, "/handle")
            });
            assert_eq!(judged(&profile).is_none(), allowed, "{kind:?} {from}");
        }
    }

    #[test]
    fn secrets_have_one_name_and_one_place_each() {
        for again in [
            opaque("session__token", "accounts", "/x"),
            opaque("other", "credentials", "/roleCredentials/sessionToken"),
        ] {
            let mut profile = identity_center();
            profile.secrets.push(again);
            assert!(judged(&profile).is_some());
        }
    }

    #[test]
    fn a_declaration_widens_nothing() {
        let to = |role_name: &str, placement| DeclaredCell {
            role: role(role_name),
            placement,
        };
        use DeclaredPlacement::{Authorization, ClientAuthentication};
        use SecretKind::{ClientSecret, CloudKey, Opaque};
        for (kind, goes, allowed) in [
            (ClientSecret, to("token", ClientAuthentication), true),
            (
                ClientSecret,
                to("device_authorization", ClientAuthentication),
                true,
            ),
            (ClientSecret, to("accounts", ClientAuthentication), false),
            (
                ClientSecret,
                to("registration", ClientAuthentication),
                false,
            ),
            (
                ClientSecret,
                to("authorization", ClientAuthentication),
                false,
            ),
            (ClientSecret, to("token", Authorization), false),
            (ClientSecret, cell("token", "x"), false),
            (CloudKey, to("accounts", Authorization), false),
            (CloudKey, cell("token", "x"), false),
            (Opaque, to("accounts", Authorization), true),
            (Opaque, cell("accounts", "handle"), false), // read with GET
            (Opaque, cell("roles", "handle"), true),
            (Opaque, cell("roles", "client_secret"), false),
            (Opaque, cell("roles", "Client-ID"), false),
            (Opaque, cell("token", "handle"), false),
            (Opaque, cell("registration", "handle"), false),
            (Opaque, to("roles", ClientAuthentication), false),
            (Opaque, to("nowhere", Authorization), false),
        ] {
            let mut profile = identity_center();
            profile.endpoints[6].method = HttpMethod::Post;
            let from = if kind == ClientSecret {
                "registration"
            } else {
                "credentials"
            };
            let shown = format!("{kind:?} {goes:?}");
            profile.secrets.push(SecretDeclaration {
                kind,
                goes: vec![goes],
                ..opaque("mine", from, "/handle")
            });
            assert_eq!(judged(&profile).is_none(), allowed, "{shown}");
        }
    }
}
