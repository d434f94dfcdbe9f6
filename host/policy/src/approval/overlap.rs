//! One URL, one class (DISC-04, PLUG-03): a token endpoint under the name of a resource would take requests that the plugin writes,
//! and give replies that no rule for tokens is applied to.

use vestibule_core::description::EndpointClass;
use vestibule_core::{ProviderUrl, Result};

use super::{Case, refused};

const RULE: &str = "approval.overlap";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    let own = case.rows.iter().filter(|(_, row)| !row.is_standard());
    for (role, row) in own {
        // Some providers keep who is signed in at a resource, and say that it is userinfo.
        let standard = case
            .rows
            .iter()
            .filter(|(_, other)| other.is_standard() && other.class != EndpointClass::Userinfo);
        for (other, standard) in standard {
            if place(&row.url) == place(&standard.url) {
                return Err(refused(
                    RULE,
                    format!("the role \"{role}\" has the URL of the standard role \"{other}\""),
                    "use the standard role",
                ));
            }
        }
    }
    Ok(())
}

/// What a server routes by: queries do not matter, and neither do case, encoding and a slash at the end to some.
fn place(url: &ProviderUrl) -> (String, String) {
    let path = url.as_url().path();
    let mut decoded = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let octet = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(u8::is_ascii);
        match octet {
            Some(octet) => decoded.push(char::from(octet)),
            None => decoded.push_str(after.get(..2).unwrap_or_default()),
        }
        rest = after.get(2..).unwrap_or_default();
    }
    decoded.push_str(rest);
    let segments: Vec<_> = decoded
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    (
        url.origin().as_str().to_owned(),
        segments.join("/").to_ascii_lowercase(),
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::{approve, endpoint, identity_center, oidc};

    use super::*;

    #[test]
    fn a_resource_is_not_a_standard_endpoint_in_disguise() {
        for text in [
            "https://oidc.center.example/token",
            "https://oidc.center.example/token/",
            "https://oidc.center.example//token",
            "https://oidc.center.example:443/token?a=b",
            "https://oidc.center.example/TOKEN",
            "https://oidc.center.example/%74oken",
            "https://oidc.center.example/x/../token",
            "https://oidc.center.example/client/register",
        ] {
            for class in [EndpointClass::Resource, EndpointClass::Public] {
                let mut profile = identity_center();
                profile.endpoints.push(endpoint("other", class, Some(text)));
                let error = approve(&profile).unwrap_err();
                assert_eq!(error.code(), RULE, "{text}");
                assert!(error.message().contains("\"other\""), "{error}");
            }
        }
    }

    #[test]
    fn userinfo_may_be_a_resource_too() {
        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "user",
            EndpointClass::Resource,
            Some("https://idp.example/userinfo"),
        ));
        assert!(approve(&profile).is_ok());
    }
}
