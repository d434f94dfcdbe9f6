//! Attack: answers that are giant: a summary, a failure, a question with a hundred thousand options.
//! Stopped by: a bound on what lifting an answer takes, and on all answers of a flow (host/engine/src/instance.rs, host/core/src/limits.rs).

use serde_json::json;
use vestibule_attacks::puppet::{fail, long};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_core::limits::{CHOICE_OPTIONS, GUEST_LIFT_BYTES, SHOWN_CHARS, TEXT_BYTES};
use vestibule_core::plugin::Plugin as _;
use vestibule_guests::{Guest, behaviour, cleared};

#[tokio::test(flavor = "multi_thread")]
async fn a_giant_answer_is_not_lifted() {
    let stage = Stage::honest().await;
    let name = stage
        .approve("corp", &Program::honest(&stage.idp))
        .await
        .unwrap();
    stage.sign_in(&name).await.unwrap();
    let (start, reply) = (
        stage.tape.starts().remove(0),
        stage.tape.replies().remove(0),
    );
    let giant = u32::try_from(2 * GUEST_LIFT_BYTES).unwrap();
    for answer in [
        behaviour::fail_with(giant),
        behaviour::choose(giant, 1),
        behaviour::choose(1, 100_000),
    ] {
        for guest in [
            Guest::honest().pages(100).begin(&answer),
            Guest::honest().pages(100).resume(&answer),
        ] {
            let sandbox = stage.vestibule.sandbox().unwrap();
            let admitted = vestibule_engine::Admitted::new(guest.component()).unwrap();
            let plugin = sandbox.load(&admitted).unwrap();
            let mut flow = plugin.start_flow().unwrap();
            let ended = flow
                .begin(&cleared(start.clone()))
                .and_then(|_| flow.resume(&cleared(reply.clone())));
            let error = caught(ended);
            assert_eq!(error.code(), "plugin.answer_size", "{error:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_is_judged_before_it_is_shown_and_cut_when_it_is() {
    let stage = Stage::honest().await;
    let (many, wordy) = (CHOICE_OPTIONS + 1, TEXT_BYTES + 1);
    for step in [
        json!({"Choose": {"what": "account", "options": {"$options": many}}}),
        json!({"Choose": {"what": long(wordy), "options": {"$options": 2}}}),
    ] {
        let program = Program::honest(&stage.idp).steps("sign-in", vec![step]);
        denied(&caught(stage.play(&program).await), "choices");
    }
    assert!(
        !stage
            .tape
            .shown()
            .iter()
            .any(|text| text.contains("account"))
    );
    let program = Program::honest(&stage.idp).steps("sign-in", vec![fail(long(10 * wordy))]);
    let error = caught(stage.play(&program).await);
    assert_eq!(error.code(), "plugin.failed");
    assert!(
        error.message().chars().count() < 2 * SHOWN_CHARS,
        "{error:?}"
    );
    stage.kept_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_giant_description_is_not_installed() {
    let stage = Stage::honest().await;
    let guest = Guest::honest()
        .pages(1_900)
        .describe(&behaviour::summary_of(100_000_000));
    let sandbox = stage.vestibule.sandbox().unwrap();
    let installed =
        vestibule_app::plugins::install(stage.vestibule.places(), sandbox, guest.component());
    let error = caught(installed.map(|found| found.name));
    assert_eq!(error.code(), "plugin.answer_size", "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_question_of_the_largest_size_is_asked() {
    let stage = Stage::honest().await;
    let step = json!({"Choose": {"what": "account", "options": {"$options": CHOICE_OPTIONS}}});
    let program = Program::honest(&stage.idp).after_tokens(vec![step]);
    stage.play(&program).await.unwrap();
}
