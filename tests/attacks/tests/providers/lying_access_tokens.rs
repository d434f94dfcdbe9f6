//! Attack: an access token that can be read says something else than the reply: another person, more scopes, long expired.
//! Stopped by: access tokens are opaque; nothing is decided by what one says, host/broker/src/token.rs

use vestibule_app::{TokenQuery, Vestibule};
use vestibule_attacks::Stage;
use vestibule_core::TenantName;
use vestibule_rehearsal::{GrantTwist, Role, Script};

/// All that can be seen of a session from its beginning to its end, but for what is random.
#[derive(Debug, PartialEq)]
struct Life {
    signed_in: String,
    status: String,
    told: Vec<String>,
    shown: Vec<String>,
    requests: Vec<(Role, Option<u16>)>,
    length: [u64; 2],
}

async fn life(script: Script) -> (Life, Stage) {
    let stage = Stage::with(script).await;
    let name = stage.conforming("").await.unwrap();
    let signed_in = stage.sign_in(&name).await.unwrap();
    let from = stage.idp.clock().now();
    let status = status(&stage.vestibule, &name);
    let held = stage
        .vestibule
        .token(&name, &TokenQuery::default())
        .await
        .unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    let out = stage.vestibule.sign_out(&name, None).await.unwrap();
    assert!(out.unconfirmed.is_empty());
    let life = Life {
        signed_in: format!(
            "{:?} {:?} {:?} {:?}",
            signed_in.account, signed_in.method, signed_in.scopes, signed_in.already
        ),
        status,
        told: stage
            .tape
            .entered()
            .iter()
            .map(|text| without_digits(text))
            .collect(),
        shown: stage
            .tape
            .shown()
            .iter()
            .map(|text| without_digits(text))
            .collect(),
        requests: stage
            .idp
            .requests()
            .into_iter()
            .map(|seen| (seen.role, seen.answered))
            .collect(),
        // Rounded: some seconds may pass between the one and the other.
        length: [held.expires_at(), signed_in.expires_at].map(|end| (end + 5 - from) / 10),
    };
    (life, stage)
}

fn status(vestibule: &Vestibule, name: &TenantName) -> String {
    let tenants = vestibule.status().unwrap();
    let tenant = tenants
        .into_iter()
        .find(|tenant| tenant.tenant == *name)
        .unwrap();
    let records = tenant.records.iter().map(|record| {
        format!(
            "{} {:?} {:?}",
            record.subject, record.facts.account, record.facts.scopes
        )
    });
    records.collect()
}

/// References, ports and times differ from run to run.
fn without_digits(text: &str) -> String {
    let mut pieces = text.split("ref:");
    let first = pieces.next().unwrap_or_default().to_owned();
    let joined = pieces.fold(first, |text, piece| {
        text + "ref:" + piece.trim_start_matches(|digit: char| digit.is_ascii_hexdigit())
    });
    joined
        .chars()
        .filter(|character| !character.is_ascii_digit())
        .collect()
}

// proves: TOK-04
#[tokio::test(flavor = "multi_thread")]
async fn what_an_access_token_says_changes_nothing() {
    let (random, _stage) = life(Script::honest()).await;
    let (lying, stage) = life(Script::honest().twist(GrantTwist::LyingJwtAccessToken)).await;
    assert_eq!(lying, random);
    assert_eq!(
        lying.told.len(),
        11,
        "sign-in, refresh and the end: {:#?}",
        lying.told
    );
    let sent = stage.idp.requests_to(Role::Revocation);
    assert!(sent.iter().any(|seen| {
        seen.field("token")
            .is_some_and(|token| token.starts_with("eyJ"))
    }));
    stage.told_nothing();
}
