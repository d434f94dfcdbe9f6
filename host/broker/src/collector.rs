//! Handing log records to a collector (OTLP/HTTP 1.x, JSON encoding): one request, through the one client, with the operator's own token.

use vestibule_core::{Error, ProviderUrl, Result, Secret, Shown};
use zeroize::Zeroizing;

use crate::egress::Refusal;
use crate::http::{Body, ExchangeError, HttpClient, Method, Problem, Request};

/// Sends a request with this body, and gives the body of the answer.
///
/// # Errors
/// `export.unreachable`, `export.busy`: later it may be taken. `export.unauthorized`, `export.refused`: it will not be. Records of a
/// request that was not answered may have been taken all the same.
pub async fn send(
    client: &HttpClient,
    url: &ProviderUrl,
    body: String,
    token: Option<&Secret>,
) -> Result<Vec<u8>> {
    let body = Body::Json(Zeroizing::new(body.into_bytes()));
    let mut request = Request::new(Method::Post, url).body(body);
    if let Some(token) = token {
        request = request.bearer(token).map_err(|_| {
            Error::config(
                "export.token",
                "the collector's token has a character that no header may have",
            )
        })?;
    }
    let exchange = client.send(request).await.map_err(unsent)?;
    let host = Shown::new(url.host()).to_string();
    let status = exchange.status();
    // Specification of OTLP, "OTLP/HTTP Response": what is worth another try, and what is not.
    match status {
        200..=299 => Ok(exchange.body().to_vec()),
        401 | 403 => Err(Error::config(
            "export.unauthorized",
            format!("the collector at {host} answers {status}: it wants another token, or none of this one"),
        )
        .hint("the token is the first line of the file that --token-file or audit.collector.token_file names")),
        408 | 429 | 502..=504 => Err(Error::network(
            "export.busy",
            format!("the collector at {host} answers {status}: it takes nothing now"),
        )
        .hint("run the same again later; with --cursor it goes on where it stopped")),
        _ => Err(Error::provider(
            "export.refused",
            format!("the collector at {host} answers {status}: it does not take logs at this address"),
        )
        .hint("the address usually ends in /v1/logs")),
    }
}

/// What keeps a request from being answered, in words that name no tenant.
fn unsent(problem: ExchangeError) -> Error {
    let message = problem.to_string();
    match problem.problem() {
        Problem::Refused(Refusal::LoopbackHttp(_)) => Error::policy(
            "export.loopback",
            "plain http to a collector on this machine is not allowed",
        )
        .hint("if this is a collector of your own: --allow-loopback-http, or audit.collector.allow_loopback_http = true"),
        Problem::Refused(_) => Error::policy("export.address", message).hint(
            "if the collector is inside your network: --allow-private-address, or audit.collector.allow_private_address = true",
        ),
        Problem::Connect | Problem::Lost | Problem::Deadline => {
            Error::network("export.unreachable", message)
                .hint("run the same again later; with --cursor it goes on where it stopped")
        }
        Problem::Tls(_) | Problem::Reply(_) | Problem::Trust(_) | Problem::Client => problem.into(),
    }
}
