use vestibule_plugin::Method;
use vestibule_plugin::testing::{Reply, Script};
use vestibule_plugin::wit::{Client, ClientAuthentication, Identity, Methods, ProblemKind, Server};

use super::*;

fn script() -> Script<Oidc> {
    Script::new()
        .setting("issuer", "https://idp.example")
        .setting("client_id", "cli")
}

#[test]
fn a_person_signs_in_by_browser() {
    let run = script()
        .login_hint("ada@example.org")
        .discovered(["authorization", "token"])
        .authorized()
        .tokens(Reply::with_tokens(["refresh_token", "id_token"]))
        .sign_in();
    assert_eq!(
        run.transcript(),
        "discover\n\
         authorize scopes=openid offline login_hint=ada@example.org\n\
         token authorization_code <code>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<refresh_token> id_token=<id_token>"
    );
}

#[test]
fn a_person_signs_in_by_device() {
    let run = script()
        .method(Method::Device)
        .discovered(["token", "device_authorization"])
        .tokens(Reply::with_tokens(["id_token"]))
        .sign_in();
    assert_eq!(
        run.transcript(),
        "discover\n\
         device scopes=openid\n\
         finish GrantKind::Oauth access_token=<access_token> id_token=<id_token>"
    );
}

#[test]
fn a_workload_is_turned_away_where_a_person_signs_in() {
    let run = script()
        .method(Method::Workload)
        .discovered(["token"])
        .sign_in();
    assert_eq!(run.failure(), "this plugin cannot sign a workload in");
}

fn workload(grant: &str) -> Script<Oidc> {
    script()
        .setting("workload", grant)
        .method(Method::Workload)
        .discovered(["token"])
}

#[test]
fn a_workload_signs_in_by_its_own_credentials() {
    let run = workload("client_credentials")
        .tokens(Reply::new())
        .sign_in();
    assert_eq!(
        run.transcript(),
        "discover\n\
         token client_credentials\n\
         finish GrantKind::Oauth access_token=<access_token>"
    );
    let run = workload("client_credentials")
        .setting("audience", "https://api.example")
        .tokens(Reply::new())
        .sign_in();
    assert!(
        run.transcript()
            .contains("\ntoken client_credentials audience=https://api.example\n")
    );
}

#[test]
fn a_workload_presents_an_assertion_that_is_for_the_issuer() {
    let run = workload("jwt_bearer")
        .setting("subject_token_source", "ci")
        .asserted()
        .tokens(Reply::new())
        .sign_in();
    assert_eq!(
        run.transcript(),
        "discover\n\
         subject-token ci for https://idp.example\n\
         token jwt-bearer <assertion of ci>\n\
         finish GrantKind::Oauth access_token=<access_token>"
    );
}

#[test]
fn a_workload_exchanges_an_assertion_and_says_who_acts() {
    let run = workload("token_exchange")
        .setting("subject_token_source", "ci")
        .setting("subject_token_audience", "sts.example")
        .setting("audience", "https://api.example")
        .asserted()
        .tokens(Reply::new())
        .sign_in();
    assert_eq!(
        run.transcript(),
        "discover\n\
         subject-token ci for sts.example\n\
         token token-exchange urn:ietf:params:oauth:token-type:jwt <assertion of ci> for https://api.example\n\
         finish GrantKind::Oauth access_token=<access_token>"
    );
    let run = workload("token_exchange")
        .setting("subject_token_source", "ci")
        .setting(
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:id_token",
        )
        .setting("actor_token_source", "runner")
        .asserted()
        .asserted()
        .tokens(Reply::new())
        .sign_in();
    assert!(run.transcript().contains(
        "\ntoken token-exchange urn:ietf:params:oauth:token-type:id_token <assertion of ci> by \
         urn:ietf:params:oauth:token-type:jwt <assertion of runner>\n"
    ));
}

#[test]
fn a_workloads_tenant_signs_in_no_person_and_asks_for_no_id_token() {
    let profile = script()
        .setting("workload", "client_credentials")
        .describe()
        .profile
        .unwrap();
    assert_eq!(profile.methods, Methods::WORKLOAD);
    assert!(profile.scopes.is_empty());
}

#[test]
fn settings_of_a_workload_that_do_not_fit_are_named() {
    for (settings, named) in [
        (vec![("workload", "jwt_bearer")], "subject_token_source"),
        (vec![("workload", "token_exchange")], "subject_token_source"),
        (vec![("audience", "a")], "audience"),
        (vec![("subject_token_source", "ci")], "subject_token_source"),
        (
            vec![
                ("workload", "client_credentials"),
                ("subject_token_audience", "a"),
            ],
            "subject_token_audience",
        ),
        (
            vec![
                ("workload", "jwt_bearer"),
                ("subject_token_source", "ci"),
                ("actor_token_source", "runner"),
            ],
            "actor_token_source",
        ),
        (
            vec![
                ("workload", "token_exchange"),
                ("subject_token_source", "ci"),
                ("actor_token_audience", "a"),
            ],
            "actor_token_audience",
        ),
    ] {
        let script = settings.iter().fold(script(), |script, (name, value)| {
            script.setting(name, value)
        });
        let problems = script.describe().profile.unwrap_err();
        assert_eq!(problems[0].name, named, "{settings:?}");
        assert_eq!(problems.len(), 1);
    }
}

#[test]
fn a_refused_code_ends_the_flow() {
    let run = script()
        .discovered(["authorization", "token"])
        .authorized()
        .failed(ProblemKind::InvalidGrant, Some("invalid_grant"))
        .sign_in();
    assert_eq!(
        run.failure(),
        "the provider no longer accepts this sign-in at `token` (invalid_grant)"
    );
}

#[test]
fn a_refresh_token_that_is_rotated_replaces_the_old_one() {
    let run = script()
        .discovered(["token"])
        .tokens(Reply::with_tokens(["refresh_token"]))
        .refresh(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "discover\n\
         token refresh_token <stored refresh_token>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<refresh_token>"
    );
}

#[test]
fn a_refresh_token_that_is_not_rotated_is_kept() {
    let run = script()
        .discovered(["token"])
        .tokens(Reply::new())
        .refresh(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "discover\n\
         token refresh_token <stored refresh_token>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<stored refresh_token>"
    );
}

#[test]
fn a_grant_without_a_refresh_token_cannot_be_refreshed() {
    let run = script().refresh(["access_token"]);
    assert_eq!(
        run.failure(),
        "there is no refresh token in this grant; sign in again"
    );
}

#[test]
fn both_tokens_are_revoked_the_refresh_token_first() {
    let run = script()
        .discovered(["token", "revocation"])
        .response(Reply::new())
        .response(Reply::new())
        .revoke(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "discover\n\
         revocation revoke <stored refresh_token>\n\
         revocation revoke <stored access_token>\n\
         finish"
    );
}

#[test]
fn a_token_that_is_not_revoked_is_said_and_the_other_still_is() {
    let run = script()
        .discovered(["revocation"])
        .failed(ProblemKind::Unavailable, None)
        .response(Reply::new())
        .revoke(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "discover\n\
         revocation revoke <stored refresh_token>\n\
         revocation revoke <stored access_token>\n\
         fail: the provider does not answer the request `revocation`"
    );
}

#[test]
fn a_provider_without_revocation_is_no_success() {
    let run = script().discovered(["token"]).revoke(["access_token"]);
    assert_eq!(
        run.failure(),
        "the provider cannot revoke tokens; they end when they expire"
    );
}

#[test]
fn an_access_token_is_exchanged_for_another_audience() {
    let run = script()
        .discovered(["token"])
        .tokens(Reply::new())
        .exchange("access_token", Some("https://api.example"));
    assert_eq!(
        run.transcript(),
        "discover\n\
         token token-exchange urn:ietf:params:oauth:token-type:access_token <stored access_token> for \
         https://api.example\n\
         finish GrantKind::Oauth access_token=<access_token>"
    );
}

#[test]
fn a_step_up_signs_in_again() {
    let run = script()
        .discovered(["authorization", "token"])
        .authorized()
        .tokens(Reply::with_tokens(["id_token"]))
        .step_up(["access_token"]);
    assert!(run.transcript().contains("\nauthorize "));
    assert_eq!(run.grant().parts.len(), 2);
}

#[test]
fn there_is_nothing_to_derive() {
    let run = script().derive(["access_token"], []);
    assert_eq!(
        run.failure(),
        "this provider has no credentials that hang on a grant"
    );
}

#[test]
fn it_reads_nothing_and_adds_no_endpoint() {
    let profile = script().describe().profile.unwrap();
    assert_eq!(
        profile.server,
        Server::Discovered("https://idp.example".into())
    );
    assert_eq!(profile.methods, Methods::BROWSER | Methods::DEVICE);
    assert_eq!(profile.identity, Identity::Oidc);
    assert_eq!(profile.scopes, ["openid"]);
    assert!(
        profile.readable.is_empty() && profile.endpoints.is_empty() && profile.secrets.is_empty()
    );
}

#[test]
fn the_client_secret_is_named_and_never_held() {
    let secret = script().setting("token_endpoint_auth_method", "client_secret_basic");
    let Client::Configured(client) = secret.describe().profile.unwrap().client else {
        panic!("not configured")
    };
    assert_eq!(
        client.authentication,
        ClientAuthentication::ClientSecretBasic("client_secret".into())
    );
}

#[test]
fn the_key_that_the_host_signs_with_is_named_and_never_held() {
    let key = script().setting("token_endpoint_auth_method", "private_key_jwt");
    let Client::Configured(client) = key.describe().profile.unwrap().client else {
        panic!("not configured")
    };
    assert_eq!(
        client.authentication,
        ClientAuthentication::PrivateKeyJwt("client_key".into())
    );
}

#[test]
fn missing_settings_are_all_named() {
    let problems = Script::<Oidc>::new().describe().profile.unwrap_err();
    let names: Vec<_> = problems
        .iter()
        .map(|problem| problem.name.as_str())
        .collect();
    assert_eq!(names, ["issuer", "client_id"]);
}
