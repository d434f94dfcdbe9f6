//! Who has signed in (OIDC Core section 5.7): pinned here, so that a plugin cannot choose it while it runs.

use vestibule_core::description::{IdentitySource, ScalarKind, Server, Shape};
use vestibule_core::record::Method;
use vestibule_core::{Error, Result};

use crate::method::scopes_asked;

use super::{Case, refused};

const RULE: &str = "approval.identity";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    match &case.profile.identity {
        // The client itself signs in, and is known by that.
        IdentitySource::Oidc | IdentitySource::Unknown if signs_in_workloads_alone(case) => Ok(()),
        IdentitySource::Oidc => check_openid(case),
        IdentitySource::Account { role, pointer } => {
            let readable = case
                .profile
                .readable
                .iter()
                .find(|readable| readable.role == *role && readable.pointer == *pointer);
            let in_table = case.row(role).is_some();
            match readable.map(|readable| &readable.shape) {
                Some(Shape::One(ScalarKind::Text { .. } | ScalarKind::Integer)) if in_table => {
                    Ok(())
                }
                Some(_) | None => Err(refused(
                    RULE,
                    format!(
                        "the account is taken from \"{pointer}\" of role \"{role}\", which is not a readable text or number"
                    ),
                    "declare it readable, with a pattern",
                )),
            }
        }
        IdentitySource::Unknown if case.tenant.policy.allow_unknown_identity => Ok(()),
        IdentitySource::Unknown => Err(Error::policy(
            RULE,
            "with this plugin it is not known who has signed in",
        )
        .hint("this line of the tenant file would allow it: policy.allow_unknown_identity = true")),
    }
}

/// An ID token is worth its keys, and those come only from an issuer's metadata (OIDC Discovery section 3).
/// Whether no person signs in: the plugin does not do it here, or the tenant does not allow it.
fn signs_in_workloads_alone(case: &Case<'_>) -> bool {
    let workload = [Method::Workload];
    case.profile.methods == workload || case.tenant.policy.methods.as_deref() == Some(&workload)
}

fn check_openid(case: &Case<'_>) -> Result<()> {
    if matches!(case.profile.server, Server::Fixed(_)) {
        return Err(refused(
            RULE,
            "the identity comes from an ID token, and the provider has no metadata that names its keys".to_owned(),
            "use a discovered issuer, or take the account from a readable member",
        ));
    }
    if case.jwks_uri().is_none() {
        return Err(Error::provider(
            RULE,
            "the issuer's metadata has no jwks_uri, so that no ID token of it can be validated",
        )
        .hint("check that the issuer is an OpenID provider"));
    }
    let scopes = scopes_asked(case.tenant, &case.profile.scopes);
    if scopes.iter().any(|scope| scope.as_str() == "openid") {
        return Ok(());
    }
    if case.tenant.policy.scopes.is_none() {
        return Err(refused(
            RULE,
            "the identity comes from an ID token, and the scopes lack \"openid\"".to_owned(),
            "add it to the scopes",
        ));
    }
    let with: Vec<_> = ["openid"]
        .into_iter()
        .chain(scopes.iter().map(|scope| scope.as_str()))
        .map(|scope| format!("\"{scope}\""))
        .collect();
    Err(Error::config(
        RULE,
        "who has signed in is known from an ID token, and policy.scopes lacks \"openid\"",
    )
    .hint(format!(
        "write into the tenant file: policy.scopes = [{}]",
        with.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use vestibule_core::Blame;
    use vestibule_core::description::Readable;

    use crate::testing::{
        approve, identity_center, metadata, oidc, pointer, role, scope, tenant, text,
    };

    use super::*;

    #[test]
    fn a_workload_is_known_without_an_id_token() {
        let mut profile = oidc();
        profile.scopes.clear();
        let approve_for = |profile: &_, lines: &str| {
            crate::permissions(profile, &[], Some(&metadata()), &tenant(lines))
        };
        assert!(approve_for(&profile, "").is_err());
        let workload = "[policy]\nmethods = [\"workload\"]\n";
        profile.methods = vec![Method::Browser, Method::Workload];
        assert!(approve_for(&profile, workload).is_ok());
        let both = "[policy]\nmethods = [\"browser\"]\n";
        assert_eq!(approve_for(&profile, both).unwrap_err().code(), RULE);
        profile.methods = vec![Method::Workload];
        assert!(approve_for(&profile, "").is_ok());

        let mut profile = identity_center();
        profile.identity = IdentitySource::Unknown;
        profile.methods.push(Method::Workload);
        let fixed = |lines: &str| crate::permissions(&profile, &[], None, &tenant(lines));
        assert_eq!(fixed("").unwrap_err().code(), RULE);
        assert!(fixed(workload).is_ok());
    }

    #[test]
    fn an_id_token_needs_keys_and_the_scope() {
        let mut fixed = identity_center();
        fixed.identity = IdentitySource::Oidc;
        let error = approve(&fixed).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));

        let mut keyless = metadata();
        keyless.jwks_uri = None;
        let error = crate::permissions(&oidc(), &[], Some(&keyless), &tenant("")).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Provider));

        let mut profile = oidc();
        profile.scopes = vec![scope("email")];
        let error = approve(&profile).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));

        let narrow = tenant("[policy]\nscopes = [\"email\"]\n");
        let error = crate::permissions(&oidc(), &[], Some(&metadata()), &narrow).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Config));
        assert!(
            error
                .next_step()
                .unwrap()
                .ends_with("policy.scopes = [\"openid\", \"email\"]")
        );
    }

    #[test]
    fn an_unknown_identity_needs_the_tenants_line() {
        let error = crate::permissions(&identity_center(), &[], None, &tenant("")).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Policy));
        assert!(
            error
                .next_step()
                .unwrap()
                .ends_with("policy.allow_unknown_identity = true")
        );
        assert!(approve(&identity_center()).is_ok());
    }

    #[test]
    fn an_account_is_a_readable_value() {
        let boolean = Readable {
            shape: Shape::One(ScalarKind::Boolean),
            ..text("accounts", "/active")
        };
        for (at, from, allowed) in [
            ("/login", "accounts", true),
            ("/login", "roles", false),
            ("/active", "accounts", false),
            ("/x", "accounts", false),
        ] {
            let mut profile = identity_center();
            profile
                .readable
                .extend([text("accounts", "/login"), boolean.clone()]);
            profile.identity = IdentitySource::Account {
                role: role(from),
                pointer: pointer(at),
            };
            let result = crate::permissions(&profile, &[], None, &tenant(""));
            assert_eq!(result.is_ok(), allowed, "{from} {at}");
        }
    }

    #[test]
    fn an_account_is_not_read_from_an_endpoint_that_the_issuer_lacks() {
        let mut profile = oidc();
        profile.readable = vec![text("userinfo", "/login")];
        profile.identity = IdentitySource::Account {
            role: role("userinfo"),
            pointer: pointer("/login"),
        };
        approve(&profile).unwrap();
        let mut without = metadata();
        without.endpoints.remove(&role("userinfo"));
        let error = crate::permissions(&profile, &[], Some(&without), &tenant("")).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));
    }
}
