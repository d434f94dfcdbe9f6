//! The audience of a token exchange (RFC 8693 section 2.1, WKL-04): the one that was asked for.

use vestibule_core::Shown;
use vestibule_core::step::{GrantType, HttpExchange, Step};

use super::Refusal;
use super::flow::{Flow, Goal};

pub(super) fn judge(flow: &Flow<'_>, step: &Step) -> Result<(), Refusal> {
    let Step::Request(request) = step else {
        return Ok(());
    };
    let HttpExchange::Grant(grant) = &request.exchange else {
        return Ok(());
    };
    let GrantType::TokenExchange(exchange) = &grant.grant_type else {
        return Ok(());
    };
    let Goal::Exchange {
        audience: Some(asked),
    } = &flow.goal
    else {
        return Ok(());
    };
    match &exchange.audience {
        Some(audience) if audience == asked => Ok(()),
        Some(audience) => Err(Refusal::plugin(format!(
            "the plugin exchanges a token for the audience \"{}\", and \"{}\" was asked for",
            Shown::new(audience),
            Shown::new(asked)
        ))),
        None => Err(Refusal::plugin(format!(
            "the plugin exchanges a token for any audience, and \"{}\" was asked for",
            Shown::new(asked)
        ))),
    }
}
