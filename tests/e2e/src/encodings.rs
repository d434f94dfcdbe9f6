//! The forms in which a secret could hide in a text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::form_urlencoded;

/// The value in plain, percent-encoded, in base64 and base64url at each of the three alignments, in hexadecimal, escaped as in JSON,
/// reversed. Each once.
#[must_use]
pub fn of(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let bytes = |format: fn(u8) -> String| secret.bytes().map(format).collect::<String>();
    let mut forms = vec![
        secret.to_owned(),
        form,
        bytes(|byte| format!("%{byte:02X}")),
        bytes(|byte| format!("%{byte:02x}")),
        bytes(|byte| format!("{byte:02x}")),
        bytes(|byte| format!("{byte:02X}")),
        bytes(|byte| format!("\\u{byte:04x}")),
        serde_json::to_string(secret)
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned(),
        secret.chars().rev().collect(),
    ];
    for shift in 0..3 {
        forms.extend(base64_at(secret, shift));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// What stands in the base64 of a text that has the secret behind `shift` other bytes, whatever is around it.
fn base64_at(secret: &str, shift: usize) -> Vec<String> {
    let padded = [vec![0; shift], secret.as_bytes().to_vec()].concat();
    // The first and last characters depend on the neighbours too.
    let from = (shift * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    let mut forms: Vec<String> = [
        STANDARD_NO_PAD.encode(&padded),
        URL_SAFE_NO_PAD.encode(&padded),
    ]
    .into_iter()
    .filter_map(|text| text.get(from..to).map(str::to_owned))
    .collect();
    if shift == 0 {
        forms.push(STANDARD.encode(secret));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form_wherever_it_stands() {
        let secret = "s3cr?t/marker~>";
        let forms = of(secret);
        let hidden = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
        for around in ["", "a", "ab", "abc"] {
            let text = format!("{around}{secret}{around}");
            assert!(hidden(&text));
            assert!(hidden(&STANDARD.encode(&text)), "{around}");
            assert!(hidden(&URL_SAFE_NO_PAD.encode(&text)), "{around}");
            assert!(hidden(
                &form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
            ));
            assert!(hidden(&serde_json::to_string(&text).unwrap()));
        }
        assert!(!hidden("s3cr?t/marker"));
    }
}
