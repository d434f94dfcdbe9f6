//! A secret that may be used once.

use super::*;

const TOKEN: Place<'static> = Place {
    role: "token",
    method: HttpMethod::Post,
    placement: &Placement::Authorization,
};

fn keep(vault: &mut Vault, kind: SecretKind) -> Reference {
    let secret = Secret::new("value".into());
    vault.keep(kind, kind.as_str(), secret).unwrap()
}

#[test]
fn a_use_that_is_authorized_is_spent() {
    let mut vault = Vault::new(Matrix::of(&permissions()));
    let code = keep(&mut vault, SecretKind::AuthorizationCode);
    let placement = Placement::Member("code".into());
    let place = Place {
        placement: &placement,
        ..TOKEN
    };
    assert!(vault.authorize(code, place).is_ok());
    let again = vault.authorize(code, place).unwrap_err();
    assert_eq!(again.code(), "plugin.reference");
    assert!(vault.place(code, place).is_err());
}

#[test]
fn a_use_that_the_matrix_does_not_permit_is_not_authorized_and_spends_nothing() {
    let mut vault = Vault::new(Matrix::of(&permissions()));
    let code = keep(&mut vault, SecretKind::AuthorizationCode);
    let refused = vault.authorize(code, TOKEN).unwrap_err();
    assert_eq!(refused.code(), "plugin.reference");
    assert!(vault.kind_of(code).is_ok());
}

#[test]
fn what_is_spent_ends_in_no_grant_and_is_still_known_for_what_it_was() {
    let mut vault = Vault::new(Matrix::of(&permissions()));
    let code = keep(&mut vault, SecretKind::AuthorizationCode);
    let known = (SecretKind::AuthorizationCode, "code");
    assert_eq!(vault.kind_of(code).unwrap(), known);
    let placement = Placement::Member("code".into());
    let place = Place {
        placement: &placement,
        ..TOKEN
    };
    vault.place(code, place).unwrap();
    assert_eq!(vault.kind_of(code).unwrap_err().code(), "plugin.reference");
    assert_eq!(vault.identify(code).unwrap(), known);
}
