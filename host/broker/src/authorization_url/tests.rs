use vestibule_core::Blame;

use super::*;
use crate::pkce::Verifier;
use crate::random;

struct Drawn {
    state: Secret,
    nonce: Secret,
    challenge: Challenge,
}

fn drawn() -> Drawn {
    Drawn {
        state: random::fresh().unwrap(),
        nonce: random::fresh().unwrap(),
        challenge: Verifier::fresh().unwrap().challenge(),
    }
}

fn request<'a>(
    drawn: &'a Drawn,
    extra: &'a ExtraParameters,
    renames: &'a Renames,
) -> AuthorizationRequest<'a> {
    AuthorizationRequest {
        client_id: "the client",
        redirect_uri: "http://127.0.0.1:1234/oauth/x",
        scope: "openid profile",
        state: &drawn.state,
        nonce: Some(&drawn.nonce),
        challenge: &drawn.challenge,
        prompt: None,
        max_age: None,
        acr_values: None,
        claims: None,
        login_hint: None,
        dpop_jkt: None,
        resources: &[],
        extra,
        renames,
    }
}

fn endpoint(text: &str) -> ProviderUrl {
    ProviderUrl::parse(text).unwrap()
}

fn query_of(url: &BrowserUrl) -> Vec<(String, String)> {
    let (_, query) = url.as_str().split_once('?').unwrap();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn the_url_has_each_field_once_with_state_and_an_s256_challenge() {
    let (drawn, extra) = (drawn(), ExtraParameters::none());
    let url = request(&drawn, &extra, &[])
        .url(&endpoint("https://idp.example/authorize"))
        .unwrap();
    assert!(
        url.as_str()
            .starts_with("https://idp.example/authorize?response_type=code&")
    );
    assert_eq!(
        query_of(&url),
        pairs(&[
            ("response_type", "code"),
            ("client_id", "the client"),
            ("redirect_uri", "http://127.0.0.1:1234/oauth/x"),
            ("scope", "openid profile"),
            ("state", drawn.state.expose()),
            ("nonce", drawn.nonce.expose()),
            ("code_challenge", drawn.challenge.as_str()),
            ("code_challenge_method", "S256"),
        ])
    );
}

#[test]
fn optional_fields_appear_where_they_are_set() {
    let (drawn, extra) = (
        drawn(),
        ExtraParameters::new([("access_type", "offline&prompt=none")]).unwrap(),
    );
    let resources = [
        "https://a.example".to_owned(),
        "https://b.example".to_owned(),
    ];
    let mut request = request(&drawn, &extra, &[]);
    request.prompt = Some("consent");
    request.max_age = Some(0);
    request.resources = &resources;
    let url = request.url(&endpoint("https://idp.example/a")).unwrap();
    assert_eq!(
        query_of(&url)[8..],
        pairs(&[
            ("prompt", "consent"),
            ("max_age", "0"),
            ("resource", "https://a.example"),
            ("resource", "https://b.example"),
            ("access_type", "offline&prompt=none"),
        ])
    );
}

#[test]
fn after_a_push_the_url_says_only_client_and_request() {
    let url = pushed_request_url(
        &endpoint("https://idp.example/authorize?tenant=t"),
        "client",
        "urn:ietf:params:oauth:request_uri:a&b",
        &[],
    )
    .unwrap();
    assert_eq!(
        query_of(&url),
        pairs(&[
            ("tenant", "t"),
            ("client_id", "client"),
            ("request_uri", "urn:ietf:params:oauth:request_uri:a&b"),
        ])
    );
}

#[test]
fn standard_names_follow_the_providers_dialect() {
    let (drawn, extra) = (drawn(), ExtraParameters::none());
    let renames = pairs(&[("scope", "scopes"), ("client_id", "clientId")]);
    let form = request(&drawn, &extra, &renames).form().unwrap();
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"scopes") && names.contains(&"clientId"));
    assert!(!names.contains(&"scope") && !names.contains(&"client_id"));
}

#[test]
fn no_rename_and_no_extra_can_set_a_field_a_second_time() {
    let drawn = drawn();
    let onto_another = pairs(&[("scope", "State")]);
    let error = request(&drawn, &ExtraParameters::none(), &onto_another)
        .form()
        .unwrap_err();
    assert_eq!(error.blame(), Blame::Plugin);

    let extra = ExtraParameters::new([("sco.pes", "admin")]).unwrap();
    let error = request(&drawn, &extra, &pairs(&[("scope", "scopes")]))
        .form()
        .unwrap_err();
    assert_eq!(error.code(), "authorization_request.repeated");
}

#[test]
fn the_endpoints_own_query_is_kept_verbatim_unless_it_competes() {
    let (drawn, extra) = (drawn(), ExtraParameters::none());
    let url = request(&drawn, &extra, &[])
        .url(&endpoint("https://idp.example/a?p=b2c%5Fpolicy&x=%20"))
        .unwrap();
    assert!(
        url.as_str()
            .starts_with("https://idp.example/a?p=b2c%5Fpolicy&x=%20&response_type=code&")
    );
    for query in [
        "state=a",
        "STATE=a",
        "x=1&%73tate=a",
        "%2573tate=a",
        "client.id=a",
        "request_uri=a",
        "scope[]=a",
        "code_challenge_method=plain",
    ] {
        let error = request(&drawn, &extra, &[])
            .url(&endpoint(&format!("https://idp.example/a?{query}")))
            .unwrap_err();
        assert_eq!(error.blame(), Blame::Provider, "{query}");
    }
}

// proves: RESP-08
#[test]
fn a_plugin_cannot_set_a_reserved_name_in_any_disguise() {
    for name in include_str!("../../../../tests/vectors/reserved-parameters.txt").lines() {
        let mixed: String = name
            .char_indices()
            .map(|(at, letter)| match at % 2 {
                0 => letter.to_ascii_uppercase(),
                _ => letter,
            })
            .collect();
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let first = format!("%{:02X}{}", name.as_bytes()[0], &name[1..]);
        for disguise in [
            name.to_owned(),
            name.to_uppercase(),
            mixed,
            encoded.clone(),
            encoded.replace('%', "%25"),
            encoded.replace('%', "%2525"),
            first,
            format!(" {name}"),
            format!("+{name}"),
            format!("{name}%00"),
            format!("{name}[]"),
            format!("{name}=x&a"),
            format!("a=1&{name}"),
            name.replace('_', "."),
            name.replace('_', ""),
        ] {
            let error = ExtraParameters::new([(disguise.as_str(), "x")]).unwrap_err();
            assert_eq!(error.blame(), Blame::Plugin, "{disguise}");
        }
    }
}

#[test]
fn odd_names_and_values_are_refused_and_ordinary_ones_pass() {
    for (name, value) in [
        ("", "x"),
        ("_", "x"),
        ("a b", "x"),
        ("ä", "x"),
        ("a%20", "x"),
        ("ok", "a\nb"),
    ] {
        assert!(ExtraParameters::new([(name, value)]).is_err(), "{name}");
    }
    assert!(ExtraParameters::new([("a", "1"), ("A", "2")]).is_err());
    assert!(ExtraParameters::new([("a", "x".repeat(5_000).as_str())]).is_err());
    assert!(ExtraParameters::new([("access_type", "offline"), ("hd", "example.com")]).is_ok());
}
