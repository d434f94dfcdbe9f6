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
