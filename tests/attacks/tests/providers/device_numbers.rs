//! Attack: hostile numbers in a device authorization reply, so that a device asks without pause, or a sign-in never ends.
//! Stopped by: bounds on both numbers, and an end that no answer moves, host/broker/src/device/{response,pace}.rs

use vestibule_attacks::verdict::{stopped, unusable};
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_core::limits::{DEVICE_ASSUMED_TIME, DEVICE_INTERVAL, DEVICE_TIME};
use vestibule_rehearsal::{DeviceTwist, Fault, Role, Script};

async fn stage_with(member: &'static str, value: &str) -> Stage {
    let fault = Fault::Member(member, value.to_owned());
    Stage::with(Script::honest().fault(Role::DeviceAuthorization, fault)).await
}

/// Nobody enters the code: the flow ends by itself, and within the host's own time.
async fn ends_in_time(stage: &Stage, most: u64) {
    let error = stopped(stage.play_by_device(&Program::by_device(&stage.idp)).await);
    assert_eq!(error.code(), "device.expired", "{error:?}");
    let asked = stage.tape.asked("token");
    assert!(asked.iter().all(|at| *at < most), "{asked:?}");
    let apart = asked
        .windows(2)
        .all(|pair| pair[1] - pair[0] >= DEVICE_INTERVAL.as_secs());
    assert!(apart && asked.len() > 2, "{asked:?}");
    stage.kept_nothing();
    stage.told_nothing();
}

// proves: DEV-07
#[tokio::test(flavor = "multi_thread")]
async fn an_interval_that_is_none_is_the_usual_one() {
    for value in [
        "0", "-1", "-0", "2.5", "0.001", "\"\"", "\"soon\"", "null", "true", "[]", "{}",
    ] {
        let stage = stage_with("interval", value).await;
        ends_in_time(&stage, DEVICE_TIME.as_secs()).await;
    }
}

// proves: DEV-07
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_about_for_a_bounded_time() {
    for (value, most) in [
        ("1e12", DEVICE_TIME),
        ("1000000000000", DEVICE_TIME),
        ("9223372036854775807", DEVICE_TIME),
        ("\"4294967296\"", DEVICE_TIME),
        ("null", DEVICE_ASSUMED_TIME),
    ] {
        let stage = stage_with("expires_in", value).await;
        ends_in_time(&stage, most.as_secs()).await;
        let shown = stage.tape.prompts().pop().unwrap();
        assert_eq!(shown.expires_in, most, "{value}");
    }
    let missing = Script::honest().twist(DeviceTwist::Without("expires_in"));
    ends_in_time(&Stage::with(missing).await, DEVICE_ASSUMED_TIME.as_secs()).await;
}

// proves: DEV-07
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_cannot_be_asked_about_is_not_shown() {
    for (member, value, code) in [
        ("interval", "1e9", "device.interval"),
        ("interval", "1000000000", "device.interval"),
        ("interval", "9223372036854775807", "device.interval"),
        ("interval", "600", "device.interval"),
        ("expires_in", "0", "device.expires_in"),
        ("expires_in", "-1", "device.expires_in"),
        ("expires_in", "-9223372036854775808", "device.expires_in"),
        ("expires_in", "0.5", "device.expires_in"),
        ("expires_in", "599.9", "device.expires_in"),
        ("expires_in", "1e30", "device.expires_in"),
        ("expires_in", "\"never\"", "device.expires_in"),
        ("expires_in", "[600]", "device.expires_in"),
        ("expires_in", "3", "device.interval"),
    ] {
        let stage = stage_with(member, value).await;
        let error = unusable(stage.play_by_device(&Program::by_device(&stage.idp)).await);
        assert_eq!(
            (error.code(), error.blame()),
            (code, Blame::Provider),
            "{value}"
        );
        assert!(stage.tape.prompts().is_empty(), "{member} {value}");
        assert_eq!(stage.idp.count(Role::Token), 0, "{member} {value}");
        stage.kept_nothing();
        stage.told_nothing();
    }
    for value in ["1e999", "-1e999", "NaN", "0x10", "+5", "05"] {
        let stage = stage_with("expires_in", value).await;
        unusable(stage.play_by_device(&Program::by_device(&stage.idp)).await);
        assert!(stage.tape.prompts().is_empty(), "{value}");
    }
}

// proves: DEV-07
#[tokio::test(flavor = "multi_thread")]
async fn slowing_down_without_end_ends_with_the_code_and_says_why() {
    let slow_down = Fault::Refusal {
        error: "slow_down".to_owned(),
        description: "\u{1b}[2J".to_owned(),
    };
    let stage = Stage::with(Script::honest().fault(Role::Token, slow_down)).await;
    let error = unusable(stage.play_by_device(&Program::by_device(&stage.idp)).await);
    assert_eq!(
        (error.code(), error.blame()),
        ("device.slow_down", Blame::Provider)
    );
    assert!(
        error
            .next_step()
            .is_some_and(|hint| hint.contains("vestibule login"))
    );
    let asked = stage.tape.asked("token");
    assert!(
        asked.iter().all(|at| *at < DEVICE_TIME.as_secs()),
        "{asked:?}"
    );
    assert_eq!(stage.idp.count(Role::DeviceAuthorization), 1);
    stage.kept_nothing();
    stage.told_nothing();
}
