use super::*;

fn in_variable(token: &str) -> Scene {
    Scene::of("from = \"gitlab_ci\"\nvariable = \"VAULT_ID_TOKEN\"").set("VAULT_ID_TOKEN", token)
}

#[tokio::test]
async fn an_assertion_is_told_with_its_issuer_and_never_itself() {
    let scene = in_variable(&good());
    assert_eq!(scene.asks().await.unwrap(), good());
    let told = scene.told();
    assert_eq!(
        told,
        [
            "notice: The assertion of source ci (GitLab CI) is good for 10 minutes, in the name of https://platform.example."
        ]
    );
}

#[tokio::test]
async fn an_assertion_that_cannot_serve_is_refused_before_it_is_sent() {
    let claims = |change: &dyn Fn(&mut Value)| {
        let mut claims =
            json!({"iss": "https://platform.example", "aud": AUDIENCE, "exp": NOW + 60});
        change(&mut claims);
        jwt(&claims)
    };
    for (token, code, words) in [
        (
            claims(&|c| c["aud"] = json!("https://other.example")),
            "subject_token.other_audience",
            "is for \"https://other.example\", and not for https://idp.example",
        ),
        (
            claims(&|c| c["aud"] = json!(["a", "https://idp.example/"])),
            "subject_token.other_audience",
            "is for \"a, https://idp.example/\"",
        ),
        (
            claims(&|c| {
                c.as_object_mut().unwrap().remove("aud");
            }),
            "subject_token.other_audience",
            "names no audience",
        ),
        (
            claims(&|c| c["exp"] = json!(NOW)),
            "subject_token.expired",
            "expired 0 seconds ago",
        ),
        (
            claims(&|c| c["exp"] = json!(NOW - 7_200)),
            "subject_token.expired",
            "expired 2 hours ago",
        ),
        (
            claims(&|c| {
                c.as_object_mut().unwrap().remove("exp");
            }),
            "subject_token.endless",
            "never expires",
        ),
        (
            claims(&|c| c["nbf"] = json!(NOW + 3_600)),
            "subject_token.early",
            "is not valid before 1 hour",
        ),
        (
            claims(&|c| c["exp"] = json!("soon")),
            "subject_token.format",
            "cannot be read",
        ),
        (
            claims(&|c| c["aud"] = json!({"x": 1})),
            "subject_token.format",
            "cannot be read",
        ),
        (
            "opaque".to_owned(),
            "subject_token.format",
            "is no signed JWT",
        ),
        (
            "a.b.c".to_owned(),
            "subject_token.format",
            "is no signed JWT",
        ),
        (
            good().replacen("eyJ", "e yJ", 1),
            "subject_token.format",
            "not one word",
        ),
        (
            format!("{}.x.y", good()),
            "subject_token.format",
            "is no signed JWT",
        ),
        (
            good().rsplit_once('.').unwrap().0.to_owned() + ".",
            "subject_token.format",
            "is no signed JWT",
        ),
    ] {
        let error = in_variable(&token).refuses(Blame::Config, code).await;
        assert!(error.message().contains(words), "{words}: {error}");
        assert!(!error.message().contains(&token), "{error}");
    }
}

#[tokio::test]
async fn an_assertion_that_is_not_signed_is_refused_everywhere() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let payload = json!({"aud": AUDIENCE, "exp": NOW + 60}).to_string();
    for algorithm in ["none", "None", "NONE"] {
        let token = format!(
            "{}.{}.{}",
            encode(&json!({"alg": algorithm}).to_string()),
            encode(&payload),
            encode("x")
        );
        in_variable(&token)
            .refuses(Blame::Config, "subject_token.format")
            .await;
        let own = Scene::of("from = \"variable\"\nvariable = \"X\"").set("X", &token);
        own.refuses(Blame::Config, "subject_token.format").await;
    }
}

#[tokio::test]
async fn a_variable_that_is_not_there_is_told_with_what_fills_it() {
    let error = Scene::of("from = \"gitlab_ci\"\nvariable = \"VAULT_ID_TOKEN\"")
        .refuses(Blame::Config, "subject_token.source")
        .await;
    assert!(
        error.message().contains("VAULT_ID_TOKEN is not set"),
        "{error}"
    );
    assert_eq!(
        error.next_step(),
        Some("name it in the job: id_tokens: { VAULT_ID_TOKEN: { aud: https://idp.example } }")
    );
    let own = Scene::of("from = \"variable\"\nvariable = \"X\"");
    own.refuses(Blame::Config, "subject_token.source").await;
    let huge = Scene::of("from = \"variable\"\nvariable = \"X\"")
        .set("X", &"x".repeat(limits::ASSERTION_BYTES + 1));
    huge.refuses(Blame::Config, "subject_token.format").await;
}

#[tokio::test]
async fn a_variable_that_holds_a_lasting_secret_is_told_without_an_age() {
    let scene = Scene::of("from = \"variable\"\nvariable = \"X\"").set("X", "opaque-and-long");
    assert_eq!(scene.asks().await.unwrap(), "opaque-and-long");
    let told = scene.told();
    assert!(
        told[0].starts_with("warning:") && told[0].contains("of unknown age"),
        "{told:?}"
    );
}
