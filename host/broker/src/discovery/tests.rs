mod endpoints;
mod fetching;

use serde_json::{Value as Json, json};

use super::*;
use crate::egress::{EgressPolicy, HostPort};
use crate::jwks::Algorithm;

const ISSUER: &str = "https://idp.test/tenant";

fn issuer(text: &str) -> Issuer {
    Issuer::parse(text).unwrap()
}

fn policy() -> EgressPolicy {
    EgressPolicy::new(["idp.test", "api.idp.test"].map(|host| HostPort::parse(host).unwrap()))
}

fn document() -> Json {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.test/authorize",
        "token_endpoint": "https://idp.test/token",
        "jwks_uri": "https://idp.test/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "none", "HS256", "EdDSA"],
    })
}

fn with(member: &str, value: impl Into<Json>) -> Json {
    let mut document = document();
    document[member] = value.into();
    document
}

fn without(member: &str) -> Json {
    let mut document = document();
    document.as_object_mut().unwrap().remove(member);
    document
}

fn parse(form: Form, document: &Json) -> Result<Metadata> {
    Metadata::parse(
        form,
        &issuer(ISSUER),
        document.to_string().as_bytes(),
        &policy(),
    )
}

fn code(result: Result<Metadata>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

// proves: DISC-02
#[test]
fn the_issuer_is_compared_character_for_character_with_the_configured_text() {
    let claimed = |configured: &str, claimed: &str| {
        let document = with("issuer", claimed);
        let policy =
            EgressPolicy::new(["idp.test", "h"].map(|host| HostPort::parse(host).unwrap()));
        code(Metadata::parse(
            Form::OpenId,
            &issuer(configured),
            document.to_string().as_bytes(),
            &policy,
        ))
    };
    assert_eq!(claimed("https://h", "https://h"), "accepted");
    for other in [
        "https://h/",
        "HTTPS://h",
        "https://H",
        "https://h:443",
        "http://h",
        "https://h?",
        "https://h ",
        "",
        "https://h/%70",
    ] {
        assert_eq!(claimed("https://h", other), "discovery.issuer", "{other}");
    }
    // What is configured is kept as it was written, even where a URL library would write it otherwise.
    for kept in [
        "https://h/",
        "https://h:443",
        "https://h/%70ath",
        "https://h/a/../b",
        "HTTPS://H",
    ] {
        assert_eq!(claimed(kept, kept), "accepted", "{kept}");
        let reserialised = issuer(kept).url().as_str().to_owned();
        if reserialised != kept {
            assert_eq!(
                claimed(kept, &reserialised),
                "discovery.issuer",
                "{kept} {reserialised}"
            );
        }
    }
    assert_eq!(
        code(parse(Form::OpenId, &without("issuer"))),
        "discovery.required"
    );
    assert_eq!(
        code(parse(Form::OpenId, &with("issuer", json!([ISSUER])))),
        "discovery.format"
    );
}

#[test]
fn well_known_urls_are_derived_as_each_standard_says() {
    for (text, openid, oauth) in [
        (
            "https://h",
            "https://h/.well-known/openid-configuration",
            "https://h/.well-known/oauth-authorization-server",
        ),
        (
            "https://h/",
            "https://h/.well-known/openid-configuration",
            "https://h/.well-known/oauth-authorization-server",
        ),
        (
            "https://h/a/b",
            "https://h/a/b/.well-known/openid-configuration",
            "https://h/.well-known/oauth-authorization-server/a/b",
        ),
        (
            "https://h:8443/a/",
            "https://h:8443/a/.well-known/openid-configuration",
            "https://h:8443/.well-known/oauth-authorization-server/a",
        ),
        (
            "https://h/%61",
            "https://h/%61/.well-known/openid-configuration",
            "https://h/.well-known/oauth-authorization-server/%61",
        ),
    ] {
        assert_eq!(
            well_known(&issuer(text), Form::OpenId).unwrap().as_str(),
            openid
        );
        assert_eq!(
            well_known(&issuer(text), Form::OAuth).unwrap().as_str(),
            oauth
        );
    }
}

#[test]
fn required_members_must_be_there_with_their_types() {
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    ] {
        assert_eq!(
            code(parse(Form::OpenId, &without(member))),
            "discovery.required",
            "{member}"
        );
        assert_eq!(
            code(parse(Form::OpenId, &with(member, json!(null)))),
            "discovery.required",
            "{member}"
        );
        assert_eq!(
            code(parse(Form::OpenId, &with(member, 1))),
            "discovery.format",
            "{member}"
        );
        assert_eq!(
            code(parse(Form::OpenId, &with(member, json!([1])))),
            "discovery.format",
            "{member}"
        );
    }
    for (member, wrong) in [
        (
            "authorization_response_iss_parameter_supported",
            json!("true"),
        ),
        ("require_pushed_authorization_requests", json!(1)),
        ("code_challenge_methods_supported", json!("S256")),
        ("scopes_supported", json!({})),
        ("token_endpoint_auth_methods_supported", json!([true])),
        ("revocation_endpoint", json!(["https://idp.test/revoke"])),
    ] {
        assert_eq!(
            code(parse(Form::OpenId, &with(member, wrong))),
            "discovery.format",
            "{member}"
        );
    }
    for text in ["", "[]", "<html>", "{\"issuer\":", "null"] {
        let result = Metadata::parse(Form::OpenId, &issuer(ISSUER), text.as_bytes(), &policy());
        assert_eq!(code(result), "discovery.format", "{text}");
    }
    // RFC 8414 asks for less: no keys, and no authorization endpoint where no grant uses one.
    assert_eq!(code(parse(Form::OAuth, &without("jwks_uri"))), "accepted");
    assert_eq!(
        code(parse(Form::OAuth, &without("authorization_endpoint"))),
        "discovery.required"
    );
    let mut device_only = without("authorization_endpoint");
    device_only["grant_types_supported"] = json!(["urn:ietf:params:oauth:grant-type:device_code"]);
    assert_eq!(code(parse(Form::OAuth, &device_only)), "accepted");
    // What nobody knows is ignored, whatever it is.
    assert_eq!(
        code(parse(Form::OpenId, &with("x_extension", json!({"a": [1]})))),
        "accepted"
    );
}

// proves: DISC-09
#[test]
fn every_endpoint_is_at_an_approved_host() {
    for endpoint in Endpoint::ALL {
        let member = match endpoint.role() {
            "jwks" => "jwks_uri".to_owned(),
            role => format!("{role}_endpoint"),
        };
        for (url, expected) in [
            ("https://idp.test/x", "accepted"),
            ("https://api.idp.test/x?tenant=1", "accepted"),
            ("https://evil.test/x", "discovery.host"),
            ("https://idp.test.evil.test/x", "discovery.host"),
            ("https://sub.idp.test/x", "discovery.host"),
            ("https://idp.test:8443/x", "discovery.host"),
            ("https://127.0.0.1/x", "discovery.host"),
            ("http://127.0.0.1:8080/x", "discovery.host"),
            ("http://idp.test/x", "discovery.endpoint"),
            ("https://user@idp.test/x", "discovery.endpoint"),
            ("https://idp.test/x#f", "discovery.endpoint"),
            ("https://idp.test\\@evil.test/x", "discovery.endpoint"),
            ("https://0x7f000001/x", "discovery.endpoint"),
            ("//idp.test/x", "discovery.endpoint"),
            ("/x", "discovery.endpoint"),
            ("javascript:alert(1)", "discovery.endpoint"),
            ("", "discovery.endpoint"),
        ] {
            assert_eq!(
                code(parse(Form::OpenId, &with(&member, url))),
                expected,
                "{member} {url}"
            );
        }
    }
    // Loopback http under the operator's line, and there only at the approved port.
    let local = "http://127.0.0.1:9401";
    let at = |origin: &str| {
        with("issuer", local)
            .to_string()
            .replace("https://idp.test/", origin)
    };
    let approved = EgressPolicy::new([HostPort::of(issuer(local).url())]);
    let check = |text: String, policy: &EgressPolicy| {
        code(Metadata::parse(
            Form::OpenId,
            &issuer(local),
            text.as_bytes(),
            policy,
        ))
    };
    assert_eq!(
        check(at("http://127.0.0.1:9401/"), &approved),
        "discovery.host"
    );
    let excepted = approved.allow_loopback_http();
    assert_eq!(check(at("http://127.0.0.1:9401/"), &excepted), "accepted");
    assert_eq!(
        check(at("http://127.0.0.1:9402/"), &excepted),
        "discovery.host"
    );
}

#[test]
fn unsafe_algorithms_are_not_taken_over() {
    let metadata = parse(Form::OpenId, &document()).unwrap();
    assert_eq!(
        metadata.id_token_signing_algorithms,
        [Algorithm::Rs256, Algorithm::Ed25519]
    );
    let only_unsafe = with(
        "id_token_signing_alg_values_supported",
        json!(["none", "HS256"]),
    );
    assert!(
        parse(Form::OpenId, &only_unsafe)
            .unwrap()
            .id_token_signing_algorithms
            .is_empty()
    );
}

#[test]
fn a_defence_that_disappears_is_noticed() {
    let mut full = document();
    full["authorization_response_iss_parameter_supported"] = json!(true);
    full["pushed_authorization_request_endpoint"] = json!("https://idp.test/par");
    full["code_challenge_methods_supported"] = json!(["plain", "S256"]);
    full["dpop_signing_alg_values_supported"] = json!(["ES256"]);
    let of = |document: &Json| Remembered::of(&parse(Form::OpenId, document).unwrap());
    let remembered = Remembered::default().update(of(&full)).unwrap();
    assert_eq!(
        remembered,
        Remembered {
            iss: true,
            par: true,
            s256: true,
            dpop: true
        }
    );
    assert_eq!(remembered.update(of(&full)), Ok(remembered));
    for (member, weaker, downgrade) in [
        (
            "authorization_response_iss_parameter_supported",
            json!(false),
            Downgrade::Iss,
        ),
        (
            "pushed_authorization_request_endpoint",
            json!(null),
            Downgrade::Par,
        ),
        (
            "code_challenge_methods_supported",
            json!(["plain"]),
            Downgrade::S256,
        ),
        (
            "dpop_signing_alg_values_supported",
            json!([]),
            Downgrade::Dpop,
        ),
    ] {
        let mut document = full.clone();
        document[member] = weaker;
        assert_eq!(remembered.update(of(&document)), Err(downgrade), "{member}");
        assert_eq!(
            downgrade.refuse(&issuer(ISSUER)).code(),
            "discovery.downgrade"
        );
    }
}

#[test]
fn kept_metadata_ages_and_is_checked_again() {
    let kept = CachedMetadata {
        form: Form::OpenId,
        text: document().to_string().into_bytes(),
        fetched: 1_000,
    };
    let end = 1_000 + limits::METADATA_MAX_AGE.as_secs();
    assert!(kept.is_fresh(1_000) && kept.is_fresh(end - 1));
    assert!(!kept.is_fresh(end) && !kept.is_fresh(999));
    let http = HttpClient::new(policy(), std::sync::Arc::default());
    assert!(kept.metadata(&issuer(ISSUER), &http).is_ok());
    let edited = CachedMetadata {
        text: with("token_endpoint", "https://evil.test/t")
            .to_string()
            .into_bytes(),
        ..kept
    };
    assert_eq!(
        code(edited.metadata(&issuer(ISSUER), &http)),
        "discovery.host"
    );
}

#[test]
fn a_refusal_says_which_defence_has_disappeared() {
    for (downgrade, what) in [
        (Downgrade::Iss, "RFC 9207"),
        (Downgrade::Par, "RFC 9126"),
        (Downgrade::S256, "RFC 7636"),
        (Downgrade::Dpop, "RFC 9449"),
    ] {
        let refused = downgrade.refuse(&issuer(ISSUER));
        assert!(refused.message().contains(what), "{refused}");
        assert!(downgrade.what().contains(what), "{what}");
    }
}
