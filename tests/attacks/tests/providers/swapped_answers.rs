//! Attack: while somebody signs in at two providers at once, each provider's answer is delivered to the other sign-in.
//! Stopped by: a state, a port and a path for each sign-in, and `iss`, host/broker/src/loopback/attempt.rs

use vestibule_attacks::handed::{parameter, with_parameter};
use vestibule_attacks::stage::conforming_file;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Handed, Handing, Stage};
use vestibule_core::{Blame, TenantName};
use vestibule_rehearsal::{Par, Rehearsal, Role, Script, Visitor};

/// One machine with two tenants, at providers that do not push requests, so that the addresses can be exchanged.
struct Two {
    stage: Stage,
    other: Rehearsal,
    names: [TenantName; 2],
    handed: Handed,
}

impl Two {
    async fn new() -> Self {
        let script = || Script::honest().par(Par::Absent);
        let (browser, handed) = Handing::over();
        let stage = Stage::seated(script(), browser).await;
        let other = Rehearsal::start(script().any_redirect_path())
            .await
            .unwrap();
        let first = stage.conforming("").await.unwrap();
        let file = conforming_file(&other, "");
        let second = stage.approve_file("other", &file).await.unwrap();
        Self {
            stage,
            other,
            names: [first, second],
            handed,
        }
    }

    /// The two addresses that are open now: of the first tenant, of the other one.
    async fn addresses(handed: &mut Handed, first: &str) -> [String; 2] {
        let (one, two) = (handed.next().await, handed.next().await);
        if one.starts_with(first) {
            [one, two]
        } else {
            [two, one]
        }
    }

    /// Each provider has redeemed its own codes and has seen none of the other's.
    fn each_redeemed_its_own(&self, times: u64) {
        for (idp, other) in [
            (&self.stage.idp, &self.other),
            (&self.other, &self.stage.idp),
        ] {
            assert_eq!(idp.count(Role::Token), times);
            for secret in other.secrets() {
                for seen in idp.requests() {
                    let said = format!("{} {}", seen.target, String::from_utf8_lossy(&seen.body));
                    assert!(!said.contains(&secret.value), "{:?}", secret.kind);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_at_the_wrong_address_change_nothing() {
    let mut two = Two::new().await;
    let Two {
        stage,
        names,
        handed,
        ..
    } = &mut two;
    let [first, second] = tokio::join!(stage.sign_in(&names[0]), stage.sign_in(&names[1]), async {
        let [a, b] = Two::addresses(handed, &stage.idp.issuer()).await;
        for (url, elsewhere) in [(&a, &b), (&b, &a)] {
            let astray = with_parameter(url, "redirect_uri", &parameter(elsewhere, "redirect_uri"));
            let visit = Visitor::approve("grace").visit(&astray).await.unwrap();
            assert_eq!(visit.status, 400, "{visit:?}");
        }
        for url in [a, b] {
            Visitor::approve("ada").visit(&url).await.unwrap();
        }
    })
    .into_pair();
    first.unwrap();
    second.unwrap();
    two.each_redeemed_its_own(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_the_right_state_of_the_wrong_provider_ends_the_attempt() {
    let mut two = Two::new().await;
    let Two {
        stage,
        names,
        handed,
        other,
    } = &mut two;
    let [first, second] = tokio::join!(stage.sign_in(&names[0]), stage.sign_in(&names[1]), async {
        let [a, b] = Two::addresses(handed, &stage.idp.issuer()).await;
        // What the first provider sees of a mix-up: everything of the other one's request.
        let mut mixed = a.clone();
        for name in ["redirect_uri", "state"] {
            mixed = with_parameter(&mixed, name, &parameter(&b, name));
        }
        Visitor::approve("ada").visit(&mixed).await.unwrap();
        Visitor::approve("ada").visit(&a).await.unwrap();
    })
    .into_pair();
    first.unwrap();
    let error = stopped(second);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Provider, "authorization_response.issuer")
    );
    assert_eq!(
        (stage.idp.count(Role::Token), other.count(Role::Token)),
        (1, 0)
    );
    assert_eq!(stage.sealed(), 1);
}

/// Both outcomes of two sign-ins that ran beside a third party.
trait IntoPair<T> {
    fn into_pair(self) -> [T; 2];
}

impl<T> IntoPair<T> for (T, T, ()) {
    fn into_pair(self) -> [T; 2] {
        [self.0, self.1]
    }
}
