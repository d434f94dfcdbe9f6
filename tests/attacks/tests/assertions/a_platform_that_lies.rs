//! Attack: answer in the platform's place: with a redirect, an assertion for somebody else, one that is over, a page, a flood, or none.
//! Stopped by: one exchange, once, of a known answerer, and a look at what the assertion says: host/broker/src/subject_token/assertion.rs

use vestibule_core::Blame;
use vestibule_rehearsal::{Answering, Platform, Role};

use crate::support::{Machine, honest};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_assertion_for_the_audience_is_not_sent_on() {
    let machine = Machine::start().await;
    let elsewhere = Platform::start(machine.stage.idp.clock()).await.unwrap();
    for keys in [
        "from = \"github_actions\"",
        "from = \"gcp\"",
        "from = \"azure\"\nservice = \"virtual_machine\"",
        "from = \"aws\"\nservice = \"sts\"\nregion = \"eu-central-1\"",
    ] {
        let keys = machine.asking(keys);
        let name = machine.approves(&keys, &honest(&machine)).await.unwrap();
        for answering in [
            Answering::ElsewhereAt(format!("{}/latest/api/token", elsewhere.origin())),
            Answering::ElsewhereAt("http://169.254.169.254/".to_owned()),
            Answering::ForSomebodyElse,
            Answering::TooLate,
            Answering::WithNonsense,
            Answering::Endlessly,
            Answering::With(401),
            Answering::With(500),
        ] {
            machine.platform.answer(answering.clone());
            let error = machine.stage.sign_in(&name).await.unwrap_err();
            assert!(
                [Blame::Config, Blame::Network, Blame::Provider].contains(&error.blame()),
                "{answering:?}: {error:?}"
            );
            assert!(error.message().starts_with("source \"ci\""), "{error}");
        }
        machine.platform.answer(Answering::Honestly);
    }
    let keys = machine.asking("from = \"gcp\"");
    machine.platform.answer(Answering::Namelessly);
    let ended = machine.plays(&keys, &honest(&machine)).await;
    assert_eq!(ended.unwrap_err().code(), "subject_token.answer");

    assert!(elsewhere.asked().is_empty());
    assert_eq!(machine.stage.idp.count(Role::Token), 0);
    machine.stage.kept_nothing();
    machine.told_nothing();
}
