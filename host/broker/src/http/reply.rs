//! Replies, read with hard limits (NET-06, NET-07, NET-11): what is announced is checked, what is not announced is counted.

use std::fmt;

use reqwest::Response;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION,
    TRANSFER_ENCODING,
};
use vestibule_core::{Error, Result, limits};
use zeroize::Zeroizing;

use super::failure::cause;
use crate::json::Document;

/// The headers that are kept. No other gets past this file, `Set-Cookie` least of all.
const KEPT: [&str; 8] = [
    "cache-control",
    "content-type",
    "date",
    "dpop-nonce",
    "expires",
    "metadata-flavor",
    "retry-after",
    "www-authenticate",
];

/// Headers of which a second one means that somebody on the way reads the message differently.
const SINGLE: [HeaderName; 5] = [
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    LOCATION,
    TRANSFER_ENCODING,
];

/// A whole reply. The body is erased when it is dropped.
pub struct Exchange {
    status: u16,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
}

impl Exchange {
    /// A reply that nobody sent.
    pub(crate) fn assembled(status: u16, content_type: &'static str, body: &[u8]) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        Self {
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
            body: Zeroizing::new(body.to_vec()),
        }
    }

    /// The status code. Never one of a redirect.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header, by its name in lower case, if it is one of those that are kept, came once, and is ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            (_, _) => None,
        }
    }

    /// The body, as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the content type is JSON: `application/json` or one with the suffix `+json` (RFC 6839).
    #[must_use]
    pub fn is_json(&self) -> bool {
        let Some(content_type) = self.header("content-type") else {
            return false;
        };
        let essence = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        essence == "application/json"
            || (essence.starts_with("application/") && essence.ends_with("+json"))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Blames the provider, if the content type is another or the body is no acceptable JSON.
    pub fn json(&self) -> Result<Document> {
        if !self.is_json() {
            return Err(Error::provider(
                "http.content_type",
                format!(
                    "the provider answered {} with something other than JSON",
                    self.status
                ),
            ));
        }
        Ok(Document::parse(&self.body)?)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("status", &self.status)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyProblem {
    /// 3xx. No endpoint of a sign-in redirects, and a secret never follows one (NET-02).
    Redirect,
    /// More headers, or longer ones, than the limits allow.
    Headers,
    /// A header that must be single came twice, or the length is announced in two ways.
    Ambiguous,
    /// The body is compressed, though nothing asked for that.
    Compressed,
    /// The body is longer than the limit.
    TooLong,
    /// The body ended early, or is framed wrongly.
    Broken,
    /// It is not HTTP.
    Malformed,
}

impl ReplyProblem {
    /// The stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Redirect => "http.redirect",
            Self::Headers => "http.headers",
            Self::Ambiguous => "http.ambiguous",
            Self::Compressed => "http.compressed",
            Self::TooLong => "http.too_long",
            Self::Broken => "http.broken",
            Self::Malformed => "http.malformed",
        }
    }

    /// What the HTTP parser found wrong with the head, if that is where it stopped.
    pub(super) fn of_head(error: &reqwest::Error) -> Option<Self> {
        let parser = cause::<hyper::Error>(error)?;
        if parser.is_parse_too_large() {
            return Some(Self::Headers);
        }
        parser.is_parse().then_some(Self::Malformed)
    }
}

impl fmt::Display for ReplyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redirect => "is a redirect, which is never followed",
            Self::Headers => "has too many or too long headers",
            Self::Ambiguous => "has headers that contradict each other",
            Self::Compressed => "is compressed, which was not asked for",
            Self::TooLong => "is too long",
            Self::Broken => "ends before it is complete",
            Self::Malformed => "is not HTTP",
        })
    }
}

/// Checks the head and reads the body.
pub(super) async fn read(mut response: Response) -> std::result::Result<Exchange, ReplyProblem> {
    check_head(&response)?;
    let announced = response.content_length();
    let limit = limits::BODY_BYTES;
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(ReplyProblem::TooLong);
    }
    let mut body = Growing::with_room(announced.and_then(|length| usize::try_from(length).ok()));
    while let Some(chunk) = response.chunk().await.map_err(|_| ReplyProblem::Broken)? {
        if body.0.len().saturating_add(chunk.len()) > limit {
            return Err(ReplyProblem::TooLong);
        }
        body.append(&chunk);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers() {
        if KEPT.contains(&name.as_str()) {
            headers.append(name.clone(), value.clone());
        }
    }
    Ok(Exchange {
        status: response.status().as_u16(),
        headers,
        body: body.0,
    })
}

fn check_head(response: &Response) -> std::result::Result<(), ReplyProblem> {
    let headers = response.headers();
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if headers.len() > limits::HEADER_COUNT || bytes > limits::HEADER_BYTES {
        return Err(ReplyProblem::Headers);
    }
    let twice = SINGLE
        .iter()
        .any(|name| headers.get_all(name).iter().count() > 1);
    // `2, 2` is how an intermediary writes two lengths in one.
    let odd_length = headers
        .get(CONTENT_LENGTH)
        .is_some_and(|length| !length.as_bytes().iter().all(u8::is_ascii_digit));
    if twice
        || odd_length
        || (headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING))
    {
        return Err(ReplyProblem::Ambiguous);
    }
    let compressed = headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if compressed {
        return Err(ReplyProblem::Compressed);
    }
    if response.status().is_redirection() {
        return Err(ReplyProblem::Redirect);
    }
    Ok(())
}

/// A buffer that erases each piece of memory that it grows out of.
struct Growing(Zeroizing<Vec<u8>>);

impl Growing {
    fn with_room(room: Option<usize>) -> Self {
        const FIRST: usize = 4_096;
        Self(Zeroizing::new(Vec::with_capacity(room.unwrap_or(FIRST))))
    }

    fn append(&mut self, chunk: &[u8]) {
        let needed = self.0.len().saturating_add(chunk.len());
        if needed > self.0.capacity() {
            let room = needed.max(self.0.capacity().saturating_mul(2));
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(chunk);
    }
}
