//! Tenants of one issuer (RFC 9207 section 4, DISC-08): an issuer identifier stands for one set of endpoints. Were there two, a response
//! in its name could belong to either, and a mix-up would have nothing to be noticed by.

use vestibule_core::approval::Permissions;
use vestibule_core::{Error, Result, TenantName};

/// Checks what is up for approval against what another tenant was approved for.
///
/// What both take from the issuer's own metadata is not compared: there the issuer has the word, and whoever has an older copy pinned is
/// asked again by itself.
///
/// # Errors
/// If both have the same issuer and send to different places in its name.
pub fn agree(ours: &Permissions, other: &TenantName, theirs: &Permissions) -> Result<()> {
    if ours.issuer != theirs.issuer {
        return Ok(());
    }
    let is_metadatas = |permissions: &Permissions, role: &str| {
        permissions.discovered
            && !permissions
                .supplied
                .iter()
                .any(|name| name.as_str() == role)
    };
    for (role, endpoint) in &ours.endpoints {
        let Some(their) = theirs.endpoints.get(role) else {
            continue;
        };
        let standard =
            vestibule_core::description::EndpointClass::of_standard_role(role.as_str()).is_some();
        let both_discovered =
            is_metadatas(ours, role.as_str()) && is_metadatas(theirs, role.as_str());
        if standard && !both_discovered && endpoint.url != their.url {
            return Err(differs(
                &ours.issuer,
                role.as_str(),
                &endpoint.url,
                other,
                &their.url,
            ));
        }
    }
    match (&ours.jwks_uri, &theirs.jwks_uri) {
        (Some(our), Some(their)) if our != their && !(ours.discovered && theirs.discovered) => {
            Err(differs(&ours.issuer, "jwks", our, other, their))
        }
        _ => Ok(()),
    }
}

fn differs(issuer: &str, role: &str, ours: &str, other: &TenantName, theirs: &str) -> Error {
    Error::config(
        "approval.issuer",
        format!(
            "the tenant \"{other}\" has the same issuer {issuer}, and its {role} endpoint is {theirs}, not {ours}: \
             one issuer has one set of endpoints"
        ),
    )
    .hint(format!(
        "correct the settings of one of them, or remove the other: vestibule tenant remove {other}"
    ))
}

#[cfg(test)]
mod tests {
    use crate::testing::{approve, identity_center, oidc};

    use super::*;

    fn other() -> TenantName {
        TenantName::parse("other").unwrap()
    }

    #[test]
    fn one_issuer_has_one_set_of_endpoints() {
        let fixed = approve(&identity_center()).unwrap();
        assert!(agree(&fixed, &other(), &fixed).is_ok());
        for role in ["token", "authorization", "revocation"] {
            let mut elsewhere = fixed.clone();
            for (name, endpoint) in &mut elsewhere.endpoints {
                if name.as_str() == role {
                    endpoint.url = "https://elsewhere.example/x".to_owned();
                }
            }
            let error = agree(&elsewhere, &other(), &fixed).unwrap_err();
            assert_eq!(error.code(), "approval.issuer", "{role}");
            assert!(error.message().contains("elsewhere.example"), "{error}");
            // Another issuer may be wherever it likes.
            elsewhere.issuer = "https://another.example".to_owned();
            assert!(agree(&elsewhere, &other(), &fixed).is_ok());
        }
    }

    #[test]
    fn the_issuers_own_metadata_may_move_an_endpoint() {
        let before = approve(&oidc()).unwrap();
        let mut after = before.clone();
        for endpoint in after.endpoints.values_mut() {
            endpoint.url.push_str("-moved");
        }
        after.jwks_uri = Some("https://idp.example/keys-moved".to_owned());
        assert!(agree(&after, &other(), &before).is_ok());
        // What a plugin says in its place may not.
        after.discovered = false;
        assert!(agree(&after, &other(), &before).is_err());
    }
}
