//! Attack: declare a secret as a readable member, under another spelling, nested, renamed, as a column, or by what holds it.
//! Stopped by: names of secrets are refused in every role and spelling (host/policy/src/approval/readable.rs, host/core/src/words.rs).

use serde_json::json;
use vestibule_attacks::puppet::{API, endpoint, list, userinfo};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Fault, Role, Script};

const SPELLINGS: [&str; 34] = [
    "access_token",
    "accessToken",
    "ACCESS_TOKEN",
    "access-token",
    "AccessToken",
    "access.token",
    "access%5Ftoken",
    "X_access_token",
    "refresh_token",
    "refreshToken",
    "REFRESH-TOKEN",
    "id_token",
    "idToken",
    "client_secret",
    "clientSecret",
    "registration_access_token",
    "device_code",
    "deviceCode",
    "user_code",
    "code_verifier",
    "codeVerifier",
    "code",
    "state",
    "nonce",
    "token",
    "tokens",
    "at_hash",
    "client_assertion",
    "secretAccessKey",
    "sessionToken",
    "password",
    "api_key",
    "private_key",
    "jwt",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_readable_under_any_spelling_of_its_name() {
    let stage = Stage::honest().await;
    for name in SPELLINGS {
        for (role, pointer) in [
            ("token", format!("/{name}")),
            ("userinfo", format!("/nested/0/{name}")),
        ] {
            let program = Program::honest(&stage.idp).reads(role, &[(&pointer, ".*")]);
            let error = stage.refuses(&program, "approval.readable").await;
            assert_eq!(
                error.blame(),
                vestibule_core::Blame::Plugin,
                "{role} {pointer}"
            );
        }
    }
    let honest = Program::honest(&stage.idp).reads("token", &[("/token_type", ".*")]);
    assert!(stage.approve("honest", &honest).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_what_lies_beneath_a_secret_or_in_a_column_of_its_name() {
    let stage = Stage::honest().await;
    let text = json!({"Text": [".*", 200]});
    let column = |pointer: &str| json!({"Rows": [{"pointer": pointer, "kind": text}]});
    for (pointer, shape) in [
        ("/access_token/0", json!({"One": text})),
        ("/data/refresh_token/value", json!({"One": text})),
        ("/tokens", column("/value")),
        ("/list", column("/access_token")),
        ("/list", column("/a/refreshToken")),
        ("/refresh_token", column("/x")),
        ("/access_token", json!({"One": "Integer"})),
        ("/access_token", json!({"One": "Boolean"})),
        ("/access_token", json!({"One": {"OneOf": ["a", "b"]}})),
        (
            "/list",
            json!({"Rows": [{"pointer": "/name", "kind": text}, {"pointer": "/secret", "kind": "Integer"}]}),
        ),
    ] {
        for role in ["token", "userinfo", API] {
            let program = Program::honest(&stage.idp).profile(|profile| {
                list(profile, "readable")
                    .push(json!({"role": role, "pointer": pointer, "shape": shape}));
            });
            stage.refuses(&program, "approval.readable").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_a_secret_that_a_dialect_calls_by_a_harmless_name() {
    let stage = Stage::honest().await;
    for (from, to) in [
        ("access_token", "data"),
        ("refresh_token", "note"),
        ("id_token", "who"),
        ("code_verifier", "x"),
    ] {
        for role in ["token", "userinfo", API] {
            let program = Program::honest(&stage.idp)
                .profile(|profile| {
                    let mut row = endpoint("token", "Token", "");
                    row["url"] = json!(null);
                    row["dialect"]["renames"] = json!([[from, to]]);
                    list(profile, "endpoints").push(row);
                })
                .reads(role, &[(&format!("/{to}"), ".*")]);
            stage.refuses(&program, "approval.readable").await;
        }
    }
    // Nor does an error's place lead there.
    for member in ["error_code", "error_description"] {
        for pointer in ["/access_token", "/x/refreshToken", "/client_secret"] {
            let program = Program::honest(&stage.idp)
                .profile(|profile| profile["endpoints"][0]["dialect"][member] = json!(pointer));
            stage.refuses(&program, "approval.dialect").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_holds_secrets_does_not_cross_as_text() {
    // Everything that the provider has is echoed; the guest may read the members around it.
    let echoing = Script::honest().fault(Role::UserInfo, Fault::EchoInMembers);
    let stage = Stage::with(echoing).await;
    let program = Program::honest(&stage.idp)
        .reads(
            "userinfo",
            &[("/debug", ".*"), ("/sub", ".*"), ("/nothing", ".*")],
        )
        .after_tokens(vec![userinfo("access_token")]);
    stage.play(&program).await.unwrap();
    let entered = stage.tape.entered().join("\n");
    assert!(entered.contains("/sub"), "{entered}");
    assert!(
        !entered.contains("Member { role: userinfo, pointer: /debug"),
        "{entered}"
    );
    stage.told_nothing();
}

/// A pointer is what it is declared as: a value of another shape is left out, not turned into text.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_a_member_of_a_harmless_name_is_caught_at_the_second_barrier() {
    let echoing = Script::honest().fault(Role::UserInfo, Fault::EchoInMembers);
    let stage = Stage::with(echoing).await;
    let program = Program::honest(&stage.idp)
        .reads("userinfo", &[("/X_credential", ".*")])
        .after_tokens(vec![userinfo("access_token")]);
    let error = vestibule_attacks::verdict::stopped(stage.play(&program).await);
    assert_eq!(error.code(), "barrier.secret", "{error:?}");
    assert_eq!(error.blame(), vestibule_core::Blame::Provider);
    assert_eq!(stage.idp.count(Role::UserInfo), 1);
    stage.kept_nothing();
    stage.told_nothing();
}
