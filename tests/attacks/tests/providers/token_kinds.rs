//! Attack: a token of another kind stands in for the ID token, or a claim that is no identity for the identity.
//! Stopped by: `typ` and the claims that only other kinds have; identity is issuer and `sub`, host/broker/src/id_token/jws.rs

use vestibule_app::TokenQuery;
use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{Fault, Form, IdTokenTwist as T, Role, Script, SecretKind};

// proves: IDT-12
#[tokio::test(flavor = "multi_thread")]
async fn no_other_kind_of_token_is_an_id_token() {
    let itself = Fault::Reflect {
        member: "id_token",
        kind: SecretKind::AccessToken,
        form: Form::Plain,
    };
    let scripts = [
        T::TypAccessToken,
        T::TypProof,
        T::LogoutToken,
        T::LogoutTokenUntyped,
    ]
    .map(|twist| (format!("{twist:?}"), Script::honest().twist(twist)))
    .into_iter()
    .chain([(
        "the access token".to_owned(),
        Script::honest().fault(Role::Token, itself),
    )]);
    for (what, script) in scripts {
        let stage = Stage::with(script).await;
        let error = stopped(stage.play(&Program::honest(&stage.idp)).await);
        assert_eq!(
            (error.blame(), error.code()),
            (Blame::Provider, "id_token.type"),
            "{what}"
        );
        stage.kept_nothing();
        stage.told_nothing();
    }
}

// proves: IDT-12
#[tokio::test(flavor = "multi_thread")]
async fn names_and_e_mail_addresses_of_somebody_else_do_not_change_who_has_signed_in() {
    let stage = Stage::honest().await;
    let name = stage.conforming("").await.unwrap();
    stage.sign_in(&name).await.unwrap();
    let subject = |stage: &Stage| -> Vec<String> {
        let tenants = stage.vestibule.status().unwrap();
        let records = tenants.into_iter().flat_map(|tenant| tenant.records);
        records.map(|record| record.subject).collect()
    };
    let before = subject(&stage);
    assert_eq!(before.len(), 1);

    stage.idp.rescript(
        Script::honest()
            .any_redirect_path()
            .twist(T::NamesOfAnother),
    );
    stage.sign_in(&name).await.unwrap();
    // The same record, of the same person, whatever they call themselves now; and by no other key of an identity.
    assert_eq!(subject(&stage), before);
    assert_eq!(stage.sealed(), 1);
    let by_subject = TokenQuery {
        account: Some(before[0].clone()),
        ..TokenQuery::default()
    };
    let _ = stage.vestibule.token(&name, &by_subject).await.unwrap();
}
