//! Text that a plugin sends (PLUG-14): bounded, and without a control character, which no honest value has and some server would read
//! as the end of a line.

use vestibule_core::limits::TEXT_BYTES;
use vestibule_core::step::Step;

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(_: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let mut problem = None;
    step.for_each_sent_text(&mut |text| {
        if text.len() > TEXT_BYTES {
            problem = Some(format!(
                "the plugin sends a text of {} bytes with \"{}\"",
                text.len(),
                step.as_str()
            ));
        } else if text.chars().any(char::is_control) {
            problem = Some(format!(
                "the plugin sends a control character with \"{}\"",
                step.as_str()
            ));
        }
    });
    problem.map_or(Ok(()), |reason| Err(Refusal::plugin(reason)))
}

#[cfg(test)]
mod tests {
    use vestibule_core::step::{FieldValue, GrantType};

    use crate::steps::testing::{
        Case, SECRET, authorization, authorize, call, exchange_for, field, granted, register,
        sign_in, texted, token_exchange,
    };

    use super::*;

    #[test]
    fn text_is_bounded_and_has_no_control_characters() {
        let case = Case::oidc(sign_in());
        for bad in [
            "a\r\nHost: b",
            "a\0",
            "a\u{85}",
            &"x".repeat(TEXT_BYTES + 1),
        ] {
            case.denies(
                "text",
                vec![authorization(|r| r.login_hint = Some(bad.to_owned()))],
            );
            case.denies(
                "text",
                vec![authorization(|r| r.resources = vec![bad.to_owned()])],
            );
            case.denies(
                "text",
                vec![authorization(|r| {
                    r.extra = vec![("a".to_owned(), bad.to_owned())]
                })],
            );
            case.denies(
                "text",
                vec![authorization(|r| {
                    r.extra = vec![(bad.to_owned(), String::new())]
                })],
            );
            case.denies(
                "text",
                vec![
                    authorize(),
                    granted(
                        GrantType::AuthorizationCode(SECRET),
                        &[],
                        vec![texted("a", bad)],
                    ),
                ],
            );
            let center = Case::identity_center(sign_in());
            center.denies("text", vec![register(vec![texted("a", bad)])]);
            center.denies(
                "text",
                vec![register(vec![field(
                    "a",
                    FieldValue::Texts(vec![bad.to_owned()]),
                )])],
            );
            center.denies(
                "text",
                vec![call("accounts", Some(SECRET), &[("a", bad)], Vec::new())],
            );
            Case::oidc(exchange_for(None)).denies("text", vec![token_exchange(Some(bad))]);
        }
    }
}
