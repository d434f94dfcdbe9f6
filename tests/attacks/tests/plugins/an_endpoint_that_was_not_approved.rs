//! Attack: name an endpoint that is not in the approved table, or a URL in the place of a role.
//! Stopped by: roles, never URLs, looked up in the pinned table (host/policy/src/steps/role_class.rs, host/core/src/approval.rs).

use serde_json::{Value, json};
use vestibule_attacks::puppet::{API, call, endpoint, list, reference, request, text, userinfo};
use vestibule_attacks::verdict::{caught, denied};
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{Rehearsal, Role, Script};

// proves: PLUG-04
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_was_not_approved_is_not_called() {
    let stage = Stage::honest().await;
    let mallory = Rehearsal::start(Script::honest()).await.unwrap();
    let urls = [
        mallory.api_url(),
        stage.idp.api_url(),
        "https://mallory.example/in".to_owned(),
        "//mallory.example".to_owned(),
        "/api/hello".to_owned(),
        format!("{API}@mallory.example"),
        format!("{API}/../token"),
        "Api".to_owned(),
        " api".to_owned(),
        "api\0".to_owned(),
        String::new(),
    ];
    for role in urls {
        let step = call(&role, reference("access_token"), &[], vec![]);
        let program = Program::honest(&stage.idp).after_tokens(vec![step]);
        let error = caught(stage.play(&program).await);
        assert_eq!(error.code(), "plugin.name", "{role:?}: {error:?}");
    }
    for role in [
        "nowhere",
        "jwks",
        "jwks_uri",
        "introspection_endpoint",
        "id_token",
        "registration",
    ] {
        let step = call(role, reference("access_token"), &[], vec![]);
        let program = Program::honest(&stage.idp).after_tokens(vec![step]);
        denied(&caught(stage.play(&program).await), "role_class");
    }
    assert_eq!(stage.idp.count(Role::Api), 0);
    assert_eq!(stage.idp.count(Role::Unknown), 0);
    assert_eq!(mallory.requests().len(), 0);
    stage.kept_nothing();
    stage.sent_nothing_astray();
}

// proves: PLUG-04
#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_asked_only_what_its_class_takes() {
    let stage = Stage::honest().await;
    let token = || reference("access_token");
    let steps: Vec<Value> = vec![
        // Requests of the plugin's own writing to endpoints whose requests the host writes.
        call("token", token(), &[], vec![text("grant_type", "password")]),
        call("authorization", token(), &[], vec![]),
        call("pushed_authorization_request", token(), &[], vec![]),
        call("revocation", token(), &[], vec![text("token", "x")]),
        call("introspection", token(), &[], vec![]),
        call("userinfo", token(), &[], vec![]),
        // And the host's requests to an endpoint of the plugin's own.
        request(API, json!({"Userinfo": token()})),
        request(API, json!({"Introspection": token()})),
        request(
            API,
            json!({"Grant": {"grant_type": "ClientCredentials", "scopes": [], "extra": []}}),
        ),
        request("userinfo", json!({"Introspection": token()})),
        request("introspection", json!({"Userinfo": token()})),
        // A token to an endpoint without one, and the reverse.
        call(API, Value::Null, &[], vec![]),
        call("news", token(), &[], vec![]),
    ];
    for step in steps {
        let program = Program::honest(&stage.idp)
            .profile(|profile| {
                let url = format!("{}/news", stage.idp.issuer());
                list(profile, "endpoints").push(endpoint("news", "Public", &url));
            })
            .after_tokens(vec![step.clone()]);
        let error = caught(stage.play(&program).await);
        assert_eq!(error.code(), "policy.denied", "{step}: {error:?}");
    }
    let exchanges = stage.idp.count(Role::Token);
    assert_eq!(exchanges, 13, "one honest exchange for each");
    for role in [
        Role::Api,
        Role::UserInfo,
        Role::Introspection,
        Role::Revocation,
        Role::Unknown,
    ] {
        assert_eq!(stage.idp.count(role), 0, "{role:?}");
    }
}

/// What is approved is an origin to the last character of its port and host.
// proves: PLUG-13
#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_differs_in_anything_is_another_or_none() {
    let stage = Stage::honest().await;
    let host = stage.idp.address();
    for url in [
        format!("http://user@{host}/x"),
        format!("http://127.0.0.1.:{}/x", host.port()),
        format!("http://localhost:{}/x", host.port()),
        format!("http://sub.127.0.0.1:{}/x", host.port()),
        format!("http://0x7f.1:{}/x", host.port()),
        format!("ftp://{host}/x"),
        format!("//{host}/x"),
        "https://idp.example./x".to_owned(),
        "https://idp.example@mallory.example/x".to_owned(),
        "https://idp%2eexample/x".to_owned(),
        "https://idp.example\\@mallory.example/x".to_owned(),
    ] {
        let program = Program::honest(&stage.idp).profile(|profile| {
            list(profile, "endpoints").push(endpoint("news", "Public", &url));
        });
        let error = stage.refuses(&program, "plugin.url").await;
        assert_eq!(error.blame(), Blame::Plugin, "{url}");
    }
    // Another port is another origin, listed apart, and nothing that a step says leads there.
    let other = Rehearsal::start(Script::honest()).await.unwrap();
    let program = Program::honest(&stage.idp)
        .profile(|profile| {
            list(profile, "endpoints").push(endpoint("news", "Public", &other.api_url()));
        })
        .after_tokens(vec![userinfo("access_token")]);
    let name = stage.approve("corp", &program).await.unwrap();
    let approval = stage.vestibule.approval(&name).unwrap().unwrap();
    let origins = approval.permissions.origins().unwrap();
    assert_eq!(origins.without_secrets.len(), 1);
    assert!(
        other
            .issuer()
            .starts_with(origins.without_secrets[0].as_str())
    );
    stage.sign_in(&name).await.unwrap();
    assert_eq!(other.requests().len(), 0);

    // And without a secret, the request goes there as described.
    let step = call(
        "news",
        Value::Null,
        &[("q", json!("x"))],
        vec![text("note", "y")],
    );
    let program = program.after_tokens(vec![step]);
    stage.play(&program).await.unwrap();
    let seen = &other.requests_to(Role::Api)[0];
    assert_eq!(seen.method, "POST");
    assert_eq!(
        seen.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    for header in [
        "authorization",
        "cookie",
        "dpop",
        "forwarded",
        "proxy-authorization",
    ] {
        assert_eq!(seen.header(header), None, "{header}");
    }
}
