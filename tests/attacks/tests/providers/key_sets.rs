//! Attack: tokens with ever new key names, a key set without end, or none any more, so that the host asks for ever or believes for ever.
//! Stopped by: one fetch a cool-down for all processes, caps on the set, and a greatest age, host/broker/src/keys.rs

use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use vestibule_attacks::Stage;
use vestibule_attacks::stage::conforming_file;
use vestibule_attacks::verdict::{stopped, unusable};
use vestibule_core::TenantName;
use vestibule_core::limits::{JWKS_BYTES, JWKS_COOL_DOWN, JWKS_MAX_AGE};
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Fault, GrantTwist, IdTokenTwist, JwksTwist, Role, Script};

/// A provider whose refresh tokens stay good, so that a thousand refreshes are a matter of one session.
fn unrotated() -> Script {
    Script::honest()
        .any_redirect_path()
        .twist(GrantTwist::NoRotation)
}

const KEEPS: &str = "policy = { allow_unrotated_refresh_token = true }";

/// How many tokens. Each of them costs a flow through the sandbox.
const TOKENS: usize = 1_000;

/// In how many tasks they are presented.
const AT_ONCE: usize = 8;

/// Refreshes so often, as another process would: with all its state on disk.
fn present(stage: &Stage, name: &TenantName, times: usize) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for _ in 0..times {
            let error = stopped(stage.refresh(name).await);
            assert_eq!(error.code(), "id_token.key");
        }
    });
}

// proves: JWK-01
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_tokens_with_unknown_keys_cause_one_fetch_a_minute() {
    let stage = Stage::with(unrotated()).await;
    let clock = stage.idp.clock();
    // As many tenants of the one issuer as there are tasks: they do not wait for each other's locks.
    let first = stage.conforming(KEEPS).await.unwrap();
    stage.sign_in(&first).await.unwrap();
    let mut names = vec![first];
    for number in 1..AT_ONCE {
        let file = conforming_file(&stage.idp, KEEPS);
        let name = stage
            .approve_file(&format!("corp-{number}"), &file)
            .await
            .unwrap();
        stage.sign_in(&name).await.unwrap();
        names.push(name);
    }
    assert_eq!(stage.idp.count(Role::Jwks), 1, "the set is shared");

    stage
        .idp
        .rescript(unrotated().clock(&clock).twist(IdTokenTwist::KidUnknown));
    // All of them with the first keys still cooling down; then all at the moment in which one may ask again.
    for fetches in [1, 2] {
        tokio::task::block_in_place(|| {
            thread::scope(|scope| {
                for name in &names {
                    scope.spawn(|| present(&stage, name, TOKENS / AT_ONCE / 2));
                }
            });
        });
        assert_eq!(stage.idp.count(Role::Jwks), fetches);
        clock.advance(JWKS_COOL_DOWN + Duration::from_secs(1));
    }
    // Nothing of it harms the session.
    stage.idp.rescript(unrotated().clock(&clock));
    let _ = stage.refresh(&names[0]).await.unwrap();
}

// proves: JWK-04
#[tokio::test(flavor = "multi_thread")]
async fn a_set_without_end_is_cut_off() {
    for (what, script) in [
        ("100,000 keys", Script::honest().twist(JwksTwist::Huge)),
        (
            "no end",
            Script::honest().fault(Role::Jwks, Fault::EndlessBody),
        ),
        ("10 MB", Script::honest().fault(Role::Jwks, Fault::LongBody)),
        (
            "a bomb",
            Script::honest().fault(Role::Jwks, Fault::GzipBomb),
        ),
        (
            "a padded one",
            Script::honest().fault(
                Role::Jwks,
                Fault::Member("padding", format!("\"{}\"", "x".repeat(JWKS_BYTES))),
            ),
        ),
    ] {
        let stage = Stage::with(script).await;
        let name = stage.conforming("").await.unwrap();
        let error = unusable(stage.sign_in(&name).await);
        let expected = match what {
            "a bomb" => "http.compressed",
            "a padded one" => "jwks.size",
            _ => "http.too_long",
        };
        assert_eq!(error.code(), expected, "{what}");
        stage.kept_nothing();
    }
}

/// What the program has in use at an honest sign-in, and as much again for a busy allocator.
const FLAT: u64 = 96 << 20;

// proves: JWK-04
#[test]
fn a_giant_set_leaves_the_memory_flat() {
    for script in [
        Script::honest().twist(JwksTwist::Huge),
        Script::honest().fault(Role::Jwks, Fault::EndlessBody),
    ] {
        let idp = Practice::openid(script);
        let machine = Machine::new("/does/not/exist");
        machine.install("oidc");
        machine.tenant("corp", &conforming_file(&idp, ""));
        let login = machine.start(&["login", "corp", "--no-browser", "--json"]);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let url = login.address();
        let visiting = std::thread::spawn(move || {
            let visitor = vestibule_rehearsal::Visitor::approve("ada");
            runtime.block_on(visitor.visit(&url)).map(drop)
        });
        let (outcome, peak) = login.finish_watching_memory();
        visiting.join().unwrap().unwrap();
        outcome.failed("http.too_long", "provider", 7);
        assert!(peak > 1 << 20, "it was not looked at");
        assert!(peak < FLAT, "{} MiB", peak >> 20);
    }
}

// proves: JWK-04
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_be_fetched_any_more_serve_until_they_are_a_day_old() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let failing = || {
        Script::honest()
            .any_redirect_path()
            .fault(Role::Jwks, Fault::Status(500))
    };
    let clock = stage.idp.clock();
    stage.idp.rescript(failing().clock(&clock));
    let step = JWKS_MAX_AGE / 4;
    for _ in 0..3 {
        clock.advance(step);
        let _ = stage.refresh(&name).await.unwrap();
    }
    // A key that is not in the set is no reason to give the set up, nor to believe the token.
    stage
        .idp
        .rescript(failing().clock(&clock).twist(IdTokenTwist::ForeignKey));
    assert_eq!(
        unusable(stage.refresh(&name).await).code(),
        "id_token.signature"
    );
    stage.idp.rescript(failing().clock(&clock));
    clock.advance(step);
    let error = unusable(stage.sign_in(&name).await);
    assert_eq!(error.code(), "jwks.status");
}
