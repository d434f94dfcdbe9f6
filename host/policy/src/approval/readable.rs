//! Readable members (PLUG-06, PLUG-21): what a plugin may see of a reply. Never something that goes by the name of a secret, or lies
//! where one was declared; and text only of a described form.

use vestibule_core::description::{EndpointClass, IdentitySource, Readable, ScalarKind, Shape};
use vestibule_core::limits::READABLE_CHARS;
use vestibule_core::{Pattern, Pointer, Result, Shown};

use vestibule_core::words::{folded, names_a_secret};

use super::{Case, refused};

const RULE: &str = "approval.readable";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    let all = &case.profile.readable;
    for (at, readable) in all.iter().enumerate() {
        check_role(case, readable)?;
        for path in paths(readable) {
            check_path(case, readable, &path)?;
        }
        match &readable.shape {
            Shape::One(kind) => check_kind(readable, kind)?,
            Shape::Rows(columns) => columns
                .iter()
                .try_for_each(|column| check_kind(readable, &column.kind))?,
        }
        if all
            .iter()
            .skip(at + 1)
            .any(|other| other.role == readable.role && other.pointer == readable.pointer)
        {
            return wrong(readable, "is described twice", "describe it once");
        }
    }
    Ok(())
}

fn check_role(case: &Case<'_>, readable: &Readable) -> Result<()> {
    if readable.role.as_str() == "id_token" {
        return match case.profile.identity {
            IdentitySource::Oidc => Ok(()),
            // Claims cross only from a validated ID token, and only an OpenID provider has one.
            IdentitySource::Account { .. } | IdentitySource::Unknown => wrong(
                readable,
                "is a claim, and the identity does not come from an ID token",
                "set the identity to oidc",
            ),
        };
    }
    let Some(row) = case.row(&readable.role) else {
        // A dialect or a readable for a role that this issuer lacks is of no use, and no harm.
        return if case.profile.endpoint(readable.role.as_str()).is_some()
            || EndpointClass::of_standard_role(readable.role.as_str()).is_some()
        {
            Ok(())
        } else {
            wrong(
                readable,
                "has a role that is not in the endpoint table",
                "add the endpoint, or take the member out",
            )
        };
    };
    match row.class {
        EndpointClass::Token
        | EndpointClass::Registration
        | EndpointClass::Introspection
        | EndpointClass::Userinfo
        | EndpointClass::Resource
        | EndpointClass::Public => Ok(()),
        EndpointClass::Authorization | EndpointClass::Device | EndpointClass::Revocation => wrong(
            readable,
            "is in a reply that only the host reads",
            "take the member out",
        ),
    }
}

/// One step of a path: a token, or any index of a list.
type Step = Option<String>;

/// Every place that a readable reaches.
fn paths(readable: &Readable) -> Vec<Vec<Step>> {
    let start: Vec<Step> = readable.pointer.tokens().map(Some).collect();
    match &readable.shape {
        Shape::One(_) => vec![start],
        Shape::Rows(columns) => columns
            .iter()
            .map(|column| {
                start
                    .iter()
                    .cloned()
                    .chain([None])
                    .chain(column.pointer.tokens().map(Some))
                    .collect()
            })
            .collect(),
    }
}

fn check_path(case: &Case<'_>, readable: &Readable, path: &[Step]) -> Result<()> {
    for token in path.iter().flatten() {
        if names_a_secret(token) || is_renamed_secret(case, token) {
            return wrong(
                readable,
                &format!("names a secret (\"{}\")", Shown::new(token)),
                "a plugin gets secrets as references only: use the reply's, or declare it under secrets",
            );
        }
    }
    let declared = &case.profile.secrets;
    if let Some(secret) = declared
        .iter()
        .find(|secret| secret.born_role == readable.role && touches(path, &secret.born_pointer))
    {
        return wrong(
            readable,
            &format!("is where the secret \"{}\" is", secret.name),
            "read something else",
        );
    }
    Ok(())
}

/// Whether some endpoint calls a secret of the standards so.
fn is_renamed_secret(case: &Case<'_>, token: &str) -> bool {
    let renames = case.rows.values().flat_map(|row| &row.dialect.renames);
    let mut secrets = renames.filter(|(from, _)| names_a_secret(from.as_str()));
    secrets.any(|(_, to)| folded(to.as_str()) == folded(token))
}

/// Whether a path is the place of a secret, holds it, or lies beneath it.
fn touches(path: &[Step], secret: &Pointer) -> bool {
    path.iter()
        .zip(secret.tokens())
        .all(|(step, token)| match step {
            Some(step) => *step == token,
            None => token.bytes().all(|byte| byte.is_ascii_digit()),
        })
}

fn check_kind(readable: &Readable, kind: &ScalarKind) -> Result<()> {
    match kind {
        ScalarKind::Boolean | ScalarKind::Integer | ScalarKind::OneOf(_) => Ok(()),
        ScalarKind::Text { pattern, max_chars } => {
            if !(1..=READABLE_CHARS).contains(max_chars) {
                return wrong(
                    readable,
                    &format!("may have {max_chars} characters"),
                    &format!("keep to 1 to {READABLE_CHARS}"),
                );
            }
            match Pattern::parse(pattern) {
                Ok(_) => Ok(()),
                Err(problem) => wrong(
                    readable,
                    &format!("has a pattern that {problem}: \"{}\"", Shown::new(pattern)),
                    "describe the text with a simpler pattern; it is anchored by the host",
                ),
            }
        }
    }
}

fn wrong(readable: &Readable, what: &str, instead: &str) -> Result<()> {
    Err(refused(
        RULE,
        format!(
            "the readable member \"{}\" of role \"{}\" {what}",
            readable.pointer, readable.role
        ),
        instead,
    ))
}

#[cfg(test)]
mod tests {
    use vestibule_core::description::{Column, Profile};

    use crate::testing::{approve, identity_center, member, oidc, pointer, text};

    use super::*;

    fn judged(mut profile: Profile, readable: Readable) -> Option<String> {
        profile.readable.push(readable);
        approve(&profile).err().map(|error| {
            assert_eq!(error.code(), RULE, "{error}");
            assert!(error.next_step().is_some());
            error.message().to_owned()
        })
    }

    #[test]
    fn no_role_lets_a_secret_be_read_in_any_spelling() {
        for role in ["token", "registration", "accounts", "credentials"] {
            for at in [
                "/access_token",
                "/accessToken",
                "/ACCESS-TOKEN",
                "/a/refresh.token",
                "/refreshToken/0",
                "/code",
                "/Code",
                "/state",
                "/token",
                "/nonce",
                "/clientSecret",
                "/client_secret",
                "/id~1token",
                "/x/secretAccessKey",
                "/sessionToken",
                "/deviceCode",
                "/registration_access_token",
                "/tokens/0",
                "/password",
                "/at_hash",
            ] {
                let found = judged(identity_center(), text(role, at));
                assert!(
                    found.as_ref().is_some_and(|f| f.contains("names a secret")),
                    "{role} {at}: {found:?}"
                );
            }
        }
        for at in ["/at_hash", "/nonce", "/c_hash"] {
            assert!(judged(oidc(), text("id_token", at)).is_some(), "{at}");
        }
    }

    #[test]
    fn a_secret_is_one_under_the_providers_name_too() {
        let mut profile = identity_center();
        profile.endpoints[1].dialect.renames =
            vec![(member("access_token"), member("ticketValue"))];
        for role in ["token", "accounts"] {
            assert!(
                judged(profile.clone(), text(role, "/a/ticket_value")).is_some(),
                "{role}"
            );
        }
    }

    #[test]
    fn rows_are_searched_to_their_columns() {
        let rows = |at: &str, column: &str| Readable {
            role: crate::testing::role("credentials"),
            pointer: pointer(at),
            shape: Shape::Rows(vec![Column {
                pointer: pointer(column),
                kind: ScalarKind::Boolean,
            }]),
        };
        assert!(judged(identity_center(), rows("/list", "/name")).is_none());
        assert!(judged(identity_center(), rows("/list", "/accessToken")).is_some());
        assert!(judged(identity_center(), rows("/refresh_tokens", "/name")).is_some());
        let mut profile = identity_center();
        profile.secrets[1].born_pointer = pointer("/list/0/opaque/value");
        assert!(
            judged(profile.clone(), rows("/list", "/opaque")).is_some(),
            "holds it"
        );
        assert!(
            judged(profile.clone(), rows("/list", "/opaque/value/x")).is_some(),
            "lies beneath it"
        );
        assert!(judged(profile, rows("/list", "/other")).is_none());
    }

    #[test]
    fn what_was_declared_a_secret_is_not_read() {
        let mut profile = identity_center();
        profile.secrets[1].born_pointer = pointer("/roleCredentials/handle");
        for (at, allowed) in [
            ("/roleCredentials/handle", false),
            ("/roleCredentials", false),
            ("/roleCredentials/handle/part", false),
            ("/roleCredentials/region", true),
            ("/handle", true),
        ] {
            let found = judged(profile.clone(), text("credentials", at));
            assert_eq!(found.is_none(), allowed, "{at}: {found:?}");
        }
        assert!(
            judged(profile, text("accounts", "/roleCredentials/handle")).is_none(),
            "another role's reply"
        );
    }

    #[test]
    fn only_replies_that_are_the_plugins_business_are_read() {
        for (role, allowed) in [
            ("token", true),
            ("registration", true),
            ("authorization", false),
            ("device_authorization", false),
            ("revocation", false),
            ("nowhere", false),
            ("id_token", false),
        ] {
            let found = judged(identity_center(), text(role, "/region"));
            assert_eq!(found.is_none(), allowed, "{role}: {found:?}");
        }
        assert!(judged(oidc(), text("userinfo", "/email")).is_none());
        assert!(
            judged(oidc(), text("introspection", "/active")).is_none(),
            "not every issuer has it"
        );
        assert!(
            judged(oidc(), text("id_token", "/email")).is_some(),
            "twice"
        );
    }

    #[test]
    fn text_has_a_form_and_a_length() {
        for (pattern, max_chars, allowed) in [
            ("[a-z]+", 256, true),
            ("[a-z]+", 257, false),
            ("[a-z]+", 0, false),
            ("[a-z", 10, false),
            ("a)|(?:b", 10, false),
            ("(((a{99}){99}){99}){99}", 10, false),
        ] {
            let mut readable = text("token", "/region");
            readable.shape = Shape::One(ScalarKind::Text {
                pattern: pattern.to_owned(),
                max_chars,
            });
            assert_eq!(
                judged(identity_center(), readable).is_none(),
                allowed,
                "{pattern} {max_chars}"
            );
        }
    }
}
