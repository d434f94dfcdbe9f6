//! The header that carries a token in place of `Authorization` (PLUG-05, PLUG-13): approved by name, and never one that steers the
//! connection, the proxy or the browser.

use vestibule_core::Result;
use vestibule_core::description::EndpointClass;
use vestibule_core::name::token_header;

use super::{Case, refused};

const RULE: &str = "approval.headers";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    for (role, row) in &case.rows {
        let Some(header) = &row.token_header else {
            continue;
        };
        match row.class {
            EndpointClass::Resource | EndpointClass::Userinfo | EndpointClass::Revocation => {
                if let Err(error) = token_header(header) {
                    return Err(refused(
                        RULE,
                        format!("endpoint \"{role}\": {}", error.message()),
                        "name the provider's own header",
                    ));
                }
            }
            EndpointClass::Authorization
            | EndpointClass::Token
            | EndpointClass::Device
            | EndpointClass::Registration
            | EndpointClass::Introspection
            | EndpointClass::Public => {
                return Err(refused(
                    RULE,
                    format!(
                        "the endpoint \"{role}\" has a token header, and class {} takes no token there",
                        row.class.as_str()
                    ),
                    "leave it out: only resource, userinfo and revocation endpoints take a token in a header",
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{approve, identity_center};

    use super::*;

    #[test]
    fn only_what_takes_a_token_names_its_header_and_never_one_that_steers() {
        for (role, header, allowed) in [
            ("accounts", "x-amz-sso_bearer_token", true),
            ("revocation", "x-amz-sso_bearer_token", true),
            ("token", "x-token", false),
            ("registration", "x-token", false),
            ("authorization", "x-token", false),
            ("device_authorization", "x-token", false),
            ("accounts", "Cookie", false),
            ("accounts", "host", false),
            ("accounts", "Proxy-Authorization", false),
            ("accounts", "DPoP", false),
            ("accounts", "X-Forwarded-For", false),
            ("accounts", "content-length", false),
            ("accounts", "x-token\r\nHost", false),
            ("accounts", "", false),
        ] {
            let mut profile = identity_center();
            for endpoint in &mut profile.endpoints {
                if endpoint.role.as_str() == role {
                    endpoint.token_header = Some(header.to_owned());
                }
            }
            let result = approve(&profile);
            assert_eq!(result.is_ok(), allowed, "{role} {header}");
            if let Err(error) = result {
                assert_eq!(error.code(), RULE);
                assert!(error.message().contains(role), "{error}");
            }
        }
    }
}
