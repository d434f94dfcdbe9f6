//! Requests (RFC 9110 sections 5 to 9): built from typed parts, so that nothing illegal can be written into one (PLUG-14).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use url::form_urlencoded;
use vestibule_core::{Blame, Error, ProviderUrl, Secret, Shown};
use zeroize::Zeroizing;

/// The methods that a provider's interface has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

/// A body, rendered. Its memory is erased when it has been sent or dropped.
#[derive(Debug, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// `application/x-www-form-urlencoded`
    Form(Zeroizing<Vec<u8>>),
    /// `application/json`
    Json(Zeroizing<Vec<u8>>),
}

impl Body {
    /// What it has.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Empty => &[],
            Self::Form(rendered) | Self::Json(rendered) => rendered,
        }
    }

    /// Renders a form (RFC 6749 appendix B).
    #[must_use]
    pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let fields: Vec<_> = fields.into_iter().collect();
        // A byte becomes three at most: the buffer never moves, and leaves no copy behind.
        let room = fields
            .iter()
            .map(|(name, value)| 3 * (name.len() + value.len()) + 2)
            .sum();
        let mut rendered = Zeroizing::new(Vec::with_capacity(room));
        for (name, value) in fields {
            if !rendered.is_empty() {
                rendered.push(b'&');
            }
            append_encoded(&mut rendered, name);
            rendered.push(b'=');
            append_encoded(&mut rendered, value);
        }
        Self::Form(rendered)
    }
}

/// One request. What it may carry beside the body is typed: a query, an `Authorization`, single headers. Only the broker can put a
/// secret into one, and does after its vault was asked (`message`).
#[derive(Debug)]
pub struct Request {
    url: ProviderUrl,
    inner: reqwest::Request,
}

impl Request {
    /// A request without body. It accepts JSON, uncompressed.
    #[must_use]
    pub fn new(method: Method, url: &ProviderUrl) -> Self {
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut inner = reqwest::Request::new(method, url.as_url().clone());
        let headers = inner.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        Self {
            url: url.clone(),
            inner,
        }
    }

    /// Appends to the query, percent-encoded. Never for a secret: queries end up in logs.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.inner
            .url_mut()
            .query_pairs_mut()
            .append_pair(name, value);
        self
    }

    /// Adds a body, with its content type.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        let (kind, rendered) = match body {
            Body::Empty => return self,
            Body::Form(rendered) => ("application/x-www-form-urlencoded", rendered),
            Body::Json(rendered) => ("application/json", rendered),
        };
        self.inner
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        *self.inner.body_mut() = Some(Bytes::from_owner(rendered).into());
        self
    }

    /// How long the body is.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        let body = self.inner.body().and_then(reqwest::Body::as_bytes);
        body.map_or(0, <[u8]>::len)
    }

    /// Accepts another media type than JSON.
    ///
    /// # Errors
    /// If the text is no legal header value.
    pub fn accept(mut self, media_type: &str) -> Result<Self, IllegalHttp> {
        let value = header_value(Zeroizing::new(media_type.as_bytes().to_vec()), "Accept")?;
        self.inner.headers_mut().insert(ACCEPT, value);
        Ok(self)
    }

    /// `Authorization: Bearer …` (RFC 6750 section 2.1).
    ///
    /// # Errors
    /// If the token has a character that no header may have.
    pub(crate) fn bearer(self, token: &Secret) -> Result<Self, IllegalHttp> {
        self.authorization("Bearer ", token.expose())
    }

    /// `Authorization: Basic …` for a client (RFC 6749 section 2.3.1): both parts are form-encoded first.
    ///
    /// # Errors
    /// None in practice: base64 is always legal.
    pub(crate) fn basic(
        self,
        client_id: &str,
        client_secret: &Secret,
    ) -> Result<Self, IllegalHttp> {
        let secret = client_secret.expose();
        let mut pair = Zeroizing::new(Vec::with_capacity(3 * (client_id.len() + secret.len()) + 1));
        append_encoded(&mut pair, client_id);
        pair.push(b':');
        append_encoded(&mut pair, secret);
        let encoded = Zeroizing::new(STANDARD.encode(pair.as_slice()));
        self.authorization("Basic ", &encoded)
    }

    /// `Authorization: AWS4-HMAC-SHA256 …` (AWS Signature Version 4).
    ///
    /// # Errors
    /// If the text has a character that no header may have.
    pub(crate) fn aws_signature(self, parameters: &str) -> Result<Self, IllegalHttp> {
        self.authorization("AWS4-HMAC-SHA256 ", parameters)
    }

    /// A header of its own for a token, as some providers want it. Its name comes from the approved description.
    ///
    /// # Errors
    /// As for [`Request::header`].
    pub(crate) fn secret_header(self, name: &str, value: &Secret) -> Result<Self, IllegalHttp> {
        self.insert(name, value.expose(), Sensitivity::Secret)
    }

    /// A plain header.
    ///
    /// # Errors
    /// If the name is not a header's, is reserved for the client, or the value has a character that no header may have.
    pub fn header(self, name: &str, value: &str) -> Result<Self, IllegalHttp> {
        self.insert(name, value, Sensitivity::Plain)
    }

    /// The name of its method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.inner.method().as_str()
    }

    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &ProviderUrl {
        &self.url
    }

    pub(super) fn into_inner(self) -> reqwest::Request {
        self.inner
    }

    fn authorization(mut self, scheme: &str, credentials: &str) -> Result<Self, IllegalHttp> {
        let mut value = Zeroizing::new(Vec::with_capacity(scheme.len() + credentials.len()));
        value.extend_from_slice(scheme.as_bytes());
        value.extend_from_slice(credentials.as_bytes());
        let mut value = header_value(value, AUTHORIZATION.as_str())?;
        value.set_sensitive(true);
        set_once(self.inner.headers_mut(), AUTHORIZATION, value)?;
        Ok(self)
    }

    fn insert(
        mut self,
        name: &str,
        value: &str,
        sensitivity: Sensitivity,
    ) -> Result<Self, IllegalHttp> {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| IllegalHttp::Name(name.to_owned()))?;
        if is_reserved(header.as_str()) {
            return Err(IllegalHttp::Reserved(name.to_owned()));
        }
        let mut value = header_value(Zeroizing::new(value.as_bytes().to_vec()), name)?;
        value.set_sensitive(matches!(sensitivity, Sensitivity::Secret));
        set_once(self.inner.headers_mut(), header, value)?;
        Ok(self)
    }
}

enum Sensitivity {
    Secret,
    Plain,
}

/// A part of a request that HTTP forbids, or that only the client sets. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IllegalHttp {
    /// The header's name is not a token (RFC 9110 section 5.6.2).
    Name(String),
    /// The value of this header has a character other than visible ASCII, space and tab, or white space at an end.
    Value(String),
    /// The header frames the message, routes it, or carries ambient state.
    Reserved(String),
    /// The header was set already.
    Twice(String),
}

impl IllegalHttp {
    /// As an error. Whose fault it is depends on where the text came from.
    #[must_use]
    pub fn blame(&self, blame: Blame) -> Error {
        Error::new(blame, "http.illegal", self.to_string())
    }
}

impl fmt::Display for IllegalHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, problem) = match self {
            Self::Name(name) => (name, "is not a header's name"),
            Self::Value(name) => (name, "has a value that no header may have"),
            Self::Reserved(name) => (name, "is a header that only the client itself sets"),
            Self::Twice(name) => (name, "is set twice"),
        };
        write!(f, "\"{}\" {problem}; nothing was sent", Shown::new(name))
    }
}

impl std::error::Error for IllegalHttp {}

fn append_encoded(rendered: &mut Vec<u8>, text: &str) {
    for part in form_urlencoded::byte_serialize(text.as_bytes()) {
        rendered.extend_from_slice(part.as_bytes());
    }
}

/// Takes the bytes over without a copy, so that they are erased with the request.
fn header_value(value: Zeroizing<Vec<u8>>, name: &str) -> Result<HeaderValue, IllegalHttp> {
    let illegal = || IllegalHttp::Value(name.to_owned());
    let legal = value
        .iter()
        .all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t'));
    // A space at an end is stripped by the recipient, so that the two sides would see different values.
    if !legal || value.trim_ascii().len() != value.len() {
        return Err(illegal());
    }
    HeaderValue::from_maybe_shared(Bytes::from_owner(value)).map_err(|_| illegal())
}

fn set_once(
    headers: &mut HeaderMap,
    name: HeaderName,
    value: HeaderValue,
) -> Result<(), IllegalHttp> {
    if headers.contains_key(&name) {
        return Err(IllegalHttp::Twice(name.to_string()));
    }
    headers.insert(name, value);
    Ok(())
}

/// Headers that frame or route the message, that carry ambient state, or that the typed methods set.
fn is_reserved(name: &str) -> bool {
    const RESERVED: [&str; 20] = [
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "cookie2",
        "dpop",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    ];
    RESERVED.contains(&name) || name.starts_with("proxy-") || name.starts_with("x-forwarded-")
}
