//! Attack: a provider that does not answer, or a byte a second, so that a sign-in never ends.
//! Stopped by: deadlines for the first byte and for the whole exchange, host/broker/src/http.rs

use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::Instant;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_core::limits::{EXCHANGE_TIME, FIRST_BYTE_TIME};
use vestibule_rehearsal::{Fault, Role, Script};

/// Far more than all deadlines of one exchange together, far less than the time of a flow.
const LATE: Duration = Duration::from_secs(120);

async fn given_up(role: Role, fault: Fault) {
    let stage = Stage::honest().await;
    let name = stage
        .approve("stage", &Program::honest(&stage.idp))
        .await
        .unwrap();
    let slow = Script::honest().any_redirect_path();
    stage.idp.rescript(
        slow.fault(role, fault.clone())
            .fault(Role::ServerMetadata, fault.clone()),
    );
    let before = Instant::now();
    let error = stopped(stage.sign_in(&name).await);
    assert!(before.elapsed() < LATE, "{role:?} {fault:?}");
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Network, "net.timeout"),
        "{role:?} {fault:?}"
    );
    stage.kept_nothing();
    stage.told_nothing();
}

#[test]
fn a_provider_that_dawdles_is_left_at_the_deadline_wherever_it_does() {
    assert!(FIRST_BYTE_TIME + EXCHANGE_TIME < LATE);
    // All at once: they wait, and do nothing else.
    thread::scope(|scope| {
        for role in [
            Role::Discovery,
            Role::Jwks,
            Role::PushedAuthorization,
            Role::Token,
        ] {
            for fault in [Fault::Stall, Fault::Trickle(Duration::from_secs(1))] {
                scope.spawn(move || {
                    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
                    runtime.block_on(given_up(role, fault));
                });
            }
        }
    });
}
