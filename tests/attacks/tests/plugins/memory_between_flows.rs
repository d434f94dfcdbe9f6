//! Attack: keep in globals what one flow taught, for the flow of another tenant or for the next one of the same.
//! Stopped by: a fresh instance for each flow, thrown away after it (host/engine/src/plugin.rs, host/engine/src/instance.rs).

use serde_json::json;
use vestibule_attacks::puppet::{API, call, reference, text, told};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::Role;

/// Tells the API all that it knows.
fn telltale(stage: &Stage) -> Program {
    let step = call(
        API,
        reference("access_token"),
        &[],
        vec![text("told", told()), text("flows", json!({"$flows": null}))],
    );
    Program::honest(&stage.idp)
        .reads("userinfo", &[("/preferred_username", "[a-z]+")])
        .after_tokens(vec![
            vestibule_attacks::puppet::userinfo("access_token"),
            step,
        ])
}

// proves: PLUG-10
#[tokio::test(flavor = "multi_thread")]
async fn a_flow_knows_nothing_of_the_flows_before_it() {
    let stage = Stage::honest().await;
    let program = telltale(&stage);
    let alice = stage.approve("alice", &program).await.unwrap();
    let bob = stage.approve("bob", &program).await.unwrap();
    let mut earlier = Vec::new();
    for name in [&alice, &bob, &bob, &alice] {
        stage.sign_in(name).await.unwrap();
        let given = stage.tape.references();
        let seen = stage.idp.requests_to(Role::Api);
        let seen = seen.last().unwrap();
        assert_eq!(
            seen.field("flows"),
            Some("1"),
            "an instance saw a second flow"
        );
        let told = seen.field("told").unwrap();
        // It does know this flow, so that silence about the others means something.
        let own = &given[earlier.len()..];
        assert!(
            own.iter()
                .all(|(_, known)| told.contains(&known.high.to_string()))
        );
        assert!(told.contains("\"ada\""));
        for (what, known) in &earlier {
            let vestibule_core::Reference { high, low } = known;
            assert!(
                !told.contains(&high.to_string()),
                "{what} of an earlier flow"
            );
            assert!(
                !told.contains(&low.to_string()),
                "{what} of an earlier flow"
            );
        }
        earlier = given;
    }
    assert_eq!(stage.idp.count(Role::Api), 4);

    // A refresh and a sign-out are flows of their own too.
    let refreshing = program.clone().steps(
        "refresh",
        vec![
            vestibule_attacks::puppet::discover(),
            call(
                API,
                reference("access_token"),
                &[],
                vec![text("told", told()), text("flows", json!({"$flows": null}))],
            ),
            vestibule_attacks::puppet::refresh("refresh_token"),
            vestibule_attacks::puppet::finish(&["access_token", "refresh_token"]),
        ],
    );
    stage.approve_again(&alice, &refreshing).await.unwrap();
    let _ = stage.refresh(&alice).await.unwrap();
    let seen = stage.idp.requests_to(Role::Api);
    let told = seen.last().unwrap().field("told").unwrap();
    assert_eq!(seen.last().unwrap().field("flows"), Some("1"));
    assert!(!told.contains("\"ada\""), "{told}");
    for (what, known) in &earlier {
        assert!(
            !told.contains(&known.high.to_string()),
            "{what} of an earlier flow"
        );
    }
    stage.told_nothing();
    stage.sent_nothing_astray();
}

// proves: PLUG-10
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_has_no_place_to_keep_anything() {
    let stage = Stage::honest().await;
    let name = stage.approve("alice", &telltale(&stage)).await.unwrap();
    let before = files(stage.root());
    stage.sign_in(&name).await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let said = stage.idp.requests_to(Role::Api);
    let said = said[0].field("told").unwrap().as_bytes();
    for (path, content) in files(stage.root()) {
        if before
            .iter()
            .any(|(known, same)| *known == path && *same == content)
        {
            continue;
        }
        // What came with the flows is sealed, or a cache of the provider's metadata.
        assert!(
            !content.windows(said.len()).any(|window| window == said),
            "{path:?}"
        );
    }
    assert_eq!(stage.sealed(), 1);
}

fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = std::fs::read(&path).unwrap_or_default();
            found.push((path, content));
        }
    }
    found
}
