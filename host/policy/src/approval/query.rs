//! Queries of standard endpoints (RFC 6749 section 3.1 lets them stand in the URL, RESP-08): one that sets a parameter of the
//! request would speak before the host does.

use vestibule_core::description::EndpointClass;
use vestibule_core::{Error, Result, Shown};

use vestibule_core::words::{is_reserved_for_authorization, is_standard, names_a_secret};

use super::{Case, Source, refused};

const RULE: &str = "approval.query";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    for (role, row) in &case.rows {
        for (name, _) in row.url.as_url().query_pairs() {
            let renamed = row
                .dialect
                .renames
                .iter()
                .any(|(_, to)| to.as_str() == name);
            let taken = match row.class {
                EndpointClass::Resource | EndpointClass::Public => false,
                EndpointClass::Authorization => renamed || is_reserved_for_authorization(&name),
                EndpointClass::Token
                | EndpointClass::Device
                | EndpointClass::Registration
                | EndpointClass::Revocation
                | EndpointClass::Introspection
                | EndpointClass::Userinfo => renamed || is_standard(&name) || names_a_secret(&name),
            };
            if taken {
                let what = format!(
                    "the URL of the endpoint \"{role}\" sets the parameter \"{}\", which only the host sets",
                    Shown::new(&name)
                );
                return Err(match row.source {
                    Source::Plugin => refused(RULE, what, "leave it out of the URL"),
                    Source::Metadata => Error::provider(RULE, what)
                        .hint("tell the provider that its metadata is wrong"),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::Blame;

    use crate::testing::{approve, identity_center, metadata, oidc, role, tenant, url};

    use super::*;

    #[test]
    fn a_url_cannot_speak_before_the_host_does() {
        for query in [
            "redirect_uri=x",
            "a=b&STATE=x",
            "%73tate=x",
            "code_challenge=x",
            "scopes=x",
            "redirectUri=x",
            "prompt=none",
            "=x",
        ] {
            let mut profile = identity_center();
            profile.endpoints[0].url = Some(url(&format!(
                "https://oidc.center.example/authorize?{query}"
            )));
            let error = approve(&profile).unwrap_err();
            assert_eq!(
                (error.code(), error.blame()),
                (RULE, Blame::Plugin),
                "{query}"
            );
            assert!(error.message().contains("\"authorization\""), "{error}");
        }
        let mut found = metadata();
        found.endpoints.insert(
            role("token"),
            url("https://idp.example/token?grant_type=password"),
        );
        let error = crate::permissions(&oidc(), &[], Some(&found), &tenant("")).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Provider));
    }

    #[test]
    fn a_policy_in_the_url_is_honest() {
        let mut found = metadata();
        found.endpoints.insert(
            role("authorization"),
            url("https://idp.example/authorize?p=b2c_1_signin"),
        );
        assert!(crate::permissions(&oidc(), &[], Some(&found), &tenant("")).is_ok());
    }
}
