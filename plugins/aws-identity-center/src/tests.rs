use vestibule_plugin::testing::{Reply, Script, row};
use vestibule_plugin::wit::{
    Client, Encoding, EndpointClass, GrantKind, Identity, Methods, ProblemKind, Profile, ScopeForm,
    SecretKind, TimeUnit,
};

use super::*;

fn script() -> Script<AwsIdentityCenter> {
    Script::new()
        .setting("start_url", "https://d-1234567890.awsapps.com/start")
        .setting("region", "eu-west-1")
}

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

fn two_accounts() -> Reply {
    Reply::new().rows(
        "/accountList",
        [
            row(["111111111111", "production", "prod@example.org"]),
            row(["222222222222", "staging", ""]),
        ],
    )
}

fn keys() -> Reply {
    Reply::new()
        .integer("/roleCredentials/expiration", 1_800_000_000_000)
        .secret("access_key_id")
        .secret("secret_access_key")
        .secret("session_token")
}

const KEYS: &str = "finish GrantKind::CloudKeys access_key_id=<access_key_id> secret_access_key=<secret_access_key> \
                    session_token=<session_token> until 1800000000000 TimeUnit::Milliseconds";

// --- Signing in ------------------------------------------------------------------------------------------------------------

#[test]
fn the_first_sign_in_registers_the_client() {
    let run = script()
        .response(Reply::new().secret("client_secret"))
        .authorized()
        .tokens(Reply::with_tokens(["refresh_token"]))
        .sign_in();
    assert_eq!(
        run.transcript(),
        "registration register clientName=Vestibule clientType=public scopes=HostValue::Scopes \
         grantTypes=[authorization_code, refresh_token] redirectUris=HostValue::RedirectUris \
         issuerUrl=https://d-1234567890.awsapps.com/start\n\
         authorize scopes=sso:account:access offline\n\
         token authorization_code <code>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<refresh_token>"
    );
}

#[test]
fn a_later_sign_in_uses_the_registration_that_is_kept() {
    let run = script()
        .registered()
        .authorized()
        .tokens(Reply::with_tokens(["refresh_token"]))
        .sign_in();
    assert!(
        run.transcript().starts_with("authorize "),
        "{}",
        run.transcript()
    );
}

#[test]
fn a_refused_registration_sends_nobody_to_a_browser() {
    let run = script()
        .failed(ProblemKind::Refused, Some("invalid_client_metadata"))
        .sign_in();
    assert_eq!(
        run.failure(),
        "the provider refused the request `registration` (invalid_client_metadata)"
    );
    assert_eq!(run.steps().len(), 2);
}

#[test]
fn a_refresh_uses_the_kept_registration() {
    let run = script()
        .registered()
        .tokens(Reply::new())
        .refresh(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "token refresh_token <stored refresh_token>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<stored refresh_token>"
    );
}

#[test]
fn a_refresh_without_its_registration_asks_to_sign_in_again() {
    let run = script().refresh(["access_token", "refresh_token"]);
    assert_eq!(
        run.failure(),
        "there is no client registration any more for this grant; sign in again"
    );
}

#[test]
fn signing_out_ends_the_session_by_its_access_token() {
    let run = script()
        .registered()
        .response(Reply::new())
        .revoke(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "revocation revoke <stored access_token>\nfinish"
    );
}

#[test]
fn a_session_that_is_not_ended_is_said() {
    let run = script()
        .registered()
        .failed(ProblemKind::InvalidGrant, None)
        .revoke(["access_token"]);
    assert_eq!(
        run.failure(),
        "the provider no longer accepts this sign-in at `revocation`"
    );
}

// --- Keys of an account and role -------------------------------------------------------------------------------------------

#[test]
fn an_account_and_a_role_that_are_given_need_no_question() {
    let given = [("account", "111111111111"), ("role", "ReadOnlyAccess")];
    let run = script()
        .registered()
        .response(keys())
        .derive_unattended(["access_token"], given);
    assert_eq!(
        run.transcript(),
        format!(
            "credentials call role_name=ReadOnlyAccess account_id=111111111111 as <stored access_token>\n{KEYS}"
        )
    );
    assert_eq!(run.grant().primary, GrantKind::CloudKeys);
    assert_eq!(
        run.grant().expires_at,
        Some((1_800_000_000_000, TimeUnit::Milliseconds))
    );
}

#[test]
fn an_account_may_be_given_by_name() {
    let given = [("account", "staging"), ("role", "ReadOnlyAccess")];
    let run = script()
        .registered()
        .response(two_accounts())
        .response(keys())
        .derive_unattended(["access_token"], given);
    assert!(
        run.transcript().contains("account_id=222222222222"),
        "{}",
        run.transcript()
    );
}

#[test]
fn a_name_that_no_account_or_more_than_one_has_is_refused() {
    let named = |name| {
        let twins = Reply::new().rows(
            "/accountList",
            [
                row(["111111111111", "twin", ""]),
                row(["222222222222", "twin", ""]),
            ],
        );
        script()
            .registered()
            .response(twins)
            .derive(["access_token"], [("account", name)])
    };
    assert_eq!(
        named("twin").failure(),
        "several accounts are named twin; give the 12 digits"
    );
    assert_eq!(
        named("nobody").failure(),
        "no account that you have access to is named nobody"
    );
}

#[test]
fn a_person_chooses_account_and_role() {
    let roles = Reply::new().rows(
        "/roleList",
        [row(["AdministratorAccess"]), row(["ReadOnlyAccess"])],
    );
    let run = script()
        .registered()
        .response(two_accounts())
        .chosen("222222222222")
        .response(roles)
        .chosen("ReadOnlyAccess")
        .response(keys())
        .derive(["access_token"], []);
    assert_eq!(
        run.transcript(),
        format!(
            "accounts call max_result=100 as <stored access_token>\n\
             choose account: production (111111111111, prod@example.org) | staging (222222222222)\n\
             roles call max_result=100 account_id=222222222222 as <stored access_token>\n\
             choose role: AdministratorAccess | ReadOnlyAccess\n\
             credentials call role_name=ReadOnlyAccess account_id=222222222222 as <stored access_token>\n{KEYS}"
        )
    );
}

#[test]
fn nobody_is_asked_where_there_is_nobody_or_nothing_to_choose() {
    let run = script()
        .registered()
        .response(two_accounts())
        .derive_unattended(["access_token"], []);
    assert_eq!(
        run.failure(),
        "more than one account is assigned to you; say which: --for account=…"
    );

    let one_account = Reply::new().rows("/accountList", [row(["111111111111", "production", ""])]);
    let one_role = Reply::new().rows("/roleList", [row(["ReadOnlyAccess"])]);
    let run = script()
        .registered()
        .response(one_account)
        .response(one_role)
        .response(keys());
    assert!(
        run.derive(["access_token"], [])
            .transcript()
            .ends_with(KEYS)
    );

    let run = script()
        .registered()
        .response(Reply::new())
        .derive(["access_token"], []);
    assert_eq!(run.failure(), "no account is assigned to you");
}

#[test]
fn every_page_of_a_list_is_read() {
    let page = |id: &str, name: &str| Reply::new().rows("/accountList", [row([id, name, ""])]);
    let run = script()
        .registered()
        .response(page("111111111111", "production").text("/nextToken", "page-2"))
        .response(page("222222222222", "staging"))
        .response(keys())
        .derive(
            ["access_token"],
            [("account", "staging"), ("role", "ReadOnlyAccess")],
        );
    assert!(
        run.transcript()
            .contains("\naccounts call max_result=100 next_token=page-2 as "),
        "{}",
        run.transcript()
    );
    assert_eq!(run.grant().parts.len(), 3);
}

#[test]
fn a_list_that_does_not_end_is_refused_rather_than_cut() {
    let page = || {
        Reply::new()
            .rows("/accountList", [row(["111111111111", "twin", ""])])
            .text("/nextToken", "more")
    };
    let endless = (0..8).fold(script().registered(), |script, _| script.response(page()));
    let run = endless.derive(["access_token"], [("account", "twin")]);
    assert_eq!(
        run.failure(),
        "the portal lists too many accounts; name the one you want"
    );
}

#[test]
fn a_role_that_the_person_does_not_have_is_named() {
    let given = [("account", "111111111111"), ("role", "AdministratorAccess")];
    let run = script()
        .registered()
        .failed(ProblemKind::Denied, None)
        .derive(["access_token"], given);
    assert_eq!(
        run.failure(),
        "you do not have the role AdministratorAccess in account 111111111111"
    );
}

#[test]
fn an_incomplete_credential_is_no_credential() {
    let given = [("account", "111111111111"), ("role", "ReadOnlyAccess")];
    let incomplete = Reply::new()
        .integer("/roleCredentials/expiration", 1)
        .secret("access_key_id");
    let run = script()
        .registered()
        .response(incomplete)
        .derive(["access_token"], given);
    assert_eq!(
        run.failure(),
        "there is no `secret_access_key` in the reply of `credentials`"
    );
}

// --- What it says of itself ------------------------------------------------------------------------------------------------

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
fn nobody_is_known_and_only_a_browser_signs_in() {
    let profile = profile();
    assert_eq!(profile.identity, Identity::Unknown);
    assert_eq!(profile.methods, Methods::BROWSER);
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
