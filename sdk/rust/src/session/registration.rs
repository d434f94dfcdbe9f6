//! Dynamic client registration (RFC 7591).

use std::future::IntoFuture;

use super::{Asked, Session};
use crate::error::{Error, Result};
use crate::reply::Response;
use crate::wit::{Field, FieldValue, HttpExchange};

/// A client registration request (RFC 7591 section 3.1). It carries no secret; what the reply brings, the host keeps.
#[must_use = "it is sent when awaited"]
pub struct RegistrationRequest<'a> {
    session: &'a Session,
    metadata: Result<Vec<Field>>,
}

impl Session {
    /// Registers the client as [`Registration`](crate::Registration) says.
    pub fn register(&self) -> RegistrationRequest<'_> {
        let metadata = self
            .server
            .registration()
            .map(crate::Registration::metadata);
        let metadata = metadata
            .ok_or_else(|| Error::misuse("it registers a client that the operator has registered"));
        RegistrationRequest {
            session: self,
            metadata,
        }
    }
}

impl RegistrationRequest<'_> {
    /// Further client metadata (RFC 7591 section 2) that only this flow knows.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Ok(metadata) = &mut self.metadata {
            metadata.push(Field {
                name: name.into(),
                value: FieldValue::Text(value.into()),
            });
        }
        self
    }
}

impl<'a> IntoFuture for RegistrationRequest<'a> {
    type Output = Result<Response>;
    type IntoFuture = Asked<'a, Response>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let exchange = HttpExchange::Registration(self.metadata?);
            let response = self.session.request("registration", exchange).await?;
            self.session.registered.set(true);
            Ok(response)
        })
    }
}
