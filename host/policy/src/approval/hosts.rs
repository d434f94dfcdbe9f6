//! Hosts (DISC-04, DISC-09, PLUG-15): a standard endpoint of an issuer is on the issuer's host, or on one that was approved by name.
//! Plain http goes to loopback addresses, and only by an explicit line of the tenant.

use vestibule_core::description::{Profile, Server};
use vestibule_core::setting::{Setting, SettingKind, SettingValue};
use vestibule_core::{Error, ProviderUrl, Result, Shown};

use super::{Case, Source, refused};

const RULE: &str = "approval.hosts";

pub(super) fn check(case: &Case<'_>) -> Result<()> {
    check_names(case.profile)?;
    let endpoints = case
        .rows
        .iter()
        .map(|(role, row)| (role.as_str(), &row.url));
    let issuer = case.profile.issuer().url();
    for (what, url) in endpoints
        .chain(case.jwks_uri().map(|url| ("jwks_uri", url)))
        .chain([("issuer", issuer)])
    {
        check_scheme(case, what, url)?;
    }
    if matches!(case.profile.server, Server::Discovered(_)) {
        check_place(case)?;
    }
    Ok(())
}

/// Each host under `hosts` is a name.
pub(super) fn check_names(profile: &Profile) -> Result<()> {
    profile.hosts.iter().try_for_each(|host| check_name(host))
}

/// The issuer's host is looked up before anybody has approved anything. So that a plugin cannot make up a name that carries data, it is
/// one that stands in a setting: the operator's, or the schema's own default, which is the same for everybody. An address is no name.
pub(super) fn check_lookup(profile: &Profile, settings: &[Setting]) -> Result<()> {
    let Server::Discovered(issuer) = &profile.server else {
        return Ok(());
    };
    let url = issuer.url();
    let is_address = url.ip().is_some();
    let names_it =
        |text: &String| ProviderUrl::parse(text).is_ok_and(|named| named.host() == url.host());
    let is_named = settings.iter().any(|setting| match &setting.value {
        SettingValue::Text(text) => names_it(text),
        SettingValue::Texts(texts) => texts.iter().any(names_it),
        SettingValue::Integer(_) | SettingValue::Boolean(_) => false,
    });
    if is_address || is_named {
        return Ok(());
    }
    Err(refused(
        RULE,
        format!("the issuer {issuer} is on a host that no setting of the tenant names"),
        "let the issuer's URL be a setting, with a default if it is the same for everybody",
    ))
}

/// A host name in the one form in which hosts are compared: no wildcard under which data could travel in a lookup.
fn check_name(host: &str) -> Result<()> {
    let bracketed = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let canonical = ProviderUrl::parse(&format!("https://{bracketed}/")).is_ok_and(|url| {
        url.host() == host && url.as_url().port().is_none() && url.as_url().path() == "/"
    });
    if canonical && !host.contains('*') {
        return Ok(());
    }
    Err(refused(
        RULE,
        format!("\"{}\" under hosts is not a host name", Shown::new(host)),
        "write the whole name in lower-case ASCII, without scheme, port, path and wildcard",
    ))
}

fn check_scheme(case: &Case<'_>, what: &str, url: &ProviderUrl) -> Result<()> {
    if url.is_loopback_http() && !case.tenant.network.allow_loopback_http {
        return Err(
            Error::policy(RULE, format!("the URL of \"{what}\" is plain http: {url}")).hint(
                "this line of the tenant file would allow it: network.allow_loopback_http = true",
            ),
        );
    }
    Ok(())
}

/// Where the standard endpoints and the keys of an issuer may be. A resource may be anywhere: its URL is pinned and shown, and what it
/// gets is listed with it.
fn check_place(case: &Case<'_>) -> Result<()> {
    let standard = case
        .rows
        .iter()
        .filter(|(_, row)| row.is_standard())
        .map(|(role, row)| (role.as_str(), &row.url, row.source));
    let keys = case
        .jwks_uri()
        .map(|url| ("jwks_uri", url, Source::Metadata));
    let strangers: Vec<_> = standard
        .chain(keys)
        .filter(|(_, url, _)| !is_approved(case, url))
        .collect();
    let Some((what, url, source)) = strangers.first() else {
        return Ok(());
    };
    let host = place(url);
    match source {
        Source::Plugin => Err(refused(
            RULE,
            format!(
                "the plugin places the standard endpoint \"{what}\" on {host}, which is not the issuer's host"
            ),
            "list the host under hosts, where it is approved by name",
        )),
        Source::Metadata => {
            let error = Error::policy(
                RULE,
                format!(
                    "the issuer's metadata places \"{what}\" on {host}, which is neither the issuer's host nor approved by name"
                ),
            );
            // All of them in one line, so that one edit suffices.
            let mut hosts: Vec<_> = case.profile.hosts.iter().map(String::as_str).collect();
            hosts.extend(strangers.iter().map(|(_, url, _)| url.host()));
            hosts.sort_unstable();
            hosts.dedup();
            let line = hosts
                .iter()
                .map(|host| format!("\"{host}\""))
                .collect::<Vec<_>>()
                .join(", ");
            // Plugins that take further hosts do so by a list whose name ends like this.
            let setting = case.schema.iter().find(|field| {
                field.kind == SettingKind::Texts && field.name.as_str().ends_with("hosts")
            });
            Err(match setting {
                Some(field) => error.hint(format!(
                    "if these hosts are the provider's, this line of the tenant file would allow it: settings.{} = [{line}]",
                    field.name
                )),
                None => error.hint(format!(
                    "the plugin has to list the host under hosts, where it is approved by name: {line}"
                )),
            })
        }
    }
}

/// On the issuer's host and port, or on a host that was approved by name: another port is another program, and whose it is nobody said.
fn is_approved(case: &Case<'_>, url: &ProviderUrl) -> bool {
    let issuer = case.profile.issuer().url();
    (url.host() == issuer.host() && port(url) == port(issuer))
        || (port(url) == Some(HTTPS) && case.profile.hosts.iter().any(|host| host == url.host()))
}

const HTTPS: u16 = 443;

fn port(url: &ProviderUrl) -> Option<u16> {
    url.as_url().port_or_known_default()
}

/// The host, with the port where it is no usual one.
fn place(url: &ProviderUrl) -> String {
    match url.as_url().port() {
        Some(port) => format!("{}:{port}", url.host()),
        None => url.host().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_core::description::EndpointClass;
    use vestibule_core::setting::{SettingField, SettingPresence};
    use vestibule_core::{Blame, SettingName};

    use crate::testing::{approve, endpoint, identity_center, metadata, oidc, role, tenant, url};

    use super::*;

    // proves: PLUG-15
    #[test]
    fn no_host_is_looked_up_for_a_description_that_no_setting_names() {
        let setting = |value: SettingValue| Setting {
            name: SettingName::parse("somewhere").unwrap(),
            value,
        };
        let text = |text: &str| setting(SettingValue::Text(text.to_owned()));
        let check = |issuer: &str, settings: &[Setting]| {
            let mut profile = oidc();
            profile.server = Server::Discovered(vestibule_core::Issuer::parse(issuer).unwrap());
            crate::approval::check_before_discovery(&profile, settings)
        };
        let issuer = "https://idp.example/tenant";
        for (settings, allowed) in [
            (vec![text("https://idp.example")], true),
            (vec![text("https://idp.example/other?x")], true),
            (vec![text("words"), text("https://idp.example")], true),
            (
                vec![setting(SettingValue::Texts(vec![
                    "https://idp.example".to_owned(),
                ]))],
                true,
            ),
            (vec![], false),
            (vec![text("idp.example")], false),
            (vec![text("https://example")], false),
            (vec![text("https://data.idp.example")], false),
            (vec![text("https://idp.example.mallory.example")], false),
            (vec![setting(SettingValue::Integer(7))], false),
        ] {
            let ended = check(issuer, &settings);
            assert_eq!(ended.is_ok(), allowed, "{settings:?}");
            if let Err(error) = ended {
                assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));
            }
        }
        // Nobody is asked where an address is.
        assert!(check("http://127.0.0.1:8080", &[]).is_ok());
        assert!(check("http://[::1]:8080", &[]).is_ok());
    }

    #[test]
    fn another_port_of_the_issuers_host_is_another_place() {
        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "introspection",
            EndpointClass::Introspection,
            Some("https://idp.example:8443/i"),
        ));
        let error = crate::permissions(&profile, &[], Some(&metadata()), &tenant("")).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));
        assert!(error.message().contains("idp.example:8443"), "{error}");
    }

    #[test]
    fn metadata_names_the_issuers_host_or_an_approved_one() {
        for what in [
            "authorization",
            "token",
            "userinfo",
            "revocation",
            "introspection",
            "pushed_authorization_request",
            "jwks_uri",
        ] {
            let stranger = url("https://sub.idp.example/x");
            let mut found = metadata();
            if what == "jwks_uri" {
                found.jwks_uri = Some(stranger);
            } else {
                found.endpoints.insert(role(what), stranger);
            }
            let error = crate::permissions(&oidc(), &[], Some(&found), &tenant("")).unwrap_err();
            assert_eq!(
                (error.code(), error.blame()),
                (RULE, Blame::Policy),
                "{what}"
            );
            assert!(error.message().contains(what), "{error}");
            assert!(error.next_step().unwrap().contains("sub.idp.example"));

            let mut profile = oidc();
            profile.hosts = vec!["sub.idp.example".to_owned()];
            assert!(
                crate::permissions(&profile, &[], Some(&found), &tenant("")).is_ok(),
                "{what}"
            );
        }
    }

    #[test]
    fn the_fix_is_a_line_of_the_tenant_file_where_the_plugin_takes_one() {
        let schema = [SettingField {
            name: SettingName::parse("endpoint_hosts").unwrap(),
            summary: "further hosts".to_owned(),
            kind: SettingKind::Texts,
            presence: SettingPresence::Optional,
        }];
        let mut profile = oidc();
        profile.hosts = vec!["one.example".to_owned()];
        let mut found = metadata();
        found
            .endpoints
            .insert(role("token"), url("https://three.example/t"));
        found.jwks_uri = Some(url("https://two.example/k"));
        let error = crate::permissions(&profile, &schema, Some(&found), &tenant("")).unwrap_err();
        assert!(
            error.next_step().unwrap().ends_with(
                r#"settings.endpoint_hosts = ["one.example", "three.example", "two.example"]"#
            ),
            "{:?}",
            error.next_step()
        );
        for (name, kind) in [
            ("endpoint_hosts", SettingKind::Text),
            ("further_scopes", SettingKind::Texts),
        ] {
            let schema = [SettingField {
                name: SettingName::parse(name).unwrap(),
                kind,
                ..schema[0].clone()
            }];
            let error =
                crate::permissions(&profile, &schema, Some(&found), &tenant("")).unwrap_err();
            assert!(!error.next_step().unwrap().contains(name), "{name}");
        }
    }

    #[test]
    fn a_plugin_supplies_a_missing_standard_endpoint_only_on_an_approved_host() {
        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "introspection",
            EndpointClass::Introspection,
            Some("https://evil.example/i"),
        ));
        let error = approve(&profile).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Plugin));
        profile.hosts = vec!["evil.example".to_owned()];
        assert!(approve(&profile).is_ok(), "approved by name");
    }

    #[test]
    fn a_resource_may_be_anywhere() {
        let mut profile = oidc();
        profile.endpoints.push(endpoint(
            "api",
            EndpointClass::Resource,
            Some("https://api.example/v1"),
        ));
        assert!(approve(&profile).is_ok());
    }

    #[test]
    fn hosts_are_whole_names_in_canonical_form() {
        for bad in [
            "*.idp.example",
            "*",
            "IDP.example",
            "idp.example.",
            "idp.example:443",
            "https://idp.example",
            "idp.example/x",
            "a@b.example",
            "",
            " ",
            "127.1",
            "b\u{fc}cher.example",
            "idp.example?x",
            "idp.example#x",
            "a\\b",
        ] {
            let mut profile = oidc();
            profile.hosts = vec![bad.to_owned()];
            let error = approve(&profile).unwrap_err();
            assert_eq!(
                (error.code(), error.blame()),
                (RULE, Blame::Plugin),
                "{bad}"
            );
        }
        for good in [
            "login.idp.example",
            "xn--bcher-kva.example",
            "192.0.2.1",
            "2001:db8::1",
        ] {
            let mut profile = oidc();
            profile.hosts = vec![good.to_owned()];
            assert!(approve(&profile).is_ok(), "{good}");
        }
    }

    #[test]
    fn plain_http_needs_the_tenants_line() {
        let mut profile = identity_center();
        profile.endpoints[1].url = Some(url("http://127.0.0.1:4000/token"));
        let error = approve(&profile).unwrap_err();
        assert_eq!((error.code(), error.blame()), (RULE, Blame::Policy));
        assert!(error.message().contains("\"token\""), "{error}");
        assert!(
            error
                .next_step()
                .unwrap()
                .ends_with("network.allow_loopback_http = true")
        );
        let allowed = tenant(
            "[policy]\nallow_unknown_identity = true\n[network]\nallow_loopback_http = true\n",
        );
        assert!(crate::permissions(&profile, &[], None, &allowed).is_ok());
    }
}
