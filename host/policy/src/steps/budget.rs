//! Budgets of one flow (law 4, PLUG-16): steps, requests, questions, and bytes of the plugin's own.

use vestibule_core::limits::{FLOW_CHOICES, FLOW_REQUESTS, FLOW_SENT_BYTES, FLOW_STEPS};
use vestibule_core::step::Step;

use super::flow::{Flow, reaches_provider};
use super::{Refusal, sent};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let over = |what: &str| {
        Err(Refusal::plugin(format!(
            "the plugin used up the flow's budget of {what}"
        )))
    };
    if flow.steps >= FLOW_STEPS {
        return over(&format!("{FLOW_STEPS} steps"));
    }
    if flow.requests >= FLOW_REQUESTS && reaches_provider(step) {
        return over(&format!("{FLOW_REQUESTS} requests"));
    }
    if flow.choices >= FLOW_CHOICES && matches!(step, Step::Choose(_)) {
        return over(&format!("{FLOW_CHOICES} questions"));
    }
    if flow.sent_bytes.saturating_add(sent::bytes(step)) > FLOW_SENT_BYTES {
        return over(&format!("{FLOW_SENT_BYTES} bytes to send"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::limits::{DESCRIPTION_ENTRIES, TEXT_BYTES};
    use vestibule_core::record::Method;
    use vestibule_core::step::{FieldValue, GrantType};

    use crate::steps::testing::{
        Case, SECRET, authorization, authorize, call, choose, device, field, granted, register,
        sign_in, subject_token, userinfo,
    };
    use crate::testing::scope;

    use super::*;

    #[test]
    fn budgets_span_the_flow() {
        let case = Case::oidc(sign_in());
        let times = |count: u32, step: fn() -> Step| (0..count).map(|_| step()).collect::<Vec<_>>();
        case.allows(times(FLOW_REQUESTS, || Step::Discover));
        case.denies("budget", times(FLOW_REQUESTS + 1, || Step::Discover));
        case.denies("budget", times(FLOW_REQUESTS + 1, userinfo));
        case.allows(times(FLOW_CHOICES, || choose(&["a"])));
        case.denies("budget", times(FLOW_CHOICES + 1, || choose(&["a"])));

        let workload = Case::oidc(sign_in()).by(Method::Workload);
        let assertion = || subject_token("ci", "https://idp.example");
        workload.allows(times(FLOW_STEPS, assertion));
        workload.denies("budget", times(FLOW_STEPS + 1, assertion));
    }

    #[test]
    fn the_last_byte_of_the_budget_may_be_sent_and_no_more() {
        let center = Case::identity_center(sign_in());
        // Names and values count alike.
        let full = |extra: usize| {
            let fields = (0..FLOW_SENT_BYTES / TEXT_BYTES).map(|n| {
                let name = format!("f{n}");
                let text = "x".repeat(TEXT_BYTES - name.len());
                field(&name, FieldValue::Text(text))
            });
            let more = field("m", FieldValue::Text("x".repeat(extra)));
            register(fields.chain((extra > 0).then_some(more)).collect())
        };
        assert_eq!(sent::bytes(&full(0)), FLOW_SENT_BYTES);
        center.allows(vec![full(0)]);
        center.denies("budget", vec![full(1)]);
    }

    #[test]
    fn scopes_count_wherever_they_are_asked_for() {
        let names: Vec<String> = (0..DESCRIPTION_ENTRIES)
            .map(|n| format!("{n:0256}"))
            .collect();
        let asked = || names.iter().map(|name| scope(name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let all = 256 * DESCRIPTION_ENTRIES;
        assert_eq!(sent::bytes(&authorization(|r| r.scopes = asked())), all);
        assert_eq!(
            sent::bytes(&granted(GrantType::RefreshToken(SECRET), &names, vec![])),
            all
        );
        let mut step = device(vec![]);
        if let Step::Device(request) = &mut step {
            request.scopes = asked();
        }
        assert_eq!(sent::bytes(&step), all);
    }

    #[test]
    fn everything_that_a_plugin_sends_counts() {
        let long = || "x".repeat(TEXT_BYTES);
        let many = FLOW_SENT_BYTES / TEXT_BYTES - 1;
        let text = || FieldValue::Text(long());
        let fields = |value: &dyn Fn() -> FieldValue| {
            (0..many)
                .map(|n| field(&format!("f{n}"), value()))
                .collect::<Vec<_>>()
        };
        let center = Case::identity_center(sign_in());
        let filler = || register(fields(&text));
        let texts = || FieldValue::Texts(vec![long()]);
        center.allows(vec![filler()]);
        center.denies(
            "budget",
            vec![
                filler(),
                authorization(|r| {
                    r.extra = vec![("a".to_owned(), long()), ("b".to_owned(), long())]
                }),
            ],
        );
        center.denies(
            "budget",
            vec![
                filler(),
                authorization(|r| r.resources = vec![long(), long()]),
            ],
        );
        center.denies(
            "budget",
            vec![
                filler(),
                authorization(|r| {
                    r.login_hint = Some(long());
                    r.scopes = (0..17).map(|n| scope(&format!("{n:0256}"))).collect();
                }),
            ],
        );
        center.denies(
            "budget",
            vec![
                filler(),
                call(
                    "accounts",
                    Some(SECRET),
                    &[("a", &long()), ("b", &long())],
                    Vec::new(),
                ),
            ],
        );
        center.denies(
            "budget",
            vec![
                filler(),
                call(
                    "accounts",
                    Some(SECRET),
                    &[],
                    vec![field("a", texts()), field("b", texts())],
                ),
            ],
        );
        center.denies(
            "budget",
            vec![
                filler(),
                authorize(),
                granted(
                    GrantType::AuthorizationCode(SECRET),
                    &[],
                    vec![field("a", texts()), field("b", text())],
                ),
            ],
        );
        let device_flow = Case::identity_center(sign_in()).by(Method::Device);
        device_flow.denies(
            "budget",
            vec![
                filler(),
                device(vec![field("a", text()), field("b", text())]),
            ],
        );
    }
}
