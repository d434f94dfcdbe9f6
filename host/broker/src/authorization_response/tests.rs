use super::*;

const STATE: &str = "abcdefghijklmnopqrstuvwxyz012345";
const ISSUER: &str = "https://idp.example/tenant";

fn expectation(iss: IssParameter) -> Expectation {
    Expectation {
        state: Secret::new(STATE.to_owned()),
        issuer: Some(Issuer::parse(ISSUER).unwrap()),
        iss,
    }
}

fn read_with(iss: IssParameter, query: &str) -> Reading {
    read(&query.replace("STATE", STATE), &expectation(iss))
}

fn read_plain(query: &str) -> Reading {
    read_with(IssParameter::Ignored, query)
}

#[track_caller]
fn ended(reading: Reading) -> Error {
    let Reading::Ended(error) = reading else {
        panic!("{reading:?}");
    };
    error
}

#[track_caller]
fn accepted(reading: Reading) -> AuthorizationResponse {
    let Reading::Accepted(response) = reading else {
        panic!("{reading:?}");
    };
    response
}

#[test]
fn a_code_with_the_expected_state_is_accepted_and_decoded_once() {
    let response = accepted(read_plain("code=a%2Bb%2525+c&state=STATE&session_state=x"));
    assert_eq!(response.code.expose(), "a+b%25 c");
    assert!(!response.named_its_issuer);
}

#[test]
fn without_the_one_expected_state_nothing_else_in_the_response_counts() {
    let others = [
        "",
        "code=c",
        "code=c&state=",
        "code=c&state",
        "code=c&state=STATE&state=STATE",
        "code=c&state=STATE&state=",
        "code=c&state=wrong",
        "code=c&state=STATEx",
        "code=c&state=STATE%00",
        "code=c&State=STATE",
        "access_token=t&state=wrong",
        "code=c&error=access_denied&state=wrong",
        "code=c&code=d&state=wrong",
        "error=access_denied&state=wrong",
    ];
    for query in others {
        let reading = read_plain(query);
        assert!(
            matches!(reading, Reading::Ignored(Ignored::State)),
            "{query}: {reading:?}"
        );
    }
}

#[test]
fn an_empty_expectation_matches_nothing() {
    let mut expected = expectation(IssParameter::Ignored);
    expected.state = Secret::new(String::new());
    let reading = read("code=c&state=", &expected);
    assert!(matches!(reading, Reading::Ignored(Ignored::State)));
}

// proves: RESP-03
#[test]
fn repeated_parameters_and_code_beside_error_are_invalid() {
    for query in [
        "code=c&code=c&state=STATE",
        "code=c&c%6fde=d&state=STATE",
        "code=c&state=STATE&iss=https://idp.example/tenant&iss=https://idp.example/tenant",
        "code=c&state=STATE&iss=https://idp.example/tenant&iss=https://other.example",
        "code=c&state=STATE&scope=a&scope=b",
        "error=access_denied&error=access_denied&state=STATE",
        "code=c&error=access_denied&state=STATE",
        "code=c&error=&state=STATE",
    ] {
        for iss in [
            IssParameter::Required,
            IssParameter::Accepted,
            IssParameter::Ignored,
        ] {
            let error = ended(read_with(iss, query));
            assert_eq!(error.code(), "authorization_response.invalid", "{query}");
            assert_eq!(error.blame(), Blame::Provider);
        }
    }
}

#[test]
fn a_response_with_nothing_or_a_malformed_code_is_invalid() {
    for query in [
        "state=STATE",
        "code=&state=STATE",
        "code=a%0ab&state=STATE",
        "code=%ff&state=STATE",
        "code=%C3%A9&state=STATE",
    ] {
        let error = ended(read_plain(query));
        assert_eq!(error.code(), "authorization_response.invalid", "{query}");
    }
}

#[test]
fn tokens_end_the_attempt_and_are_not_repeated_in_the_error() {
    for query in [
        "access_token=marker&token_type=bearer&state=STATE",
        "code=c&id_token=marker&state=STATE",
        "code=c&ACCESS_TOKEN=marker&state=STATE",
        "code=c&refresh_token=marker&state=STATE",
    ] {
        let error = ended(read_plain(query));
        assert_eq!(error.code(), "authorization_response.tokens", "{query}");
        assert!(!format!("{error:?}").contains("marker"));
    }
}

// proves: DISC-05
#[test]
fn where_the_issuer_is_announced_it_must_be_there_and_equal() {
    let response = accepted(read_with(
        IssParameter::Required,
        "code=c&state=STATE&iss=https%3A%2F%2Fidp.example%2Ftenant",
    ));
    assert!(response.named_its_issuer);
    for query in [
        "code=c&state=STATE",
        "code=c&state=STATE&iss=",
        "code=c&state=STATE&iss=https%3A%2F%2Fother.example%2Ftenant",
        "code=c&state=STATE&iss=https%3A%2F%2Fidp.example%2Ftenant%2F",
        "code=c&state=STATE&iss=https%3A%2F%2FIDP.example%2Ftenant",
        "code=c&state=STATE&iss=https%3A%2F%2Fidp.example%3A443%2Ftenant",
        "code=c&state=STATE&iss=https%253A%252F%252Fidp.example%252Ftenant",
    ] {
        let error = ended(read_with(IssParameter::Required, query));
        assert_eq!(error.code(), "authorization_response.issuer", "{query}");
        assert_eq!(error.blame(), Blame::Provider);
    }
}

// proves: DISC-06
#[test]
fn where_the_issuer_is_not_announced_policy_decides_and_a_mismatch_is_fatal() {
    let right = "code=c&state=STATE&iss=https://idp.example/tenant";
    let wrong = "code=c&state=STATE&iss=https://other.example";
    let absent = "code=c&state=STATE";
    assert!(accepted(read_with(IssParameter::Accepted, right)).named_its_issuer);
    assert!(!accepted(read_with(IssParameter::Ignored, right)).named_its_issuer);
    for iss in [IssParameter::Accepted, IssParameter::Ignored] {
        assert_eq!(
            ended(read_with(iss, wrong)).code(),
            "authorization_response.issuer"
        );
        assert!(!accepted(read_with(iss, absent)).named_its_issuer);
    }
}

#[test]
fn an_error_ends_the_attempt_only_with_proof_of_state_and_issuer() {
    let required = |query| read_with(IssParameter::Required, query);
    for query in [
        "error=access_denied&state=STATE",
        "error=access_denied&state=STATE&iss=https://other.example",
    ] {
        let reading = required(query);
        assert!(
            matches!(reading, Reading::Ignored(Ignored::Issuer)),
            "{query}: {reading:?}"
        );
    }
    let foreign = read_plain("error=access_denied&state=STATE&iss=https://other.example");
    assert!(matches!(foreign, Reading::Ignored(Ignored::Issuer)));

    let denied = ended(required(
        "error=access_denied&state=STATE&iss=https://idp.example/tenant",
    ));
    assert_eq!(
        (denied.blame(), denied.code()),
        (Blame::User, "authorization.access_denied")
    );
    let other = ended(read_plain("error=invalid_scope&state=STATE"));
    assert_eq!(
        (other.blame(), other.code()),
        (Blame::Provider, "authorization.invalid_scope")
    );
}

/// RFC 6749 section 4.1.2.1, RFC 8707 section 2, OIDC Core section 3.1.2.6.
#[test]
fn each_error_of_the_standards_keeps_its_name_and_no_other_gets_one() {
    for code in [
        "access_denied",
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "invalid_target",
        "server_error",
        "temporarily_unavailable",
        "login_required",
        "consent_required",
        "interaction_required",
    ] {
        let error = ended(read_plain(&format!("error={code}&state=STATE")));
        assert_eq!(error.code(), format!("authorization.{code}"));
        let by = match code {
            "access_denied" => Blame::User,
            _ => Blame::Provider,
        };
        assert_eq!(error.blame(), by, "{code}");
    }
    for code in ["ACCESS_DENIED", "access_denied2", "refused"] {
        let error = ended(read_plain(&format!("error={code}&state=STATE")));
        assert_eq!(error.code(), "authorization.refused", "{code}");
        assert_eq!(error.blame(), Blame::Provider, "{code}");
    }
}

#[test]
fn what_is_ignored_says_why_in_words_of_its_own() {
    let words = [Ignored::State, Ignored::Issuer].map(Ignored::as_str);
    assert!(words[0].contains("state"), "{words:?}");
    assert!(words[1].contains("issuer"), "{words:?}");
}

#[test]
fn the_words_of_an_error_are_shown_as_harmless_text() {
    let error = ended(read_plain(
        "error=x%1b%5b2J&error_description=%1b%5b31mred%0d%0a%e2%80%ae&error_uri=https://evil.example&state=STATE",
    ));
    assert_eq!(error.code(), "authorization.refused");
    assert_eq!(
        error.message(),
        "the provider refused with x\\u{1b}[2J: \"\\u{1b}[31mred\\u{d}\\u{a}\\u{202e}\""
    );
}
