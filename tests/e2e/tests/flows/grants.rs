//! The life of a grant: renewed with what the provider gave last, and ended there as well as here.

use vestibule_e2e::{Browser, Decision, Machine, Practice};
use vestibule_rehearsal::{GrantTwist, Role, Script, SecretKind};

use crate::machine_for;

// proves: RFT-01
#[test]
fn a_new_refresh_token_replaces_the_old_one_which_stays_if_none_comes() {
    let idp = Practice::openid(Script::honest());
    let machine = signed_in(&idp);
    let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
    let _ = machine.run(&["token", "corp", "--refresh"]).succeeded();
    // A public client may keep what is not rotated by an explicit line only (RFC 9700 section 2.2.2).
    let file = machine.tenant_file("corp");
    let text = std::fs::read_to_string(file).unwrap();
    machine.tenant(
        "corp",
        &format!("{text}[policy]\nallow_unrotated_refresh_token = true\n"),
    );
    idp.rescript(
        Script::honest()
            .any_redirect_path()
            .twist(GrantTwist::NoRotation),
    );
    for _ in 0..3 {
        let token = machine.run(&["token", "corp", "--refresh"]).succeeded();
        assert!(idp.is_live(token.line()));
    }

    let sent: Vec<String> = idp
        .requests_to(Role::Token)
        .iter()
        .filter_map(|seen| seen.field("refresh_token").map(str::to_owned))
        .collect();
    assert_eq!(sent.len(), 5);
    // Each rotated one is used once; the one that nothing replaced again and again.
    assert!(sent[0] != sent[1] && sent[1] != sent[2]);
    assert!(sent[2] == sent[3] && sent[3] == sent[4]);
}

// proves: REV-01
#[test]
fn logout_revokes_what_renews_before_what_is_renewed_and_erases_in_any_case() {
    let idp = Practice::openid(Script::honest());
    let machine = signed_in(&idp);
    let _ = machine.run(&["logout", "corp"]).succeeded();
    let revoked: Vec<String> = idp
        .requests_to(Role::Revocation)
        .iter()
        .filter_map(|seen| seen.field("token").map(str::to_owned))
        .collect();
    let kinds: Vec<_> = revoked
        .iter()
        .map(|token| {
            idp.secrets()
                .iter()
                .find(|secret| secret.value == *token)
                .map(|secret| secret.kind)
        })
        .collect();
    assert_eq!(
        kinds,
        [
            Some(SecretKind::RefreshToken),
            Some(SecretKind::AccessToken)
        ]
    );
    assert!(revoked.iter().all(|token| !idp.is_live(token)));
    assert!(machine.sealed().is_empty());

    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    drop(idp);
    assert_eq!(machine.run(&["logout", "corp"]).code, Some(8));
    assert!(machine.sealed().is_empty());
}

fn signed_in(idp: &Practice) -> Machine {
    let machine = machine_for(&idp.issuer(), Script::CLIENT_ID);
    let person = machine.seat(Browser::Visitor, Decision::Approve);
    let _ = machine.run(&["login", "corp"]).succeeded();
    let _ = person.report();
    machine
}
