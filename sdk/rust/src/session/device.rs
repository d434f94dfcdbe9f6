//! The device authorization grant (RFC 8628).

use std::future::IntoFuture;

use super::{Asked, Session, unexpected};
use crate::error::Result;
use crate::reply::Tokens;
use crate::wit::{self, Field, FieldValue, Reply, Step};

/// A device authorization request (RFC 8628 section 3.1). The host shows the code and polls until it is decided.
#[must_use = "it is sent when awaited"]
pub struct DeviceRequest<'a> {
    session: &'a Session,
    request: wit::DeviceRequest,
}

impl Session {
    /// Signs in by a second device, with all scopes of this flow.
    pub fn device(&self) -> DeviceRequest<'_> {
        let request = wit::DeviceRequest {
            scopes: self.scopes.clone(),
            extra: Vec::new(),
        };
        DeviceRequest {
            session: self,
            request,
        }
    }
}

impl DeviceRequest<'_> {
    /// With these scopes, in place of all of this flow: fewer, or none where the provider takes none here.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.request.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// A further field. Standard names are refused.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.extra.push(Field {
            name: name.into(),
            value: FieldValue::Text(value.into()),
        });
        self
    }
}

impl<'a> IntoFuture for DeviceRequest<'a> {
    type Output = Result<Tokens>;
    type IntoFuture = Asked<'a, Tokens>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let reply = self
                .session
                .ask("device", Step::Device(self.request))
                .await?;
            let Reply::Tokens(tokens) = reply else {
                return Err(unexpected("device", &reply));
            };
            // The tokens come from the token endpoint, in answer to the last poll.
            Ok(Tokens::new(tokens, "token", &self.session.server))
        })
    }
}
