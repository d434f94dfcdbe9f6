//! GitHub Actions: the job asks GitHub's service with a token of its own, which goes nowhere else. Its URL and that token are in variables
//! that are there if the job has `permissions: id-token: write`.

use vestibule_core::tenant::workload::SourceEndpoint;
use vestibule_core::{ProviderUrl, Result, Secret};

use super::service::Service;
use super::{Asked, Fetched};
use crate::http::{Method, Request};
use crate::json::Document;

/// Where GitHub.com has the service, under names that change.
const DOMAIN: &str = ".actions.githubusercontent.com";

const HINT: &str = "let the job ask for one: permissions: { id-token: write }";

pub(super) async fn fetch(asked: &Asked<'_>, endpoint: Option<&SourceEndpoint>) -> Result<Fetched> {
    let url = asked.variable("ACTIONS_ID_TOKEN_REQUEST_URL", HINT)?;
    let own_token = asked.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN", HINT)?;
    let url = checked(asked, url.expose(), endpoint)?;
    let service = Service::ordinary(asked, url);
    let request = Request::new(Method::Get, &service.url)
        .query("audience", asked.source.audience.as_str())
        .bearer(&own_token)
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    if !exchange.is_success() {
        return Err(asked.refused_by_service(&exchange, HINT));
    }
    let document = Document::parse(exchange.body())
        .map_err(|_| asked.nonsense("something other than JSON"))?;
    let token = document.text("/value").ok().flatten();
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| asked.nonsense("no token (value)"))?;
    Ok(Fetched::fresh(Secret::new(token.to_owned())))
}

/// The token that asks goes to GitHub, or to where the operator has it: not wherever a variable says.
fn checked(
    asked: &Asked<'_>,
    text: &str,
    endpoint: Option<&SourceEndpoint>,
) -> Result<ProviderUrl> {
    let url = ProviderUrl::parse(text)
        .map_err(|problem| asked.config(format!("ACTIONS_ID_TOKEN_REQUEST_URL {problem}")))?;
    let is_expected = match endpoint {
        Some(endpoint) => url.origin() == endpoint.origin(),
        None => url.host().ends_with(DOMAIN) && url.as_url().port().is_none(),
    };
    if !is_expected {
        return Err(asked
            .config(format!(
                "ACTIONS_ID_TOKEN_REQUEST_URL leads to {}, which is not where the service is",
                url.origin()
            ))
            .hint("for a server of your own say so in the source: endpoint = \"https://HOST\""));
    }
    let mut names = url.as_url().query_pairs().map(|(name, _)| name);
    if names.any(|name| name.eq_ignore_ascii_case("audience")) {
        return Err(asked.config("ACTIONS_ID_TOKEN_REQUEST_URL names an audience already"));
    }
    Ok(url)
}
