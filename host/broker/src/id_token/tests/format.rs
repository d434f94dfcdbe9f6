//! What is an ID token at all.

use vestibule_core::limits;

use super::*;

// proves: IDT-08, NET-07
#[test]
fn only_the_strict_compact_form_is_parsed() {
    let provider = Provider::new();
    let good = provider.sign(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let json_form =
        json!({"payload": payload, "protected": header, "signature": signature}).to_string();
    for bad in [
        json_form.as_str(),
        "",
        "..",
        "a.b.c",
        &format!("{good}="),
        &format!("{header}.{payload}=.{signature}"),
        &format!("{header}==.{payload}.{signature}"),
        &format!(" {good}"),
        &format!("{good}\n"),
        &format!("{header}. {payload}.{signature}"),
        &format!("{header}.{payload}\n.{signature}"),
        &format!("{good}.{signature}"),
        &format!(".{payload}.{signature}"),
        &format!("{header}..{signature}"),
        &format!("{header}.{}.{signature}", payload.replace('A', "+")),
        &format!(
            "{header}.{payload}.{}",
            signature
                .replace(['-', '_'], "/")
                .replacen(|c: char| c.is_ascii_alphabetic(), "+", 1)
        ),
    ] {
        assert_eq!(code(provider.verify(bad)), "id_token.format", "{bad}");
    }
    assert_eq!(
        code(provider.verify(&format!("{good}.a.b"))),
        "id_token.encrypted"
    );
    // Stray bits at the end of a part decode to the same bytes elsewhere.
    let mut stray = good.clone().into_bytes();
    let last = stray.last_mut().unwrap();
    *last = if *last == b'Q' {
        b'R'
    } else {
        last.wrapping_add(1)
    };
    assert_ne!(
        code(provider.verify(&String::from_utf8(stray).unwrap())),
        "accepted"
    );

    let plain = r#"{"alg":"EdDSA","kid":"k"}"#;
    let body = claims().to_string();
    let doubled = body.replacen('{', r#"{"sub":"other","#, 1);
    assert_eq!(
        code(provider.verify(&provider.sign_raw(plain, &doubled))),
        "id_token.claims"
    );
    for bad_header in [
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k"}"#,
        r#"{"alg":"none","kid":"k","alg":"EdDSA"}"#,
        r#"["EdDSA"]"#,
        r#"{"kid":"k"}"#,
        r#"{"alg":1,"kid":"k"}"#,
        r#"{"alg":"EdDSA","kid":1}"#,
        r#"{"alg":"EdDSA"} x"#,
    ] {
        assert_eq!(
            code(provider.verify(&provider.sign_raw(bad_header, &body))),
            "id_token.format",
            "{bad_header}"
        );
    }
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!("x"),
        json!(null),
    ] {
        let header = json!({"alg": "EdDSA", "kid": "k", "b64": true, "crit": crit});
        assert_eq!(
            code(provider.verify(&provider.sign_raw(&header.to_string(), &body))),
            "id_token.crit",
            "{crit}"
        );
    }
    // Not UTF-8, in the payload and in the header.
    let raw = |header: &[u8], payload: &[u8]| {
        let signed = format!("{}.{}", b64(header), b64(payload));
        format!(
            "{signed}.{}",
            b64(provider.pair.sign(signed.as_bytes()).as_ref())
        )
    };
    let mut broken = body.clone().into_bytes();
    let place = broken.iter().position(|byte| *byte == b'2').unwrap();
    broken[place] = 0xff;
    assert_eq!(
        code(provider.verify(&raw(plain.as_bytes(), &broken))),
        "id_token.claims"
    );
    assert_eq!(
        code(provider.verify(&raw(b"{\"alg\":\"\xff\"}", body.as_bytes()))),
        "id_token.format"
    );
}

#[test]
fn other_kinds_of_tokens_cannot_stand_in_for_an_id_token() {
    let provider = Provider::new();
    for kind in [
        "at+jwt",
        "application/at+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
        "JOSE",
        "",
        "jwt ",
    ] {
        let token = provider.sign_raw(
            &json!({"alg": "EdDSA", "kid": "k", "typ": kind}).to_string(),
            &claims().to_string(),
        );
        assert_eq!(code(provider.verify(&token)), "id_token.type", "{kind}");
    }
    for kind in ["JWT", "jwt"] {
        let token = provider.sign_raw(
            &json!({"alg": "EdDSA", "kid": "k", "typ": kind}).to_string(),
            &claims().to_string(),
        );
        assert_eq!(code(provider.verify(&token)), "accepted", "{kind}");
    }
    let logout = with(
        "events",
        json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
    );
    assert_eq!(provider.refusal(&logout), "id_token.type");
    // An access token that is a plain JWT of the same issuer, sent in both places.
    let token = provider.sign(&claims());
    let access = Secret::new(token.clone());
    let expected = Expectations {
        access_token: Some(&access),
        ..expectations(&provider.issuer, &provider.nonce)
    };
    assert_eq!(
        code(verify(
            &Secret::new(token),
            &expected,
            &provider.keys(),
            NOW
        )),
        "id_token.type"
    );
}

#[test]
fn refusals_do_not_repeat_the_token() {
    let provider = Provider::new();
    let token = provider.sign(&with("nonce", "marker"));
    let error = provider.verify(&token).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("marker") && !shown.contains(token.split('.').nth(1).unwrap()),
        "{shown}"
    );
}

#[test]
fn a_token_is_at_most_as_long_as_a_reply() {
    let provider = Provider::new();
    let signature = b64(&[0; 64]).len();
    // Blanks after a JSON text change nothing but the length. Those in the header make up for what no payload comes to.
    let of_length = |length: usize| {
        let padded = |text: &str, length: usize| text.to_owned() + &" ".repeat(length - text.len());
        let mut tokens = (25..28).map(|bytes| {
            let header = padded(r#"{"alg":"EdDSA","kid":"k"}"#, bytes);
            let left = length - b64(header.as_bytes()).len() - signature - "..".len();
            provider.sign_raw(&header, &padded(&claims().to_string(), left * 3 / 4))
        });
        tokens.find(|token| token.len() == length).unwrap()
    };
    for (length, expected) in [
        (limits::BODY_BYTES, "accepted"),
        (limits::BODY_BYTES + 1, "id_token.format"),
        (limits::BODY_BYTES + 2, "id_token.format"),
    ] {
        assert_eq!(
            code(provider.verify(&of_length(length))),
            expected,
            "{length}"
        );
    }
}
