//! Descriptions that ask for too much: refused before anything is pinned (design: "Where a secret may go").

use vestibule_attacks::stage::profile;
use vestibule_core::approval::Permissions;
use vestibule_core::description::{EndpointClass, Profile, Readable, ScalarKind, Shape};
use vestibule_core::tenant::Tenant;
use vestibule_core::{Pointer, ProviderUrl, RoleName, TenantName};
use vestibule_policy::Discovered;
use vestibule_rehearsal::{Rehearsal, Script};

/// What the metadata of the provider would give.
fn discovered(origin: &str) -> Discovered {
    let roles = ["authorization", "token", "userinfo", "revocation"];
    let url = |path: &str| ProviderUrl::parse(&format!("{origin}/{path}")).unwrap();
    Discovered {
        endpoints: roles
            .map(|role| (RoleName::parse(role).unwrap(), url(role)))
            .into(),
        jwks_uri: Some(url("jwks")),
    }
}

async fn verdict(change: impl Fn(&mut Profile)) -> vestibule_core::Result<Permissions> {
    let idp = Rehearsal::start(Script::honest()).await.unwrap();
    let mut profile = profile(&idp);
    change(&mut profile);
    let text = "plugin = \"hostile\"\n[network]\nallow_loopback_http = true\n";
    let tenant = Tenant::parse(&TenantName::parse("t").unwrap(), text).unwrap();
    vestibule_policy::permissions(&profile, &[], Some(&discovered(&idp.issuer())), &tenant)
}

fn reads(role: &str, pointer: &str) -> Readable {
    let text = ScalarKind::Text {
        pattern: ".*".to_owned(),
        max_chars: 256,
    };
    Readable {
        role: RoleName::parse(role).unwrap(),
        pointer: Pointer::parse(pointer).unwrap(),
        shape: Shape::One(text),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_readable_under_any_spelling_of_its_name() {
    verdict(|profile| profile.readable = vec![reads("api", "/name")])
        .await
        .unwrap();
    let spellings = [
        "access_token",
        "accessToken",
        "ACCESS_TOKEN",
        "access-token",
        "AccessToken",
        "refresh_token",
        "refreshToken",
        "id_token",
        "idToken",
        "client_secret",
        "clientSecret",
        "device_code",
        "deviceCode",
        "code_verifier",
        "codeVerifier",
    ];
    for name in spellings {
        for role in ["token", "api", "userinfo"] {
            for pointer in [format!("/{name}"), format!("/data/{name}")] {
                let verdict =
                    verdict(|profile| profile.readable = vec![reads(role, &pointer)]).await;
                assert!(verdict.is_err(), "{role} {pointer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_leads_no_secret_elsewhere_unseen() {
    let to = |role: &'static str, class| {
        move |profile: &mut Profile| {
            let mut endpoint = profile.endpoints[0].clone();
            endpoint.role = RoleName::parse(role).unwrap();
            endpoint.class = class;
            endpoint.url = Some(ProviderUrl::parse("https://mallory.example/in").unwrap());
            profile.endpoints.push(endpoint);
        }
    };
    // Over what the metadata says, and beside it on a host that nobody approved.
    let over = verdict(to("token", EndpointClass::Token)).await;
    assert!(over.is_err());
    let beside = verdict(to("introspection", EndpointClass::Introspection)).await;
    assert!(beside.is_err());
    // A resource may be anywhere; whoever approves is shown where the token would go.
    let resource = verdict(to("exfiltrate", EndpointClass::Resource))
        .await
        .unwrap();
    let shown = resource.origins().unwrap().with_secrets;
    assert!(
        shown
            .iter()
            .any(|origin| origin.to_string() == "https://mallory.example")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_travels_in_no_header_that_others_read() {
    for header in [
        "Cookie",
        "Host",
        "Forwarded",
        "X-Forwarded-For",
        "Proxy-Authorization",
        "DPoP",
        "cookie",
        "Set-Cookie",
        "Referer",
    ] {
        let verdict =
            verdict(|profile| profile.endpoints[0].token_header = Some(header.to_owned())).await;
        assert!(verdict.is_err(), "{header}");
    }
}
