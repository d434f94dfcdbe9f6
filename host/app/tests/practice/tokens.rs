//! What a sign-in makes of token replies and of everything that travels: PKCE-*, RESP-*, TOK-*, RFT-*, REV-*, PLUG-06.

use std::time::Duration;

use tokio::time::timeout;
use vestibule_app::core::{Kind, TenantName};
use vestibule_app::{SignIn, TokenQuery};
use vestibule_rehearsal::{
    CallbackTwist, ExpiresInTwist, Fault, GrantTwist, IdTokenTwist, MetadataTwist, Par, Rehearsal,
    Role, Script, SecretKind, Twist, Visitor,
};

use crate::house::{House, text};
use crate::oidc::tenant_file;

/// A machine that is ready to sign in at a provider of this behaviour, under these further lines of policy.
async fn ready(script: Script, policy: &str) -> (Rehearsal, House, TenantName) {
    let idp = Rehearsal::start(script.any_redirect_path()).await.unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("oidc");
    let file = tenant_file(&idp).replace("[policy]\n", &format!("[policy]\n{policy}"));
    let name = house.tenant("practice", &file).await;
    (idp, house, name)
}

async fn signed_in(script: Script, policy: &str) -> (Rehearsal, House, TenantName) {
    let (idp, house, name) = ready(script, policy).await;
    house.sign_in(&name).await.unwrap();
    (idp, house, name)
}

fn forced() -> TokenQuery {
    TokenQuery {
        refresh: true,
        ..TokenQuery::default()
    }
}

async fn access_token(house: &House, name: &TenantName, query: &TokenQuery) -> String {
    text(
        &house.vestibule.token(name, query).await.unwrap(),
        "access_token",
    )
}

// proves: PKCE-01, PKCE-05
#[tokio::test]
async fn every_authorization_request_carries_state_and_an_s256_challenge_whatever_the_metadata_says()
 {
    let silent = MetadataTwist::MemberMissing("code_challenge_methods_supported");
    for script in [
        Script::honest().par(Par::Absent),
        Script::honest().par(Par::Absent).twist(silent.clone()),
        Script::honest().par(Par::Required),
        Script::honest().par(Par::Required).twist(silent.clone()),
    ] {
        let (idp, _house, _name) = signed_in(script, "").await;
        let pushed = idp.requests_to(Role::PushedAuthorization);
        let opened = idp.requests_to(Role::Authorization);
        assert!(!opened.is_empty());
        let value = |name: &str| match pushed.first() {
            Some(request) => request.field(name).map(str::to_owned),
            None => opened[0].parameter(name).map(str::to_owned),
        };
        assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(value("code_challenge").unwrap().len(), 43);
        assert_eq!(value("state").unwrap().len(), 43);
    }
    // A provider without PKCE in its metadata: `state` is what protects, and it is enforced.
    let script = Script::honest()
        .twist(silent)
        .twist(CallbackTwist::StateForeign);
    let (idp, house, name) = ready(script, "").await;
    let ended = timeout(Duration::from_secs(3), house.sign_in(&name)).await;
    assert!(
        ended.is_err(),
        "a response with a foreign state ends nothing"
    );
    assert_eq!(idp.count(Role::Token), 0);

    // The plugin whose provider has no metadata at all.
    let idp = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let house = House::new(&idp, Visitor::approve("ada"));
    house.install("aws-identity-center");
    let name = house
        .tenant("aws", &crate::identity_center::tenant_file(&idp))
        .await;
    house.sign_in(&name).await.unwrap();
    let opened = idp.requests_to(Role::Authorization);
    assert_eq!(opened[0].parameter("code_challenge_method"), Some("S256"));
    assert_eq!(opened[0].parameter("code_challenge").unwrap().len(), 43);
    assert_eq!(opened[0].parameter("state").unwrap().len(), 43);
}

// proves: PKCE-06
#[tokio::test]
async fn the_verifier_is_in_the_token_request_and_nowhere_else() {
    let (idp, house, _name) = signed_in(Script::honest(), "").await;
    let verifier = idp
        .secrets()
        .into_iter()
        .find(|secret| secret.kind == SecretKind::Verifier)
        .unwrap()
        .value;
    for request in idp.requests() {
        let seen = format!(
            "{:?} {:?} {}",
            request.target,
            request.headers,
            String::from_utf8_lossy(&request.body)
        );
        assert_eq!(
            seen.contains(&verifier),
            request.role == Role::Token,
            "{:?}",
            request.role
        );
    }
    assert!(
        house
            .entered()
            .iter()
            .all(|entered| !entered.contains(&verifier))
    );
    assert!(!house.said().contains(&verifier));
    assert!(!house.is_on_disk(&verifier));
}

// proves: TOK-01, TOK-02
#[tokio::test]
async fn no_secret_is_in_a_url_and_access_tokens_are_in_the_authorization_header() {
    let (idp, house, name) = signed_in(Script::honest(), "").await;
    access_token(&house, &name, &forced()).await;
    house.vestibule.sign_out(&name, None).await.unwrap();
    let center = Rehearsal::start_identity_center(Script::honest())
        .await
        .unwrap();
    let other = House::new(&center, Visitor::approve("ada"));
    other.install("aws-identity-center");
    let aws = other
        .tenant("aws", &crate::identity_center::tenant_file(&center))
        .await;
    other.sign_in(&aws).await.unwrap();
    other
        .vestibule
        .token(&aws, &crate::identity_center::keys_for_first())
        .await
        .unwrap();
    other.vestibule.sign_out(&aws, None).await.unwrap();

    for idp in [&idp, &center] {
        let secrets = idp.secrets();
        for request in idp.requests() {
            for secret in &secrets {
                // The provider's own redirect carries the code; the authorization request carries state and nonce, or the request_uri.
                let by_design = matches!(request.role, Role::Authorization | Role::Consent)
                    && matches!(
                        secret.kind,
                        SecretKind::State | SecretKind::Nonce | SecretKind::RequestUri
                    );
                assert!(
                    by_design || !request.target.contains(&secret.value),
                    "{:?} in the URL of {:?}",
                    secret.kind,
                    request.role
                );
            }
            if matches!(
                request.role,
                Role::Token | Role::Revocation | Role::PushedAuthorization
            ) {
                assert_eq!(request.method, "POST");
            }
            for secret in secrets
                .iter()
                .filter(|secret| secret.kind == SecretKind::AccessToken)
            {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                let in_body = body.contains(&secret.value);
                assert!(
                    !in_body || request.role == Role::Revocation,
                    "an access token in the body of {:?}",
                    request.role
                );
                for (header, value) in &request.headers {
                    let place = header.eq_ignore_ascii_case("authorization")
                        || header.eq_ignore_ascii_case("x-amz-sso_bearer_token");
                    assert!(
                        place || !value.contains(&secret.value),
                        "an access token in the header {header}"
                    );
                }
            }
        }
    }
    assert_eq!(idp.count(Role::Revocation), 2);
    assert_eq!(center.count(Role::PortalLogout), 1);
}

// proves: TOK-03
#[tokio::test]
async fn a_token_of_unknown_type_is_not_used_and_case_does_not_count() {
    for (kind, used) in [("MAC", false), ("", false), ("bEaReR", true)] {
        let (_idp, house, name) = ready(
            Script::honest().twist(GrantTwist::TokenType(kind.to_owned())),
            "",
        )
        .await;
        let ended = house.sign_in(&name).await;
        assert_eq!(ended.is_ok(), used, "{kind:?}: {ended:?}");
        assert_eq!(house.sealed(), usize::from(used));
    }
    let (_idp, house, name) = ready(Script::honest().twist(GrantTwist::TokenTypeMissing), "").await;
    assert_eq!(
        house.sign_in(&name).await.unwrap_err().code(),
        "token.token_type"
    );
}

// proves: TOK-06
#[tokio::test]
async fn hostile_lifetimes_become_short_ones_and_a_token_about_to_expire_is_renewed() {
    use ExpiresInTwist as E;
    for (twist, at_most) in [
        (E::Missing, 300),
        (E::Negative, 300),
        (E::Text, 300),
        (E::Eternal, 3600),
    ] {
        let (idp, house, name) = signed_in(
            Script::honest().twist(GrantTwist::ExpiresIn(twist)),
            "max_token = \"1h\"\n",
        )
        .await;
        let held = house
            .vestibule
            .token_at_hand(&name, &TokenQuery::default())
            .unwrap()
            .unwrap();
        let life = held.expires_at() - idp.clock().now();
        assert!((1..=at_most).contains(&life), "{twist:?}: {life}");
    }
    let (_idp, house, name) =
        ready(Script::honest().twist(GrantTwist::ExpiresIn(E::Huge)), "").await;
    let ended = house.sign_in(&name).await;
    assert!(
        ended.is_err() || house.sealed() == 1,
        "1e999 is refused or shortened, and nothing panics"
    );

    let (idp, house, name) = signed_in(
        Script::honest().twist(GrantTwist::ExpiresIn(E::FiveSeconds)),
        "",
    )
    .await;
    assert_eq!(idp.count(Role::Token), 1);
    access_token(&house, &name, &TokenQuery::default()).await;
    assert_eq!(
        idp.count(Role::Token),
        2,
        "a token with five seconds left triggers renewal"
    );
}

// proves: TOK-08
#[tokio::test]
async fn a_code_exchange_without_an_answer_is_not_repeated() {
    let (idp, house, name) = ready(Script::honest().fault(Role::Token, Fault::Drop), "").await;
    let error = house.sign_in(&name).await.unwrap_err();
    assert_eq!(idp.count(Role::Token), 1);
    assert_eq!(house.sealed(), 0);
    assert!(
        error
            .next_step()
            .is_some_and(|hint| hint.contains("login") || hint.contains("again")),
        "{error:?}"
    );
}

// proves: RFT-01
#[tokio::test]
async fn a_new_refresh_token_replaces_the_old_one_and_without_one_the_old_one_stays() {
    let (idp, house, name) =
        signed_in(Script::honest(), "allow_unrotated_refresh_token = true\n").await;
    access_token(&house, &name, &forced()).await;
    access_token(&house, &name, &forced()).await;
    idp.rescript(
        Script::honest()
            .any_redirect_path()
            .twist(GrantTwist::NoRotation),
    );
    access_token(&house, &name, &forced()).await;
    access_token(&house, &name, &forced()).await;
    let presented: Vec<String> = idp
        .requests_to(Role::Token)
        .iter()
        .filter_map(|request| request.field("refresh_token").map(str::to_owned))
        .collect();
    assert_eq!(presented.len(), 4);
    assert_ne!(presented[0], presented[1]);
    assert_ne!(presented[1], presented[2]);
    assert_eq!(
        presented[2], presented[3],
        "no rotation: the same one again"
    );
    assert!(
        idp.requests_to(Role::Token)
            .iter()
            .all(|request| request.answered == Some(200))
    );
}

// proves: RFT-02
#[tokio::test]
async fn a_refresh_token_that_is_never_rotated_is_dropped_unless_the_tenant_says_otherwise() {
    let (_idp, house, name) = signed_in(Script::honest().twist(GrantTwist::NoRotation), "").await;
    access_token(&house, &name, &forced()).await;
    assert!(
        house
            .said()
            .contains("allow_unrotated_refresh_token = true"),
        "{}",
        house.said()
    );
    let error = house.vestibule.token(&name, &forced()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::LoginRequired, "grant.expired")
    );

    let (_idp, house, name) = signed_in(
        Script::honest().twist(GrantTwist::NoRotation),
        "allow_unrotated_refresh_token = true\n",
    )
    .await;
    access_token(&house, &name, &forced()).await;
    access_token(&house, &name, &forced()).await;
}

#[tokio::test]
async fn invalid_grant_removes_the_grant_and_is_not_tried_again() {
    let (idp, house, name) = signed_in(Script::honest(), "").await;
    idp.rescript(
        Script::honest()
            .any_redirect_path()
            .twist(GrantTwist::RefusesRefresh),
    );
    let asked = idp.count(Role::Token);
    let error = house.vestibule.token(&name, &forced()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::LoginRequired, "grant.dead")
    );
    assert_eq!(house.sealed(), 0);
    house.vestibule.token(&name, &forced()).await.unwrap_err();
    assert_eq!(idp.count(Role::Token), asked + 1);
    assert_eq!(house.browsers(), 1, "a failed refresh opens no browser");
}

// proves: RESP-04
#[tokio::test]
async fn nothing_is_stored_or_asked_for_until_the_id_token_has_our_nonce() {
    for twist in [
        Twist::from(IdTokenTwist::NonceForeign),
        Twist::from(IdTokenTwist::NonceMissing),
        Twist::from(GrantTwist::NoIdToken),
    ] {
        let (idp, house, name) = ready(Script::honest().twist(twist.clone()), "").await;
        house
            .sign_in(&name)
            .await
            .expect_err("a foreign or missing nonce");
        assert_eq!(house.sealed(), 0, "{twist:?}");
        assert_eq!(idp.count(Role::UserInfo) + idp.count(Role::Api), 0);
    }
    let (idp, _house, _name) = signed_in(Script::honest(), "").await;
    let nonces: Vec<_> = idp
        .secrets()
        .into_iter()
        .filter(|secret| secret.kind == SecretKind::Nonce)
        .collect();
    assert_eq!(nonces.len(), 1);
    assert_eq!(nonces[0].value.len(), 43);
}

// proves: REV-01
#[tokio::test]
async fn signing_out_revokes_the_refresh_token_first_and_erases_in_any_case() {
    let (idp, house, name) = signed_in(Script::honest(), "").await;
    house.vestibule.sign_out(&name, None).await.unwrap();
    let hints: Vec<String> = idp
        .requests_to(Role::Revocation)
        .iter()
        .map(|request| request.field("token_type_hint").unwrap().to_owned())
        .collect();
    assert_eq!(hints, ["refresh_token", "access_token"]);
    assert_eq!(house.sealed(), 0);

    let (idp, house, name) = signed_in(Script::honest(), "").await;
    idp.stop().await;
    let out = house.vestibule.sign_out(&name, None).await.unwrap();
    assert!(
        !out.unconfirmed.is_empty(),
        "offline, nothing is confirmed, and that is said"
    );
    assert_eq!(house.sealed(), 0, "and the local copy is gone all the same");
}

#[tokio::test]
async fn a_revocation_that_fails_is_reported_as_unconfirmed() {
    let (_idp, house, name) = signed_in(
        Script::honest().fault(Role::Revocation, Fault::EmptyError),
        "",
    )
    .await;
    let out = house.vestibule.sign_out(&name, None).await.unwrap();
    assert!(
        out.confirmed.is_empty() && !out.unconfirmed.is_empty(),
        "{out:?}"
    );
}

#[tokio::test]
async fn an_echo_of_the_whole_request_reaches_no_plugin() {
    for fault in [
        Fault::EchoInMembers,
        Fault::EchoInHeaders,
        Fault::EchoInError,
    ] {
        let (idp, house, name) =
            ready(Script::honest().fault(Role::Token, fault.clone()), "").await;
        let _ = house.sign_in(&name).await;
        for secret in idp.secrets() {
            assert!(
                house
                    .entered()
                    .iter()
                    .all(|entered| !entered.contains(&secret.value)),
                "{fault:?}: {:?} crossed",
                secret.kind
            );
        }
    }
}

#[tokio::test]
async fn two_accounts_of_one_tenant_do_not_overwrite_each_other() {
    let (idp, house, name) = signed_in(Script::honest(), "").await;
    let grace = house.as_somebody_else(&idp, Visitor::approve("grace"));
    grace
        .vestibule
        .sign_in(
            &name,
            &SignIn {
                force: true,
                ..SignIn::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(house.sealed(), 2);
    let error = house
        .vestibule
        .token(&name, &TokenQuery::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "grant.several");
    let of = |account: &str| TokenQuery {
        account: Some(account.to_owned()),
        ..TokenQuery::default()
    };
    assert_ne!(
        access_token(&house, &name, &of("ada")).await,
        access_token(&house, &name, &of("grace")).await
    );
}
