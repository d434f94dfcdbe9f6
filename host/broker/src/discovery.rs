//! Provider metadata: OpenID Connect Discovery 1.0 section 4 and RFC 8414 section 3, fetched from URLs that the host derives, and
//! believed only if it is the configured issuer's own (DISC-02, DISC-03, DISC-09).
//!
//! No redirect is followed, although NET-02 would allow some: metadata decides where secrets go, and every provider serves it in place.

use vestibule_core::{Error, Issuer, ProviderUrl, Result, Shown, limits};

use crate::http::{Exchange, HttpClient, Method, Request};

mod metadata;
mod remembered;

pub use metadata::{Endpoint, Form, Metadata};
pub use remembered::{Downgrade, Remembered};

/// Metadata that was fetched or kept: the text as it came, and when. Parsed anew on each use, with the checks of the first time.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CachedMetadata {
    /// Which of the two standards' places it came from.
    pub form: Form,
    /// The text.
    pub text: Vec<u8>,
    /// When it was fetched, in seconds since 1970.
    pub fetched: u64,
}

impl CachedMetadata {
    /// Whether it may still be used (DISC-10). A clock that ran backwards makes it stale.
    #[must_use]
    pub fn is_fresh(&self, now: u64) -> bool {
        now.checked_sub(self.fetched)
            .is_some_and(|age| age < limits::METADATA_MAX_AGE.as_secs())
    }

    /// Parses and checks it against what may be connected to.
    ///
    /// # Errors
    /// Blames the provider; see [`Metadata::parse`].
    pub fn metadata(&self, issuer: &Issuer, http: &HttpClient) -> Result<Metadata> {
        Metadata::parse(self.form, issuer, &self.text, http.policy())
    }
}

/// Fetches and checks an issuer's metadata at a time in seconds since 1970: at OIDC's place, and if there is none, at RFC 8414's.
///
/// # Errors
/// Those of the exchange; blames the provider if its metadata cannot be believed, the configuration if there is none.
pub async fn discover(
    http: &HttpClient,
    issuer: &Issuer,
    now: u64,
) -> Result<(Metadata, CachedMetadata)> {
    for form in [Form::OpenId, Form::OAuth] {
        let url = well_known(issuer, form)?;
        let reply = http.send(Request::new(Method::Get, &url)).await?;
        match reply.status() {
            200 => return believe(form, issuer, &reply, http, now),
            404 => {}
            status => {
                return Err(Error::provider(
                    "discovery.status",
                    format!("the provider answered {status} instead of its metadata at {url}"),
                ));
            }
        }
    }
    Err(Error::config("discovery.missing", format!("the issuer {issuer} publishes no metadata"))
        .hint("compare the issuer in the tenant file with what the provider's documentation says, its path and final slash included"))
}

fn believe(
    form: Form,
    issuer: &Issuer,
    reply: &Exchange,
    http: &HttpClient,
    now: u64,
) -> Result<(Metadata, CachedMetadata)> {
    if !reply.is_json() {
        return Err(Error::provider(
            "discovery.format",
            format!("what {issuer} publishes as its metadata is not JSON"),
        ));
    }
    let cached = CachedMetadata {
        form,
        text: reply.body().to_vec(),
        fetched: now,
    };
    Ok((cached.metadata(issuer, http)?, cached))
}

/// Where an issuer's metadata is: OIDC Discovery section 4.1 appends to the path, RFC 8414 section 3.1 inserts before it. Both drop a
/// final slash first.
///
/// # Errors
/// If the URL would be too long.
pub fn well_known(issuer: &Issuer, form: Form) -> Result<ProviderUrl> {
    let origin = issuer.url().origin();
    let path = issuer.url().as_url().path();
    let path = path.strip_suffix('/').unwrap_or(path);
    let text = match form {
        Form::OpenId => format!("{origin}{path}/.well-known/openid-configuration"),
        Form::OAuth => format!("{origin}/.well-known/oauth-authorization-server{path}"),
    };
    ProviderUrl::parse(&text).map_err(|problem| problem.in_config("issuer", issuer.as_str()))
}

/// An error about the metadata, which is the provider's doing.
fn refuse(code: &'static str, issuer: &Issuer, problem: impl AsRef<str>) -> Error {
    Error::provider(
        code,
        format!(
            "the metadata of {} {}",
            Shown::new(issuer.as_str()),
            problem.as_ref()
        ),
    )
}

#[cfg(test)]
mod tests;
