//! What is asked of each case.

use proptest::test_runner::TestCaseError;
use serde_json::Value;

use crate::case::Case;
use crate::marker::{KINDS, Kind, Values, forms};
use crate::provider::Seen;
use crate::run::{Ended, Entered, Run, TOKEN_HEADER, World};

/// What the cases have been about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coverage {
    not_approved: u32,
    well: u32,
    denied: u32,
    misplaced: u32,
    barred: u32,
    replies: u32,
    carried_secrets: u32,
}

impl Coverage {
    pub(crate) fn add(&mut self, other: Self) {
        self.not_approved += other.not_approved;
        self.well += other.well;
        self.denied += other.denied;
        self.misplaced += other.misplaced;
        self.barred += other.barred;
        self.replies += other.replies;
        self.carried_secrets += other.carried_secrets;
    }

    /// Every way for a case to end must have come up, and most cases must have got somewhere.
    pub(crate) fn must_be_wide(&self, cases: u32) {
        // What a long run is about is worth reading.
        eprintln!("{cases} cases: {self:?}");
        let rare = cases / 200;
        let often = cases / 4;
        assert!(self.not_approved > rare, "{self:?}");
        assert!(self.well > rare, "{self:?}");
        assert!(self.denied > rare, "{self:?}");
        assert!(self.misplaced > rare, "{self:?}");
        assert!(self.barred > rare, "{self:?}");
        assert!(self.replies > often, "{self:?}");
        assert!(self.carried_secrets > often, "{self:?}");
    }
}

/// Plays a case twice, and judges both runs and what differs between them.
pub(crate) fn judge(world: &World, case: &Case) -> Result<Coverage, TestCaseError> {
    let first = world.run(case, Values::First);
    judge_run(&first, case, Values::First)?;
    let second = world.run(case, Values::Second);
    judge_run(&second, case, Values::Second)?;
    // What a provider tells of a secret that the host has not seen yet is between the provider and the plugin: both know what they
    // do, and it is compared no further.
    let told = told_by_the_provider(&first, Values::First)
        .min(told_by_the_provider(&second, Values::Second));
    let (one, other) = (alike(&first, told), alike(&second, told));
    if one != other || (told == first.entered.len()) != (told == second.entered.len()) {
        return Err(TestCaseError::fail(format!(
            "what enters the guest depends on a secret:\n{one:#?}\nand with others\n{other:#?}"
        )));
    }
    Ok(coverage(&first))
}

fn judge_run(run: &Run, case: &Case, values: Values) -> Result<(), TestCaseError> {
    for kind in KINDS {
        let value = kind.value(values);
        let forms = forms(&value);
        for entered in run.entered.iter().filter(|at| at.live.contains(&kind)) {
            if let Some(form) = forms.iter().find(|form| has(entered, form)) {
                return Err(TestCaseError::fail(format!(
                    "{kind:?} enters the guest as {form}: {}",
                    entered.whole
                )));
            }
        }
        if told_by_the_provider(run, values) < run.entered.len() {
            // The plugin may say what it was told.
            continue;
        }
        for seen in &run.requests {
            if let Some(place) = astray(seen, case, kind, &value, &forms) {
                return Err(TestCaseError::fail(format!(
                    "{kind:?} is sent to {place} of {}: {seen:?}",
                    seen.role
                )));
            }
        }
        if let Ended::Badly(error) | Ended::NotApproved(error) = &run.ended {
            let said = error.to_string();
            if forms.iter().any(|form| said.contains(form.as_str())) {
                return Err(TestCaseError::fail(format!("{kind:?} is said: {said}")));
            }
        }
    }
    for drawn in run.drawn.iter().filter(|drawn| !drawn.is_empty()) {
        let forms = forms(drawn);
        let told = |text: &String| forms.iter().any(|form| text.contains(form.as_str()));
        if run.entered.iter().any(|at| at.words.iter().any(told)) {
            return Err(TestCaseError::fail("a state or verifier enters the guest"));
        }
        let elsewhere =
            |seen: &Seen| seen.role != "token" && told(&seen.body) || told(&seen.target);
        if run.requests.iter().any(elsewhere) {
            return Err(TestCaseError::fail("a state or verifier is sent elsewhere"));
        }
    }
    Ok(())
}

/// The place in a request where a secret is and may not be.
fn astray(seen: &Seen, case: &Case, kind: Kind, value: &str, forms: &[String]) -> Option<String> {
    let has = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
    if has(&seen.target) {
        return Some("the URL".to_owned());
    }
    for (name, found) in &seen.headers {
        let allowed = kind == Kind::Access
            && seen.role == "api"
            && if case.plugin.token_header {
                name == TOKEN_HEADER && found == value
            } else {
                name == "authorization" && *found == format!("Bearer {value}")
            };
        if has(found) && !allowed {
            return Some(format!("the header {name}"));
        }
    }
    let mut fields = fields(&seen.body);
    let allowed = |name: &str| match (seen.role.as_str(), kind) {
        ("token", Kind::Code) => name == "code",
        ("token", Kind::Refresh) => name == "refresh_token" || renamed(case, "refresh_token", name),
        ("revocation", Kind::Access | Kind::Refresh) => name == "token",
        ("api", Kind::Handle) => name == "handle",
        _ => false,
    };
    // The one field in which it may be is taken out; nowhere else may it stand, not even as a part.
    if let Some(at) = fields
        .iter()
        .position(|(name, found)| allowed(name) && found == value)
    {
        fields.remove(at);
    }
    fields
        .iter()
        .find(|(name, found)| has(name) || has(found))
        .map(|(name, _)| format!("the field {name}"))
}

fn renamed(case: &Case, standard: &str, name: &str) -> bool {
    case.plugin.rename == Some((standard, "note")) && name == "note"
}

/// The body's form fields or JSON members; one that is neither is a field without a name.
fn fields(body: &str) -> Vec<(String, String)> {
    if let Ok(Value::Object(members)) = serde_json::from_str(body) {
        return members
            .into_iter()
            .map(|(name, value)| {
                let text = value.as_str().map(str::to_owned);
                (name, text.unwrap_or_else(|| value.to_string()))
            })
            .collect();
    }
    if body.is_empty() || body.contains('=') {
        return url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
    }
    vec![(String::new(), body.to_owned())]
}

fn has(entered: &Entered, form: &str) -> bool {
    entered.words.iter().any(|word| word.contains(form))
}

/// From which entry on the guest knows something of a secret that the host could not know to be one.
fn told_by_the_provider(run: &Run, values: Values) -> usize {
    let early = |entered: &Entered| {
        KINDS
            .iter()
            .filter(|kind| !entered.live.contains(kind))
            .flat_map(|kind| forms(&kind.value(values)))
            .any(|form| has(entered, &form))
    };
    run.entered
        .iter()
        .position(early)
        .unwrap_or(run.entered.len())
}

/// The first so many texts, with each reference replaced by the order in which it first appears: references are drawn at random.
fn alike(run: &Run, count: usize) -> Vec<String> {
    let texts = run.entered.iter().take(count);
    vestibule_attacks::tape::in_order(texts.map(|entered| entered.whole.as_str()))
}

fn coverage(run: &Run) -> Coverage {
    let code = match &run.ended {
        Ended::NotApproved(_) => "not approved",
        Ended::Badly(error) => error.code(),
        Ended::Well => "well",
    };
    let carries = |seen: &Seen| {
        let value = |kind: Kind| kind.value(Values::First);
        KINDS.iter().any(|kind| {
            seen.headers
                .iter()
                .any(|(_, text)| text.contains(&value(*kind)))
                || fields(&seen.body)
                    .iter()
                    .any(|(_, text)| *text == value(*kind))
        })
    };
    Coverage {
        not_approved: u32::from(code == "not approved"),
        well: u32::from(code == "well"),
        denied: u32::from(code == "policy.denied"),
        misplaced: u32::from(code == "plugin.reference"),
        barred: u32::from(code == "barrier.secret"),
        replies: u32::from(run.entered.len() > 1),
        carried_secrets: u32::from(run.requests.iter().any(carries)),
    }
}

pub(crate) mod tests {
    use super::*;

    /// A secret in a foreign cell, in part of a field, in a URL and in a header is seen, and in its own cell is not.
    pub(crate) fn self_check() {
        let case = crate::case::plain();
        let seen = |role: &str, target: &str, header: &str, body: &str| Seen {
            role: role.to_owned(),
            target: target.to_owned(),
            headers: vec![("authorization".to_owned(), header.to_owned())],
            body: body.to_owned(),
        };
        let form = |name: &str, value: &str| {
            url::form_urlencoded::Serializer::new(String::new())
                .append_pair(name, value)
                .finish()
        };
        let access = Kind::Access.value(Values::First);
        let refresh = Kind::Refresh.value(Values::First);
        let strays = |seen: &Seen, kind: Kind| {
            let value = kind.value(Values::First);
            astray(seen, &case, kind, &value, &forms(&value)).is_some()
        };
        let bearer = format!("Bearer {access}");
        assert!(!strays(&seen("api", "/api", &bearer, ""), Kind::Access));
        assert!(strays(
            &seen("public", "/public", &bearer, ""),
            Kind::Access
        ));
        let own = form("refresh_token", &refresh);
        assert!(!strays(&seen("token", "/token", "", &own), Kind::Refresh));
        assert!(strays(&seen("api", "/api", "", &own), Kind::Refresh));
        let joined = form("refresh_token", &format!("x{refresh}"));
        assert!(strays(&seen("token", "/token", "", &joined), Kind::Refresh));
        let twice = format!("{own}&{own}");
        assert!(strays(&seen("token", "/token", "", &twice), Kind::Refresh));
        let url = format!("/api?{}", form("q", &refresh));
        assert!(strays(&seen("api", &url, "", ""), Kind::Refresh));
        let compared = |text| vestibule_attacks::tape::in_order(std::iter::once(text));
        let one = compared("a ref:11111111 b ref:22222222 ref:11111111");
        assert_eq!(one, compared("a ref:aaaaaaaa b ref:bbbbbbbb ref:aaaaaaaa"));
        assert_ne!(one, compared("a ref:aaaaaaaa b ref:bbbbbbbb ref:bbbbbbbb"));
    }
}
