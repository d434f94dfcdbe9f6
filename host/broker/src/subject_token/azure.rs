//! Microsoft Azure: an access token of a managed identity for a resource, from the instance metadata service of a virtual machine, or from
//! the service that App Service, Functions and Container Apps name in a variable.

use vestibule_core::tenant::workload::SourceEndpoint;
use vestibule_core::{ProviderUrl, Result, Secret};

use super::service::Service;
use super::{Asked, Fetched};
use crate::http::{Exchange, Method, Request};
use crate::json::Document;

/// What is asked for, and for whom.
pub(super) struct Identity<'a> {
    pub(super) resource: Option<&'a str>,
    pub(super) client_id: Option<&'a str>,
    pub(super) endpoint: Option<&'a SourceEndpoint>,
}

const HINT: &str =
    "assign a managed identity to it, and if there are several say which: client_id = \"…\"";

/// A virtual machine.
pub(super) async fn instance(asked: &Asked<'_>, identity: Identity<'_>) -> Result<Fetched> {
    let path = "/metadata/identity/oauth2/token";
    let service = Service::metadata(asked, identity.endpoint, path)?;
    let request = identity
        .request(asked, &service.url, "2018-02-01")
        .header("Metadata", "true")
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    token(asked, &exchange)
}

/// App Service and what is built on it.
pub(super) async fn app_service(asked: &Asked<'_>, identity: Identity<'_>) -> Result<Fetched> {
    let url = asked.variable("IDENTITY_ENDPOINT", HINT)?;
    let header = asked.variable("IDENTITY_HEADER", HINT)?;
    let service = service(asked, url.expose(), identity.endpoint)?;
    let request = identity
        .request(asked, &service.url, "2019-08-01")
        .secret_header("X-IDENTITY-HEADER", &header)
        .map_err(|problem| asked.illegal(&problem))?;
    let exchange = service.send(asked, request).await?;
    token(asked, &exchange)
}

/// The platform names a port of this machine or of its own network, and one path. What else lies there is not reached by a variable.
fn service(asked: &Asked<'_>, text: &str, endpoint: Option<&SourceEndpoint>) -> Result<Service> {
    // Container Apps write the name; what it means to a resolver is of no interest (RFC 6761 section 6.3).
    let text = text.replacen("http://localhost:", "http://127.0.0.1:", 1);
    let wrong = |problem: String| asked.config(format!("IDENTITY_ENDPOINT {problem}"));
    let Some(endpoint) = endpoint else {
        let url =
            ProviderUrl::parse_platform(&text).map_err(|problem| wrong(problem.to_string()))?;
        return if is_token_path(&url) {
            Ok(Service::near(url))
        } else {
            Err(wrong("does not end in /msi/token".to_owned()))
        };
    };
    let url = ProviderUrl::parse(&text).map_err(|problem| wrong(problem.to_string()))?;
    if url.origin() != endpoint.origin() || !is_token_path(&url) {
        return Err(wrong(format!(
            "leads to {url}, and the source says {}",
            endpoint.origin()
        )));
    }
    Service::at(asked, endpoint, url.as_url().path())
}

fn is_token_path(url: &ProviderUrl) -> bool {
    let path = url.as_url().path();
    let path = path.strip_suffix('/').unwrap_or(path);
    url.as_url().query().is_none() && path.eq_ignore_ascii_case("/msi/token")
}

impl Identity<'_> {
    fn request(&self, asked: &Asked<'_>, url: &ProviderUrl, version: &str) -> Request {
        let resource = self.resource.unwrap_or(asked.source.audience.as_str());
        let request = Request::new(Method::Get, url)
            .query("api-version", version)
            .query("resource", resource);
        match self.client_id {
            Some(client_id) => request.query("client_id", client_id),
            None => request,
        }
    }
}

fn token(asked: &Asked<'_>, exchange: &Exchange) -> Result<Fetched> {
    if !exchange.is_success() {
        return Err(asked.refused_by_service(exchange, HINT));
    }
    let document = Document::parse(exchange.body())
        .map_err(|_| asked.nonsense("something other than JSON"))?;
    let token = document.text("/access_token").ok().flatten();
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| asked.nonsense("no token (access_token)"))?;
    Ok(Fetched::fresh(Secret::new(token.to_owned())))
}
