//! What the plugin says of itself.

use vestibule_plugin::wit::{
    Client, Encoding, EndpointClass, Identity, Methods, Profile, ScopeForm, SecretKind,
};

use super::*;

fn profile() -> Profile {
    script().describe().profile.unwrap()
}

fn url_of(profile: &Profile, role: &str) -> String {
    let endpoint = profile
        .endpoints
        .iter()
        .find(|endpoint| endpoint.role == role)
        .unwrap();
    endpoint.url.clone().unwrap()
}

#[test]
fn the_endpoints_are_those_of_the_region() {
    let profile = profile();
    assert_eq!(
        url_of(&profile, "authorization"),
        "https://oidc.eu-west-1.amazonaws.com/authorize"
    );
    assert_eq!(
        url_of(&profile, "registration"),
        "https://oidc.eu-west-1.amazonaws.com/client/register"
    );
    assert_eq!(
        url_of(&profile, "token"),
        "https://oidc.eu-west-1.amazonaws.com/token"
    );
    assert_eq!(
        url_of(&profile, "revocation"),
        "https://portal.sso.eu-west-1.amazonaws.com/logout"
    );
    assert_eq!(
        url_of(&profile, "accounts"),
        "https://portal.sso.eu-west-1.amazonaws.com/assignment/accounts"
    );
}

#[test]
fn chinas_regions_have_a_suffix_of_their_own() {
    let china = Script::<AwsIdentityCenter>::new()
        .setting(
            "start_url",
            "https://start.home.awsapps.cn/directory/d-1234567890",
        )
        .setting("region", "cn-north-1");
    let profile = china.describe().profile.unwrap();
    assert_eq!(
        url_of(&profile, "token"),
        "https://oidc.cn-north-1.amazonaws.com.cn/token"
    );
}

#[test]
fn the_endpoints_can_be_a_practice_providers() {
    let practice = script()
        .setting("oidc_endpoint", "http://127.0.0.1:4444/oidc")
        .setting("portal_endpoint", "http://127.0.0.1:4444/portal/");
    let profile = practice.describe().profile.unwrap();
    assert_eq!(
        url_of(&profile, "token"),
        "http://127.0.0.1:4444/oidc/token"
    );
    assert_eq!(
        url_of(&profile, "credentials"),
        "http://127.0.0.1:4444/portal/federation/credentials"
    );
}

#[test]
fn a_region_cannot_smuggle_a_host_in() {
    for region in [
        "eu-west-1.evil.example/",
        "evil.example#",
        "EU-WEST-1",
        "",
        "-eu",
        "a@b",
    ] {
        let script = Script::<AwsIdentityCenter>::new()
            .setting("start_url", "https://d-1234567890.awsapps.com/start")
            .setting("region", region);
        let problems = script.describe().profile.unwrap_err();
        assert_eq!(problems[0].name, "region", "{region}");
    }
}

#[test]
fn every_endpoint_that_takes_the_token_takes_it_in_awss_header() {
    let takes_token = |class| matches!(class, EndpointClass::Resource | EndpointClass::Revocation);
    let profile = profile();
    for endpoint in &profile.endpoints {
        let header = takes_token(endpoint.class).then(|| "x-amz-sso_bearer_token".to_owned());
        assert_eq!(endpoint.token_header, header, "{}", endpoint.role);
    }
    assert_eq!(
        profile
            .endpoints
            .iter()
            .filter(|endpoint| takes_token(endpoint.class))
            .count(),
        4
    );
}

#[test]
fn the_dialect_of_the_service_is_data() {
    let profile = profile();
    let dialect = |role: &str| {
        profile
            .endpoints
            .iter()
            .find(|endpoint| endpoint.role == role)
            .unwrap()
            .dialect
            .clone()
    };
    let renames = |role: &str, standard: &str| {
        let renames = dialect(role).renames;
        renames
            .into_iter()
            .find(|(name, _)| name == standard)
            .map(|(_, own)| own)
    };
    assert_eq!(dialect("token").encoding, Encoding::Json);
    assert_eq!(
        renames("token", "code_verifier").as_deref(),
        Some("codeVerifier")
    );
    assert_eq!(
        renames("token", "refresh_token").as_deref(),
        Some("refreshToken")
    );
    assert_eq!(renames("authorization", "scope").as_deref(), Some("scopes"));
    assert_eq!(renames("authorization", "client_id"), None);
    assert_eq!(dialect("registration").scope_form, ScopeForm::Listed);
}

#[test]
fn keys_go_nowhere_but_to_the_person() {
    let profile = profile();
    let keys: Vec<_> = profile
        .secrets
        .iter()
        .filter(|secret| secret.kind == SecretKind::CloudKey)
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(
        keys.iter()
            .all(|key| key.goes.is_empty() && key.born_role == "credentials")
    );
}

#[test]
fn nobody_is_known_and_a_person_signs_in_by_browser_or_device() {
    let profile = profile();
    assert_eq!(profile.identity, Identity::Unknown);
    assert_eq!(profile.methods, Methods::BROWSER | Methods::DEVICE);
    let Client::Registered(client) = profile.client else {
        panic!("not registered")
    };
    assert_eq!(
        (client.client_id.as_str(), client.client_secret.as_deref()),
        ("/clientId", Some("client_secret"))
    );
    assert_eq!(
        client.expires_at,
        Some(("/clientSecretExpiresAt".to_owned(), TimeUnit::Seconds))
    );
}

#[test]
fn a_device_code_is_asked_for_and_entered_at_awss_own_hosts() {
    let profile = profile();
    assert_eq!(
        url_of(&profile, "device_authorization"),
        "https://oidc.eu-west-1.amazonaws.com/device_authorization"
    );
    assert_eq!(profile.hosts, ["device.sso.eu-west-1.amazonaws.com"]);
    let secret = profile
        .secrets
        .iter()
        .find(|secret| secret.kind == SecretKind::ClientSecret)
        .unwrap();
    let roles: Vec<&str> = secret.goes.iter().map(|cell| cell.role.as_str()).collect();
    assert_eq!(roles, ["token", "device_authorization"]);
    let practice = script().setting("oidc_endpoint", "http://127.0.0.1:4444/oidc");
    assert!(practice.describe().profile.unwrap().hosts.is_empty());
}
