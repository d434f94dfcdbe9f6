//! Attack: propose another issuer while a flow runs, or have the provider's replies propose one.
//! Stopped by: the issuer is pinned at approval, and metadata speaks for it alone (host/app/src/describe.rs, host/broker/src/discovery.rs).

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};
use vestibule_attacks::puppet::{API, call, reference};
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{MetadataTwist, Rehearsal, Role, Script};

// proves: DISC-01
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_changes_its_mind_about_the_issuer_is_not_heard() {
    let stage = Stage::honest().await;
    let mallory = Rehearsal::start(Script::honest()).await.unwrap();
    let later = Program::honest(&mallory).described();
    let program = Program::honest(&stage.idp).says("profile_later", later);
    let name = stage.approve("corp", &program).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let _ = stage.refresh(&name).await.unwrap();
    assert_eq!(mallory.requests().len(), 0);

    // A tenant file that leads the plugin there asks again.
    let file = Program::honest(&mallory).tenant_file("");
    std::fs::write(stage.tenant_file(&name), file).unwrap();
    let error = stopped(stage.sign_in(&name).await);
    assert_eq!(error.code(), "approval.stale", "{error:?}");
    assert_eq!(mallory.requests().len(), 0);
}

// proves: DISC-01
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_names_another_issuer_is_not_followed() {
    let stage = Stage::honest().await;
    let mallory = Rehearsal::start(Script::honest()).await.unwrap();
    let api = challenging(&mallory.issuer());
    let program = Program::honest(&stage.idp)
        .profile(|profile| profile["endpoints"][0]["url"] = json!(api))
        .after_tokens(vec![call(API, reference("access_token"), &[], vec![])]);
    // The plugin hears that it was refused, and nothing of the challenge.
    stage.play(&program).await.unwrap();
    let heard = stage.tape.entered().join("\n");
    assert!(heard.contains("Failed"), "{heard}");
    assert!(!heard.contains("resource_metadata"), "{heard}");
    assert_eq!(mallory.requests().len(), 0);
    assert_eq!(stage.idp.count(Role::Token), 1);
}

// proves: DISC-01
#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_names_another_issuer_is_discarded() {
    let mallory = Rehearsal::start(Script::honest()).await.unwrap();
    let other = MetadataTwist::Member("issuer", mallory.issuer());
    let stage = Stage::with(Script::honest().twist(other)).await;
    let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
    assert_eq!(error.blame(), Blame::Provider, "{error:?}");
    assert_eq!(mallory.requests().len(), 0);
}

/// An API that answers one request with a challenge (RFC 9728 section 5.1), and its URL.
fn challenging(issuer: &str) -> String {
    let issuer = issuer.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let body: Value = json!({"error": "invalid_token", "issuer": issuer});
    let challenge =
        format!("Bearer resource_metadata=\"{issuer}/.well-known\", as_uri=\"{issuer}\"");
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let _ = client.read(&mut head).unwrap();
        let body = body.to_string();
        let reply = format!(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nLocation: {issuer}\r\nLink: <{issuer}>; rel=issuer\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        client.write_all(reply.as_bytes()).unwrap();
    });
    url
}
