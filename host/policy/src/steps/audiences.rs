//! The resource servers that a sign-in asks for (`policy.audiences`): those of the tenant's list, however the standards or a provider name
//! them (RFC 8707 section 2, and the `audience` of some vendors). What a token endpoint is asked for is judged in `audience`.

use vestibule_core::step::Step;
use vestibule_core::words::folded;

use super::Refusal;
use super::audience::in_list;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let policy = &flow.tenant.policy;
    if policy.audiences.is_none() {
        return Ok(());
    }
    asked_for(step)
        .into_iter()
        .try_for_each(|asked| in_list(policy, asked))
}

/// The audiences that a step names. A device authorization request can name none.
fn asked_for(step: &Step) -> Vec<&str> {
    match step {
        Step::Authorize(request) => {
            let own = request.extra.iter().filter(|(name, _)| is_audience(name));
            let own = own.map(|(_, value)| value.as_str());
            let resources = request.resources.iter().map(String::as_str);
            resources.chain(own).collect()
        }
        Step::Discover
        | Step::Device(_)
        | Step::Request(_)
        | Step::SubjectToken(_)
        | Step::Choose(_)
        | Step::Finish(_)
        | Step::Fail(_) => Vec::new(),
    }
}

fn is_audience(name: &str) -> bool {
    folded(name) == "audience"
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{Case, authorization, authorize, sign_in};
    use crate::testing::tenant;

    fn listed(mut case: Case) -> Case {
        case.tenant = tenant("[policy]\naudiences = [\"https://api.example\", \"internal\"]\n");
        case
    }

    #[test]
    fn a_sign_in_is_for_a_listed_audience_however_it_is_named() {
        let case = listed(Case::oidc(sign_in()));
        let resources = |list: &[&str]| {
            let list = list.iter().map(|one| (*one).to_owned()).collect();
            authorization(|request| request.resources = list)
        };
        let extra = |name: &str, value: &str| {
            let pair = (name.to_owned(), value.to_owned());
            authorization(|request| request.extra = vec![pair])
        };
        case.allows(vec![authorize()]);
        case.allows(vec![resources(&["https://api.example"])]);
        case.allows(vec![extra("audience", "internal")]);
        let beyond = resources(&["https://api.example", "https://evil.example"]);
        let denied = case.denies("audiences", vec![beyond]);
        assert_eq!(
            denied.fix.as_deref(),
            Some(
                "policy.audiences = [\"https://api.example\", \"internal\", \"https://evil.example\"]"
            )
        );
        case.denies("audiences", vec![resources(&["https://api.example/"])]);
        case.denies("audiences", vec![extra("audience", "other")]);
        case.denies("audiences", vec![extra("Audience", "other")]);
    }

    #[test]
    fn without_a_list_any_audience_will_do() {
        let case = Case::oidc(sign_in());
        case.allows(vec![authorization(|request| {
            request.resources = vec!["https://any.example".to_owned()];
        })]);
    }
}
