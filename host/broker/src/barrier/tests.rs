use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use vestibule_core::matrix::Matrix;
use vestibule_core::step::AuthorizationRequest;
use vestibule_core::{Blame, SecretKind};

use super::*;
use crate::vault::tests::permissions;

const MARKER: &str = "S3cret+Marker/with?odd=chars&<\"\\>~";

fn hit(text: &str) -> bool {
    finds(MARKER, text)
}

fn finds(secret: &str, text: &str) -> bool {
    Search::of([Secret::new(secret.to_owned())].iter()).finds_in(text)
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[test]
fn a_secret_is_found_in_every_encoding_at_every_offset() {
    let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
    let form: String = url::form_urlencoded::byte_serialize(MARKER.as_bytes()).collect();
    let json = serde_json::to_string(MARKER).unwrap();
    let unicode: String = MARKER
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    for lead in ["", "a", "ab", "abc", "abcd "] {
        for tail in ["", "z", "yz"] {
            let wrapped = format!("{lead}{MARKER}{tail}");
            for encoded in [
                wrapped.clone(),
                format!("{lead}{}{tail}", percent_encoded(MARKER)),
                format!("{lead}{}{tail}", percent_encoded(&percent_encoded(MARKER))),
                format!("{lead}{form}{tail}"),
                format!("{lead}{json}{tail}"),
                format!("{lead}{unicode}{tail}"),
                BASE64_STANDARD.encode(&wrapped),
                BASE64_URL_SAFE_NO_PAD.encode(&wrapped),
                hex(&wrapped),
                hex(&wrapped).to_uppercase(),
                format!("x{}", hex(&wrapped)),
            ] {
                assert!(hit(&encoded), "{encoded}");
            }
        }
    }
}

#[test]
fn growing_guesses_change_nothing_until_the_whole_secret_is_there() {
    for length in 0..MARKER.len() {
        assert!(!hit(&MARKER[..length]), "{length}");
    }
    assert!(hit(MARKER));
}

#[test]
fn short_values_are_not_searched_for() {
    let short = [Secret::new("123456789012345".to_owned())];
    assert!(!Search::of(short.iter()).finds_in("the code is 123456789012345 here"));
}

#[test]
fn ordinary_text_passes() {
    for text in [
        "",
        "ada@example.test",
        "arn:aws:iam::123456789012:role/Admin",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "%%%+%zz\\u12",
    ] {
        assert!(!hit(text), "{text}");
    }
}

#[test]
fn a_secret_of_the_least_length_is_found_where_nothing_else_stands() {
    let least = "0123456789abcdef";
    assert_eq!(least.len(), SEARCHED_SECRET_CHARS);
    assert!(finds(least, least));
}

#[test]
fn a_form_writes_a_blank_as_plus() {
    let secret = "a secret with blanks";
    assert!(finds(secret, "said=a+secret+with+blanks&more"));
    assert!(finds(secret, "said=a%2Bsecret%2Bwith%2Bblanks&more"));
}

#[test]
fn what_only_looks_like_an_escape_is_read_as_it_stands() {
    for (secret, text) in [
        ("100%of%the secret", "100%of%the%20secret"),
        ("50%fork of the secret", "50%fork%20of%20the%20secret"),
        ("all of the secret%", "all%20of%20the%20secret%"),
        ("all of the secret%2", "all%20of%20the%20secret%2"),
        ("useful/secret/of/nine", r"\useful\/secret\/of\/nine"),
        ("u00/secret/of/nine", r"\u00\/secret\/of\/nine"),
        ("secret/of/nine/\\", r"secret\/of\/nine\/\"),
    ] {
        assert!(finds(secret, text), "{text}");
    }
}

#[test]
fn every_escape_of_json_is_undone() {
    let lines = "-----BEGIN\r\n\tsecret\n\u{8}\u{c}-----END\n";
    assert!(finds(lines, &serde_json::to_string(lines).unwrap()));
    let keys = "schl\u{fc}ssel \u{20ac} \u{1f511}\u{1f511} geheim";
    let escaped: String = keys
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    // A half alone is no character, and takes nothing with it.
    for lead in ["", "\\ud83d", "\\udd11", "\\ud83dx"] {
        assert!(finds(keys, &format!("{lead}{escaped}")), "{lead}");
    }
}

#[test]
fn a_secret_is_found_in_the_middle_of_a_run_of_base64() {
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(MARKER);
    for lead in ["", "Q", "QU", "QUF", "QUFB"] {
        for tail in ["", "Q", "QU", "QUF", "QUFB"] {
            assert!(hit(&format!("{lead}{encoded}{tail}")), "{lead} {tail}");
        }
    }
}

#[test]
fn what_is_found_twice_is_found() {
    const LIVE: &str = "live-secret-of-the-flow";
    const OTHER: &str = "another-secret-of-the-flow";
    const ERASED: &str = "a-secret-that-has-served";
    let mut vault = Vault::new(Matrix::of(&permissions()));
    let mut keep = |value: &str| {
        let secret = Secret::new(value.to_owned());
        vault.keep(SecretKind::Opaque, "x", secret).unwrap()
    };
    let (_, _, erased) = (keep(LIVE), keep(OTHER), keep(ERASED));
    vault.erase(erased).unwrap();
    for text in [
        // As it stands, and where something else in the text is decoded.
        format!("{LIVE} %41"),
        format!("{ERASED} %41"),
        format!("{LIVE} {OTHER}"),
        format!("{LIVE} {ERASED}"),
    ] {
        assert!(vault.search_for_secrets().finds_in(&text), "{text}");
    }
    assert!(!vault.search_for_secrets().finds_in("none of them %41"));
}

#[test]
fn a_step_that_holds_a_secret_in_any_of_its_texts_is_refused() {
    const VALUE: &str = "an-access-token-of-the-flow";
    let mut vault = Vault::new(Matrix::of(&permissions()));
    let secret = Secret::new(VALUE.to_owned());
    vault
        .keep(SecretKind::AccessToken, "access_token", secret)
        .unwrap();
    let authorize = |hint: &str, resource: &str| {
        Step::Authorize(AuthorizationRequest {
            scopes: vec![],
            offline: false,
            login_hint: Some(hint.to_owned()),
            resources: vec![resource.to_owned()],
            extra: vec![("prompt".to_owned(), "login".to_owned())],
        })
    };
    for step in [
        authorize(VALUE, "https://api.example"),
        authorize("ada", &format!("https://api.example/{VALUE}")),
        authorize(VALUE, VALUE),
        Step::Fail(format!("cannot go on with {VALUE}")),
    ] {
        let error = check_step(&step, &vault).unwrap_err();
        assert_eq!(
            (error.code(), error.blame()),
            ("barrier.step", Blame::Plugin),
            "{step:?}"
        );
        assert!(!error.to_string().contains(VALUE));
    }
    assert!(check_step(&authorize("ada", "https://api.example"), &vault).is_ok());
}
