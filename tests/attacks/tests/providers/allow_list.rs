//! Attack: sign somebody in whom the tenant's policy does not let in: the provider of a permitted tenant returns a token of another one, of
//! another domain, without the strength that was asked for, or vouches for nothing at all.
//! Stopped by: the validated claims are judged before anything is kept, and what came is revoked, host/policy/src/identity.rs, host/app/src/judge.rs

use vestibule_app::{AuditEvent, Outcome};
use vestibule_attacks::Stage;
use vestibule_attacks::verdict::stopped;
use vestibule_core::Blame;
use vestibule_rehearsal::{IdTokenTwist as T, Role, Script, SecretKind};

fn identity(lines: &str) -> String {
    format!("[policy]\nscopes = [\"openid\", \"email\"]\n[policy.identity]\n{lines}\n")
}

/// A sign-in that the policy refuses: nothing is kept, what was issued is dead, and the log says why.
async fn refused(lines: &str, script: Script) {
    let stage = Stage::with(script).await;
    let name = stage.conforming(&identity(lines)).await.unwrap();
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(
        (error.code(), error.blame()),
        ("policy.denied", Blame::Policy),
        "{lines}: {error:?}"
    );
    assert!(error.message().ends_with("(rule: identity)"), "{error:?}");
    stage.kept_nothing();
    let issued = stage.idp.secrets();
    let tokens = |kind| issued.iter().filter(move |secret| secret.kind == kind);
    assert_eq!(tokens(SecretKind::AccessToken).count(), 1, "{lines}");
    for token in tokens(SecretKind::AccessToken).chain(tokens(SecretKind::RefreshToken)) {
        assert!(
            !stage.idp.is_live(&token.value),
            "{lines}: a token is still good"
        );
    }
    let refusal = stage.last(AuditEvent::Refusal);
    let reason = refusal.reason.unwrap();
    assert_eq!(reason.rule.as_deref(), Some("identity"));
    assert!(refusal.subject.is_some(), "the log says who it was");
    let revocation = stage.last(AuditEvent::Revocation);
    assert_eq!(revocation.outcome, Outcome::Done);
}

async fn allowed(lines: &str, script: Script) -> Stage {
    let stage = Stage::with(script).await;
    let name = stage.conforming(&identity(lines)).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    assert_eq!(stage.sealed(), 1, "{lines}");
    stage
}

// proves: POL-01
#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_tenant_is_refused_revoked_and_recorded() {
    let tid = |id| Script::honest().twist(T::Claim("tid", id));
    allowed("claims.tid = [\"blue\", \"green\"]", tid("green")).await;
    refused("claims.tid = [\"blue\", \"green\"]", tid("red")).await;
    refused("claims.tid = [\"blue\"]", Script::honest()).await;
    refused(
        "claims.tid = [\"blue\"]\nclaims.hd = [\"a.example\"]",
        tid("blue"),
    )
    .await;
    allowed("email_domains = [\"rehearsal.example\"]", Script::honest()).await;
    refused("email_domains = [\"corp.example\"]", Script::honest()).await;
    refused(
        "email_domains = [\"rehearsal.example\"]",
        Script::honest().twist(T::Claim("email_verified", "true")),
    )
    .await;
    refused(
        "email_domains = [\"rehearsal.example\"]",
        Script::honest().twist(T::ClaimMissing("email_verified")),
    )
    .await;
}

// proves: POL-01
#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_may_not_vouch_is_asked_for_nothing() {
    let stage = Stage::honest().await;
    let error = stopped(
        stage
            .conforming(&identity("issuers = [\"https://idp.example\"]"))
            .await,
    );
    assert_eq!(
        (error.code(), error.blame()),
        ("policy.denied", Blame::Policy),
        "{error:?}"
    );
    assert!(stage.idp.requests().is_empty());
    let own = format!("issuers = [\"{}\"]", stage.idp.issuer());
    let stage = Stage::honest().await;
    assert!(
        stage.conforming(&identity(&own)).await.is_err(),
        "another port is another issuer"
    );
}

/// A session that began under another list does not go on under this one, and one whose groups have changed ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_shows_another_tenant_ends_the_session() {
    let blue = Script::honest().twist(T::Claim("tid", "blue"));
    let stage = allowed("claims.tid = [\"blue\"]", blue).await;
    let name = vestibule_core::TenantName::parse("corp").unwrap();
    stage.refresh(&name).await.unwrap();
    stage.idp.rescript(
        Script::honest()
            .any_redirect_path()
            .twist(T::Claim("tid", "red")),
    );
    let error = stopped(stage.refresh(&name).await);
    assert_eq!(error.code(), "grant.dead", "{error:?}");
    stage.kept_nothing();
    for secret in stage.idp.secrets() {
        assert!(
            !stage.idp.is_live(&secret.value),
            "{:?} is still good",
            secret.kind
        );
    }
}

// proves: POL-11
#[tokio::test(flavor = "multi_thread")]
async fn a_minimum_assurance_is_requested_and_checked() {
    let lines = "acr = [\"phrh\", \"phr\"]\nmax_age = \"1h\"";
    let stage = allowed(lines, Script::honest()).await;
    let pushed = stage.idp.requests_to(Role::PushedAuthorization);
    assert_eq!(pushed[0].field("acr_values"), Some("phrh phr"));
    assert_eq!(pushed[0].field("max_age"), Some("3600"));
    for twist in [
        T::Claim("acr", "pwd"),
        T::Claim("acr", "PHR"),
        T::Claim("acr", "phr phrh"),
        T::Claim("acr", ""),
        T::ClaimMissing("acr"),
        T::ClaimMissing("auth_time"),
        T::AuthTimeAgo(3600 + 61),
    ] {
        refused(lines, Script::honest().twist(twist)).await;
    }
    // The provider alone says it: what a person or a plugin asks for is no claim.
    refused(
        "acr = [\"phr\"]",
        Script::honest().twist(T::ClaimMissing("acr")),
    )
    .await;
}
