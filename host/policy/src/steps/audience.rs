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

#[cfg(test)]
mod tests {

    use crate::steps::testing::{Case, exchange_for, token_exchange};

    #[test]
    fn a_token_is_exchanged_for_the_audience_that_was_asked_for() {
        let case = Case::oidc(exchange_for(Some("https://api.example")));
        case.allows(vec![token_exchange(Some("https://api.example"))]);
        case.denies(
            "audience",
            vec![token_exchange(Some("https://evil.example"))],
        );
        case.denies("audience", vec![token_exchange(None)]);
        Case::oidc(exchange_for(None)).allows(vec![token_exchange(Some("https://api.example"))]);
    }
}
