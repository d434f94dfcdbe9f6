//! Google Cloud: the metadata server makes an identity token of the instance's service account for an audience.

use vestibule_core::Result;
use vestibule_core::tenant::workload::SourceEndpoint;

use super::service::{Service, word};
use super::{Asked, Fetched};
use crate::http::{Method, Request};

/// Asked with and answered with, so that neither side takes another for the metadata server.
const FLAVOR: (&str, &str) = ("Metadata-Flavor", "Google");

pub(super) async fn fetch(
    asked: &Asked<'_>,
    service_account: Option<&str>,
    endpoint: Option<&SourceEndpoint>,
) -> Result<Fetched> {
    let account = service_account.unwrap_or("default");
    let path = format!("/computeMetadata/v1/instance/service-accounts/{account}/identity");
    let service = Service::metadata(asked, endpoint, &path)?;
    let request = Request::new(Method::Get, &service.url)
        .query("audience", asked.source.audience.as_str())
        .query("format", "full")
        .accept("*/*")
        .and_then(|request| request.header(FLAVOR.0, FLAVOR.1))
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    if exchange.header("metadata-flavor") != Some(FLAVOR.1) {
        return Err(asked
            .nonsense("no Metadata-Flavor: Google: it is not the metadata server")
            .hint("the service answers on a machine of that platform alone; elsewhere the tenant needs another source"));
    }
    if !exchange.is_success() {
        return Err(asked.refused_by_service(
            &exchange,
            "attach the service account to the instance, or name another: service_account = \"…\"",
        ));
    }
    let token = word(&exchange).ok_or_else(|| asked.nonsense("something other than a token"))?;
    Ok(Fetched::fresh(token))
}
