//! Attack: a provider gives by device more than was asked for: a refresh token, or tokens that last.
//! Stopped by: policy asks for less by device and keeps less of it, host/policy/src/{method,lifetime}.rs, host/app/src/sign_in.rs

use vestibule_attacks::stage::BY_DEVICE;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Kind;
use vestibule_core::limits::DEVICE_SESSION_TIME;
use vestibule_rehearsal::{Fault, Role, Script, Visitor};

const REFRESH_TOKEN: &str = "marker-of-a-refresh-token";

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_of_high_risk_keeps_no_refresh_token_that_comes_by_device() {
    for (risk, kept) in [("risk = \"high\"\n", false), ("", true)] {
        let given = Fault::Member("refresh_token", format!("\"{REFRESH_TOKEN}\""));
        let stage = Stage::with(Script::honest().fault(Role::Token, given)).await;
        stage.enters_code_at(2, Visitor::approve("ada"));
        let offline = "scopes = [\"openid\", \"offline_access\"]\ndevice = { scopes = [\"openid\", \"offline_access\"] }\n";
        let name = stage
            .conforming(&format!("{BY_DEVICE}{offline}{risk}"))
            .await
            .unwrap();
        stage.sign_in_by_device(&name).await.unwrap();
        let asked = stage.idp.requests_to(Role::DeviceAuthorization);
        let scopes = asked[0].field("scope").unwrap().to_owned();
        assert_eq!(scopes.contains("offline_access"), kept, "{scopes}");
        let warned = stage
            .tape
            .shown()
            .iter()
            .any(|text| text.contains("refresh token"));
        assert_eq!(warned, !kept);
        let status = stage.vestibule.status().unwrap();
        assert_eq!(status[0].records[0].renewable, kept);
        if !kept {
            let error = stopped(stage.refresh(&name).await);
            assert_eq!(error.kind(), Kind::LoginRequired, "{error:?}");
            assert_eq!(stage.idp.count(Role::Token), 1);
        }
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_came_by_device_ends_with_the_day() {
    let stage = Stage::honest().await;
    stage.enters_code_at(2, Visitor::approve("ada"));
    let by_browser = stage.play(&Program::honest(&stage.idp)).await.unwrap();
    let before = stage.idp.clock().now();
    let by_device = stage
        .play_by_device(&Program::by_device(&stage.idp))
        .await
        .unwrap();
    let life = by_device.ends_at - before;
    assert!(life <= DEVICE_SESSION_TIME.as_secs() + 60, "{life}");
    assert!(by_device.ends_at < by_browser.ends_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_client_proves_itself_for_the_code_and_for_the_tokens() {
    const SECRET: &str = "marker-of-a-client-secret";
    let stage = Stage::with(Script::honest().client_secret(SECRET)).await;
    stage.enters_code_at(2, Visitor::approve("ada"));
    let secret = stage.client_secret(SECRET);
    let program = Program::by_device(&stage.idp).confidential(&secret);
    stage.play_by_device(&program).await.unwrap();
    for role in [Role::DeviceAuthorization, Role::Token] {
        for seen in stage.idp.requests_to(role) {
            let header = seen.header("authorization").unwrap_or_default();
            assert!(header.starts_with("Basic "), "{role:?}");
        }
    }
    stage.told_nothing();
    stage.sent_nothing_astray();
}
