//! Attack: the head of an answer carries what a parser on the way reads differently, or words for the plugin: folded, doubled, split.
//! Stopped by: malformed and doubled headers end the exchange, and none of the others reaches a plugin, host/broker/src/http/reply.rs

use vestibule_attacks::puppet::{API, call, reference, userinfo};
use vestibule_attacks::verdict::unusable;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{Fault, Role, Script};

const WORDS: &str = "hello-plugin";

fn program(stage: &Stage) -> Program {
    let steps = vec![
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
    ];
    Program::honest(&stage.idp).after_tokens(steps)
}

const ROLES: [Role; 5] = [
    Role::PushedAuthorization,
    Role::Jwks,
    Role::Token,
    Role::UserInfo,
    Role::Api,
];

// proves: NET-11
#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_folded_or_doubled_header_ends_the_exchange() {
    let line = |text: &str| Fault::HeadLine(text.to_owned());
    for role in ROLES {
        for (fault, codes) in [
            (Fault::FoldedHeader, &["http.malformed"][..]),
            (line(" starts-with-a-blank: x"), &["http.malformed"]),
            (line("Date: one\r\n\ttwo"), &["http.malformed"]),
            (line("no colon in it"), &["http.malformed"]),
            (line("blank before : x"), &["http.malformed"]),
            (line("X-Nul: a\0b"), &["http.malformed"]),
            (line(": no name"), &["http.malformed"]),
            (Fault::TwoLengths, &["http.ambiguous", "http.malformed"]),
            (
                line("Content-Length: 2, 2"),
                &["http.ambiguous", "http.malformed"],
            ),
            (
                line("Transfer-Encoding: chunked"),
                &["http.ambiguous", "http.malformed", "http.broken"],
            ),
            (line("Content-Type: text/html"), &["http.ambiguous"]),
            (
                line("Content-Encoding: identity\r\nContent-Encoding: gzip"),
                &["http.ambiguous"],
            ),
            (line("Location: /a\r\nLocation: /b"), &["http.ambiguous"]),
        ] {
            let what = format!("{role:?} {fault:?}");
            let stage = Stage::with(Script::honest().fault(role, fault)).await;
            let ended = stage.play(&program(&stage)).await;
            assert!(ended.is_err(), "{what}");
            let error = unusable(ended);
            assert_eq!(error.blame(), Blame::Provider, "{what}: {error:?}");
            assert!(codes.contains(&error.code()), "{what}: {error:?}");
            stage.kept_nothing();
            stage.told_nothing();
        }
    }
}

// proves: NET-11
#[tokio::test(flavor = "multi_thread")]
async fn no_header_of_an_answer_reaches_a_plugin() {
    for role in ROLES {
        for fault in [
            Fault::EchoInHeaders,
            Fault::SetCookie,
            Fault::HeadLine(format!(
                "Set-Cookie: {WORDS}=1\r\nAuthorization: Bearer {WORDS}\r\nX-Words: {WORDS}\r\nDate: {WORDS}\r\n\
                 WWW-Authenticate: Bearer error=\"{WORDS}\"\r\nRetry-After: {WORDS}\r\nDPoP-Nonce: {WORDS}\r\nCache-Control: {WORDS}"
            )),
            // A second answer in the head of the first (response splitting).
            Fault::HeadLine(format!(
                "X-Split: a\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{{\"access_token\":\"{WORDS}\"}}"
            )),
        ] {
            let stage = Stage::with(Script::honest().fault(role, fault.clone())).await;
            let ended = stage.play(&program(&stage)).await;
            let told = stage.tape.entered().concat();
            assert!(
                !told.contains(WORDS) && !told.contains("rehearsal=crumb"),
                "{role:?} {fault:?}: {told}"
            );
            stage.told_nothing();
            if let Err(error) = ended {
                assert!(
                    matches!(error.blame(), Blame::Provider | Blame::Network),
                    "{error:?}"
                );
                stage.kept_nothing();
            }
        }
    }
}
