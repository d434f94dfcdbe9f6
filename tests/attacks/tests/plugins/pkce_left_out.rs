//! Attack: leave PKCE out of the sign-in, weaken it to `plain`, or bring a challenge of one's own.
//! Stopped by: the host adds the challenge to every request, and no description can rename it (host/broker/src/authorization_url.rs, host/policy/src/approval/dialect.rs).

use serde_json::json;
use vestibule_attacks::puppet::{
    authorize_with, discover, endpoint, finish, grant, list, reference, text,
};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{MetadataTwist, Par, Role, Script};

// proves: PKCE-01
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_in_every_request_whatever_the_plugin_asks_for() {
    let silent = || MetadataTwist::MemberMissing("code_challenge_methods_supported");
    for script in [
        Script::honest(),
        Script::honest().twist(silent()),
        Script::honest().par(Par::Absent),
        Script::honest().par(Par::Absent).twist(silent()),
    ] {
        let stage = Stage::with(script).await;
        for (name, value) in [
            ("code_challenge", ""),
            ("code_challenge", "chosen"),
            ("code_challenge_method", "plain"),
            ("Code-Challenge-Method", "none"),
            ("code_challenge_methods", "plain"),
            ("codeChallenge", "x"),
            ("code_verifier", "x"),
        ] {
            let steps = vec![discover(), authorize_with(&["openid"], &[(name, value)])];
            let program = Program::honest(&stage.idp).steps("sign-in", steps);
            denied(&caught(stage.play(&program).await), "extra_fields");
        }
        assert_eq!(stage.tape.browsers(), 0);
        stage.play(&Program::honest(&stage.idp)).await.unwrap();
        let requests = [
            stage.idp.requests_to(Role::PushedAuthorization),
            stage.idp.requests_to(Role::Authorization),
        ]
        .concat();
        let field = |name: &str| {
            let found = requests
                .iter()
                .find_map(|seen| seen.field(name).or(seen.parameter(name)));
            found.map(str::to_owned)
        };
        assert_eq!(field("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(
            field("code_challenge").map(|challenge| challenge.len()),
            Some(43)
        );
        let token = &stage.idp.requests_to(Role::Token)[0];
        assert!(token.field("code_verifier").is_some());
    }
}

// proves: PKCE-01
#[tokio::test(flavor = "multi_thread")]
async fn no_description_gives_the_challenge_a_name_that_a_provider_overlooks() {
    let stage = Stage::honest().await;
    for (role, from) in [
        ("authorization", "code_challenge"),
        ("authorization", "code_challenge_method"),
        ("pushed_authorization_request", "code_challenge"),
        ("pushed_authorization_request", "code_challenge_method"),
    ] {
        for to in ["note", "codeChallenge", "x_code_challenge", "state"] {
            let mut row = endpoint(role, "Authorization", "");
            row["url"] = json!(null);
            row["dialect"]["renames"] = json!([[from, to]]);
            if role == "authorization" {
                row["method"] = json!("Get");
            }
            let program =
                Program::honest(&stage.idp).profile(|profile| list(profile, "endpoints").push(row));
            stage.refuses(&program, "approval.dialect").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verifier_is_the_hosts_to_send() {
    let stage = Stage::honest().await;
    for name in [
        "code_verifier",
        "codeVerifier",
        "Code.Verifier",
        "redirect_uri",
        "client_id",
    ] {
        let steps = vec![
            discover(),
            vestibule_attacks::puppet::authorize(),
            grant(
                json!({"AuthorizationCode": reference("code")}),
                vec![text(name, "chosen")],
            ),
            finish(&["access_token"]),
        ];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        denied(&caught(stage.play(&program).await), "extra_fields");
    }
    assert_eq!(stage.idp.count(Role::Token), 0);
}
