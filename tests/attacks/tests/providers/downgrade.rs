//! Attack: between two sign-ins a protection disappears from the metadata, so that the next one is done with less.
//! Stopped by: what an issuer once offered is remembered; a change needs a new approval, host/broker/src/discovery/remembered.rs

use std::time::Duration;

use tokio::runtime::Builder;
use vestibule_app::AuditEvent;
use vestibule_attacks::stage::conforming_file;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_core::limits::METADATA_MAX_AGE;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Clock, Fault, MetadataTwist, Par, Role, Script, Visitor};

/// The next sign-in asks for the metadata again.
fn an_hour_later(clock: &Clock) {
    clock.advance(METADATA_MAX_AGE + Duration::from_secs(1));
}

/// Every protection that can be taken back, a provider that has it, and the same without it.
fn weakened() -> [(&'static str, Script, Script); 5] {
    let script = || Script::honest().any_redirect_path();
    let says = |member: &'static str, value: &str| {
        let fault = || Fault::Member(member, value.to_owned());
        script()
            .fault(Role::Discovery, fault())
            .fault(Role::ServerMetadata, fault())
    };
    const METHODS: &str = "code_challenge_methods_supported";
    [
        (
            "RFC 9207",
            script(),
            script().twist(MetadataTwist::IssNotAdvertised),
        ),
        ("RFC 9126", script(), script().par(Par::Absent)),
        (
            "S256",
            script(),
            script().twist(MetadataTwist::MemberMissing(METHODS)),
        ),
        ("S256", script(), says(METHODS, "[\"plain\"]")),
        (
            "RFC 9449",
            says("dpop_signing_alg_values_supported", "[\"ES256\"]"),
            script(),
        ),
    ]
}

// proves: DISC-07
#[tokio::test(flavor = "multi_thread")]
async fn a_protection_that_disappears_ends_the_next_sign_in() {
    for (what, protected, script) in weakened() {
        let stage = Stage::with(protected.clone()).await;
        let clock = stage.idp.clock();
        let name = stage
            .approve("stage", &Program::honest(&stage.idp))
            .await
            .unwrap();
        stage.sign_in(&name).await.unwrap();
        stage.idp.rescript(script.clock(&clock));
        an_hour_later(&clock);
        // However often it is tried, nothing of the weaker sort is remembered.
        for _ in 0..2 {
            let error = stopped(stage.sign_in(&name).await);
            assert_eq!(
                (error.blame(), error.code()),
                (Blame::Provider, "discovery.downgrade"),
                "{what}"
            );
            assert!(error.message().contains(what), "{error:?}");
            assert!(
                error
                    .next_step()
                    .is_some_and(|hint| hint.contains("tenant approve"))
            );
            let refused = stage.last(AuditEvent::Refusal);
            assert_eq!(refused.issuer, Some(stage.idp.issuer()), "{what}");
            assert_eq!(refused.reason.unwrap().code, "discovery.downgrade");
        }
        assert_eq!(stage.idp.count(Role::Token), 1, "{what}");
        assert_eq!(stage.tape.browsers(), 1, "{what}");
        // What is there stays good: a refresh needs none of the three.
        assert_eq!(stage.sealed(), 1);
        // The same protection, back again.
        stage
            .idp
            .rescript(protected.any_redirect_path().clock(&clock));
        stage.sign_in(&name).await.unwrap();
    }
}

// proves: DISC-07
#[tokio::test(flavor = "multi_thread")]
async fn a_protection_that_is_given_up_on_purpose_takes_a_new_approval() {
    for (what, protected, script) in weakened() {
        let stage = Stage::with(protected.clone()).await;
        let clock = stage.idp.clock();
        let name = stage
            .approve("stage", &Program::honest(&stage.idp))
            .await
            .unwrap();
        stage.sign_in(&name).await.unwrap();
        stage.idp.rescript(script.clock(&clock));
        an_hour_later(&clock);
        assert_eq!(
            stopped(stage.sign_in(&name).await).code(),
            "discovery.downgrade"
        );
        // Looking at what would be approved is not approving it.
        let proposal = stage.vestibule.propose(&name).await.unwrap();
        assert_eq!(
            stopped(stage.sign_in(&name).await).code(),
            "discovery.downgrade"
        );
        stage.vestibule.approve(&proposal).unwrap();
        let change = stage.last(AuditEvent::Policy).change.unwrap();
        let given_up = change.given_up.unwrap_or_default();
        assert!(
            given_up.len() == 1 && given_up[0].contains(what),
            "{what}: {given_up:?}"
        );
        stage
            .sign_in(&name)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error:?}"));
    }
}

#[test]
fn the_person_reads_what_is_given_up_before_it_is() {
    let idp = Practice::openid(Script::honest());
    let machine = Machine::new("/does/not/exist");
    machine.install("oidc");
    machine.tenant("corp", &conforming_file(&idp, ""));
    let login = machine.start(&["login", "corp", "--no-browser"]);
    let address = login.address();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(Visitor::approve("ada").visit(&address))
        .unwrap();
    let _ = login.finish().succeeded();

    let weaker = Script::honest().any_redirect_path();
    idp.rescript(weaker.twist(MetadataTwist::IssNotAdvertised));
    let approve = ["tenant", "approve", "corp"];
    // Without a terminal the answer is no.
    for _ in 0..2 {
        let outcome = machine.run(&approve);
        assert_eq!(outcome.code, Some(3), "{outcome}");
        assert!(
            outcome.stderr.contains("has taken back") && outcome.stderr.contains("RFC 9207"),
            "{outcome}"
        );
    }
    let _ = machine
        .run(&["tenant", "approve", "corp", "--yes"])
        .succeeded();
    let outcome = machine.run(&approve).succeeded();
    assert!(outcome.stderr.contains("approved as it is"), "{outcome}");
}
