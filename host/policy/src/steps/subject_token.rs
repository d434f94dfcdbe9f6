//! A workload's own assertion (RFC 7523, WKL-02): from a source that the tenant file names, for an audience that is named.

use vestibule_core::step::Step;
use vestibule_core::{SettingName, Shown};

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::SubjectToken(request) = step else {
        return Ok(());
    };
    let shown = Shown::new(&request.source);
    let Ok(name) = SettingName::parse(&request.source) else {
        return Err(Refusal::plugin(format!(
            "\"{shown}\" is not the name of a source: paths and URLs are the tenant file's"
        )));
    };
    if request.audience.trim().is_empty() {
        return Err(Refusal::plugin(
            "the plugin asks for an assertion for no audience",
        ));
    }
    let Some(source) = flow.tenant.workload.sources.get(&name) else {
        return Err(Refusal::policy(format!(
            "the plugin asks for an assertion of the source \"{name}\", which the tenant file does not name"
        ))
        .unless(format!(
            "[workload.sources.{name}] with from = and audience = \"{}\"",
            Shown::new(&request.audience)
        )));
    };
    if source.audience.as_str() != request.audience {
        return Err(Refusal::plugin(format!(
            "the plugin asks source \"{name}\" for an assertion for \"{}\", and the tenant file has it for {}",
            Shown::new(&request.audience),
            source.audience
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_core::record::Method;

    use crate::steps::testing::{Case, sign_in, subject_token};

    #[test]
    fn an_assertion_comes_from_a_named_source_for_a_named_audience() {
        let case = Case::oidc(sign_in()).by(Method::Workload);
        for bad in [
            "/var/run/token",
            "../token",
            "https://evil.example",
            "",
            "A",
        ] {
            case.denies(
                "subject_token",
                vec![subject_token(bad, "https://idp.example")],
            );
        }
        for bad in ["", " "] {
            case.denies("subject_token", vec![subject_token("ci", bad)]);
        }
        case.allows(vec![subject_token("ci", "https://idp.example")]);
    }

    #[test]
    fn the_tenant_file_says_which_sources_there_are_and_for_whom() {
        let case = Case::oidc(sign_in()).by(Method::Workload);
        let other = || subject_token("prod", "https://idp.example");
        let denied = case.denies("subject_token", vec![other()]);
        assert!(!denied.plugins_fault);
        assert_eq!(
            denied.fix.as_deref(),
            Some("[workload.sources.prod] with from = and audience = \"https://idp.example\"")
        );
        for audience in [
            "https://idp.example/",
            "https://IDP.example",
            "https://evil.example",
        ] {
            let denied = case.denies("subject_token", vec![subject_token("ci", audience)]);
            assert!(denied.plugins_fault && denied.fix.is_none());
        }
    }
}
