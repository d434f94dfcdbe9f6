//! Attack: a provider grants ten years, so that whoever gets at what is stored has ten years.
//! Stopped by: the tenant's own limits on session, idle and token lifetime, whose end is also the provider's, host/policy/src/lifetime.rs,
//! host/app/src/{retire,last_use}.rs

use std::time::Duration;

use vestibule_app::{AuditEvent, TokenQuery};
use vestibule_attacks::Stage;
use vestibule_attacks::verdict::stopped;
use vestibule_core::{Kind, TenantName};
use vestibule_rehearsal::{ExpiresInTwist, GrantTwist, Script, SecretKind};

const HOUR: Duration = Duration::from_secs(3600);

/// A provider whose tokens live for ten years, and a tenant with these limits that has signed in.
async fn generous(limits: &str) -> (Stage, TenantName) {
    let years = Duration::from_secs(10 * 365 * 86_400);
    let script = Script::honest()
        .access_ttl(years)
        .refresh_ttl(years)
        .twist(GrantTwist::ExpiresIn(ExpiresInTwist::Eternal));
    let stage = Stage::with(script).await;
    let name = stage
        .conforming(&format!("[policy]\n{limits}\n"))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    (stage, name)
}

fn query() -> TokenQuery {
    TokenQuery::default()
}

/// The sign-in has ended with this code: nobody gets a token, nothing is kept, and the provider was told.
async fn ended(stage: &Stage, name: &TenantName, code: &str) {
    let error = stopped(stage.vestibule.token(name, &query()).await);
    assert_eq!(
        (error.code(), error.kind()),
        (code, Kind::LoginRequired),
        "{error:?}"
    );
    assert_eq!(stage.sealed(), 0);
    let issued = stage.idp.secrets();
    let tokens = issued.iter().filter(|secret| {
        matches!(
            secret.kind,
            SecretKind::AccessToken | SecretKind::RefreshToken
        )
    });
    for token in tokens {
        assert!(
            !stage.idp.is_live(&token.value),
            "{:?} is still good",
            token.kind
        );
    }
    let revocation = stage.last(AuditEvent::Revocation);
    assert_eq!(revocation.tenant.as_deref(), Some(name.as_str()));
    // It stays so, and says what to do.
    let error = stopped(stage.vestibule.token(name, &query()).await);
    assert_eq!(error.code(), "grant.missing");
}

// proves: POL-03
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_policy_and_its_tokens_are_revoked() {
    let (stage, name) = generous("max_session = \"8h\"").await;
    stage.idp.clock().advance(7 * HOUR);
    stage.vestibule.token(&name, &query()).await.unwrap();
    stage.idp.clock().advance(HOUR);
    ended(&stage, &name, "grant.over").await;
}

// proves: POL-03
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_lies_unused_ends_and_its_tokens_are_revoked() {
    let (stage, name) = generous("max_idle = \"1h\"").await;
    for _ in 0..3 {
        stage.idp.clock().advance(HOUR * 9 / 10);
        stage.vestibule.token(&name, &query()).await.unwrap();
    }
    stage.idp.clock().advance(HOUR + Duration::from_secs(1));
    ended(&stage, &name, "grant.idle").await;
}

// proves: POL-03
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_when_the_policy_says_so() {
    let (stage, name) = generous("max_token = \"10m\"").await;
    let token = |released: &vestibule_app::broker::release::Released| {
        let mut channel = Vec::new();
        released.write_part("access_token", &mut channel).unwrap();
        channel
    };
    let first = token(&stage.vestibule.token(&name, &query()).await.unwrap());
    assert_eq!(
        first,
        token(&stage.vestibule.token(&name, &query()).await.unwrap())
    );
    stage.idp.clock().advance(Duration::from_secs(600));
    let second = token(&stage.vestibule.token(&name, &query()).await.unwrap());
    assert_ne!(first, second, "ten years are not believed");
}
