//! Requests to a provider's own endpoints.

use std::future::IntoFuture;

use super::{Asked, Session};
use crate::error::Result;
use crate::reply::Response;
use crate::secret::{DeclaredSecret, Secret};
use crate::wit::{self, Field, FieldValue, HostValue, HttpExchange};

/// A request to a resource or public endpoint, named by its role. Its URL, method and encoding are in the endpoint table.
#[must_use = "it is sent when awaited"]
pub struct Call<'a> {
    session: &'a Session,
    role: String,
    call: wit::Call,
}

impl Session {
    /// Asks the endpoint of this role, without a token.
    pub fn call(&self, role: &str) -> Call<'_> {
        let call = wit::Call {
            token: None,
            query: Vec::new(),
            body: Vec::new(),
        };
        Call {
            session: self,
            role: role.to_owned(),
            call,
        }
    }
}

impl Call<'_> {
    /// Presents this token, which a resource endpoint requires.
    pub fn token(mut self, token: &impl Secret) -> Self {
        self.call.token = Some(token.reference());
        self
    }

    /// A query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.call.query.push((name.into(), value.into()));
        self
    }

    /// A text in the body.
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.field(name, FieldValue::Text(value.into()))
    }

    /// A whole number in the body.
    pub fn integer(self, name: &str, value: i64) -> Self {
        self.field(name, FieldValue::Integer(value))
    }

    /// `true` or `false` in the body.
    pub fn boolean(self, name: &str, value: bool) -> Self {
        self.field(name, FieldValue::Boolean(value))
    }

    /// A value that the host knows, in the body.
    pub fn host(self, name: &str, value: HostValue) -> Self {
        self.field(name, FieldValue::Host(value))
    }

    /// A whole secret in the body, at a place that its declaration has.
    pub fn secret(self, name: &str, secret: &DeclaredSecret) -> Self {
        self.field(name, FieldValue::Secret(secret.reference()))
    }

    fn field(mut self, name: &str, value: FieldValue) -> Self {
        self.call.body.push(Field {
            name: name.to_owned(),
            value,
        });
        self
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Result<Response>;
    type IntoFuture = Asked<'a, Response>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.session
                .request(&self.role, HttpExchange::Call(self.call))
                .await
        })
    }
}
