//! Attack: a refresh token is used up, or is asked for at another place than the token endpoint that gave it.
//! Stopped by: a grant that is refused is removed at once, and where a refresh token may go is fixed, host/core/src/matrix.rs

use std::fs;

use serde_json::{Value, json};
use vestibule_attacks::puppet::{
    API, call, discover, endpoint, finish, grant, list, reference, refresh, request, secret,
    userinfo,
};
use vestibule_attacks::stage::conforming_file;
use vestibule_attacks::verdict::{caught, stopped};
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Blame, Kind};
use vestibule_rehearsal::{GrantTwist, MetadataTwist, Rehearsal, Role, Script};

#[tokio::test(flavor = "multi_thread")]
async fn invalid_grant_ends_the_session_with_one_request_and_no_browser() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let refusing = Script::honest().any_redirect_path();
    stage
        .idp
        .rescript(refusing.twist(GrantTwist::RefusesRefresh));
    let error = stopped(stage.refresh(&name).await);
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::LoginRequired, "grant.dead")
    );
    assert!(
        error
            .next_step()
            .is_some_and(|hint| hint.contains("vestibule login"))
    );
    for _ in 0..3 {
        let error = stopped(stage.refresh(&name).await);
        assert_eq!(error.code(), "grant.missing");
    }
    assert_eq!(stage.idp.count(Role::Token), 2);
    assert_eq!(stage.tape.browsers(), 1);
    stage.kept_nothing();
}

/// Steps of a refresh that put the refresh token where it does not belong.
fn astray() -> Vec<Value> {
    let token = || reference("refresh_token");
    vec![
        call(API, token(), &[], vec![]),
        call(API, json!(null), &[], vec![secret("token", token())]),
        call("foreign", token(), &[], vec![]),
        call(
            "foreign",
            json!(null),
            &[],
            vec![secret("refresh_token", token())],
        ),
        call(
            "public",
            json!(null),
            &[],
            vec![secret("refresh_token", token())],
        ),
        userinfo("refresh_token"),
        request(
            "foreign",
            json!({"Grant": {"grant_type": {"RefreshToken": token()}, "scopes": [], "extra": []}}),
        ),
        request(
            "userinfo",
            json!({"Grant": {"grant_type": {"RefreshToken": token()}, "scopes": [], "extra": []}}),
        ),
        request("foreign", json!({"Revocation": token()})),
        request("foreign", json!({"Introspection": token()})),
        grant(json!({"AuthorizationCode": token()}), vec![]),
        grant(
            json!({"RefreshToken": token()}),
            vec![secret("again", token())],
        ),
    ]
}

// proves: RFT-04
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_sends_a_refresh_token_nowhere_else() {
    for step in astray() {
        let mallory = Rehearsal::start(Script::honest().any_redirect_path())
            .await
            .unwrap();
        let stage = Stage::honest().await;
        let steps = vec![
            discover(),
            step.clone(),
            refresh("refresh_token"),
            finish(&["access_token", "refresh_token"]),
        ];
        let program = Program::honest(&stage.idp)
            .steps("refresh", steps)
            .profile(|profile| {
                let there = mallory.api_url();
                let table = list(profile, "endpoints");
                table.push(endpoint("foreign", "Resource", &there));
                table.push(endpoint("public", "Public", &there));
            });
        let name = stage.approve("stage", &program).await.unwrap();
        stage.sign_in(&name).await.unwrap();
        let error = caught(stage.refresh(&name).await);
        assert!(mallory.requests().is_empty(), "{step}: {error:?}");
        assert_eq!(
            stage.idp.count(Role::Api) + stage.idp.count(Role::UserInfo),
            0,
            "{step}"
        );
        assert_eq!(stage.idp.count(Role::Token), 1, "{step}");
        stage.sent_nothing_astray();
    }
}

// proves: RFT-04
#[tokio::test(flavor = "multi_thread")]
async fn configuration_and_metadata_send_a_refresh_token_nowhere_else() {
    let mallory = Rehearsal::start(Script::honest().any_redirect_path())
        .await
        .unwrap();
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let clock = stage.idp.clock();

    // The metadata moves the endpoint, when it is asked for again.
    let there = format!("{}/token", mallory.issuer());
    let moved = Script::honest().any_redirect_path().clock(&clock);
    stage
        .idp
        .rescript(moved.twist(MetadataTwist::Member("token_endpoint", there)));
    clock.advance(vestibule_core::limits::METADATA_MAX_AGE * 2);
    let ended = stage.refresh(&name).await;
    assert!(mallory.requests().is_empty());
    // The pinned table is used, or nothing is.
    if let Err(error) = ended {
        assert_eq!(error.code(), "discovery.host", "{error:?}");
    }
    stage
        .idp
        .rescript(Script::honest().any_redirect_path().clock(&clock));

    // The tenant file names another provider: not without approval, and not with the old session after it.
    let sent = stage.idp.count(Role::Token);
    let file = stage.root().join("config/tenants.d/corp.toml");
    fs::write(&file, conforming_file(&mallory, "")).unwrap();
    let error = stopped(stage.refresh(&name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "approval.stale")
    );
    assert!(mallory.requests().is_empty());
    let proposal = stage.vestibule.propose(&name).await.unwrap();
    stage.vestibule.approve(&proposal).unwrap();
    let error = stopped(stage.refresh(&name).await);
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::LoginRequired, "grant.approval")
    );
    let _ = stage.vestibule.sign_out(&name, None).await;
    for seen in mallory.requests() {
        let said = format!(
            "{} {:?} {}",
            seen.target,
            seen.headers,
            String::from_utf8_lossy(&seen.body)
        );
        for held in stage.idp.secrets() {
            assert!(
                !said.contains(&held.value),
                "{:?} at {:?}",
                held.kind,
                seen.role
            );
        }
    }
    assert_eq!(stage.idp.count(Role::Token), sent);
}
