//! Attack: exchange a password for tokens (RFC 6749 section 4.3), by every way in which a plugin could write that request.
//! Stopped by: grants are typed and that one does not exist, and its parameters are the host's (host/policy/src/steps/extra_fields.rs, role_class.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, authorize, authorize_with, call, discover, endpoint, finish, grant, list, reference,
    request, text,
};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

fn password_fields() -> Vec<Value> {
    vec![
        text("grant_type", "password"),
        text("username", "ada"),
        text("password", "lovelace"),
    ]
}

// proves: TOK-09
#[tokio::test(flavor = "multi_thread")]
async fn a_token_request_takes_none_of_its_parameters() {
    let stage = Stage::honest().await;
    for name in [
        "grant_type",
        "Grant-Type",
        "grantType",
        "grant_type[]",
        "username",
        "userName",
        "password",
        "PASSWORD",
        "pass%77ord",
        "passwd",
        "user_password",
    ] {
        for grant_type in [
            json!({"AuthorizationCode": reference("code")}),
            json!("ClientCredentials"),
        ] {
            let steps = vec![
                discover(),
                authorize(),
                grant(grant_type, vec![text(name, "password")]),
            ];
            let program = Program::honest(&stage.idp).steps("sign-in", steps);
            let error = caught(stage.play(&program).await);
            assert!(
                ["policy.denied", "plugin.name"].contains(&error.code()),
                "{name}: {error:?}"
            );
        }
    }
    assert_eq!(stage.idp.count(Role::Token), 0);
}

// proves: TOK-09
#[tokio::test(flavor = "multi_thread")]
async fn no_step_and_no_grant_is_one() {
    let stage = Stage::honest().await;
    // The contract has no such grant: the puppet cannot be made to say it.
    for grant_type in [
        json!("Password"),
        json!({"Password": ["ada", "lovelace"]}),
        json!({"Other": "password"}),
    ] {
        let steps = vec![discover(), grant(grant_type, vec![])];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        let error = stage.play(&program).await.unwrap_err();
        assert!(error.message().contains("unknown variant"), "{error:?}");
    }
    for (step, rule) in [
        (
            call("token", reference("none"), &[], password_fields()),
            "role_class",
        ),
        (
            call("token", Value::Null, &[], password_fields()),
            "role_class",
        ),
        (
            request("token", json!({"Registration": password_fields()})),
            "order",
        ),
        (
            grant(json!("ClientCredentials"), password_fields()),
            "purpose",
        ),
        (
            json!({"Device": {"scopes": [], "extra": password_fields()}}),
            "purpose",
        ),
        (
            authorize_with(&["openid"], &[("grant_type", "password")]),
            "extra_fields",
        ),
        (
            authorize_with(&["openid"], &[("password", "x")]),
            "extra_fields",
        ),
    ] {
        let program = Program::honest(&stage.idp).steps("sign-in", vec![discover(), step]);
        denied(&caught(stage.play(&program).await), rule);
    }
    assert_eq!(stage.idp.count(Role::Token), 0);
    assert_eq!(stage.tape.browsers(), 0);
}

// proves: TOK-09
#[tokio::test(flavor = "multi_thread")]
async fn no_description_leads_to_one() {
    let stage = Stage::honest().await;
    let token = format!("{}/token", stage.idp.issuer());
    for (row, code) in [
        // The token endpoint as an endpoint of the plugin's own.
        (endpoint("login", "Public", &token), "approval.overlap"),
        (
            endpoint("login", "Resource", &format!("{token}?grant_type=password")),
            "approval.overlap",
        ),
        (endpoint("login", "Token", &token), "approval.roles"),
        // Standard names that come to mean those.
        (renamed(json!([["scope", "password"]])), "approval.dialect"),
        (
            renamed(json!([["audience", "username"]])),
            "approval.dialect",
        ),
        (
            renamed(json!([["resource", "grant_type"]])),
            "approval.dialect",
        ),
        (renamed(json!([["note", "password"]])), "approval.dialect"),
    ] {
        let program =
            Program::honest(&stage.idp).profile(|profile| list(profile, "endpoints").push(row));
        stage.refuses(&program, code).await;
    }
    // What a rename leaves open, a further field cannot use.
    let program = Program::honest(&stage.idp).profile(|profile| {
        list(profile, "endpoints").push(renamed(json!([
            ["grant_type", "kind"],
            ["password", "word"]
        ])))
    });
    for name in ["kind", "word"] {
        let exchange = grant(
            json!({"AuthorizationCode": reference("code")}),
            vec![text(name, "password")],
        );
        let attack = program
            .clone()
            .steps("sign-in", vec![discover(), authorize(), exchange]);
        denied(&caught(stage.play(&attack).await), "extra_fields");
    }
    assert_eq!(stage.idp.count(Role::Token), 0);
    // It is not offered by `token` either: of a resource, these are members of the plugin's own that reach no token endpoint.
    let own = Program::honest(&stage.idp).after_tokens(vec![
        call(API, reference("access_token"), &[], password_fields()),
        finish(&["access_token"]),
    ]);
    stage.play(&own).await.unwrap();
    assert_eq!(
        stage.idp.requests_to(Role::Token)[0].field("grant_type"),
        Some("authorization_code")
    );
}

fn renamed(renames: Value) -> Value {
    let mut row = endpoint("token", "Token", "");
    row["url"] = Value::Null;
    row["dialect"]["renames"] = renames;
    row
}
