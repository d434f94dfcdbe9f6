//! Attack: have a token sent in a header that others read, or that steers the connection.
//! Stopped by: one header by name, from a description, and none of the connection's (host/policy/src/approval/headers.rs, host/core/src/name.rs).

use serde_json::json;
use vestibule_attacks::puppet::{API, call, endpoint, list, reference};
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::Role;

const FOREIGN: [&str; 38] = [
    "Authorization",
    "authorization",
    "aUTHORIZATION",
    "Cookie",
    "cookie",
    "cOOkie",
    "Set-Cookie",
    "Host",
    "hOST",
    "DPoP",
    "dpop",
    "DPOP",
    "Proxy-Authorization",
    "proxy-connection",
    "PROXY-x",
    "Forwarded",
    "FORWARDED",
    "X-Forwarded-For",
    "x-forwarded-host",
    "X-FORWARDED-anything",
    "Content-Length",
    "content-LENGTH",
    "Transfer-Encoding",
    "transfer-encoding",
    "Connection",
    "Upgrade",
    "Referer",
    "User-Agent",
    "TE",
    "Expect",
    "Sec-Fetch-Site",
    "X-HTTP-Method-Override",
    " Cookie",
    "Cookie ",
    "Cookie\t",
    "Cookie:",
    "X-A\r\nCookie",
    "",
];

// proves: PLUG-05, PLUG-13
#[tokio::test(flavor = "multi_thread")]
async fn a_token_travels_in_no_header_that_others_read() {
    let stage = Stage::honest().await;
    for header in FOREIGN {
        let program = Program::honest(&stage.idp)
            .profile(|profile| profile["endpoints"][0]["token_header"] = json!(header));
        let error = stage.refuses(&program, "approval.headers").await;
        assert_eq!(error.blame(), Blame::Plugin, "{header:?}");
    }
}

// proves: PLUG-13
#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_secret_has_no_header_of_the_plugins_at_all() {
    let stage = Stage::honest().await;
    for header in ["Cookie", "X-Anything"] {
        let program = Program::honest(&stage.idp).profile(|profile| {
            let mut public = endpoint("news", "Public", &stage.idp.api_url());
            public["token_header"] = json!(header);
            list(profile, "endpoints").push(public);
        });
        stage.refuses(&program, "approval.headers").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_of_the_providers_own_carries_the_token_alone() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp)
        .profile(|profile| profile["endpoints"][0]["token_header"] = json!("X-Practice-Token"))
        .after_tokens(vec![call(API, reference("access_token"), &[], vec![])]);
    stage.play(&program).await.unwrap();
    let seen = &stage.idp.requests_to(Role::Api)[0];
    let token = seen.header("x-practice-token").unwrap();
    assert!(
        stage
            .idp
            .secrets()
            .iter()
            .any(|secret| secret.value == token)
    );
    assert_eq!(seen.header("authorization"), None);
    stage.sent_nothing_astray();
}
