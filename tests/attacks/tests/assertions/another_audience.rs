//! Attack: have an assertion made for somebody else, taken from a source that was not named, or read from a path of the plugin's own.
//! Stopped by: sources and audiences are the tenant file's, host/policy/src/steps/subject_token.rs, host/broker/src/subject_token.rs

use vestibule_attacks::puppet::{discover, finish, jwt_bearer, subject_token};
use vestibule_core::Blame;
use vestibule_rehearsal::Role;

use crate::support::{AUDIENCE, Machine, doing, honest};

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_names_a_source_of_the_tenant_for_its_audience_and_nothing_else() {
    let machine = Machine::start().await;
    let keys = machine.asking("from = \"github_actions\"");
    for (source, audience, blame) in [
        ("ci", "https://evil.example", Blame::Plugin),
        ("ci", "https://idp.example/", Blame::Plugin),
        ("ci", "https://IDP.example", Blame::Plugin),
        ("ci", "", Blame::Plugin),
        ("prod", AUDIENCE, Blame::Policy),
        ("ci2", AUDIENCE, Blame::Policy),
        ("/var/run/secrets/tokens/token", AUDIENCE, Blame::Plugin),
        ("../ci", AUDIENCE, Blame::Plugin),
        ("https://evil.example", AUDIENCE, Blame::Plugin),
        ("CI_TOKEN", AUDIENCE, Blame::Plugin),
        ("", AUDIENCE, Blame::Plugin),
    ] {
        let program = doing(
            &machine,
            vec![
                discover(),
                subject_token(source, audience),
                jwt_bearer("subject_token"),
                finish(&["access_token"]),
            ],
        );
        let error = machine.plays(&keys, &program).await.unwrap_err();
        assert_eq!(
            (error.code(), error.blame()),
            ("policy.denied", blame),
            "{source} {audience}: {error:?}"
        );
    }
    assert!(machine.platform.asked().is_empty());
    assert!(machine.stage.variables.asked().is_empty());
    assert_eq!(machine.stage.idp.count(Role::Token), 0);
    machine.stage.kept_nothing();

    // The same without what is hostile in it.
    let _ = machine.plays(&keys, &honest(&machine)).await;
    assert_eq!(machine.presented().len(), 1);
    machine.told_nothing();
}

/// Of a workload's environment, only what the named source needs is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn no_variable_is_read_that_no_source_names() {
    let machine = Machine::start().await;
    machine
        .stage
        .variables
        .set("AWS_SECRET_ACCESS_KEY", "nobodys-business");
    machine
        .stage
        .variables
        .set("CI_TOKEN", &machine.platform.assertion(AUDIENCE));
    let keys = "from = \"gitlab_ci\"\nvariable = \"CI_TOKEN\"";
    let _ = machine.plays(keys, &honest(&machine)).await;
    assert_eq!(machine.presented().len(), 1);
    assert_eq!(machine.stage.variables.asked(), ["CI_TOKEN"]);
}
