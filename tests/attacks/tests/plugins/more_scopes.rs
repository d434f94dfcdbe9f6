//! Attack: ask for more access than was approved: at the authorization, at the exchange, or in a refresh.
//! Stopped by: some or all of the flow's scopes, never more (host/policy/src/steps/scopes.rs).

use serde_json::json;
use vestibule_attacks::puppet::{authorize, authorize_with, discover, grant, reference, request};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

#[tokio::test(flavor = "multi_thread")]
async fn more_scopes_than_were_approved_are_not_asked_for() {
    let stage = Stage::honest().await;
    for scopes in [
        &["openid", "admin"][..],
        &["openid", "offline_access", "api:write"],
        &["OPENID"],
        &["email"],
    ] {
        let steps = vec![discover(), authorize_with(scopes, &[])];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        let error = caught(stage.play(&program).await);
        denied(&error, "scopes");
        // Who has the tenant file can allow it, and is told how.
        assert!(
            error.next_step().unwrap().contains("policy.scopes = "),
            "{error:?}"
        );
    }
    // Two in one are not even a scope.
    let steps = vec![discover(), authorize_with(&["openid admin"], &[])];
    let program = Program::honest(&stage.idp).steps("sign-in", steps);
    assert_eq!(caught(stage.play(&program).await).code(), "plugin.name");
    assert_eq!(stage.tape.browsers(), 0);
    assert_eq!(stage.idp.count(Role::PushedAuthorization), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_where_tokens_are_asked_for() {
    let stage = Stage::honest().await;
    let exchange = |grant_type, scopes: &[&str]| {
        request(
            "token",
            json!({"Grant": {"grant_type": grant_type, "scopes": scopes, "extra": []}}),
        )
    };
    let redeem = exchange(json!({"AuthorizationCode": reference("code")}), &["admin"]);
    let program =
        Program::honest(&stage.idp).steps("sign-in", vec![discover(), authorize(), redeem]);
    denied(&caught(stage.play(&program).await), "scopes");
    assert_eq!(stage.idp.count(Role::Token), 0);

    let honest = Program::honest(&stage.idp);
    let name = stage.approve("corp", &honest).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let refresh = exchange(
        json!({"RefreshToken": reference("refresh_token")}),
        &["openid", "email"],
    );
    let by_field = grant(
        json!({"RefreshToken": reference("refresh_token")}),
        vec![vestibule_attacks::puppet::text("scope", "admin")],
    );
    for (step, rule) in [(refresh, "scopes"), (by_field, "extra_fields")] {
        let attack = honest.clone().steps("refresh", vec![step]);
        stage.approve_again(&name, &attack).await.unwrap();
        denied(&caught(stage.refresh(&name).await), rule);
    }
    assert_eq!(stage.idp.count(Role::Token), 1);
}
