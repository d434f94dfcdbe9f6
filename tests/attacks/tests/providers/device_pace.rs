//! Attack: a provider, or who sits before it, sets the pace at which a device asks: too fast, ever slower, not at all, without end.
//! Stopped by: waits by a steady clock that never shrink, and the host's own end, host/broker/src/device/pace.rs

use std::sync::Arc;
use std::sync::atomic::Ordering;

use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_core::limits::DEVICE_TIME;
use vestibule_rehearsal::{DeviceTwist, Fault, Role, Script, Visitor};

fn refusal(code: &str) -> Fault {
    Fault::Refusal {
        error: code.to_owned(),
        description: String::new(),
    }
}

/// Times between the questions, the first counted from the device code.
fn waits(stage: &Stage) -> Vec<u64> {
    let asked = stage.tape.asked("token");
    let before = stage
        .tape
        .asked("device_authorization")
        .into_iter()
        .chain(asked.clone());
    asked
        .iter()
        .zip(before)
        .map(|(now, before)| now - before)
        .collect()
}

// proves: DEV-02
#[tokio::test(flavor = "multi_thread")]
async fn questions_are_an_interval_apart_whatever_the_wall_clock_says() {
    for (script, interval) in [
        (Script::honest().twist(DeviceTwist::Without("interval")), 5),
        (with_interval("1"), 1),
        (with_interval("10"), 10),
    ] {
        let stage = Stage::with(script).await;
        // The time of day jumps to and fro, by more than the code is good for.
        for (at, jump) in [(3, 3_600), (11, -7_200), (21, 86_400 * 365), (29, 0)] {
            let skew = Arc::clone(&stage.skew);
            stage.time.at(
                at,
                move || async move { skew.store(jump, Ordering::SeqCst) },
            );
        }
        stage.enters_code_at(38, Visitor::approve("ada"));
        let signed_in = stage.play_by_device(&Program::by_device(&stage.idp)).await;
        assert_eq!(signed_in.unwrap().account.as_deref(), Some("ada"));
        let waits = waits(&stage);
        assert!(waits.iter().all(|wait| *wait == interval), "{waits:?}");
        assert_eq!(waits.len() as u64, 38_u64.div_ceil(interval), "{waits:?}");
        // An honest provider, which counts too, never had to ask for more time.
        assert_eq!(stage.idp.count(Role::DeviceAuthorization), 1);
        stage.told_nothing();
    }
}

// proves: DEV-02
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_counts_from_the_answer_and_not_from_the_question() {
    let stage = Stage::honest().await;
    stage.time.each_exchange_takes(7);
    stage.enters_code_at(40, Visitor::approve("ada"));
    stage
        .play_by_device(&Program::by_device(&stage.idp))
        .await
        .unwrap();
    let waits = waits(&stage);
    assert!(
        waits.len() > 2 && waits.iter().all(|wait| *wait == 7 + 5),
        "{waits:?}"
    );
}

fn with_interval(value: &str) -> Script {
    Script::honest()
        .poll_interval(std::time::Duration::from_secs(value.parse().unwrap()))
        .fault(
            Role::DeviceAuthorization,
            Fault::Member("interval", value.to_owned()),
        )
}

// proves: DEV-03
#[tokio::test(flavor = "multi_thread")]
async fn each_slow_down_adds_five_seconds_for_good() {
    let slowing = Script::honest().fault_times(Role::Token, refusal("slow_down"), 3);
    let stage = Stage::with(slowing).await;
    stage.enters_code_at(71, Visitor::approve("ada"));
    stage
        .play_by_device(&Program::by_device(&stage.idp))
        .await
        .unwrap();
    assert_eq!(waits(&stage), [5, 10, 15, 20, 20, 20]);
    stage.told_nothing();
}

// proves: DEV-05
#[tokio::test(flavor = "multi_thread")]
async fn silence_doubles_the_wait_and_does_not_end_the_sign_in() {
    let silent = Script::honest().fault_times(Role::Token, Fault::Drop, 3);
    let stage = Stage::with(silent).await;
    stage.enters_code_at(76, Visitor::approve("ada"));
    let signed_in = stage
        .play_by_device(&Program::by_device(&stage.idp))
        .await
        .unwrap();
    assert_eq!(signed_in.account.as_deref(), Some("ada"));
    assert_eq!(waits(&stage), [5, 10, 20, 40, 40]);
    stage.told_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_without_end_ends_with_the_code() {
    let stage = Stage::with(Script::honest().fault(Role::Token, Fault::Drop)).await;
    let error = stopped(stage.play_by_device(&Program::by_device(&stage.idp)).await);
    assert_eq!(
        (error.code(), error.blame()),
        ("device.unreachable", Blame::Network)
    );
    assert_eq!(waits(&stage), [5, 10, 20, 40, 80, 160]);
    stage.kept_nothing();
    stage.told_nothing();
}

// proves: DEV-06
#[tokio::test(flavor = "multi_thread")]
async fn who_never_enters_the_code_is_not_asked_to_enter_another() {
    for (value, end) in [("42", 42), ("600", DEVICE_TIME.as_secs())] {
        let fault = Fault::Member("expires_in", value.to_owned());
        let stage = Stage::with(Script::honest().fault(Role::DeviceAuthorization, fault)).await;
        let error = stopped(stage.play_by_device(&Program::by_device(&stage.idp)).await);
        assert_eq!(
            (error.code(), error.blame()),
            ("device.expired", Blame::User)
        );
        let asked = stage.tape.asked("token");
        assert!(asked.iter().all(|at| *at < end), "{asked:?}");
        assert!(
            asked.last().is_some_and(|last| last + 5 >= end),
            "{asked:?}"
        );
        assert_eq!(stage.idp.count(Role::DeviceAuthorization), 1);
        assert_eq!((stage.tape.prompts().len(), stage.tape.browsers()), (1, 0));
        stage.kept_nothing();
        stage.told_nothing();
    }
}
