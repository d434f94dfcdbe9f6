//! A workload's own assertion (RFC 7523, WKL-02): from a source that the tenant file names, for an audience that is named.

use vestibule_core::step::Step;
use vestibule_core::{SettingName, Shown};

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(_: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::SubjectToken(request) = step else {
        return Ok(());
    };
    if SettingName::parse(&request.source).is_err() {
        return Err(Refusal::plugin(format!(
            "\"{}\" is not the name of a source: paths and URLs are the tenant file's",
            Shown::new(&request.source)
        )));
    }
    if request.audience.trim().is_empty() {
        return Err(Refusal::plugin(
            "the plugin asks for an assertion for no audience",
        ));
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
}
