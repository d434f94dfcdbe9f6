//! Attack: take a client secret that ships in every copy of a program for a proof of who asks.
//! Stopped by: such a client is public (RFC 8252 section 8.5): host/policy/src/refresh_token.rs says so, and nothing rests on its secret.

use serde_json::{Value, json};
use vestibule_app::TokenQuery;
use vestibule_attacks::puppet::{discover, finish, grant, reference};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::workload::platform;
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Blame, TenantName};
use vestibule_e2e::http;
use vestibule_rehearsal::{GrantTwist, Role, Script};

/// Anybody can read it in the program, and in this test.
const PUBLISHED: &str = "published-with-every-copy-of-the-program";

fn script() -> Script {
    Script::honest()
        .any_redirect_path()
        .client_secret(PUBLISHED)
}

fn exchange() -> Vec<Value> {
    let exchange = json!({
        "subject_token": reference("access_token"),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "actor_token": null,
        "requested_token_type": null,
        "audience": "https://api.example",
    });
    vec![
        discover(),
        grant(json!({"TokenExchange": exchange}), vec![]),
        finish(&["access_token"]),
    ]
}

async fn approve(stage: &Stage, program: &Program, policy: &str) -> TenantName {
    let program = program.clone().profile(|profile| {
        profile["client"]["Configured"]["authentication"] =
            json!({"ClientSecretPost": "published_secret"});
    });
    let settings = format!("[settings]\npublished_secret = \"{PUBLISHED}\"\n");
    let file = program
        .tenant_file(policy)
        .replace("[settings]\n", &settings);
    stage
        .approve_file(&stage.next_tenant(), &file)
        .await
        .unwrap()
}

// proves: CAUTH-03
#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_it_redeems_no_code_that_was_not_asked_for_here() {
    let stage = Stage::with(script()).await;
    let name = approve(&stage, &Program::honest(&stage.idp), "").await;
    stage.sign_in(&name).await.unwrap();
    let pushed = stage
        .idp
        .requests_to(Role::PushedAuthorization)
        .pop()
        .unwrap();
    assert_eq!(pushed.field("client_secret"), Some(PUBLISHED));
    assert_eq!(pushed.field("code_challenge_method"), Some("S256"));
    assert!(pushed.field("state").is_some_and(|state| state.len() >= 43));
    assert!(pushed.field("nonce").is_some_and(|nonce| nonce.len() >= 43));
    let redeemed = stage.idp.requests_to(Role::Token).pop().unwrap();
    assert!(
        redeemed
            .field("code_verifier")
            .is_some_and(|verifier| verifier.len() >= 43)
    );
    // With all that can be known of a client like this one, and a code, there is nothing to be had without the verifier.
    let known = redeemed
        .fields
        .iter()
        .filter(|(name, _)| name != "code_verifier")
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(known)
        .finish();
    let answer = http::post(&format!("{}/token", stage.idp.issuer()), &[], &form).unwrap();
    assert_eq!(answer.status, 400, "{answer:?}");
}

// proves: CAUTH-03
#[tokio::test(flavor = "multi_thread")]
async fn it_opens_nothing_that_takes_a_client_which_proves_itself() {
    // Another token for the one who has it.
    let stage = Stage::with(script()).await;
    let program = Program::honest(&stage.idp).steps("exchange", exchange());
    let audiences = "[policy]\naudiences = [\"https://api.example\"]\n";
    let name = approve(&stage, &program, audiences).await;
    stage.sign_in(&name).await.unwrap();
    let asked = stage.idp.count(Role::Token);
    let query = TokenQuery {
        audience: Some("https://api.example".to_owned()),
        ..TokenQuery::default()
    };
    let error = stopped(stage.vestibule.token(&name, &query).await.map(drop));
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "policy.denied")
    );
    assert!(error.message().ends_with("(rule: exchange)"), "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), asked);

    // A token in its own name.
    let stage = Stage::with(script().trusts(&platform())).await;
    let program = Program::honest(&stage.idp)
        .profile(|profile| profile["methods"] = json!(["workload"]))
        .steps(
            "sign-in",
            vec![
                discover(),
                grant(json!("ClientCredentials"), vec![]),
                finish(&["access_token"]),
            ],
        );
    let name = approve(&stage, &program, "[policy]\nmethods = [\"workload\"]\n").await;
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Policy, "policy.denied")
    );
    assert_eq!(stage.idp.count(Role::Token), 0);

    // A refresh token that is good for years wherever it is.
    let stage = Stage::with(script().twist(GrantTwist::NoRotation)).await;
    let name = approve(&stage, &Program::honest(&stage.idp), "").await;
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    let status = stage.vestibule.status_of(name).unwrap();
    assert!(!status.records[0].renewable, "it was dropped");
}
