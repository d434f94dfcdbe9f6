//! Attack: exchange a token for another audience than was asked for, for a token that lasts, as somebody else, or in another flow.
//! Stopped by: the host builds the request, and policy says which (host/policy/src/steps/{audience,exchange,purpose}.rs); an assertion and
//! an access token have cells of their own, at the endpoint that they came from or are for (host/core/src/matrix.rs).

use serde_json::{Value, json};
use vestibule_app::TokenQuery;
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, grant, redeem, reference, secret, text, userinfo,
};
use vestibule_attacks::verdict::{caught, denied, stopped};
use vestibule_attacks::workload::{CLIENT_SECRET, platform, script};
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Blame, Error, TenantName};
use vestibule_rehearsal::Role;

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const AUDIENCE: &str = "https://api.example";

fn exchange(change: impl FnOnce(&mut Value)) -> Value {
    let mut exchange = json!({
        "subject_token": reference("access_token"),
        "subject_token_type": ACCESS,
        "actor_token": null,
        "requested_token_type": null,
        "audience": AUDIENCE,
    });
    change(&mut exchange);
    grant(json!({"TokenExchange": exchange}), vec![])
}

fn subject_token(source: &str, audience: &str) -> Value {
    json!({"SubjectToken": {"source": source, "audience": audience}})
}

/// A stage on which somebody has signed in to a tenant whose plugin exchanges so.
async fn signed_in(steps: Vec<Value>) -> (Stage, TenantName) {
    let platform = platform();
    let stage = Stage::with(script(&platform)).await;
    let file = stage.client_secret(CLIENT_SECRET);
    let program = Program::honest(&stage.idp)
        .confidential(&file)
        .steps("exchange", steps);
    let policy = format!("[policy]\naudiences = [\"{AUDIENCE}\"]\n");
    let more = format!("{policy}{}", stage.sources(&["ci"]));
    let name = stage
        .approve_file("corp", &program.tenant_file(&more))
        .await
        .unwrap();
    stage.asserts(&platform, "ci", "job-7", 600);
    stage.sign_in(&name).await.unwrap();
    (stage, name)
}

async fn exchanged(stage: &Stage, name: &TenantName) -> Result<(), Error> {
    let query = TokenQuery {
        audience: Some(AUDIENCE.to_owned()),
        ..TokenQuery::default()
    };
    stage.vestibule.token(name, &query).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_exchange_sends_the_access_token_where_it_came_from() {
    let (stage, name) = signed_in(vec![
        discover(),
        exchange(|_| {}),
        finish(&["access_token"]),
    ])
    .await;
    exchanged(&stage, &name).await.unwrap();
    let sent = stage.idp.requests_to(Role::Token).pop().unwrap();
    assert_eq!(sent.field("requested_token_type"), Some(ACCESS));
    assert_eq!(sent.field("audience"), Some(AUDIENCE));
    assert!(
        sent.header("authorization")
            .is_some_and(|basic| basic.starts_with("Basic "))
    );
    stage.told_nothing();
    // What goes into the flow is the access token alone.
    let purpose = format!("{:?}", stage.tape.starts().pop().unwrap().purpose);
    assert!(
        purpose.contains("access_token") && !purpose.contains("refresh_token"),
        "{purpose}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_changes_nothing_of_what_was_asked_for() {
    for (step, rule) in [
        (
            exchange(|e| e["audience"] = json!("https://evil.example")),
            "audience",
        ),
        (exchange(|e| e["audience"] = Value::Null), "audience"),
        (
            exchange(|e| {
                e["requested_token_type"] = json!("urn:ietf:params:oauth:token-type:refresh_token");
            }),
            "exchange",
        ),
        (
            exchange(|e| e["subject_token_type"] = json!("anything")),
            "exchange",
        ),
        (
            grant(
                json!({"TokenExchange": {
                    "subject_token": reference("access_token"),
                    "subject_token_type": ACCESS,
                    "actor_token": null,
                    "requested_token_type": null,
                    "audience": AUDIENCE,
                }}),
                vec![text("requested_token_type", JWT)],
            ),
            "extra_fields",
        ),
        (
            grant(
                json!({"TokenExchange": {
                    "subject_token": reference("access_token"),
                    "subject_token_type": ACCESS,
                    "actor_token": null,
                    "requested_token_type": null,
                    "audience": AUDIENCE,
                }}),
                vec![secret("more", reference("access_token"))],
            ),
            "extra_fields",
        ),
        // A person's token is exchanged without a workload's help, and nobody is asked to sign in for it.
        (subject_token("ci", "https://idp.example"), "purpose"),
        (authorize(), "purpose"),
        (grant(json!("ClientCredentials"), vec![]), "purpose"),
        (
            grant(json!({"RefreshToken": reference("access_token")}), vec![]),
            "purpose",
        ),
    ] {
        let (stage, name) =
            signed_in(vec![discover(), step.clone(), finish(&["access_token"])]).await;
        let asked = stage.idp.count(Role::Token);
        let error = caught(exchanged(&stage, &name).await);
        denied(&error, rule);
        assert_eq!(stage.idp.count(Role::Token), asked, "{step}");
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_exchanged_in_no_other_flow() {
    let platform = platform();
    let stage = Stage::with(script(&platform)).await;
    let file = stage.client_secret(CLIENT_SECRET);
    let program = Program::honest(&stage.idp).confidential(&file);
    let honest = [discover(), authorize(), redeem("code")];
    let with = |step: Value| -> Vec<Value> {
        honest
            .iter()
            .cloned()
            .chain([step, finish(&["access_token"])])
            .collect()
    };
    for step in [
        exchange(|_| {}),
        grant(json!({"JwtBearer": reference("access_token")}), vec![]),
        grant(json!("ClientCredentials"), vec![]),
    ] {
        let error = caught(
            stage
                .play(&program.clone().steps("sign-in", with(step)))
                .await,
        );
        denied(&error, "purpose");
    }
    stage.kept_nothing();
    stage.told_nothing();
}

/// A workload's tenant whose plugin signs in so; `steps` gets the issuer, which the assertions of the source `ci` are for.
async fn workload(
    steps: impl FnOnce(&str) -> Vec<Value>,
) -> (Stage, Result<vestibule_app::SignedIn, Error>) {
    let platform = platform();
    let stage = Stage::with(script(&platform)).await;
    let file = stage.client_secret(CLIENT_SECRET);
    let program = Program::honest(&stage.idp)
        .confidential(&file)
        .profile(|profile| {
            profile["methods"] = json!(["workload"]);
            profile["scopes"] = json!(["api:read"]);
        })
        .steps("sign-in", steps(&stage.idp.issuer()));
    let more = format!(
        "[policy]\nmethods = [\"workload\"]\n{}",
        stage.sources(&["ci"])
    );
    let name = stage
        .approve_file("build", &program.tenant_file(&more))
        .await
        .unwrap();
    stage.asserts(&platform, "ci", "job-7", 600);
    let ended = stage.sign_in(&name).await;
    (stage, ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_goes_to_the_token_endpoint_once_and_nowhere_else() {
    for misuse in [
        userinfo("subject_token"),
        call(API, reference("subject_token"), &[], vec![]),
        vestibule_attacks::puppet::revoke("subject_token"),
        vestibule_attacks::puppet::request(
            "introspection",
            json!({"Introspection": reference("subject_token")}),
        ),
        grant(json!({"RefreshToken": reference("subject_token")}), vec![]),
        vestibule_attacks::puppet::finish_as(
            "Oauth",
            &[("access_token", reference("subject_token"))],
        ),
    ] {
        let platform = platform();
        let stage = Stage::with(script(&platform)).await;
        let file = stage.client_secret(CLIENT_SECRET);
        let fetch = subject_token("ci", &stage.idp.issuer());
        let program = Program::honest(&stage.idp)
            .confidential(&file)
            .profile(|profile| {
                profile["methods"] = json!(["workload"]);
                profile["scopes"] = json!(["api:read"]);
            })
            .steps("sign-in", vec![discover(), fetch, misuse.clone()]);
        let more = format!(
            "[policy]\nmethods = [\"workload\"]\n{}",
            stage.sources(&["ci"])
        );
        let name = stage
            .approve_file("build", &program.tenant_file(&more))
            .await
            .unwrap();
        let assertion = stage.asserts(&platform, "ci", "job-7", 600);
        let error = stopped(stage.sign_in(&name).await);
        assert_eq!(error.blame(), Blame::Plugin, "{misuse}: {error:?}");
        for seen in stage.idp.requests() {
            assert!(
                !String::from_utf8_lossy(&seen.body).contains(&assertion),
                "{misuse}"
            );
            assert!(
                seen.headers
                    .iter()
                    .all(|(_, value)| !value.contains(&assertion))
            );
        }
        stage.kept_nothing();
        stage.told_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_used_once() {
    let platform = platform();
    let stage = Stage::with(script(&platform)).await;
    let file = stage.client_secret(CLIENT_SECRET);
    let bearer = grant(json!({"JwtBearer": reference("subject_token")}), vec![]);
    let program = Program::honest(&stage.idp)
        .confidential(&file)
        .profile(|profile| {
            profile["methods"] = json!(["workload"]);
            profile["scopes"] = json!(["api:read"]);
        })
        .steps(
            "sign-in",
            vec![
                discover(),
                subject_token("ci", &stage.idp.issuer()),
                bearer.clone(),
                bearer,
                finish(&["access_token"]),
            ],
        );
    let more = format!(
        "[policy]\nmethods = [\"workload\"]\n{}",
        stage.sources(&["ci"])
    );
    let name = stage
        .approve_file("build", &program.tenant_file(&more))
        .await
        .unwrap();
    stage.asserts(&platform, "ci", "job-7", 600);
    let error = caught(stage.sign_in(&name).await);
    assert_eq!(error.code(), "plugin.reference");
    assert_eq!(stage.idp.count(Role::Token), 1);
    stage.kept_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workloads_plugin_asks_nobody_and_opens_nothing() {
    for (step, rule) in [
        (authorize(), "purpose"),
        (vestibule_attacks::puppet::device(&["api:read"]), "purpose"),
        (
            vestibule_attacks::puppet::choose("account", &[("1", "one")]),
            "purpose",
        ),
    ] {
        let (stage, ended) = workload(|_| vec![discover(), step]).await;
        denied(&caught(ended), rule);
        assert_eq!(stage.tape.browsers(), 0);
        assert!(stage.tape.prompts().is_empty());
        stage.kept_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_issued_and_is_no_access_token_is_used_as_none() {
    let exchanged = |issuer: &str| {
        let exchange = json!({
            "subject_token": reference("subject_token"),
            "subject_token_type": JWT,
            "actor_token": null,
            "requested_token_type": JWT,
            "audience": null,
        });
        vec![
            discover(),
            subject_token("ci", issuer),
            grant(json!({"TokenExchange": exchange}), vec![]),
        ]
    };
    for (misuse, code) in [
        (finish(&["access_token"]), "plugin.grant"),
        (userinfo("access_token"), "plugin.reference"),
        (
            call(API, reference("access_token"), &[], vec![]),
            "plugin.reference",
        ),
    ] {
        let (stage, ended) = workload(|issuer| {
            let mut steps = exchanged(issuer);
            steps.push(misuse.clone());
            steps
        })
        .await;
        assert_eq!(caught(ended).code(), code, "{misuse}");
        assert_eq!(stage.idp.count(Role::Token), 1);
        assert_eq!(
            stage.idp.count(Role::Api) + stage.idp.count(Role::UserInfo),
            0
        );
        stage.kept_nothing();
        stage.told_nothing();
    }
}
