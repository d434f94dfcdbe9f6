//! Resource indicators (RFC 8707 section 2, TOK-07): absolute URIs without a fragment.

use url::Url;
use vestibule_core::Shown;
use vestibule_core::limits::{DESCRIPTION_ENTRIES, URL_BYTES};
use vestibule_core::step::Step;

use super::Refusal;
use super::flow::Flow;

pub(super) fn judge(_: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::Authorize(request) = step else {
        return Ok(());
    };
    if request.resources.len() > DESCRIPTION_ENTRIES {
        return Err(Refusal::plugin(format!(
            "the plugin names {} resources",
            request.resources.len()
        )));
    }
    for resource in &request.resources {
        let printable = resource.bytes().all(|byte| matches!(byte, 0x21..=0x7E));
        let absolute = resource.len() <= URL_BYTES
            && printable
            && !resource.contains('#')
            && Url::parse(resource).is_ok();
        if !absolute {
            return Err(Refusal::plugin(format!(
                "the plugin names the resource \"{}\", which is not an absolute URI without fragment",
                Shown::new(resource)
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {

    use crate::steps::testing::{Case, authorization, sign_in};

    use super::*;

    #[test]
    fn resources_are_absolute_uris_without_fragment() {
        let case = Case::oidc(sign_in());
        for bad in [
            "",
            "api",
            "/v1",
            "https://api.example/#x",
            "https://api.example/#",
            "https://api.example/ x",
            "https://\u{e9}.example/",
        ] {
            case.denies(
                "resources",
                vec![authorization(|r| r.resources = vec![bad.to_owned()])],
            );
        }
        let named = |count| {
            vec![authorization(|r| {
                r.resources = vec!["urn:a".to_owned(); count]
            })]
        };
        case.allows(named(DESCRIPTION_ENTRIES));
        case.denies("resources", named(DESCRIPTION_ENTRIES + 1));
        for good in [
            "https://api.example",
            "https://api.example/v1?tenant=a",
            "urn:example:api",
            "api://2f5b",
        ] {
            case.allows(vec![authorization(|r| r.resources = vec![good.to_owned()])]);
        }
    }
}
