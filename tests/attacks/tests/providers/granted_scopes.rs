//! Attack: the provider grants other scopes than were asked for, and nobody notices; or a refresh asks for more than was granted.
//! Stopped by: the reply's scopes are what is kept and told, and what a refresh may ask for, host/app/src/granted.rs

use serde_json::json;
use vestibule_app::AuditEvent;
use vestibule_attacks::puppet::{discover, finish, grant, reference};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};
use vestibule_core::TenantName;
use vestibule_rehearsal::{GrantTwist, Role, ScopeTwist as S, Script};

/// What the honest plugin asks for.
const ASKED: [&str; 3] = ["openid", "profile", "offline_access"];

fn kept(stage: &Stage, name: &TenantName) -> Vec<String> {
    let tenants = stage.vestibule.status().unwrap();
    let tenant = tenants
        .into_iter()
        .find(|tenant| tenant.tenant == *name)
        .unwrap();
    assert_eq!(tenant.records.len(), 1);
    let scopes = &tenant.records[0].facts.scopes;
    scopes
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect()
}

/// What the last record of this event says was asked for, and was granted.
fn recorded(stage: &Stage, event: AuditEvent) -> (Vec<String>, Vec<String>) {
    let entry = stage.last(event);
    (entry.scopes_asked.unwrap(), entry.scopes_granted.unwrap())
}

fn said_as_text(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

// proves: TOK-05
#[tokio::test(flavor = "multi_thread")]
async fn what_was_granted_is_kept_and_a_difference_is_told() {
    for (twist, granted, told) in [
        (None, ASKED.to_vec(), None),
        (Some(S::Missing), ASKED.to_vec(), None),
        (Some(S::Null), ASKED.to_vec(), None),
        (
            Some(S::Narrower),
            vec!["openid"],
            Some("the provider did not grant: profile offline_access"),
        ),
        (
            Some(S::Wider),
            [&ASKED[..], &["admin"]].concat(),
            Some("the provider granted more than was asked for: admin"),
        ),
    ] {
        let script = twist.map_or(Script::honest(), |twist| {
            Script::honest().twist(GrantTwist::Scope(twist))
        });
        let stage = Stage::with(script).await;
        let name = stage
            .approve("stage", &Program::honest(&stage.idp))
            .await
            .unwrap();
        let signed_in = stage.sign_in(&name).await.unwrap();
        let said: Vec<&str> = signed_in
            .scopes
            .iter()
            .map(|scope| scope.as_str())
            .collect();
        assert_eq!(said, granted, "{twist:?}");
        assert_eq!(kept(&stage, &name), granted, "{twist:?}");
        let (asked, recorded) = recorded(&stage, AuditEvent::Issuance);
        assert_eq!(
            (asked, recorded),
            (ASKED.map(str::to_owned).to_vec(), said_as_text(&granted)),
            "{twist:?}"
        );
        let warned: Vec<String> = stage
            .tape
            .shown()
            .into_iter()
            .filter(|text| text.starts_with("the provider "))
            .collect();
        assert_eq!(warned, told.into_iter().collect::<Vec<_>>(), "{twist:?}");
    }
}

// proves: TOK-05
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_asks_for_no_more_than_was_granted() {
    let narrower = || Script::honest().twist(GrantTwist::Scope(S::Narrower));
    // The conforming plugin does not.
    let stage = Stage::with(narrower()).await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    let requests = stage.idp.requests_to(Role::Token);
    let asked = requests[1].field("scope").unwrap_or("openid");
    assert_eq!(asked, "openid");
    assert_eq!(kept(&stage, &name), ["openid"]);

    // A plugin that does is refused.
    for more in ["profile", "admin"] {
        let stage = Stage::with(narrower()).await;
        let mut asking = grant(json!({"RefreshToken": reference("refresh_token")}), vec![]);
        asking["Request"]["exchange"]["Grant"]["scopes"] = json!(["openid", more]);
        let steps = vec![
            discover(),
            asking,
            finish(&["access_token", "refresh_token"]),
        ];
        let program = Program::honest(&stage.idp).steps("refresh", steps);
        let name = stage.approve("stage", &program).await.unwrap();
        stage.sign_in(&name).await.unwrap();
        let _ = caught(stage.refresh(&name).await);
        assert_eq!(stage.idp.count(Role::Token), 1, "{more}");
        assert_eq!(kept(&stage, &name), ["openid"]);
    }
}

// proves: TOK-05
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_brings_other_scopes_is_kept_and_told() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let before = kept(&stage, &name);
    // What was granted before is what a refresh asks for.
    let mut asked = before.clone();
    for (twist, granted) in [
        (
            S::Wider,
            [before.clone(), vec!["admin".to_owned()]].concat(),
        ),
        (S::Narrower, vec!["openid".to_owned()]),
    ] {
        let script = Script::honest().any_redirect_path();
        stage.idp.rescript(script.twist(GrantTwist::Scope(twist)));
        let told = stage.tape.shown().len();
        let _ = stage.refresh(&name).await.unwrap();
        assert_eq!(kept(&stage, &name), granted, "{twist:?}");
        assert_eq!(
            recorded(&stage, AuditEvent::Refresh),
            (asked, granted.clone()),
            "{twist:?}"
        );
        asked = granted;
        assert!(
            stage.tape.shown()[told..]
                .iter()
                .any(|text| text.starts_with("the provider ")),
            "{twist:?}"
        );
    }
}
