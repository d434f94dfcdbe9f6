//! Attack: weaken the authentication that a tenant of high risk asks for: lower `acr_values`, raise `max_age`, `prompt=none`, or end a
//! step-up with the tokens that were there before.
//! Stopped by: these parameters are the host's, from policy and challenge alone, and a step-up goes on with nothing of the earlier session
//! (host/policy/src/step_up.rs, host/broker/src/authorize.rs, host/app/src/flow.rs).

use serde_json::Value;
use vestibule_app::StepUp;
use vestibule_attacks::puppet::{authorize, authorize_with, discover, finish, redeem, refresh};
use vestibule_attacks::verdict::{caught, denied, stopped};
use vestibule_attacks::{Program, Stage};
use vestibule_core::TenantName;
use vestibule_rehearsal::Role;

/// What the tenant's policy wants of each sign-in.
const STRICT: &str =
    "[policy]\nrisk = \"high\"\nidentity.acr = [\"phr\"]\nidentity.max_age = \"1h\"\n";

fn honest() -> Vec<Value> {
    vec![
        discover(),
        authorize(),
        redeem("code"),
        finish(&["access_token", "refresh_token"]),
    ]
}

async fn strict(stage: &Stage, program: Program) -> TenantName {
    let file = program.tenant_file(STRICT);
    stage
        .approve_file(&stage.next_tenant(), &file)
        .await
        .unwrap()
}

/// What the last request asked of the provider.
fn asked(stage: &Stage) -> [Option<String>; 3] {
    let pushed = stage.idp.requests_to(Role::PushedAuthorization);
    let last = pushed.last().unwrap();
    ["acr_values", "max_age", "prompt"].map(|name| last.field(name).map(ToOwned::to_owned))
}

fn challenge(rest: &str) -> StepUp {
    StepUp {
        challenge: format!("Bearer error=\"insufficient_user_authentication\", {rest}"),
        ..StepUp::default()
    }
}

// proves: STEP-04
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_cannot_set_how_the_person_authenticates() {
    let stage = Stage::honest().await;
    for extra in [
        ("acr_values", "pwd"),
        ("ACR_Values", "pwd"),
        ("max_age", "99999999"),
        ("max%5fage", "99999999"),
        ("prompt", "none"),
        ("Prompt", "none"),
        ("claims", "{\"id_token\":{\"acr\":null}}"),
    ] {
        let steps = vec![
            discover(),
            authorize_with(&["openid"], &[extra]),
            redeem("code"),
            finish(&["access_token"]),
        ];
        let name = strict(&stage, Program::honest(&stage.idp).steps("sign-in", steps)).await;
        denied(&caught(stage.sign_in(&name).await), "extra_fields");
    }
    assert_eq!(stage.idp.count(Role::PushedAuthorization), 0);
    stage.kept_nothing();
    let name = strict(&stage, Program::honest(&stage.idp)).await;
    stage.sign_in(&name).await.unwrap();
    let [acr, age, prompt] = asked(&stage);
    assert_eq!(
        (acr.as_deref(), age.as_deref()),
        (Some("phr"), Some("3600"))
    );
    assert_ne!(prompt.as_deref(), Some("none"));
}

// proves: STEP-04
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_cannot_skip_a_step_up() {
    for steps in [
        // At once, with what it got.
        vec![finish(&["access_token", "refresh_token"])],
        // With a refresh in place of a sign-in.
        vec![
            discover(),
            refresh("refresh_token"),
            finish(&["access_token", "refresh_token"]),
        ],
        // With a sign-in whose tokens it does not use.
        vec![
            discover(),
            authorize(),
            finish(&["access_token", "refresh_token"]),
        ],
    ] {
        let stage = Stage::honest().await;
        let program = Program::honest(&stage.idp)
            .steps("sign-in", honest())
            .steps("step-up", steps.clone());
        let name = strict(&stage, program).await;
        stage.sign_in(&name).await.unwrap();
        let tokens = stage.idp.count(Role::Token);
        caught(
            stage
                .vestibule
                .step_up(&name, &challenge("max_age=10"))
                .await,
        );
        assert_eq!(stage.idp.count(Role::Token), tokens, "{steps:?}");
        assert_eq!(stage.sealed(), 1, "what was there is kept");
    }
}

// proves: STEP-04
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_cannot_ask_for_less_than_the_policy() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp).steps("step-up", honest());
    let name = strict(&stage, program).await;
    stage.sign_in(&name).await.unwrap();
    stage
        .vestibule
        .step_up(&name, &challenge("max_age=99999"))
        .await
        .unwrap();
    let [acr, age, _] = asked(&stage);
    assert_eq!(
        (acr.as_deref(), age.as_deref()),
        (Some("phr"), Some("3600"))
    );
    let error = stopped(
        stage
            .vestibule
            .step_up(&name, &challenge("acr_values=\"pwd\""))
            .await,
    );
    assert_eq!(error.code(), "policy.denied");
}
