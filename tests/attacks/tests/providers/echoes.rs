//! Attack: every endpoint repeats what it was sent, in members nobody declared, nested ones, headers, cookies, `Location` and errors.
//! Stopped by: replies are parsed by the host, and nothing crosses that was not declared readable, host/broker/src/readable.rs

use vestibule_attacks::puppet::{API, call, reference, userinfo};
use vestibule_attacks::{Program, Stage};
use vestibule_rehearsal::{Fault, Role, Script};

const ROLES: [Role; 7] = [
    Role::PushedAuthorization,
    Role::Token,
    Role::Jwks,
    Role::UserInfo,
    Role::Api,
    Role::Revocation,
    Role::Discovery,
];

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_tells_neither_the_guest_nor_the_person_anything() {
    for fault in [
        Fault::EchoInMembers,
        Fault::EchoInHeaders,
        Fault::EchoInError,
    ] {
        for role in ROLES {
            let stage = Stage::honest().await;
            let steps = vec![
                userinfo("access_token"),
                call(API, reference("access_token"), &[], vec![]),
            ];
            let program = Program::honest(&stage.idp).after_tokens(steps);
            let name = stage.approve("stage", &program).await.unwrap();
            let echoing = Script::honest()
                .any_redirect_path()
                .fault(role, fault.clone());
            stage.idp.rescript(echoing);
            let mut said = Vec::new();
            said.extend(stage.sign_in(&name).await.err());
            said.extend(stage.refresh(&name).await.err());
            said.extend(stage.vestibule.sign_out(&name, None).await.err());
            stage.told_nothing();
            for secret in stage.idp.secrets() {
                for form in vestibule_e2e::encodings::of(&secret.value) {
                    let told = said.iter().find(|error| {
                        error.message().contains(&form)
                            || error.next_step().is_some_and(|hint| hint.contains(&form))
                    });
                    assert!(told.is_none(), "{fault:?} at {role:?}: {told:?}");
                }
            }
            assert!(stage.idp.count(role) > 0, "{role:?} was never asked");
        }
    }
}
