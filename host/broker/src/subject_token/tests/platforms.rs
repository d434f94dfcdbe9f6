use vestibule_rehearsal::{Answering, Clock, Platform};

use super::*;

/// A practice platform at the moment that the tests have.
async fn platform() -> Platform {
    let clock = Clock::new();
    clock.advance(std::time::Duration::from_secs(NOW - clock.now()));
    Platform::start(clock).await.unwrap()
}

/// A source of this kind that asks the practice platform.
fn asking(platform: &Platform, keys: &str) -> Scene {
    let origin = platform.origin();
    let scene = Scene::of(&format!("{keys}\nendpoint = \"{origin}\""));
    platform
        .variables()
        .iter()
        .fold(scene, |scene, (name, value)| scene.set(name, value))
}

const KINDS: [&str; 5] = [
    "from = \"github_actions\"",
    "from = \"gcp\"",
    "from = \"azure\"\nservice = \"virtual_machine\"",
    "from = \"azure\"\nservice = \"app_service\"",
    "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-central-1\"",
];

#[tokio::test]
async fn each_platform_is_asked_as_it_wants_to_be() {
    for keys in KINDS {
        let platform = platform().await;
        let scene = asking(&platform, keys);
        let first = scene.asks().await.unwrap();
        assert_eq!(platform.secrets().last(), Some(&first), "{keys}");
        // Each use asks anew.
        assert_ne!(scene.asks().await.unwrap(), first, "{keys}");
        let asked = platform.asked();
        assert!(
            asked.iter().all(|request| request.status == 200),
            "{asked:#?}"
        );
        let each = if keys.contains("aws") { 4 } else { 1 };
        assert_eq!(asked.len(), 2 * each, "{keys}");
    }
}

#[tokio::test]
async fn what_may_be_said_of_an_identity_reaches_the_platform() {
    for (keys, target) in [
        (
            "from = \"gcp\"\nservice_account = \"ci@practice.iam.gserviceaccount.com\"",
            "service-accounts/ci@practice.iam.gserviceaccount.com/identity",
        ),
        (
            "from = \"azure\"\nservice = \"virtual_machine\"\nclient_id = \"11111111-2222-3333-4444-555555555555\"",
            "client_id=11111111",
        ),
        (
            "from = \"azure\"\nservice = \"app_service\"\nclient_id = \"11111111-2222-3333-4444-555555555555\"",
            "client_id=11111111",
        ),
    ] {
        let platform = platform().await;
        asking(&platform, keys).asks().await.unwrap();
        assert!(platform.asked()[0].target.contains(target), "{keys}");
    }
    // Entra knows what is asked for by another name than what the token says.
    let platform = platform().await;
    let scene = Scene::with(&format!(
        "[workload.sources.ci]\nfrom = \"azure\"\nservice = \"virtual_machine\"\nendpoint = \"{}\"\n\
         audience = \"fb60f99c-7a34-4190-8149-302f77469936\"\nresource = \"api://AzureADTokenExchange\"\n",
        platform.origin()
    ));
    scene.asks().await.unwrap();
}

#[tokio::test]
async fn what_a_platform_is_asked_with_goes_to_its_service_alone_and_into_no_trace() {
    let platform = platform().await;
    for keys in KINDS {
        let scene = asking(&platform, keys);
        scene.asks().await.unwrap();
        for told in scene.told() {
            for secret in platform.secrets() {
                assert!(!told.contains(&secret), "{told}");
            }
        }
    }
    for request in platform.asked() {
        for secret in platform.secrets() {
            assert!(!request.target.contains(&secret), "{request:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_serve_is_told_for_what_it_is() {
    use Answering::{
        ElsewhereAt, Endlessly, ForSomebodyElse, Namelessly, TooLate, With, WithNonsense,
    };
    let elsewhere = platform().await;
    for keys in KINDS {
        let platform = platform().await;
        for (answering, blame, code) in [
            (With(400), Blame::Config, "subject_token.refused"),
            (With(403), Blame::Config, "subject_token.refused"),
            (With(404), Blame::Config, "subject_token.refused"),
            (With(429), Blame::Network, "subject_token.service"),
            (With(503), Blame::Network, "subject_token.service"),
            (
                ElsewhereAt(format!("{}/x", elsewhere.origin())),
                Blame::Provider,
                "http.redirect",
            ),
            (
                ForSomebodyElse,
                Blame::Config,
                "subject_token.other_audience",
            ),
            (TooLate, Blame::Config, "subject_token.expired"),
            (Endlessly, Blame::Provider, "http.too_long"),
        ] {
            platform.answer(answering.clone());
            let error = asking(&platform, keys).refuses(blame, code).await;
            assert!(error.message().starts_with("source \"ci\" ("), "{error}");
        }
        platform.answer(WithNonsense);
        let error = asking(&platform, keys).asks().await.unwrap_err();
        assert!(
            ["subject_token.answer", "subject_token.format"].contains(&error.code()),
            "{keys}: {error:?}"
        );
        assert!(!error.message().contains("hotel"), "{error}");
        platform.answer(Namelessly);
        let nameless = asking(&platform, keys).asks().await;
        assert_eq!(nameless.is_err(), keys.contains("gcp"), "{keys}");
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn the_tenant_must_allow_a_service_on_loopback() {
    for keys in KINDS {
        let platform = platform().await;
        let scene = asking(&platform, keys).strict();
        let error = scene.refuses(Blame::Policy, "net.loopback").await;
        assert!(error.next_step().unwrap().contains("allow_loopback_http"));
        assert!(platform.asked().is_empty(), "{keys}");
    }
}

#[tokio::test]
async fn a_variable_does_not_say_where_a_platforms_own_token_goes() {
    let elsewhere = platform().await;
    for (keys, variable, paths) in [
        (
            "from = \"github_actions\"",
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            ["/actions/idtoken?api-version=2.0"; 2],
        ),
        (
            "from = \"azure\"\nservice = \"app_service\"",
            "IDENTITY_ENDPOINT",
            ["/msi/token", "/MSI/token/"],
        ),
    ] {
        let platform = platform().await;
        // With the operator's endpoint, it is that one or none.
        for path in paths {
            let scene =
                asking(&platform, keys).set(variable, &format!("{}{path}", elsewhere.origin()));
            scene.refuses(Blame::Config, "subject_token.source").await;
        }
        // Without one, it is the platform's own.
        for url in [
            "https://evil.example/actions/idtoken",
            "https://evil.example/msi/token",
            "https://actions.githubusercontent.com.evil.example/x",
            "https://evilactions.githubusercontent.com/x",
            "https://x.actions.githubusercontent.com:8443/x",
            "https://x.actions.githubusercontent.com/x?audience=other",
            "http://8.8.8.8/msi/token",
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
            "http://127.0.0.1:1/msi/token?x=y",
            "not a url",
        ] {
            let scene = platform
                .variables()
                .iter()
                .fold(Scene::of(keys), |scene, (name, value)| {
                    scene.set(name, value)
                });
            scene
                .set(variable, url)
                .refuses(Blame::Config, "subject_token.source")
                .await;
        }
        assert!(platform.asked().is_empty());
    }
    assert!(elsewhere.asked().is_empty());
}

/// The one service whose address a variable says: it may be on this machine or its own network, where no exception is needed.
#[tokio::test]
async fn app_service_is_where_the_platform_says() {
    let platform = platform().await;
    let keys = "from = \"azure\"\nservice = \"app_service\"";
    let named = |url: String| {
        let scene = platform
            .variables()
            .iter()
            .fold(Scene::of(keys), |scene, (name, value)| {
                scene.set(name, value)
            });
        scene.strict().set("IDENTITY_ENDPOINT", &url)
    };
    for path in ["/msi/token", "/MSI/token"] {
        named(format!("{}{path}", platform.origin()))
            .asks()
            .await
            .unwrap();
    }
    let by_name = platform.origin().replace("127.0.0.1", "localhost");
    named(format!("{by_name}/msi/token")).asks().await.unwrap();
    assert_eq!(platform.asked().len(), 3);
}

#[tokio::test]
async fn a_job_that_may_not_ask_is_told_which_permission_it_lacks() {
    let error = Scene::of("from = \"github_actions\"")
        .refuses(Blame::Config, "subject_token.source")
        .await;
    assert_eq!(
        error.next_step(),
        Some("let the job ask for one: permissions: { id-token: write }")
    );
    let error = Scene::of("from = \"azure\"\nservice = \"app_service\"")
        .refuses(Blame::Config, "subject_token.source")
        .await;
    assert!(error.message().contains("IDENTITY_ENDPOINT"), "{error}");
}
