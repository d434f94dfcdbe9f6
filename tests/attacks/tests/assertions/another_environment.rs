//! Attack: use a credential of the test environment for production, or of one application for another: by the tenant file, or by its file.
//! Stopped by: the environment is part of what a record is sealed under and looked for by: host/core/src/record.rs, host/app/src/grants.rs

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use vestibule_app::TokenQuery;
use vestibule_attacks::{Program, Stage};
use vestibule_core::{Error, TenantName};
use vestibule_e2e::kept;
use vestibule_rehearsal::Role;

/// Approves what the tenant file is now.
async fn becomes(stage: &Stage, name: &TenantName, program: &Program, environment: &str) {
    std::fs::write(stage.tenant_file(name), program.tenant_file(environment)).unwrap();
    let proposal = stage.vestibule.propose(name).await.unwrap();
    stage.vestibule.approve(&proposal).unwrap();
}

/// What asking for a token comes to, however it is asked for.
async fn refused(stage: &Stage, name: &TenantName) -> Error {
    let query = TokenQuery::default();
    let at_hand = stage.vestibule.token_at_hand(name, &query).unwrap_err();
    let renewed = stage.refresh(name).await.unwrap_err();
    assert_eq!(at_hand.code(), renewed.code());
    assert_eq!(renewed.exit_code(), 2, "{renewed:?}");
    renewed
}

const TEST: &str = "environment = \"test\"\n";
const PRODUCTION: &str = "environment = \"production\"\n";

// proves: WKL-07
#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_one_environment_is_none_of_another() {
    for (before, after) in [
        (TEST, PRODUCTION),
        (PRODUCTION, TEST),
        ("", PRODUCTION),
        (TEST, ""),
    ] {
        let stage = Stage::honest().await;
        let program = Program::honest(&stage.idp);
        let file = program.tenant_file(before);
        let name = stage.approve_file("corp", &file).await.unwrap();
        stage.sign_in(&name).await.unwrap();
        let requests = stage.idp.requests().len();

        // Everything else is as it was: issuer, client, permissions.
        becomes(&stage, &name, &program, after).await;
        let after_approval = stage.idp.requests().len();
        let error = refused(&stage, &name).await;
        assert_eq!(error.code(), "grant.environment", "{error:?}");
        for word in [before, after] {
            let word = word.split('"').nth(1).unwrap_or("no environment");
            assert!(error.message().contains(word), "{error}");
        }
        assert_eq!(stage.idp.requests().len(), after_approval);
        assert!(after_approval > requests);

        // Each has its own, and neither is in the other's way.
        stage.sign_in(&name).await.unwrap();
        assert_eq!(stage.sealed(), 2);
        let _ = stage.refresh(&name).await.unwrap();
        becomes(&stage, &name, &program, before).await;
        let _ = stage.refresh(&name).await.unwrap();

        // What is of another environment is erased at a sign-out, and sent nowhere.
        let revocations = stage.idp.count(Role::Revocation);
        let out = stage.vestibule.sign_out(&name, None).await.unwrap();
        assert!(!out.unconfirmed.is_empty(), "{out:?}");
        assert_eq!(stage.idp.count(Role::Revocation), revocations + 2);
        stage.kept_nothing();
    }
}

// proves: WKL-07
#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_moved_to_another_environment_or_application_opens_nothing() {
    let stage = Stage::honest().await;
    let program = Program::honest(&stage.idp);
    let test = stage
        .approve_file("corp-test", &program.tenant_file(TEST))
        .await
        .unwrap();
    let production = stage
        .approve_file("corp", &program.tenant_file(PRODUCTION))
        .await
        .unwrap();
    stage.sign_in(&test).await.unwrap();
    let [sealed] = kept::sealed(&stage.root().join("state"))
        .try_into()
        .unwrap();
    let folder = sealed.parent().unwrap().parent().unwrap().join("corp");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    std::fs::copy(&sealed, folder.join(sealed.file_name().unwrap())).unwrap();
    let tokens = stage.idp.count(Role::Token);
    let query = TokenQuery::default();
    let error = stage
        .vestibule
        .token_at_hand(&production, &query)
        .unwrap_err();
    assert!(error.code().starts_with("store."), "{error:?}");
    assert_eq!(stage.idp.count(Role::Token), tokens);
    // Where it belongs, it is good.
    let _ = stage.refresh(&test).await.unwrap();

    // Another application is another client.
    let other = program.profile(|profile| {
        profile["client"]["Configured"]["client_id"] = json!("another-application");
    });
    becomes(&stage, &test, &other, TEST).await;
    let error = refused(&stage, &test).await;
    assert_eq!(error.code(), "grant.approval", "{error:?}");
}
