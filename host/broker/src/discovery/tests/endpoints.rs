//! Which endpoints an issuer has, and which it must have.

use super::*;

#[test]
fn endpoints_are_told_by_role() {
    let metadata = parse(
        Form::OpenId,
        &with("userinfo_endpoint", "https://api.idp.test/me"),
    )
    .unwrap();
    let told: Vec<_> = metadata
        .endpoints()
        .map(|(role, url)| (role, url.to_string()))
        .collect();
    let expected = [
        ("authorization", "https://idp.test/authorize"),
        ("token", "https://idp.test/token"),
        ("userinfo", "https://api.idp.test/me"),
        ("jwks", "https://idp.test/jwks"),
    ];
    assert_eq!(told, expected.map(|(role, url)| (role, url.to_owned())));
}

#[test]
fn an_endpoint_is_required_where_a_grant_uses_it() {
    for (grants, member, expected) in [
        (
            &["authorization_code"][..],
            "authorization_endpoint",
            "discovery.required",
        ),
        (
            &["authorization_code"],
            "token_endpoint",
            "discovery.required",
        ),
        (
            &["implicit"],
            "authorization_endpoint",
            "discovery.required",
        ),
        (&["implicit"], "token_endpoint", "accepted"),
        (
            &["implicit", "refresh_token"],
            "token_endpoint",
            "discovery.required",
        ),
        (
            &["client_credentials"],
            "authorization_endpoint",
            "accepted",
        ),
        (
            &["client_credentials"],
            "token_endpoint",
            "discovery.required",
        ),
    ] {
        let mut document = without(member);
        document["grant_types_supported"] = json!(grants);
        assert_eq!(
            code(parse(Form::OAuth, &document)),
            expected,
            "{grants:?} {member}"
        );
    }
}
