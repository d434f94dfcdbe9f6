//! Attack: an answer that is no answer, at each endpoint in turn: without end, of a false length, a bomb, too deep, cut short, dropped.
//! Stopped by: hard limits on everything that is read, and a strict parser, host/broker/src/http/reply.rs

use vestibule_attacks::puppet::{API, call, reference, userinfo};
use vestibule_attacks::verdict::unusable;
use vestibule_attacks::{Program, Stage};
use vestibule_core::TenantName;
use vestibule_rehearsal::{Fault, Role, Script};

/// What is wrong on the level of HTTP, and by which names that may be called.
fn of_http() -> Vec<(Fault, &'static [&'static str])> {
    use Fault as F;
    vec![
        (F::EndlessBody, &["http.too_long"]),
        (F::FalseLength, &["http.broken"]),
        (F::LongBody, &["http.too_long"]),
        (F::ManyHeaders, &["http.headers"]),
        (F::HugeHeader, &["http.headers"]),
        (F::TwoLengths, &["http.ambiguous", "http.malformed"]),
        (F::FoldedHeader, &["http.malformed"]),
        (F::GzipBomb, &["http.compressed"]),
        (F::Drop, &["net.lost"]),
    ]
}

/// What is wrong in the body.
fn of_json() -> Vec<Fault> {
    use Fault as F;
    vec![
        F::DeepJson,
        F::HugeString,
        F::NulInJson,
        F::LoneSurrogate,
        F::TruncatedJson,
        F::Member("again", "1}{".to_owned()),
        F::Member("again", "1,\"again\":2".to_owned()),
        F::Member("again", "\"\u{1}\"".to_owned()),
        F::Member("again", "1e999".to_owned()),
        F::Member("again", "00".to_owned()),
    ]
}

/// Where an answer is waited for in every sign-in of this plugin.
const ROLES: [Role; 6] = [
    Role::Discovery,
    Role::Jwks,
    Role::PushedAuthorization,
    Role::Token,
    Role::UserInfo,
    Role::Api,
];

/// A machine with a plugin that uses every endpoint of [`ROLES`].
async fn ready() -> (Stage, TenantName) {
    let stage = Stage::honest().await;
    let steps = vec![
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
    ];
    let program = Program::honest(&stage.idp)
        .after_tokens(steps)
        .reads(API, &[("/again", ".*")])
        .reads("userinfo", &[("/again", ".*")]);
    let name = stage.approve("stage", &program).await.unwrap();
    (stage, name)
}

/// Breaks one endpoint, signs in, mends it, and signs in.
async fn ends_cleanly(stage: Stage, name: TenantName, role: Role, fault: Fault, codes: &[&str]) {
    let what = format!("{role:?} {fault:?}");
    let before = stage.idp.count(role);
    let broken = Script::honest().any_redirect_path();
    // Metadata is where it is found first.
    stage.idp.rescript(if role == Role::Discovery {
        broken
            .fault(Role::Discovery, fault.clone())
            .fault(Role::ServerMetadata, fault)
    } else {
        broken.fault(role, fault)
    });
    let ended = stage.sign_in(&name).await;
    assert!(ended.is_err(), "{what}");
    let error = unusable(ended);
    assert!(
        codes.is_empty() || codes.contains(&error.code()),
        "{what}: {error:?}"
    );
    assert!(error.message().len() < 1_000, "{what}: {error:?}");
    assert!(
        !error.message().chars().any(char::is_control),
        "{what}: {error:?}"
    );
    assert_eq!(
        stage.idp.count(role) - before,
        1,
        "{what}: it was sent again"
    );
    stage.kept_nothing();
    stage.told_nothing();
    stage.idp.rescript(Script::honest().any_redirect_path());
    stage.sign_in(&name).await.unwrap();
    assert_eq!(stage.sealed(), 1, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_http_by_the_book_ends_the_sign_in_cleanly() {
    for role in ROLES {
        for (fault, codes) in of_http() {
            let (stage, name) = ready().await;
            ends_cleanly(stage, name, role, fault, codes).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_json_by_the_book_ends_the_sign_in_cleanly() {
    for role in ROLES {
        for fault in of_json() {
            // A NUL in a text that nobody reads is legal.
            if (role, &fault) == (Role::Api, &Fault::NulInJson) {
                continue;
            }
            let (stage, name) = ready().await;
            ends_cleanly(stage, name, role, fault, &[]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_and_pages_in_place_of_an_answer_end_the_sign_in_cleanly() {
    use Fault as F;
    for role in [Role::Jwks, Role::PushedAuthorization, Role::Token] {
        for fault in [
            F::Status(500),
            F::Status(204),
            F::Status(404),
            F::Unavailable { retry_after: 1 },
            F::EmptyError,
            F::ErrorObject,
            F::HtmlError,
            F::TerminalEscapes,
            F::ErrorInOk,
        ] {
            let stage = Stage::honest().await;
            let name = stage.conforming("").await.unwrap();
            ends_cleanly(stage, name, role, fault, &[]).await;
        }
    }
}
