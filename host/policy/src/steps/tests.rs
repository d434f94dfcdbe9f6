//! Whole flows against all rules: honest ones pass, and a refusal ends a flow.

use vestibule_core::allowed::Allowed;
use vestibule_core::record::{Method, Primary};
use vestibule_core::start::Purpose;
use vestibule_core::step::{FieldValue, Finish, GrantType, HostValue, HttpExchange, Step};

use super::StepRules;
use super::testing::{
    Case, SECRET, authorization, authorize, call, choose, derive, device, field, finish, grant,
    redeem, register, request, scopes, sign_in, stored, texted, tokens, userinfo,
};

#[test]
fn an_openid_sign_in_passes() {
    let case = Case::oidc(sign_in());
    let authorization = authorization(|request| {
        request.scopes = scopes(&["openid"]);
        request.login_hint = Some("ada@idp.example".to_owned());
        request.resources = vec!["https://api.example/v1".to_owned()];
        request.extra = vec![("access_type".to_owned(), "offline".to_owned())];
    });
    case.allows(vec![
        Step::Discover,
        authorization,
        redeem(),
        userinfo(),
        tokens(),
    ]);
    Case::oidc(Purpose::Refresh(stored()))
        .allows(vec![grant(GrantType::RefreshToken(SECRET)), tokens()]);
    Case::oidc(Purpose::Revoke(stored())).allows(vec![
        request("revocation", HttpExchange::Revocation(SECRET)),
        request("revocation", HttpExchange::Revocation(SECRET)),
        Step::Finish(Finish::Done),
    ]);
}

#[test]
fn a_sign_in_of_another_shape_passes() {
    let registration = || {
        register(vec![
            texted("clientName", "vestibule"),
            texted("clientType", "public"),
            texted("issuerUrl", "https://center.example/start"),
            field(
                "grantTypes",
                FieldValue::Texts(vec![
                    "authorization_code".to_owned(),
                    "refresh_token".to_owned(),
                ]),
            ),
            field("redirectUris", FieldValue::Host(HostValue::RedirectUris)),
            field("scopes", FieldValue::Host(HostValue::Scopes)),
        ])
    };
    let case = Case::identity_center(sign_in());
    case.allows(vec![registration(), authorize(), redeem(), tokens()]);
    case.by(Method::Device).allows(vec![
        registration(),
        device(vec![texted("startUrl", "https://center.example/start")]),
        tokens(),
    ]);
    Case::identity_center(derive(true))
        .registered()
        .allows(vec![
            call(
                "accounts",
                Some(SECRET),
                &[("max_result", "1000")],
                Vec::new(),
            ),
            call(
                "accounts",
                Some(SECRET),
                &[("next_token", "abc")],
                Vec::new(),
            ),
            choose(&["111111111111", "222222222222"]),
            call(
                "roles",
                Some(SECRET),
                &[("account_id", "111111111111")],
                Vec::new(),
            ),
            choose(&["Reader"]),
            call(
                "credentials",
                Some(SECRET),
                &[("account_id", "111111111111"), ("role_name", "Reader")],
                Vec::new(),
            ),
            finish(
                Primary::CloudKeys,
                &["access_key_id", "secret_access_key", "session_token"],
            ),
        ]);
    Case::identity_center(Purpose::Revoke(stored()))
        .registered()
        .allows(vec![
            request("revocation", HttpExchange::Revocation(SECRET)),
            Step::Finish(Finish::Done),
        ]);
}

#[test]
fn a_refusal_ends_the_flow() {
    let case = Case::oidc(sign_in());
    let mut rules = StepRules::new(&case.permissions, &case.tenant, &case.start);
    assert!(Allowed::by(&mut rules, choose(&[])).is_err());
    assert_eq!(
        Allowed::by(&mut rules, Step::Discover).unwrap_err().rule,
        "order"
    );
}
