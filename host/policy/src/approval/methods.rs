//! HTTP methods (RFC 6749 section 3.2, OIDC Core section 5.3.1): the standards fix them, and only a provider's own endpoints and its
//! revocation may differ.

use vestibule_core::Result;
use vestibule_core::description::{EndpointClass, HttpMethod};

use super::{Case, refused, roles::standard_method};

const RULE: &str = "approval.methods";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    for (role, row) in &case.rows {
        let standard = standard_method(role.as_str(), row.class);
        let free = match row.class {
            EndpointClass::Resource | EndpointClass::Public | EndpointClass::Revocation => true,
            EndpointClass::Authorization
            | EndpointClass::Token
            | EndpointClass::Device
            | EndpointClass::Registration
            | EndpointClass::Introspection
            | EndpointClass::Userinfo => false,
        };
        if !free && row.method != standard {
            return Err(refused(
                RULE,
                format!(
                    "the endpoint \"{role}\" is described with the method {}",
                    row.method.as_str()
                ),
                format!("its method is {}", standard.as_str()),
            ));
        }
        // A token in the query is a token in a log (law 2), and a GET has no body to put it into.
        if row.class == EndpointClass::Revocation
            && row.method == HttpMethod::Get
            && row.token_header.is_none()
        {
            return Err(refused(
                RULE,
                format!(
                    "the endpoint \"{role}\" is described with the method GET, and the token to revoke would have no place"
                ),
                "use POST or DELETE, or name the header that carries the token",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{approve, identity_center, oidc};

    use super::*;

    #[test]
    fn only_own_endpoints_and_revocation_choose_their_method() {
        for (role, method, allowed) in [
            ("authorization", HttpMethod::Get, true),
            ("authorization", HttpMethod::Delete, false),
            ("token", HttpMethod::Get, false),
            ("token", HttpMethod::Delete, false),
            ("device_authorization", HttpMethod::Get, false),
            ("registration", HttpMethod::Get, false),
            ("revocation", HttpMethod::Delete, true),
            ("accounts", HttpMethod::Post, true),
            ("accounts", HttpMethod::Delete, true),
        ] {
            let mut profile = identity_center();
            for endpoint in &mut profile.endpoints {
                if endpoint.role.as_str() == role {
                    endpoint.method = method;
                }
            }
            let result = approve(&profile);
            assert_eq!(result.is_ok(), allowed, "{role} {method:?}");
            if let Err(error) = result {
                assert_eq!(error.code(), RULE);
                assert!(
                    error.message().contains(role) && error.next_step().is_some(),
                    "{error}"
                );
            }
        }
        let mut profile = oidc();
        profile.endpoints.push(crate::testing::endpoint(
            "userinfo",
            EndpointClass::Userinfo,
            None,
        ));
        assert_eq!(
            approve(&profile).unwrap_err().code(),
            RULE,
            "userinfo is read with GET"
        );
    }

    #[test]
    fn a_token_to_revoke_has_a_place() {
        for (header, allowed) in [(None, false), (Some("x-token".to_owned()), true)] {
            let mut profile = identity_center();
            for endpoint in &mut profile.endpoints {
                if endpoint.class == EndpointClass::Revocation {
                    endpoint.method = HttpMethod::Get;
                    endpoint.token_header.clone_from(&header);
                }
            }
            assert_eq!(approve(&profile).is_ok(), allowed, "{header:?}");
        }
    }
}
