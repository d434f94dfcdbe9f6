//! Signing in, refreshing, signing out.

use vestibule_plugin::testing::Reply;
use vestibule_plugin::wit::ProblemKind;

use super::*;

#[test]
fn the_first_sign_in_registers_the_client() {
    let run = script()
        .response(Reply::new().secret("client_secret"))
        .authorized()
        .tokens(Reply::with_tokens(["refresh_token"]))
        .sign_in();
    assert_eq!(
        run.transcript(),
        "registration register clientName=Vestibule clientType=public scopes=HostValue::Scopes \
         grantTypes=[authorization_code, refresh_token, urn:ietf:params:oauth:grant-type:device_code] redirectUris=HostValue::RedirectUris \
         issuerUrl=https://d-1234567890.awsapps.com/start\n\
         authorize scopes=sso:account:access offline\n\
         token authorization_code <code>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<refresh_token>"
    );
}

#[test]
fn a_later_sign_in_uses_the_registration_that_is_kept() {
    let run = script()
        .registered()
        .authorized()
        .tokens(Reply::with_tokens(["refresh_token"]))
        .sign_in();
    assert!(
        run.transcript().starts_with("authorize "),
        "{}",
        run.transcript()
    );
}

#[test]
fn a_person_signs_in_by_device_at_their_portal() {
    let run = script()
        .registered()
        .method(Method::Device)
        .tokens(Reply::with_tokens(["refresh_token"]))
        .sign_in();
    assert_eq!(
        run.transcript(),
        "device scopes= startUrl=https://d-1234567890.awsapps.com/start\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<refresh_token>"
    );
    let run = script()
        .method(Method::Device)
        .response(Reply::new().secret("client_secret"))
        .tokens(Reply::new())
        .sign_in();
    assert!(run.transcript().starts_with("registration register "));
    assert!(
        run.transcript().contains("\ndevice "),
        "{}",
        run.transcript()
    );
}

#[test]
fn a_refused_registration_sends_nobody_to_a_browser() {
    let run = script()
        .failed(ProblemKind::Refused, Some("invalid_client_metadata"))
        .sign_in();
    assert_eq!(
        run.failure(),
        "the provider refused the request `registration` (invalid_client_metadata)"
    );
    assert_eq!(run.steps().len(), 2);
}

#[test]
fn a_refresh_uses_the_kept_registration() {
    let run = script()
        .registered()
        .tokens(Reply::new())
        .refresh(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "token refresh_token <stored refresh_token>\n\
         finish GrantKind::Oauth access_token=<access_token> refresh_token=<stored refresh_token>"
    );
}

#[test]
fn a_refresh_without_its_registration_asks_to_sign_in_again() {
    let run = script().refresh(["access_token", "refresh_token"]);
    assert_eq!(
        run.failure(),
        "there is no client registration any more for this grant; sign in again"
    );
}

#[test]
fn signing_out_ends_the_session_by_its_access_token() {
    let run = script()
        .registered()
        .response(Reply::new())
        .revoke(["access_token", "refresh_token"]);
    assert_eq!(
        run.transcript(),
        "revocation revoke <stored access_token>\nfinish"
    );
}

#[test]
fn a_session_that_is_not_ended_is_said() {
    let run = script()
        .registered()
        .failed(ProblemKind::InvalidGrant, None)
        .revoke(["access_token"]);
    assert_eq!(
        run.failure(),
        "the provider no longer accepts this sign-in at `revocation`"
    );
}
