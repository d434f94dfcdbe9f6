//! The endpoint table (RFC 8414 section 2, DISC-04, PLUG-04): metadata first, the plugin second. A plugin can add, and never override.

use std::collections::BTreeMap;

use vestibule_core::description::{
    Client, Dialect, Encoding, Endpoint, EndpointClass, HttpMethod, Profile, ScopeForm, Server,
};
use vestibule_core::record::Method;
use vestibule_core::{Error, Pointer, ProviderUrl, Result, RoleName};

use super::{Discovered, Row, Source, refused};

const RULE: &str = "approval.roles";

/// The complete table. Roles of the metadata that this client could never use are left out: what is not there cannot be misused.
pub(super) fn rows(
    profile: &Profile,
    discovered: Option<&Discovered>,
) -> Result<BTreeMap<RoleName, Row>> {
    let found = match (&profile.server, discovered) {
        (Server::Discovered(_), Some(found)) => Some(&found.endpoints),
        (Server::Fixed(_), None) => None,
        (Server::Discovered(_), None) => {
            return Err(Error::host(
                RULE,
                "the issuer's metadata was not fetched before approval",
            ));
        }
        (Server::Fixed(_), Some(_)) => {
            return Err(Error::host(
                RULE,
                "metadata was fetched for a provider that has none",
            ));
        }
    };
    let mut rows = BTreeMap::new();
    for endpoint in &profile.endpoints {
        let role = &endpoint.role;
        check_class(endpoint)?;
        if rows.contains_key(role) {
            return Err(refused(
                RULE,
                format!("the endpoint role \"{role}\" is described twice"),
                "describe it once",
            ));
        }
        let (url, source) = located(endpoint, found.and_then(|found| found.get(role)), profile)?;
        // A dialect for a role that this issuer lacks: nothing to pin.
        let Some(url) = url else { continue };
        rows.insert(role.clone(), described(endpoint, url, source));
    }
    for (role, url) in found.into_iter().flatten() {
        let Some(class) = EndpointClass::of_standard_role(role.as_str()) else {
            continue;
        };
        if !rows.contains_key(role) && is_useful(class, profile) {
            rows.insert(role.clone(), conforming(class, role, url.clone())?);
        }
    }
    Ok(rows)
}

/// The methods that the table carries. An issuer that lacks an endpoint lacks the methods that need it; a plugin that brings its own
/// table has to bring all of it.
pub(super) fn methods(profile: &Profile, rows: &BTreeMap<RoleName, Row>) -> Result<Vec<Method>> {
    let mut methods = Vec::new();
    for method in &profile.methods {
        let missing = needs(*method)
            .iter()
            .find(|role| !rows.contains_key(**role));
        match (missing, &profile.server) {
            (None, _) if methods.contains(method) => {}
            (None, _) => methods.push(*method),
            (Some(_), Server::Discovered(_)) => {}
            (Some(role), Server::Fixed(_)) => {
                return Err(refused(
                    RULE,
                    format!(
                        "the method \"{}\" needs the endpoint role \"{role}\", which has no URL",
                        method.as_str()
                    ),
                    "give it one, or leave the method out",
                ));
            }
        }
    }
    if methods.is_empty() {
        let wanted = profile
            .methods
            .iter()
            .map(|method| method.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        return Err(match profile.server {
            Server::Discovered(_) if !profile.methods.is_empty() => Error::provider(
                RULE,
                format!("the issuer's metadata lacks the endpoints for every method that the plugin can drive ({wanted})"),
            )
            .hint("check the issuer in the tenant file, or ask the provider which sign-in it offers"),
            Server::Discovered(_) | Server::Fixed(_) => {
                refused(RULE, "the plugin can drive no method".to_owned(), "list at least one under methods")
            }
        });
    }
    Ok(methods)
}

/// The roles that a method cannot do without.
fn needs(method: Method) -> &'static [&'static str] {
    match method {
        Method::Browser => &["authorization", "token"],
        Method::Device => &["device_authorization", "token"],
        Method::Workload => &["token"],
    }
}

fn check_class(endpoint: &Endpoint) -> Result<()> {
    let (role, class) = (&endpoint.role, endpoint.class);
    match EndpointClass::of_standard_role(role.as_str()) {
        Some(standard) if class != standard => Err(refused(
            RULE,
            format!(
                "the standard role \"{role}\" is described with class {}",
                class.as_str()
            ),
            format!("its class is {}", standard.as_str()),
        )),
        // A second place to revoke at, for example, would be a second place where refresh tokens go.
        None if !matches!(class, EndpointClass::Resource | EndpointClass::Public) => Err(refused(
            RULE,
            format!(
                "the role \"{role}\" is the provider's own and has class {}",
                class.as_str()
            ),
            "only resource and public endpoints are the provider's own; for a standard endpoint use its standard role",
        )),
        // A claim of the ID token is addressed by this name.
        None if role.as_str() == "id_token" => Err(refused(
            RULE,
            "the role \"id_token\" stands for the ID token's claims".to_owned(),
            "choose another name",
        )),
        Some(_) | None => Ok(()),
    }
}

/// Where the endpoint is, and who says so.
fn located(
    endpoint: &Endpoint,
    found: Option<&ProviderUrl>,
    profile: &Profile,
) -> Result<(Option<ProviderUrl>, Source)> {
    let role = &endpoint.role;
    let is_standard = EndpointClass::of_standard_role(role.as_str()).is_some();
    match (found, &endpoint.url, &profile.server) {
        (Some(_), Some(_), _) => Err(refused(
            RULE,
            format!(
                "the plugin gives a URL for the role \"{role}\", which the issuer's metadata has"
            ),
            "leave the URL out: metadata cannot be overridden",
        )),
        (Some(url), None, _) if is_standard => Ok((Some(url.clone()), Source::Metadata)),
        (_, Some(url), _) => Ok((Some(url.clone()), Source::Plugin)),
        (_, None, Server::Discovered(_)) if is_standard => Ok((None, Source::Metadata)),
        (_, None, _) => Err(refused(
            RULE,
            format!("the endpoint role \"{role}\" has no URL"),
            "give it one",
        )),
    }
}

fn described(endpoint: &Endpoint, url: ProviderUrl, source: Source) -> Row {
    Row {
        class: endpoint.class,
        url,
        source,
        method: endpoint.method,
        token_header: endpoint.token_header.clone(),
        dialect: endpoint.dialect.clone(),
    }
}

/// Whether this client could ever use an endpoint that the plugin does not mention.
fn is_useful(class: EndpointClass, profile: &Profile) -> bool {
    match class {
        EndpointClass::Authorization => profile.methods.contains(&Method::Browser),
        EndpointClass::Device => profile.methods.contains(&Method::Device),
        EndpointClass::Registration => matches!(profile.client, Client::Registered { .. }),
        EndpointClass::Token
        | EndpointClass::Revocation
        | EndpointClass::Introspection
        | EndpointClass::Userinfo => true,
        EndpointClass::Resource | EndpointClass::Public => false,
    }
}

/// A row that departs from the standards in nothing.
fn conforming(class: EndpointClass, role: &RoleName, url: ProviderUrl) -> Result<Row> {
    let pointer =
        |text: &str| Pointer::parse(text).map_err(|problem| Error::host(RULE, problem.to_string()));
    Ok(Row {
        class,
        url,
        source: Source::Metadata,
        method: standard_method(role.as_str(), class),
        token_header: None,
        dialect: Dialect {
            encoding: Encoding::Form,
            renames: Vec::new(),
            scope_form: ScopeForm::Joined(' '),
            error_code: pointer("/error")?,
            error_description: pointer("/error_description")?,
            outcomes: Vec::new(),
        },
    })
}

/// The method of a standard role: the browser GETs `authorization`, and userinfo is read (OIDC Core section 5.3.1).
pub(super) fn standard_method(role: &str, class: EndpointClass) -> HttpMethod {
    match class {
        EndpointClass::Userinfo => HttpMethod::Get,
        EndpointClass::Authorization if role == "authorization" => HttpMethod::Get,
        EndpointClass::Authorization
        | EndpointClass::Token
        | EndpointClass::Device
        | EndpointClass::Registration
        | EndpointClass::Revocation
        | EndpointClass::Introspection
        | EndpointClass::Resource
        | EndpointClass::Public => HttpMethod::Post,
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::Blame;
    use vestibule_core::description::Profile;

    use crate::testing::{approve, endpoint, identity_center, metadata, oidc, refusal, role, url};

    use super::*;

    #[test]
    fn the_table_is_metadata_and_description_together() {
        let permissions = approve(&oidc()).unwrap();
        assert_eq!(
            permissions.endpoint("token").unwrap().url,
            "https://idp.example/token"
        );
        assert_eq!(
            permissions.endpoint("authorization").unwrap().method,
            HttpMethod::Get
        );
        assert_eq!(
            permissions.endpoint("userinfo").unwrap().method,
            HttpMethod::Get
        );
        assert_eq!(
            permissions
                .endpoint("pushed_authorization_request")
                .unwrap()
                .method,
            HttpMethod::Post
        );
        assert_eq!(
            permissions.jwks_uri.as_deref(),
            Some("https://idp.example/jwks")
        );
        assert!(permissions.discovered);
        assert!(
            permissions.endpoint("registration").is_err(),
            "of no use to a configured client"
        );
        assert!(
            permissions.endpoint("device_authorization").is_err(),
            "the plugin cannot drive it"
        );

        let permissions = approve(&identity_center()).unwrap();
        assert_eq!(permissions.endpoints.len(), 8);
        assert!(!permissions.discovered);
        assert_eq!(permissions.methods, [Method::Browser, Method::Device]);
    }

    #[test]
    fn a_plugin_adds_and_never_overrides() {
        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "token",
            EndpointClass::Token,
            Some("https://idp.example/token"),
        ));
        let error = approve(&profile).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));
        assert!(error.message().contains("\"token\""), "{error}");

        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "introspection",
            EndpointClass::Introspection,
            Some("https://idp.example/introspect"),
        ));
        assert!(approve(&profile).unwrap().endpoint("introspection").is_ok());
    }

    #[test]
    fn a_dialect_for_a_role_that_the_issuer_lacks_is_left_out() {
        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "introspection",
            EndpointClass::Introspection,
            None,
        ));
        assert!(
            approve(&profile)
                .unwrap()
                .endpoint("introspection")
                .is_err()
        );
    }

    #[test]
    fn roles_keep_their_classes() {
        type Change = fn(&mut Profile);
        let cases: &[(&str, Change)] = &[
            ("described with class resource", |p| {
                p.endpoints[1].class = EndpointClass::Resource
            }),
            ("the provider's own and has class token", |p| {
                p.endpoints.push(endpoint(
                    "token2",
                    EndpointClass::Token,
                    Some("https://evil.example/t"),
                ));
            }),
            ("class revocation", |p| {
                p.endpoints.push(endpoint(
                    "forget",
                    EndpointClass::Revocation,
                    Some("https://evil.example/t"),
                ));
            }),
            ("ID token's claims", |p| {
                p.endpoints.push(endpoint(
                    "id_token",
                    EndpointClass::Public,
                    Some("https://evil.example/t"),
                ));
            }),
            ("described twice", |p| {
                let again = p.endpoints[1].clone();
                p.endpoints.push(again);
            }),
            ("\"accounts\" has no URL", |p| {
                p.endpoints
                    .iter_mut()
                    .filter(|e| e.role.as_str() == "accounts")
                    .for_each(|e| e.url = None);
            }),
            ("\"token\" has no URL", |p| p.endpoints[1].url = None),
            ("needs the endpoint role \"authorization\"", |p| {
                p.endpoints.retain(|e| e.role.as_str() != "authorization");
            }),
            ("no method", |p| p.methods.clear()),
        ];
        for (expected, change) in cases {
            let error = refusal(identity_center(), *change);
            assert_eq!(error.code(), RULE, "{error}");
            assert_eq!(error.blame(), Blame::Plugin);
            assert!(error.message().contains(expected), "{expected}: {error}");
            assert!(error.next_step().is_some(), "{expected}");
        }
    }

    #[test]
    fn an_issuer_that_lacks_an_endpoint_lacks_its_methods() {
        let mut profile = oidc();
        profile.methods = vec![Method::Browser, Method::Device, Method::Browser];
        let tenant = crate::testing::tenant("");
        let mut found = metadata();
        assert_eq!(
            crate::permissions(&profile, &[], Some(&found), &tenant)
                .unwrap()
                .methods,
            [Method::Browser]
        );
        found.endpoints.insert(
            role("device_authorization"),
            url("https://idp.example/device"),
        );
        assert_eq!(
            crate::permissions(&profile, &[], Some(&found), &tenant)
                .unwrap()
                .methods,
            [Method::Browser, Method::Device]
        );
        found.endpoints.remove("token");
        let error = crate::permissions(&profile, &[], Some(&found), &tenant).unwrap_err();
        assert_eq!(error.blame(), Blame::Provider);
        profile.methods.clear();
        let error = crate::permissions(&profile, &[], Some(&found), &tenant).unwrap_err();
        assert_eq!(error.blame(), Blame::Plugin);
    }

    #[test]
    fn metadata_comes_from_an_issuer_and_only_from_there() {
        let tenant = crate::testing::tenant("");
        assert_eq!(
            crate::permissions(&oidc(), &[], None, &tenant)
                .unwrap_err()
                .blame(),
            Blame::Host
        );
        let error =
            crate::permissions(&identity_center(), &[], Some(&metadata()), &tenant).unwrap_err();
        assert_eq!(error.blame(), Blame::Host);
    }

    #[test]
    fn names_that_are_no_standard_roles_do_not_come_from_metadata() {
        let mut found = metadata();
        found
            .endpoints
            .insert(role("accounts"), url("https://idp.example/accounts"));
        let tenant = crate::testing::tenant("");
        let permissions = crate::permissions(&oidc(), &[], Some(&found), &tenant).unwrap();
        assert!(permissions.endpoint("accounts").is_err());

        let mut profile = oidc();
        profile
            .endpoints
            .push(endpoint("accounts", EndpointClass::Resource, None));
        for found in [found, metadata()] {
            let error = crate::permissions(&profile, &[], Some(&found), &tenant).unwrap_err();
            assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));
            assert!(
                error.message().contains("\"accounts\" has no URL"),
                "{error}"
            );
        }
    }
}
