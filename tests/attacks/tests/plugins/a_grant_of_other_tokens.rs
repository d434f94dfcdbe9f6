//! Attack: end with tokens under a false name, of another kind, twice, or without the one that counts.
//! Stopped by: each part must have been obtained in the flow, under its own name (host/broker/src/finish.rs, host/policy/src/steps/finish.rs).

use vestibule_attacks::puppet::{finish_as, reference, userinfo};
use vestibule_attacks::verdict::caught;
use vestibule_attacks::{Program, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_made_of_what_the_flow_obtained_under_its_own_name() {
    let stage = Stage::honest().await;
    let token = |name: &str| reference(name);
    let lies = [
        finish_as("Oauth", &[("access_token", token("refresh_token"))]),
        finish_as("Oauth", &[("access_token", token("id_token"))]),
        finish_as(
            "Oauth",
            &[
                ("access_token", token("access_token")),
                ("refresh_token", token("access_token")),
            ],
        ),
        finish_as(
            "Oauth",
            &[
                ("access_token", token("access_token")),
                ("access_token", token("access_token")),
            ],
        ),
        finish_as("Oauth", &[("refresh_token", token("refresh_token"))]),
        finish_as(
            "Oauth",
            &[
                ("access_token", token("access_token")),
                ("refresh_token", token("code")),
            ],
        ),
        finish_as(
            "Oauth",
            &[
                ("access_token", token("access_token")),
                ("id_token", token("refresh_token")),
            ],
        ),
        finish_as(
            "Oauth",
            &[
                ("access_token", token("access_token")),
                ("extra", token("refresh_token")),
            ],
        ),
        finish_as(
            "Oauth",
            &[
                ("access_token", token("access_token")),
                ("client_secret", token("refresh_token")),
            ],
        ),
        finish_as("Opaque", &[("access_token", token("access_token"))]),
        finish_as("CloudKeys", &[("secret_access_key", token("access_token"))]),
    ];
    for lie in lies {
        let program = Program::honest(&stage.idp).after_tokens(vec![lie.clone()]);
        let error = caught(stage.play(&program).await);
        assert!(
            ["plugin.grant", "plugin.reference", "policy.denied"].contains(&error.code()),
            "{lie}: {error:?}"
        );
        stage.kept_nothing();
    }
    stage.told_nothing();
    let honest = Program::honest(&stage.idp).after_tokens(vec![userinfo("access_token")]);
    assert!(stage.play(&honest).await.is_ok());
}
