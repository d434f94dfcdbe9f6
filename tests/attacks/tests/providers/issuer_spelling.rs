//! Attack: metadata says an issuer that many programs would take for the configured one: a slash more, another case, a port, an escape.
//! Stopped by: the issuer as text, compared character for character, host/broker/src/discovery/metadata.rs

use vestibule_attacks::verdict::stopped;
use vestibule_attacks::{Program, Stage};
use vestibule_core::Blame;
use vestibule_rehearsal::{MetadataTwist, Role, Script};

/// Others for an issuer with a path.
fn others(issuer: &str) -> Vec<String> {
    let dotted = issuer.replace("/realms/one", "/realms/./one");
    vec![
        format!("{issuer}/"),
        issuer.to_uppercase(),
        issuer.replacen("http", "HTTP", 1),
        issuer.replace("/one", "/ONE"),
        issuer.replace("/one", "/%6Fne"),
        issuer.replace("/one", "/one%2F"),
        issuer.replace("127.0.0.1", "localhost"),
        issuer.replace("127.0.0.1", "127.1"),
        issuer.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
        issuer.replace("http:", "https:"),
        format!("{issuer}?"),
        format!("{issuer}#"),
        format!(" {issuer}"),
        format!("{issuer}\u{200b}"),
        dotted,
        String::new(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_is_only_nearly_the_same_is_another() {
    let at_path = || Script::honest().at_path("/realms/one").any_redirect_path();
    let stage = Stage::with(at_path()).await;
    let name = stage
        .approve("stage", &Program::honest(&stage.idp))
        .await
        .unwrap();
    let issuer = stage.idp.issuer();
    for other in others(&issuer) {
        assert_ne!(other, issuer);
        stage
            .idp
            .rescript(at_path().twist(MetadataTwist::Member("issuer", other.clone())));
        for error in [
            stopped(stage.sign_in(&name).await),
            stopped(stage.vestibule.propose(&name).await),
        ] {
            assert_eq!(
                (error.blame(), error.code()),
                (Blame::Provider, "discovery.issuer"),
                "{other:?}"
            );
        }
    }
    assert_eq!(stage.idp.count(Role::Token), 0);
    assert_eq!(stage.tape.browsers(), 0);
    stage.kept_nothing();
    stage.idp.rescript(at_path());
    stage.sign_in(&name).await.unwrap();
}
