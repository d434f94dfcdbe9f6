//! Attack: a provider that works with the plugin writes a secret into a member that the plugin may read, in any encoding.
//! Stopped by: the second barrier, which searches what crosses as every decoder would read it, host/broker/src/barrier.rs

use serde_json::{Value, json};
use vestibule_attacks::puppet::{self, API, call, list, reference, text, userinfo};
use vestibule_attacks::verdict::{caught, stopped};
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Blame, Result};
use vestibule_rehearsal::{Fault, Form, IdTokenTwist, Role, Script, SecretKind};

/// Short, so that each of its forms fits into a readable text.
const CLIENT_SECRET: &str = "marker-of-a-client-secret";

/// A readable text is this long at most.
const READABLE: usize = 200;

/// A machine whose client has a secret, kept in a file of the operator's.
async fn stage_of(script: Script) -> Stage {
    Stage::with(script.client_secret(CLIENT_SECRET)).await
}

/// The stage's honest plugin for that client, which reads a member of every reply.
fn program(stage: &Stage, steps: Vec<Value>) -> Program {
    let readable: [(&str, &[(&str, &str)]); 4] = [
        ("token", &[("/note", "[^\n]*")]),
        ("userinfo", &[("/note", "[^\n]*")]),
        (API, &[("/note", "[^\n]*")]),
        ("id_token", &[("/name", "[^\n]*")]),
    ];
    let program = Program::honest(&stage.idp)
        .after_tokens(steps)
        .profile(|profile| {
            profile["client"]["Configured"]["authentication"] =
                json!({"ClientSecretPost": "client_secret"});
        });
    readable
        .into_iter()
        .fold(program, |program, (role, members)| {
            program.reads(role, members)
        })
}

async fn play(stage: &Stage, program: &Program) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = stage.root().join("client-secret");
    std::fs::write(&file, CLIENT_SECRET).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let secrets = format!(
        "secrets = {{ client_secret = {{ file = \"{}\" }} }}",
        file.display()
    );
    let name = stage
        .approve_file("stage", &program.tenant_file(&secrets))
        .await
        .unwrap();
    stage.sign_in(&name).await.map(drop)
}

/// What came back. What a flow starts with are the plugin's own settings, and in some of these attacks a secret stands there.
fn replies(stage: &Stage) -> String {
    let entered = stage.tape.entered();
    let replies = entered.iter().filter(|text| !text.starts_with("Start {"));
    replies.map(String::as_str).collect()
}

fn asking() -> Vec<Value> {
    vec![
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
    ]
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_readable_member_is_found_in_every_form() {
    use SecretKind as K;
    let (mut tried, mut kinds) = (
        0,
        [
            K::ClientSecret,
            K::AccessToken,
            K::RefreshToken,
            K::Code,
            K::Verifier,
            K::Nonce,
        ],
    );
    kinds.reverse();
    for role in [Role::Token, Role::UserInfo, Role::Api] {
        for kind in kinds {
            for form in Form::WHOLE {
                let fault = Fault::Reflect {
                    member: "note",
                    kind,
                    form: *form,
                };
                let stage = stage_of(Script::honest().fault(role, fault)).await;
                // Six characters for one do not fit into a readable text, where the secret is a long one.
                if *form == Form::JsonEscaped && kind != K::ClientSecret {
                    play(&stage, &program(&stage, asking())).await.unwrap();
                    stage.told_nothing();
                    continue;
                }
                let what = format!("{kind:?} at {role:?} as {form:?}");
                let ended = play(&stage, &program(&stage, asking())).await;
                assert!(ended.is_err(), "{what}");
                let error = stopped(ended);
                assert_eq!(
                    (error.blame(), error.code()),
                    (Blame::Provider, "barrier.secret"),
                    "{what}"
                );
                assert!(
                    error
                        .next_step()
                        .is_some_and(|hint| hint.contains("report")),
                    "{what}"
                );
                stage.kept_nothing();
                stage.told_nothing();
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 3 * (6 * Form::WHOLE.len() - 5));
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_claim_is_found() {
    let stage = stage_of(Script::honest().twist(IdTokenTwist::NameRepeatsNonce)).await;
    let error = stopped(play(&stage, &program(&stage, vec![])).await);
    assert_eq!(
        (error.blame(), error.code()),
        (Blame::Provider, "barrier.secret")
    );
    stage.kept_nothing();
    stage.told_nothing();
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn growing_guesses_of_a_secret_find_out_nothing() {
    // What is reflected, and what the plugin sends: all but the whole of it passes, and passes alike.
    let whole = CLIENT_SECRET.len();
    for length in [1, 8, 15, 16, 17, whole - 1] {
        let fault = Fault::Reflect {
            member: "note",
            kind: SecretKind::ClientSecret,
            form: Form::First(length),
        };
        let stage = stage_of(Script::honest().fault(Role::Api, fault)).await;
        let guess = &CLIENT_SECRET[..length];
        let steps = vec![
            userinfo("access_token"),
            call(
                API,
                reference("access_token"),
                &[("guess", json!(guess))],
                vec![text("guess", guess)],
            ),
        ];
        play(&stage, &program(&stage, steps)).await.unwrap();
        let crossed = replies(&stage);
        assert!(
            crossed.contains(&format!("\"{guess}\"")),
            "{length}: {crossed}"
        );
        assert_eq!(stage.sealed(), 1);
    }
}

// proves: PLUG-07
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_knows_a_secret_cannot_send_it_or_say_it() {
    let known = puppet::hidden(CLIENT_SECRET);
    let choice = puppet::choose("which", &[("a", &known), ("b", "other")]);
    let steps: [Value; 6] = [
        call(
            API,
            reference("access_token"),
            &[("q", json!(known))],
            vec![],
        ),
        call(
            API,
            reference("access_token"),
            &[],
            vec![text("b", known.clone())],
        ),
        call(
            API,
            json!(null),
            &[],
            vec![text("b", format!("x {known} y"))],
        ),
        choice,
        puppet::choose(&known, &[("a", "one"), ("b", "other")]),
        puppet::fail(json!(known)),
    ];
    for step in steps {
        let stage = stage_of(Script::honest()).await;
        let error = caught(play(&stage, &program(&stage, vec![step.clone()])).await);
        assert_eq!(error.code(), "barrier.step", "{step}");
        assert!(!error.message().contains(CLIENT_SECRET));
        assert_eq!(stage.idp.count(Role::Api), 0, "{step}");
        stage.kept_nothing();
        assert!(!replies(&stage).contains(CLIENT_SECRET));
        assert!(!stage.tape.shown().concat().contains(CLIENT_SECRET));
    }
    let stage = stage_of(Script::honest()).await;
    let hinting = Program::honest(&stage.idp).steps(
        "sign-in",
        vec![
            puppet::discover(),
            puppet::authorize_with(&["openid"], &[("hint", &known)]),
        ],
    );
    let hinting = hinting.profile(|profile| {
        profile["client"]["Configured"]["authentication"] =
            json!({"ClientSecretPost": "client_secret"});
        assert!(list(profile, "readable").is_empty());
    });
    assert_eq!(caught(play(&stage, &hinting).await).code(), "barrier.step");
    assert_eq!(stage.tape.browsers(), 0);
    const { assert!(CLIENT_SECRET.len() * 6 < READABLE) };
}
