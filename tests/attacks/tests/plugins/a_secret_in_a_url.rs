//! Attack: get a secret into a URL: as a query parameter, by the digits of its reference, or by a template in a described URL.
//! Stopped by: queries take the plugin's text alone, and templates do not exist (host/broker/src/message.rs).

use serde_json::json;
use vestibule_attacks::puppet::{
    API, authorize_with, call, discover, endpoint, finish, list, redeem, reference, told,
};
use vestibule_attacks::verdict::denied;
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

// proves: PLUG-05
#[tokio::test(flavor = "multi_thread")]
async fn a_query_has_the_plugins_own_words_and_nothing_instead_of_them() {
    let stage = Stage::honest().await;
    let words = [
        "{access_token}",
        "${access_token}",
        "%access_token%",
        "{\"$ref\":\"access_token\"}",
        "ref:access_token",
        "../{code}#{state}",
    ];
    let query: Vec<(String, serde_json::Value)> = words
        .iter()
        .enumerate()
        .map(|(at, words)| (format!("q{at}"), json!(words)))
        .chain([("told".to_owned(), told())])
        .collect();
    let query: Vec<(&str, serde_json::Value)> = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let program = Program::honest(&stage.idp)
        .profile(|profile| profile["endpoints"][0]["method"] = json!("Get"))
        .after_tokens(vec![call(API, reference("access_token"), &query, vec![])]);
    stage.play(&program).await.unwrap();
    let seen = &stage.idp.requests_to(Role::Api)[0];
    for (at, words) in words.iter().enumerate() {
        assert_eq!(seen.parameter(&format!("q{at}")), Some(*words));
    }
    // All that the guest knows of its tokens are these digits.
    let (_, access) = stage
        .tape
        .references()
        .into_iter()
        .find(|(name, _)| name == "access_token")
        .unwrap();
    assert!(
        seen.parameter("told")
            .unwrap()
            .contains(&access.high.to_string())
    );
    stage.told_nothing();
    stage.sent_nothing_astray();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_in_the_place_of_text_is_not_in_the_contract() {
    let stage = Stage::honest().await;
    let step = call(
        API,
        reference("access_token"),
        &[("q", reference("access_token"))],
        vec![],
    );
    let program = Program::honest(&stage.idp).after_tokens(vec![step]);
    // It is the puppet itself that cannot be made to say this: a query is text.
    let error = stage.play(&program).await.unwrap_err();
    assert_eq!(error.code(), "plugin.failed", "{error:?}");
    assert!(error.message().contains("expected a string"), "{error:?}");
    assert_eq!(stage.idp.count(Role::Api), 0);
}

// proves: PLUG-05
#[tokio::test(flavor = "multi_thread")]
async fn a_template_in_a_described_url_is_sent_as_it_stands() {
    let stage = Stage::honest().await;
    let url = format!(
        "{}/{{access_token}}/$access_token/%7Baccess_token%7D?t={{access_token}}",
        stage.idp.issuer()
    );
    let program = Program::honest(&stage.idp)
        .profile(|profile| {
            list(profile, "endpoints").push(endpoint("template", "Resource", &url));
        })
        .after_tokens(vec![call(
            "template",
            reference("access_token"),
            &[],
            vec![],
        )]);
    stage.play(&program).await.unwrap();
    let seen = stage.idp.requests_to(Role::Unknown);
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0].target.contains("access_token"),
        "{}",
        seen[0].target
    );
    for secret in stage.idp.secrets() {
        for form in vestibule_e2e::encodings::of(&secret.value) {
            assert!(!seen[0].target.contains(&form), "{:?}", secret.kind);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_endpoint_with_a_secrets_name_in_its_query_is_not_approved() {
    let stage = Stage::honest().await;
    for query in [
        "code=x",
        "token={access_token}",
        "Client-Secret=x",
        "a=b&st%61te=x",
    ] {
        let url = format!("{}/register?{query}", stage.idp.issuer());
        let program = Program::honest(&stage.idp).profile(|profile| {
            list(profile, "endpoints").push(endpoint("registration", "Registration", &url));
        });
        let error = stage.refuses(&program, "approval.query").await;
        assert_eq!(error.blame(), vestibule_core::Blame::Plugin);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorization_url_has_no_place_for_what_a_flow_knows() {
    let stage = Stage::honest().await;
    for name in [
        "code",
        "access_token",
        "token",
        "id_token_hint",
        "refreshToken",
    ] {
        let steps = vec![
            discover(),
            authorize_with(&["openid"], &[(name, "x")]),
            redeem("code"),
            finish(&["access_token"]),
        ];
        let program = Program::honest(&stage.idp).steps("sign-in", steps);
        let error = stage.catches(&program).await;
        denied(&error, "extra_fields");
    }
    assert_eq!(stage.tape.browsers(), 0);
}
